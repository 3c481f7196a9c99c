"""Reading files that a stranger made, never more of them than is sensible, and writing files that no crash halves."""

import hashlib
import os
import secrets
from pathlib import Path

from compliance.verifier.errors import Incomplete

_CHUNK_BYTES = 1_048_576


def read_file(path: Path, *, at_most: int) -> bytes:
    """The bytes of a file; Incomplete when it is larger than `at_most`."""
    with path.open("rb", buffering=0) as file:
        # As much as the file says it has, because room for `at_most` would be made first; then what it did not say.
        data = file.read(min(os.fstat(file.fileno()).st_size, at_most) + 1)
        while len(data) <= at_most and (more := file.read(at_most + 1 - len(data))):
            data += more
    if len(data) > at_most:
        raise Incomplete(f"{path.name} is larger than {at_most} bytes and was not read")
    return data


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file of any size, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that a reader, or a crash, sees either whole or as it was before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
