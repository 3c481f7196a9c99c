"""Where the bytes of assets lie: one port, two adapters. A key is opaque, used once, and holds either a whole
object or nothing."""

import errno
import os
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from django.conf import settings

from exchange.kernel.errors import Unavailable
from exchange.kernel.ids import new_id

LONGEST_UPLOAD = timedelta(days=1)
"""What an upload left behind is swept away after this long."""

ABOUT = "x-comptoir-transfer"
"""The parameter of a link that says what it was given for; S3 passes over parameters of such names, but logs them."""

_KEY = re.compile(r"[a-z0-9]{16,64}")
_PIECE_BYTES = 8 * 1024 * 1024
# A file size limit of the system counts as a full disk: the bytes cannot be kept here.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Writer(Protocol):
    """One object being written: nobody can read it before commit(), and nothing stays after abort()."""

    def write(self, data: bytes) -> None:
        """Take the next bytes; Unavailable "storage_full" leaves nothing behind."""
        ...

    def commit(self) -> None:
        """Make the object readable, whole and durable."""
        ...

    def abort(self) -> None:
        """Drop what was written; does nothing after commit() or a second time."""
        ...


class Storage(Protocol):
    """Every method may raise Unavailable, and none may be called inside a transaction."""

    def writer(self, key: str) -> Writer:
        """Start an object under `key`."""
        ...

    def put(self, key: str, whole: Path) -> None:
        """Make the file `whole` the object `key`, durable; a second time is a repetition. The file stays, and
        nobody may write to it any more."""
        ...

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`: fewer only where the object ends."""
        ...

    def read_at_once(self, key: str, offset: int, into: memoryview) -> bool:
        """Fill `into` with the bytes from `offset`, where they can be had without waiting for a disk or a network;
        False where not, and what `into` holds then is of no use."""
        ...

    def size(self, key: str) -> int:
        """How many bytes the object has."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object; does nothing where there is none."""
        ...

    def sweep(self, now: datetime) -> int:
        """Remove what uploads cut more than a day ago have left; answers how many."""
        ...

    def link(self, key: str, *, headers: Mapping[str, str], about: str, seconds: int) -> str:
        """A link by which anybody may read the object for so many seconds. It is answered with `headers`
        (content-type, content-disposition); `about` stands in it, signed, and so in storage's access log. ValueError
        where gives_links() is not so."""
        ...

    def room(self) -> int | None:
        """How many bytes can still be kept; None where there is no such limit. Unavailable where nothing can be."""
        ...


def storage() -> Storage:
    """The storage that settings name."""
    if settings.EXCHANGE_STORAGE == "s3":
        return _s3(
            settings.EXCHANGE_S3_BUCKET,
            settings.EXCHANGE_S3_ENDPOINT,
            settings.EXCHANGE_S3_PUBLIC_ENDPOINT,
            settings.EXCHANGE_S3_REGION,
            settings.EXCHANGE_S3_ACCESS_KEY,
            settings.EXCHANGE_S3_SECRET_KEY,
        )
    return _files(Path(settings.EXCHANGE_STORAGE_DIR))


def gives_links() -> bool:
    """Whether the storage that settings name can be read by links."""
    return bool(settings.EXCHANGE_STORAGE == "s3")


def new_key() -> str:
    """A key that no object has had."""
    return new_id().hex


def checked(key: str) -> str:
    """`key`, if it has the form of one; a key never comes from outside, so anything else is our mistake."""
    if not _KEY.fullmatch(key):
        raise ValueError("this is not a storage key")
    return key


def lost() -> Unavailable:
    """The refusal where an object that must be there is not."""
    return Unavailable("the bytes of this asset cannot be found in storage", code="storage_lost")


def full() -> Unavailable:
    """The refusal where no more bytes can be kept."""
    return Unavailable("the exchange has no room left for these bytes; try again later", code="storage_full")


def refusal_of(error: OSError) -> Unavailable:
    """The refusal where a folder of ours does not take or give bytes."""
    if error.errno in _NO_ROOM:
        return full()
    reason = errno.errorcode.get(error.errno or 0, "an unknown error")
    return Unavailable(f"the storage folder answers {reason}", code="storage_unavailable")


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable: a rename is on the disk only once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def pour(whole: Path, writer: Writer) -> None:
    """Write a file through `writer`, and commit."""
    try:
        with whole.open("rb", buffering=0) as file:
            while piece := file.read(_PIECE_BYTES):
                writer.write(piece)
        writer.commit()
    except OSError as error:
        raise refusal_of(error) from None
    finally:
        writer.abort()


@lru_cache
def _files(folder: Path) -> Storage:
    from datasets.storage.files import FileStorage

    return FileStorage(folder)


@lru_cache
def _s3(
    bucket: str, endpoint: str, public_endpoint: str, region: str, access_key: str, secret_key: str
) -> Storage:
    from datasets.storage.s3 import S3Storage

    return S3Storage(
        bucket,
        endpoint=endpoint,
        public_endpoint=public_endpoint,
        region=region,
        access_key=access_key,
        secret_key=secret_key,
    )
