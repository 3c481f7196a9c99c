"""Digests of an asset: of the whole and of each block, taken while the bytes stream. Block digests let the
gateway prove, and refuse to send, any part without reading the rest."""

import hashlib
from collections.abc import Iterator

from datasets.models import Asset

_DIGEST_BYTES = 32


class Digester:
    """Fed with chunks of any size, it knows the size and the digests of all that it was fed."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._whole = hashlib.sha256()
        self._block = hashlib.sha256()
        self._room = Asset.BLOCK_BYTES
        self._digests = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._whole.update(chunk)
        self.size_bytes += len(chunk)
        for piece in self._pieces(memoryview(chunk)):
            self._block.update(piece)
            self._room -= len(piece)
            if not self._room:
                self._digests += self._block.digest()
                self._block, self._room = hashlib.sha256(), Asset.BLOCK_BYTES

    @property
    def sha256(self) -> str:
        """The SHA-256 of everything, in hexadecimal."""
        return self._whole.hexdigest()

    @property
    def block_digests(self) -> bytes:
        """The SHA-256 of each block, one after another; the last block may be short."""
        is_whole = self._room == Asset.BLOCK_BYTES
        return bytes(self._digests) if is_whole else bytes(self._digests) + self._block.digest()

    def _pieces(self, rest: memoryview) -> Iterator[memoryview]:
        while rest:
            piece = rest[: self._room]
            yield piece
            rest = rest[len(piece) :]


def verify_block(asset: Asset, index: int, data: bytes) -> bool:
    """Whether `data` is exactly the block `index` of the asset, as it was received."""
    start = index * _DIGEST_BYTES
    known = bytes(asset.block_digests or b"")[start : start + _DIGEST_BYTES] if index >= 0 else b""
    return len(known) == _DIGEST_BYTES and hashlib.sha256(data).digest() == known
