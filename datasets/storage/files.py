"""Assets as files of one folder, the embedded default. An upload is written under a hidden name in the same
folder and renamed when it is whole and on the disk."""

import errno
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from datasets.storage import LONGEST_UPLOAD, Writer, checked, full, lost
from exchange.kernel.errors import Unavailable

_PART_SUFFIX = ".part"
# A file size limit of the system counts as a full disk: the bytes cannot be kept here.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class FileStorage:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def writer(self, key: str) -> Writer:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return _FileWriter(self.folder / f".{checked(key)}{_PART_SUFFIX}", self.folder / key)
        except OSError as error:
            raise _refusal(error) from None

    def read(self, key: str, offset: int, length: int) -> bytes:
        try:
            with (self.folder / checked(key)).open("rb", buffering=0) as file:
                file.seek(offset)
                return _read_fully(file.fileno(), length)
        except FileNotFoundError:
            raise lost() from None
        except OSError as error:
            raise _refusal(error) from None

    def size(self, key: str) -> int:
        try:
            return (self.folder / checked(key)).stat().st_size
        except FileNotFoundError:
            raise lost() from None

    def delete(self, key: str) -> None:
        (self.folder / checked(key)).unlink(missing_ok=True)

    def sweep(self, now: datetime) -> int:
        too_old = (now - LONGEST_UPLOAD).timestamp()
        swept = 0
        for part in self.folder.glob(f".*{_PART_SUFFIX}"):
            with suppress(FileNotFoundError):
                if part.stat().st_mtime < too_old:
                    part.unlink()
                    swept += 1
        return swept


class _FileWriter:
    def __init__(self, part: Path, whole: Path) -> None:
        self.part, self.whole = part, whole
        self.file: int | None = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._open_file(), rest) :]
        except OSError as error:
            self.abort()
            raise _refusal(error) from None

    def commit(self) -> None:
        file = self._open_file()
        try:
            os.fsync(file)
            self.part.rename(self.whole)
            _sync_folder(self.whole.parent)
        except OSError as error:
            self.abort()
            raise _refusal(error) from None
        self.file = None
        os.close(file)

    def abort(self) -> None:
        if self.file is None:
            return
        os.close(self.file)
        self.file = None
        self.part.unlink(missing_ok=True)

    def _open_file(self) -> int:
        if self.file is None:
            raise ValueError("this writer has ended")
        return self.file


def _read_fully(file: int, length: int) -> bytes:
    """One read() gives at most 2 GiB, and less where a signal comes in between."""
    first = os.read(file, length)
    if len(first) in (0, length):
        return first
    parts, missing = [first], length - len(first)
    while missing and (part := os.read(file, missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _sync_folder(folder: Path) -> None:
    """A rename is durable only once its folder is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refusal(error: OSError) -> Unavailable:
    if error.errno in _NO_ROOM:
        return full()
    reason = errno.errorcode.get(error.errno or 0, "an unknown error")
    return Unavailable(f"the storage folder answers {reason}", code="storage_unavailable")
