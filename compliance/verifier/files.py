"""Reading files that a stranger made: never more of them than is sensible."""

import hashlib
from pathlib import Path

from compliance.verifier.errors import Incomplete

_CHUNK_BYTES = 1_048_576


def read_file(path: Path, *, at_most: int) -> bytes:
    """The bytes of a file; Incomplete when it is larger than `at_most`."""
    with path.open("rb") as file:
        data = file.read(at_most + 1)
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
