"""Row ids: UUIDs of version 7 (RFC 9562), so that newer rows have greater ids and one index serves as a
timeline."""

import os
import time
from uuid import UUID

_NANOSECONDS_PER_MILLISECOND = 1_000_000


def new_id() -> UUID:
    """A fresh UUIDv7; its 12 bits after the millisecond are the fraction of it (RFC 9562, method 3)."""
    return new_ids(1)[0]


def new_ids(count: int) -> list[UUID]:
    """So many fresh ids of one moment, which differ in their last bits alone: for rows that are written together."""
    milliseconds, rest = divmod(time.time_ns(), _NANOSECONDS_PER_MILLISECOND)
    fraction = rest * 4096 // _NANOSECONDS_PER_MILLISECOND
    chance = int.from_bytes(os.urandom(8)) >> 2
    first = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | chance
    return [UUID(int=first ^ place) for place in range(count)]
