"""The access record: what each process itself saw of tokens that were given out and of bytes that left, in files of
its own beside the database. What the log says is compared with it every night. It holds no personal data, and of a
token its hash alone."""

import hashlib
import json
import logging
import os
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Lock
from uuid import UUID

from django.conf import settings

from exchange.kernel.text import timestamp

TOKENS, BYTES = "tokens", "bytes"
KEPT = timedelta(days=90)
_SUFFIX = ".jsonl"

log = logging.getLogger("exchange.access")


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token that was given out."""

    token: str
    entitlement_id: str
    asset_id: str


@dataclass(frozen=True, slots=True)
class Access:
    """A request that was answered with bytes, or with a link to them: `sent` is None when it began."""

    at: str
    token: str
    transfer_id: str
    sent: int | None
    is_link: bool


class _Record:
    """This process's own file of the day, opened when it is first needed, and anew after a fork."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._lock = Lock()
        self._opened: tuple[tuple[object, date, int], int] | None = None  # root, day and process; file

    def write(self, line: str, at: datetime) -> None:
        """Append one line. Where it cannot be kept, the night's comparison says so; nobody's request fails."""
        try:
            os.write(self._file(at), f"{line}\n".encode())
        except OSError as error:
            log.critical("the access record cannot be written: %s", error.strerror)

    def _file(self, at: datetime) -> int:
        day = at.astimezone(UTC).date()
        wanted = (settings.EXCHANGE_ACCESS_DIR, day, os.getpid())
        with self._lock:
            if self._opened is None or self._opened[0] != wanted:
                folder = folder_of(day)
                folder.mkdir(parents=True, exist_ok=True)
                name = f"{self._kind}-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
                file = os.open(folder / name, flags, 0o600)
                if self._opened is not None and self._opened[0][2] == os.getpid():
                    os.close(self._opened[1])
                self._opened = (wanted, file)
            return self._opened[1]


_tokens, _bytes = _Record(TOKENS), _Record(BYTES)


def note_token(token_id: str, *, entitlement_id: UUID, asset_id: UUID, at: datetime) -> None:
    """Keep that a token was given out, for what."""
    _tokens.write(
        f'{{"at":"{timestamp(at)}","token":"{hash_of(token_id)}",'
        f'"entitlement":"{entitlement_id}","asset":"{asset_id}"}}',
        at,
    )


def note_begin(token_id: str, transfer_id: UUID, *, at: datetime, is_link: bool = False) -> None:
    """Keep that bytes of a transfer, or a link to them, are about to leave."""
    link = ',"link":true' if is_link else ""
    _bytes.write(
        f'{{"at":"{timestamp(at)}","token":"{hash_of(token_id)}","transfer":"{transfer_id}"{link}}}', at
    )


def note_end(token_id: str, transfer_id: UUID, sent: int, *, at: datetime) -> None:
    """Keep how many bytes were handed over for one request."""
    _bytes.write(
        f'{{"at":"{timestamp(at)}","token":"{hash_of(token_id)}","transfer":"{transfer_id}","sent":{sent}}}', at
    )


def hash_of(token_id: str) -> str:
    """How the record names a token."""
    return hashlib.sha256(token_id.encode()).hexdigest()[:32]


def folder_of(day: date) -> Path:
    return Path(settings.EXCHANGE_ACCESS_DIR) / day.isoformat()


def tokens_of(day: date) -> Iterator[IssuedToken]:
    """Every token that was given out on a day."""
    for line in _lines(TOKENS, day):
        yield IssuedToken(str(line["token"]), str(line["entitlement"]), str(line["asset"]))


def accesses_of(day: date) -> Iterator[Access]:
    """Every beginning and end of a request on a day, in no order."""
    for line in _lines(BYTES, day):
        sent = line.get("sent")
        yield Access(
            str(line["at"]),
            str(line["token"]),
            str(UUID(str(line["transfer"]))),
            sent if isinstance(sent, int) else None,
            line.get("link") is True,
        )


def forget_before(day: date) -> int:
    """Remove the files of older days; answers how many."""
    count = 0
    for folder in Path(settings.EXCHANGE_ACCESS_DIR).glob("????-??-??"):
        if folder.name < day.isoformat():
            for file in folder.glob(f"*{_SUFFIX}"):
                file.unlink()
                count += 1
            folder.rmdir()
    return count


def _lines(kind: str, day: date) -> Iterator[dict[str, object]]:
    for file in sorted(folder_of(day).glob(f"{kind}-*{_SUFFIX}")):
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    found = json.loads(line)
                    is_whole = line.endswith(b"\n") and isinstance(found, dict)
                except ValueError:
                    is_whole = False
                if is_whole:
                    yield found
                else:  # the last line of a process that was killed while it wrote
                    log.error("line %s of %s is not whole", number, file.name)
