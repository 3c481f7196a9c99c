"""Digests of an asset: of the whole and of each block, taken while the bytes stream. Block digests let the
gateway prove, and refuse to send, any part without reading the rest."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator

from datasets.models import Asset

_DIGEST_BYTES = 32
_PIECE_BYTES = 1024 * 1024


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
    known = bytes((asset.block_digests or b"")[start : start + _DIGEST_BYTES]) if index >= 0 else b""
    return len(known) == _DIGEST_BYTES and hashlib.sha256(data).digest() == known


class Digesters:
    """The digests of uploads that stop and go on, kept between requests so that going on reads nothing twice. What
    another process took in, or this one before it was started, is read from where it lies."""

    def __init__(self, at_most: int = 64) -> None:
        self._at_most = at_most
        self._known: OrderedDict[str, Digester] = OrderedDict()

    def catch_up(self, key: str, read: Callable[[int, int], bytes], until: int) -> Digester:
        """The digester of the bytes `key`, fed up to `until`; only the holder of those bytes may ask."""
        digester = self._known.pop(key, None) or Digester()
        while digester.size_bytes < until:
            piece = read(digester.size_bytes, min(_PIECE_BYTES, until - digester.size_bytes))
            if not piece:
                raise ValueError("there are fewer bytes than were asked for")
            digester.feed(piece)
        self._known[key] = digester
        while len(self._known) > self._at_most:
            self._known.popitem(last=False)
        return digester

    def fed(self, key: str) -> int:
        """How many bytes of `key` are digested already."""
        return known.size_bytes if (known := self._known.get(key)) else 0

    def drop(self, key: str) -> None:
        """The bytes `key` are done with."""
        self._known.pop(key, None)
