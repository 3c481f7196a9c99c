"""Ranges and preconditions by RFC 9110, and byte ranges as sets."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.transfers.ranges import Plan, Wish, covered, merged, plan

TAG = '"abc"'


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, Plan(200, 0, 100)),
        ("bytes=0-9", Plan(206, 0, 10)),
        ("bytes=90-", Plan(206, 90, 100)),
        ("bytes=-10", Plan(206, 90, 100)),
        ("bytes=-1000", Plan(206, 0, 100)),
        ("bytes=0-1000", Plan(206, 0, 100)),
        ("Bytes = 5-5", Plan(206, 5, 6)),
        ("bytes=100-", Plan(416)),
        ("bytes=-0", Plan(416)),
        ("bytes=9-5", Plan(200, 0, 100)),
        ("bytes=-", Plan(200, 0, 100)),
        ("bytes=0-1,5-6", Plan(200, 0, 100)),
        ("lines=0-1", Plan(200, 0, 100)),
        ("bytes=a-b", Plan(200, 0, 100)),
        ("bytes=99999999999999999999-", Plan(200, 0, 100)),
    ],
)
def test_a_range_is_read_as_the_standard_says(header: str | None, expected: Plan) -> None:
    assert plan(Wish(range=header), size=100, tag=TAG) == expected


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        (Wish(range="bytes=0-1", if_range=TAG), 206),
        (Wish(range="bytes=0-1", if_range='"other"'), 200),
        (Wish(range="bytes=0-1", if_range=f"W/{TAG}"), 200),
        (Wish(if_none_match=TAG), 304),
        (Wish(if_none_match=f'"x", W/{TAG}'), 304),
        (Wish(if_none_match="*"), 304),
        (Wish(if_none_match='"x"'), 200),
        (Wish(if_match='"x"'), 412),
        (Wish(if_match=f"W/{TAG}"), 412),
        (Wish(if_match=TAG, range="bytes=0-1"), 206),
        (Wish(method="HEAD", range="bytes=0-1"), 200),
    ],
)
def test_preconditions_are_checked_before_ranges(wish: Wish, status: int) -> None:
    assert plan(wish, size=100, tag=TAG).status == status


def test_head_and_refusals_send_no_bytes() -> None:
    wishes = [Wish(method="HEAD"), Wish(if_none_match=TAG), Wish(range="bytes=100-"), Wish(if_match='"x"')]
    assert not any(plan(wish, size=100, tag=TAG).sends_bytes for wish in wishes)
    assert plan(Wish(), size=100, tag=TAG).sends_bytes


PAIRS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)))


@given(PAIRS)
def test_merged_ranges_cover_the_same_bytes_in_order_without_overlap(pairs: list[tuple[int, int]]) -> None:
    result = merged(pairs)
    assert {b for first, last in pairs for b in range(first, last)} == {
        b for first, last in result for b in range(first, last)
    }
    assert covered(result) == len({b for first, last in pairs for b in range(first, last)})
    assert all(a[1] < b[0] for a, b in itertools.pairwise(result))


@given(PAIRS, PAIRS)
def test_merging_again_changes_nothing(one: list[tuple[int, int]], two: list[tuple[int, int]]) -> None:
    assert merged([*merged(one), *merged(two)]) == merged([*one, *two])
