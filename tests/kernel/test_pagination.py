"""Keyset pages: nothing twice and nothing missing, whatever is written meanwhile."""

import base64
from datetime import datetime

import pytest

from exchange.kernel.errors import Invalid
from exchange.kernel.pagination import LARGEST_PAGE, page
from exchange.participants.models import Participant

pytestmark = pytest.mark.django_db


def write(count: int, at: datetime) -> list[Participant]:
    return [Participant.objects.create(name=f"P{n}", country="FR", created_at=at) for n in range(count)]


def test_pages_hold_every_row_once_newest_first(now: datetime) -> None:
    written = write(7, now)
    found, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        answer = page(Participant.objects.all(), cursor=cursor, limit=3)
        found += answer.items
        cursor, pages = answer.next_cursor, pages + 1
    assert pages == 3
    assert [row.pk for row in found] == [
        row.pk for row in sorted(written, key=lambda row: row.pk, reverse=True)
    ]


def test_rows_written_between_two_pages_do_not_move_the_second(now: datetime) -> None:
    before = sorted((row.pk for row in write(4, now)), reverse=True)
    first = page(Participant.objects.all(), limit=2)
    write(3, now)
    Participant.objects.filter(pk=before[0]).delete()
    second = page(Participant.objects.all(), cursor=first.next_cursor, limit=2)
    assert [row.pk for row in second.items] == before[2:]
    assert second.next_cursor is None


def test_a_last_page_that_is_full_has_no_next(now: datetime) -> None:
    write(2, now)
    assert page(Participant.objects.all(), limit=2).next_cursor is None
    assert page(Participant.objects.none()).items == []


@pytest.mark.parametrize("limit", [0, -1, LARGEST_PAGE + 1])
def test_a_limit_out_of_bounds_is_refused(limit: int) -> None:
    with pytest.raises(Invalid, match="limit must be from 1 to 100"):
        page(Participant.objects.all(), limit=limit)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "not a cursor",
        "é",
        "=" * 30,
        base64.urlsafe_b64encode(b"x" * 15).decode(),
        "A" * 10_000,
        "\x00",
    ],
)
def test_a_cursor_that_no_list_answered_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as refusal:
        page(Participant.objects.all(), cursor=cursor)
    assert refusal.value.code == "bad_cursor"
