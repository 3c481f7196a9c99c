"""One answer that is being sent: what of it has left, how quickly its reader takes it, and how it is stopped."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from uuid import UUID

from contracts.gateway.blocks import BLOCK_BYTES, PIECE_BYTES, fresh
from contracts.gateway.wire import Connection
from contracts.transfers.ranges import Range

CHUNK_SECONDS = 0.1
_AT_ONCE_SECONDS = 0.001
_NO_BYTES = memoryview(b"")


@dataclass
class Pace:
    """How much to hand over at once: what its reader takes in CHUNK_SECONDS, in whole pieces."""

    reach: int = PIECE_BYTES

    @property
    def is_quick(self) -> bool:
        """Whether the next block may be read while this one is being taken."""
        return self.reach == BLOCK_BYTES

    def learn(self, taken: int, seconds: float, waited: float) -> None:
        """So many bytes were taken in so many seconds, of which we `waited` some."""
        if waited < _AT_ONCE_SECONDS or not seconds:
            self.reach = min(self.reach * 2, BLOCK_BYTES)
        else:
            pieces = int(taken / seconds * CHUNK_SECONDS) // PIECE_BYTES
            self.reach = min(max(pieces, 1) * PIECE_BYTES, BLOCK_BYTES)

    def end_of(self, position: int, after_last: int) -> int:
        """Where the chunk that begins at `position` ends: in the same block, at the end of a piece."""
        block_end = position - position % BLOCK_BYTES + BLOCK_BYTES
        reached = position - position % PIECE_BYTES + self.reach
        return min(reached, block_end, after_last)


class Room:
    """Memory for the blocks of one quick reader, two that take turns. Memory that is new for each block costs more than
    reading into it."""

    def __init__(self) -> None:
        self._blocks = [bytearray(BLOCK_BYTES), bytearray(BLOCK_BYTES)]

    def turn(self, size: int) -> memoryview:
        """So much of the block whose turn it is; what it held must have left."""
        self._blocks.reverse()
        return memoryview(self._blocks[0])[:size]


@dataclass(eq=False)
class Sending:
    """`chunk` was read before the headers left; `pieces` is what was handed over since the last note; `code` says why
    it was stopped."""

    transfer_id: UUID
    connection: Connection | None
    flow: "asyncio.Task[None] | None" = None
    chunk: memoryview = _NO_BYTES
    code: str | None = None
    is_ordered: bool = False
    left_at: datetime | None = None
    has_sent: bool = False
    pieces: list[Range] = field(default_factory=list)
    pace: Pace = field(default_factory=Pace)
    moved_at: float = inf  # when its reader last took something; never while it waits for us
    held_bytes: int = 0
    _room: Room | None = None

    def room(self, size: int, *, waiting: int) -> memoryview:
        """Memory for what is read next, while `waiting` of what was handed over last has not left."""
        if not self.pace.is_quick or self.connection is None:
            self._room = None
        elif self.connection.waiting_bytes <= waiting:
            self._room = self._room or Room()
            return self._room.turn(size)
        return fresh(size)

    def count(self, first: int, after_last: int) -> None:
        """These bytes are handed over now: a chunk that waits in a socket may arrive whatever happens next."""
        self.has_sent = True
        if self.pieces and self.pieces[-1][1] == first:
            first = self.pieces.pop()[0]
        self.pieces.append((first, after_last))

    def order(self, code: str, clock: Callable[[], datetime]) -> None:
        """Its right has ended: no byte leaves from here on."""
        if not self.is_ordered:
            self.code, self.is_ordered = code, True
            self.cut()
            self.left_at = clock()

    def cut(self) -> None:
        """Drop what waits and end the connection, where the server lets us; end the sending in any case."""
        if self.connection is not None:
            self.connection.cut()
        self.finish()

    def finish(self) -> None:
        """Hand nothing more over; what was handed over may still leave."""
        if self.flow is not None:
            self.flow.cancel()
