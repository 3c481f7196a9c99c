"""Uploads that may stop and go on: what has come of each lies in a folder of its own, appended by one sender at a
time under a lock, until it is whole. What was answered as kept is on the disk."""

import fcntl
import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

from datasets.storage import new_key, refusal_of, sync_folder
from exchange.kernel.errors import Conflict, NotFound

LEASE = timedelta(seconds=10)
"""A sender keeps its upload from others for this long after its last byte."""

_ABOUT, _LOCK, _ASKED = "about.json", "lock", "asked"


class InUse(Conflict):
    """Another tab or program is sending this file."""

    default_code = "upload_in_use"


@dataclass(frozen=True)
class About:
    """What a sender said of its upload: `key` is new for each beginning, and names the bytes."""

    key: str
    length: int
    note: str
    sender: str


@dataclass(frozen=True)
class Kept:
    """How far an upload has come, and until when that is kept."""

    offset: int
    length: int
    touched_at: datetime

    @property
    def until(self) -> datetime:
        """When it is swept away, unless it goes on before."""
        return self.touched_at + timedelta(days=settings.EXCHANGE_UPLOAD_DAYS)

    @property
    def share(self) -> float:
        """How much of it is here, from 0 to 1 by whole percents, rounded down: short of the end is not 1."""
        return self.percent / 100

    @property
    def percent(self) -> int:
        """The same in percents."""
        return 100 * self.offset // self.length


class Arrival:
    """One upload under way, held by its sender until release()."""

    def __init__(self, folder: Path, lock: int, about: About) -> None:
        self._folder, self._lock, self.about = folder, lock, about
        self.path = _bytes_of(folder, about)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.offset = os.fstat(self._file).st_size

    @property
    def is_whole(self) -> bool:
        """Whether every byte is here."""
        return self.offset == self.about.length

    @property
    def is_asked_for(self) -> bool:
        """Whether somebody waits for it: a sender from whom nothing comes gives way."""
        return (self._folder / _ASKED).exists()

    def append(self, data: bytes) -> None:
        """Take the next bytes; those that fit stay even where the disk is full."""
        rest = memoryview(data)
        try:
            while rest:
                written = os.pwrite(self._file, rest, self.offset)
                self.offset, rest = self.offset + written, rest[written:]
        except OSError as error:
            raise refusal_of(error) from None

    def cut(self, offset: int) -> None:
        """Forget the bytes from `offset` on."""
        os.ftruncate(self._file, offset)
        self.offset = offset

    def sync(self) -> None:
        """Make what has come durable."""
        try:
            os.fsync(self._file)
        except OSError as error:
            raise refusal_of(error) from None

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` of the bytes that have come."""
        return os.pread(self._file, length, offset)

    def forget(self) -> None:
        """Remove all that has come, and release it."""
        _empty(self._folder)
        self.release()

    def release(self) -> None:
        """Let others have it; does nothing a second time."""
        if self._lock < 0:
            return
        os.close(self._file)
        os.close(self._lock)
        self._lock = -1


def kept(asset_id: UUID) -> Kept | None:
    """How far the upload of an asset has come; None where none has begun. Asks no lock: it may be moving."""
    folder = _folder_of(asset_id)
    about = _about(folder)
    if about is None:
        return None
    with suppress(FileNotFoundError):
        stat = _bytes_of(folder, about).stat()
        return Kept(stat.st_size, about.length, datetime.fromtimestamp(stat.st_mtime, UTC))
    return None


def hold(asset_id: UUID, *, sender: str, now: datetime) -> Arrival | None:
    """Take up an upload that has begun. None while a request holds it, which is asked to give way if nothing
    comes; InUse while another sender's lease lasts."""
    folder = _folder_of(asset_id)
    _require_free(folder, sender, now)
    lock = _try_lock(folder)
    if lock is None:
        return None
    try:
        about = _require_free(folder, sender, now)
        if about is None:
            raise _none_begun()
        if about.sender != sender:
            about = replace(about, sender=sender)
            _write_about(folder, about)
        return Arrival(folder, lock, about)
    except BaseException:
        os.close(lock)
        raise


def begin(asset_id: UUID, *, length: int, note: str, sender: str, now: datetime) -> Arrival | None:
    """Begin an upload anew; what an earlier one left is forgotten. Refuses and waits as hold() does."""
    folder = _folder_of(asset_id)
    _require_free(folder, sender, now)
    lock = _try_lock(folder, make=True)
    if lock is None:
        return None
    try:
        before, about = _require_free(folder, sender, now), About(new_key(), length, note, sender)
        _write_about(folder, about)
        if before:
            _bytes_of(folder, before).unlink(missing_ok=True)
        arrival = Arrival(folder, lock, about)
        sync_folder(folder)
        sync_folder(folder.parent)
        return arrival
    except BaseException:
        os.close(lock)
        raise


def forget(asset_id: UUID) -> bool:
    """Remove what has come of an asset's upload, unless somebody is sending it; answers whether it is gone."""
    folder = _folder_of(asset_id)
    if not folder.exists():
        return True
    lock = _try_lock(folder)
    if lock is None:
        return False
    _empty(folder)
    os.close(lock)
    return True


def sweep(now: datetime) -> int:
    """Remove uploads that stopped too long ago; answers how many."""
    too_old = (now - timedelta(days=settings.EXCHANGE_UPLOAD_DAYS)).timestamp()
    swept = 0
    for folder in _root().glob("*"):
        with suppress(FileNotFoundError):
            last = max(file.stat().st_mtime for file in (folder, *folder.glob("*.part")))
            if last < too_old:
                swept += forget(UUID(folder.name))
    return swept


def _root() -> Path:
    return Path(settings.EXCHANGE_UPLOAD_DIR)


def _folder_of(asset_id: UUID) -> Path:
    return _root() / asset_id.hex


def _bytes_of(folder: Path, about: About) -> Path:
    return folder / f"{about.key}.part"


def _about(folder: Path) -> About | None:
    with suppress(FileNotFoundError):
        return About(**json.loads((folder / _ABOUT).read_text()))
    return None


def _write_about(folder: Path, about: About) -> None:
    new = folder / f"{_ABOUT}.new"
    try:
        with new.open("w") as file:
            file.write(json.dumps(asdict(about)))
            file.flush()
            os.fsync(file.fileno())
        new.rename(folder / _ABOUT)
    except OSError as error:
        raise refusal_of(error) from None


def _require_free(folder: Path, sender: str, now: datetime) -> About | None:
    about = _about(folder)
    if about is not None and about.sender != sender:
        with suppress(FileNotFoundError):
            touched = _bytes_of(folder, about).stat().st_mtime
            if now.timestamp() - touched < LEASE.total_seconds():
                raise InUse("another tab or program is sending this file; wait until it pauses or is done")
    return about


def _try_lock(folder: Path, *, make: bool = False) -> int | None:
    """The lock of an upload's folder as an open file; None while another holds it, who is then asked for it."""
    path = folder / _LOCK
    while True:
        try:
            if make:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            if make:
                continue
            raise _none_begun() from None
        except OSError as error:
            raise refusal_of(error) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            with suppress(FileNotFoundError):
                (folder / _ASKED).touch()
            return None
        with suppress(FileNotFoundError):
            if os.fstat(lock).st_ino == path.stat().st_ino:
                (folder / _ASKED).unlink(missing_ok=True)
                return lock
        os.close(lock)  # the folder was emptied in between: this lock locks nothing any more


def _none_begun() -> NotFound:
    return NotFound("no upload of this file has begun; begin one with POST", code="no_upload")


def _empty(folder: Path) -> None:
    """What names the bytes goes first, so that a crash leaves none that count."""
    (folder / _ABOUT).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
