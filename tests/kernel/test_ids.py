"""Row ids: newer rows have greater ids."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from exchange.kernel import ids


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Set the nanosecond that the clock shows."""

    def show(nanoseconds: int) -> None:
        monkeypatch.setattr(time, "time_ns", lambda: nanoseconds)

    return show


def test_ids_grow_with_time(clock: Callable[[int], None]) -> None:
    made = []
    for step in range(5_000):
        clock(1_795_338_000_000_000_000 + step * 300)  # a little more than the 12 bits tell apart
        made.append(ids.new_id())
    assert all(before < after for before, after in pairwise(made))


def test_an_id_tells_its_millisecond(clock: Callable[[int], None]) -> None:
    clock(1_795_338_000_123_456_789)
    made = ids.new_id()
    assert made.int >> 80 == 1_795_338_000_123
    assert made.version == 7 and str(made.variant) == "specified in RFC 4122"


def test_ids_made_at_the_same_moment_differ(clock: Callable[[int], None]) -> None:
    clock(1_795_338_000_000_000_000)
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: ids.new_id(), range(10_000)))
    assert len(set(made)) == len(made)
