"""Bytes of assets, each checked before it is handed out. A block is held against its SHA-256 once; from then on against
seals of its pieces, made from those very bytes under a key that only this process has."""

import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from datasets.models import Asset
from datasets.revisions import digests
from datasets.storage import storage
from exchange.kernel.errors import Unavailable

PIECE_BYTES = 64 * 1024
BLOCK_BYTES = Asset.BLOCK_BYTES
_SEAL_BYTES = 16
_NONCE = bytes(12)  # a seal never leaves this process, so one nonce serves all
_SEALS_AT_MOST = 32 * 1024 * 1024  # bytes: as many as 128 GiB of assets need
_SMALL_AT_MOST = 16 * 1024 * 1024

log = logging.getLogger("exchange.gateway")


def fresh(size: int) -> memoryview:
    """Memory that nobody else has."""
    return memoryview(bytearray(size))


class Blocks:
    """What one process knows of the assets that it sends. Safe to use from several threads."""

    def __init__(self) -> None:
        self._key = AESGCM(AESGCM.generate_key(256))
        self._unknown = secrets.token_bytes(_SEAL_BYTES)
        self._seals: OrderedDict[UUID, bytearray] = OrderedDict()
        self._seals_bytes = 0
        self._small: OrderedDict[UUID, bytes] = OrderedDict()
        self._small_bytes = 0
        self._lock = Lock()

    def kept(self, asset: Asset, first: int, after_last: int) -> memoryview | None:
        """These bytes of a small asset, where it was read lately; reads nothing."""
        whole = self._small.get(asset.pk)
        return None if whole is None else memoryview(whole)[first:after_last]

    def at_once(
        self, asset: Asset, first: int, after_last: int, room: Callable[[int], memoryview] = fresh
    ) -> memoryview | None:
        """These bytes, where they were checked before and can be had without waiting, in memory that `room` gives."""
        seals, begin, end = self._piecewise(asset, first, after_last)
        if seals is None or not self._has(seals, begin, end):
            return None
        found = room(end - begin)
        if not storage().read_at_once(asset.storage_key, begin, found) or not self._fits(seals, begin, found):
            return None
        return found[first - begin : after_last - begin]

    def read(self, asset: Asset, first: int, after_last: int) -> memoryview:
        """These bytes, which lie in one block; Unavailable where storage fails, or has other bytes than were sealed."""
        seals, begin, end = self._piecewise(asset, first, after_last)
        if seals is not None and self._has(seals, begin, end):
            found = memoryview(storage().read(asset.storage_key, begin, end - begin))
            if len(found) == end - begin and self._fits(seals, begin, found):
                return found[first - begin : after_last - begin]
        begin = first - first % BLOCK_BYTES
        block = self._whole_block(asset, begin, seals)
        part = block[first - begin : after_last - begin]
        # A part that waits for a slow reader must not hold the whole block.
        return part if len(part) == len(block) else memoryview(bytes(part))

    def _piecewise(self, asset: Asset, first: int, after_last: int) -> tuple[bytearray | None, int, int]:
        """The seals of the asset, and the whole pieces in which these bytes lie."""
        end = min(after_last + -after_last % PIECE_BYTES, asset.size_bytes or 0)
        return self._seals_of(asset), first - first % PIECE_BYTES, end

    def _whole_block(self, asset: Asset, begin: int, seals: bytearray | None) -> memoryview:
        block = storage().read(asset.storage_key, begin, BLOCK_BYTES)
        if not digests.verify_block(asset, begin // BLOCK_BYTES, block):
            index = begin // BLOCK_BYTES
            log.critical("block %s of asset %s is not what was sealed; it is not sent", index, asset.pk)
            raise Unavailable("the bytes in storage are not what was sealed", code="storage_damaged")
        found = memoryview(block)
        if seals is not None:
            for at in range(0, len(block), PIECE_BYTES):
                place = (begin + at) // PIECE_BYTES * _SEAL_BYTES
                seals[place : place + _SEAL_BYTES] = self._seal(found[at : at + PIECE_BYTES])
        if asset.size_bytes == len(block) and len(block) <= PIECE_BYTES:
            self._keep(asset.pk, block)
        return found

    def _seal(self, piece: memoryview) -> bytes:
        return self._key.encrypt(_NONCE, b"", piece)

    def _has(self, seals: bytearray, begin: int, end: int) -> bool:
        first, after_last = begin // PIECE_BYTES, -(-end // PIECE_BYTES)
        return self._unknown not in seals[first * _SEAL_BYTES : after_last * _SEAL_BYTES]

    def _fits(self, seals: bytearray, begin: int, found: memoryview) -> bool:
        place, seal = begin // PIECE_BYTES * _SEAL_BYTES, self._key.encrypt
        own = b"".join(
            [seal(_NONCE, b"", found[at : at + PIECE_BYTES]) for at in range(0, len(found), PIECE_BYTES)]
        )
        return seals.startswith(own, place)

    def _seals_of(self, asset: Asset) -> bytearray | None:
        """The seals of an asset's pieces; None where it has more than are kept at all."""
        needed = -(-(asset.size_bytes or 0) // PIECE_BYTES) * _SEAL_BYTES
        if needed > _SEALS_AT_MOST:
            return None
        with self._lock:
            found = self._seals.get(asset.pk)
            if found is None:
                found = self._seals[asset.pk] = bytearray(self._unknown * (needed // _SEAL_BYTES))
                self._seals_bytes += needed
            self._seals.move_to_end(asset.pk)
            while self._seals_bytes > _SEALS_AT_MOST:
                _, dropped = self._seals.popitem(last=False)
                self._seals_bytes -= len(dropped)
            return found

    def _keep(self, asset_id: UUID, whole: bytes) -> None:
        with self._lock:
            if asset_id not in self._small:
                self._small[asset_id] = whole
                self._small_bytes += len(whole)
            while self._small_bytes > _SMALL_AT_MOST:
                _, dropped = self._small.popitem(last=False)
                self._small_bytes -= len(dropped)
