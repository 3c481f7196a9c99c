"""Where a log is read: from its public address, or from the folder it is published in."""

import base64
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from compliance.verifier.notes import MAX_NOTE_BYTES
from compliance.verifier.tiles import MAX_FILE_BYTES

WITHIN_SECONDS = 20


class Unreachable(Exception):
    """Nothing was learnt: the other side did not answer, or not as it should."""


class Place(Protocol):
    """The files of one log."""

    def read(self, path: str) -> bytes | None: ...


@dataclass(frozen=True)
class Files:
    """The folder that a log is published in."""

    folder: Path

    def read(self, path: str) -> bytes | None:
        try:
            return (self.folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Unreachable(f"{path} cannot be read: {error.strerror}") from None


@dataclass
class Account:
    """An API client of the exchange, by whose rights entries and proofs are read."""

    exchange: str
    client_id: str
    secret: str
    _token: str = field(default="", repr=False)

    def get(self, path: str) -> tuple[int, bytes]:
        """Ask the exchange for something that needs a token; takes a fresh one where the last has run out."""
        for _ in range(2):
            if not self._token:
                self._token = self._take_token()
            status, body = _call(self.exchange + path, {"Authorization": f"Bearer {self._token}"})
            if status != 401:
                return status, body
            self._token = ""
        return status, body

    def _take_token(self) -> str:
        pair = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"}
        status, body = _call(f"{self.exchange}/api/v1/oauth/token", headers, b"grant_type=client_credentials")
        found = read_json(body) if status == 200 else {}
        if not isinstance(found, dict) or not isinstance(found.get("access_token"), str):
            raise Unreachable(f"the exchange gave no access token: it answered {status}")
        return str(found["access_token"])


@dataclass(frozen=True)
class Web:
    """A log at its public address; its entries are for officers, so they are asked for by an account."""

    url: str
    account: Account | None = None

    def read(self, path: str) -> bytes | None:
        url = f"{self.url.rstrip('/')}/{path}"
        if self.account is not None and path.startswith("tile/entries/"):
            status, body = self.account.get(url.removeprefix(self.account.exchange))
        else:
            status, body = _call(url, {})
        if status == 404:
            return None
        if status != 200:
            raise Unreachable(f"{path} was answered with {status}")
        return body


def read_json(body: bytes) -> Any:
    """What the exchange answered; None where it is no JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def call_out(url: str, content: dict[str, object]) -> None:
    """Tell an address of one's own about an alarm."""
    body = json.dumps(content, ensure_ascii=False).encode()
    status, _ = _call(url, {"Content-Type": "application/json"}, body)
    if not 200 <= status < 300:
        raise Unreachable(f"the address for alarms answered {status}")


def _call(url: str, headers: dict[str, str], body: bytes | None = None) -> tuple[int, bytes]:
    if not url.startswith(("https://", "http://")):
        raise Unreachable(f"{url} is no web address")
    request = urllib.request.Request(url, data=body, headers={"User-Agent": "comptoir-monitor", **headers})  # noqa: S310
    limit = max(MAX_FILE_BYTES, MAX_NOTE_BYTES)
    try:
        with urllib.request.urlopen(request, timeout=WITHIN_SECONDS) as answer:  # noqa: S310
            data: bytes = answer.read(limit + 1)
            status: int = answer.status
    except urllib.error.HTTPError as answer:
        return answer.code, b""
    except (OSError, ValueError) as error:
        raise Unreachable(f"no answer: {type(error).__name__}") from None
    if len(data) > limit:
        raise Unreachable(f"more than {limit} bytes were answered")
    return status, data
