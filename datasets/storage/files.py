"""Assets as files of one folder, the embedded default. An upload is written under a hidden name in the same
folder and renamed when it is whole and on the disk."""

import errno
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from datasets.storage import LONGEST_UPLOAD, Writer, checked, lost, pour, refusal_of, sync_folder

_PART_SUFFIX = ".part"
_NO_LINKS = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP}


class FileStorage:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def writer(self, key: str) -> Writer:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return _FileWriter(self.folder / f".{checked(key)}{_PART_SUFFIX}", self.folder / key)
        except OSError as error:
            raise refusal_of(error) from None

    def put(self, key: str, whole: Path) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with suppress(FileExistsError):  # put there before
                (self.folder / checked(key)).hardlink_to(whole)
            sync_folder(self.folder)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise refusal_of(error) from None
            # The two are on different disks. What a copy that was killed has left stands in the way of the next.
            (self.folder / f".{key}{_PART_SUFFIX}").unlink(missing_ok=True)
            pour(whole, self.writer(key))

    def read(self, key: str, offset: int, length: int) -> bytes:
        try:
            with (self.folder / checked(key)).open("rb", buffering=0) as file:
                file.seek(offset)
                return _read_fully(file.fileno(), length)
        except FileNotFoundError:
            raise lost() from None
        except OSError as error:
            raise refusal_of(error) from None

    def read_at_once(self, key: str, offset: int, into: memoryview) -> bool:
        try:
            file = os.open(self.folder / checked(key), os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            # What the system holds in memory is given, and nothing else waited for.
            return os.preadv(file, [into], offset, os.RWF_NOWAIT) == len(into)
        except (OSError, AttributeError):
            return False
        finally:
            os.close(file)

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

    def link(self, key: str, *, headers: Mapping[str, str], about: str, seconds: int) -> str:
        raise ValueError("a folder gives no links")

    def room(self) -> int | None:
        place = next(found for found in (self.folder, *self.folder.parents) if found.exists())
        try:
            if not os.access(place, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, "not writable")
            return shutil.disk_usage(place).free
        except OSError as error:
            raise refusal_of(error) from None


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
            raise refusal_of(error) from None

    def commit(self) -> None:
        file = self._open_file()
        try:
            os.fsync(file)
            self.part.rename(self.whole)
            sync_folder(self.whole.parent)
        except OSError as error:
            self.abort()
            raise refusal_of(error) from None
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
