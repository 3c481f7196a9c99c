"""What has left, written down for many transfers at once, comes to the same as each by itself."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.models import CopyCount, Transfer
from contracts.transfers import notes, transfers
from contracts.transfers.notes import Note
from exchange.kernel.models import Event
from tests import sales

pytestmark = pytest.mark.usefixtures("own_database")


@pytest.fixture
def started(seller: Any, buyer: Any, now: Any) -> list[Transfer]:
    """Three transfers of one file of 1,000 bytes that have sent nothing."""
    right = sales.entitled(seller, buyer, files={"a.csv": b"n\n" + b"1\n" * 499}, terms=[])
    links = [sales.link(right, buyer) for _ in range(3)]
    verdicts = transfers.start_many([sales.attempt(link, now) for link in links], now=now)
    return [Transfer.objects.get(pk=verdict.transfer_id) for verdict in verdicts]


def test_notes_of_many_transfers_are_kept_together(started: list[Transfer], now: Any) -> None:
    first, second, third = started
    at = now + timedelta(seconds=1)
    assert (
        notes.keep(
            [
                Note(first.pk, [(0, 100)], at),
                Note(second.pk, [(500, 600), (0, 50)], at),
                Note(first.pk, [(100, 300), (0, 10)], at),
                Note(third.pk, [(0, 1_000)], at),
            ]
        )
        == [None] * 4
    )
    for row in started:
        row.refresh_from_db()
    assert [row.sent_ranges for row in started] == [[[0, 300]], [[0, 50], [500, 600]], [[0, 1_000]]]
    assert [row.sent_bytes for row in started] == [300, 150, 1_000]
    assert [row.spent_bytes for row in started] == [310, 150, 1_000]
    assert [row.state for row in started] == ["started", "started", "completed"]
    assert {row.active_at for row in started} == {at}
    assert Event.objects.filter(name="transfer.completed").count() == 1
    assert CopyCount.objects.get().used == 3


def test_a_note_without_bytes_says_when_it_was_cut_and_never_goes_back(
    started: list[Transfer], now: Any
) -> None:
    at = now + timedelta(seconds=5)
    notes.keep([Note(row.pk, [], at) for row in started])
    notes.keep([Note(row.pk, [(0, 10)], now) for row in started[:2]])
    rows = [Transfer.objects.get(pk=row.pk) for row in started]
    assert [row.active_at for row in rows] == [at] * 3
    assert [row.sent_bytes for row in rows] == [10, 10, 0]
