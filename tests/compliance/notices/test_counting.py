"""Counts of a large notice are kept by the worker and say of which moment they are; a small one is counted on sight."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from compliance.models import NoticeRow, NoticeTally, RecipientNotice
from compliance.notices import counting, opening, queries, sending, settling
from exchange.kernel.ids import new_id
from exchange.kernel.states import transition

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def filled(received: Any, opened: Any, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Any]:
    """A notice to so many recipients, of which two make it large."""
    monkeypatch.setattr(counting, "LARGE", 2)

    def make(recipients: int) -> RecipientNotice:
        for _ in range(recipients):
            received.take(new_id())
        received.seal()
        notice: RecipientNotice = opened()
        received.seal()
        while opening.fill(now=now):
            pass
        return notice

    return make


def tally(notice: RecipientNotice) -> queries.Tally:
    return queries.tallies([notice])[notice.pk]


def test_a_small_notice_is_counted_on_sight(filled: Any, now: datetime) -> None:
    notice = filled(2)
    sending.send_due(now=now, at_most=1)
    assert tally(notice) == queries.Tally({"queued": 1, "sent": 1}, 0)
    assert counting.count(now=now + MINUTE) == 0 and not NoticeTally.objects.exists()


def test_a_large_one_is_counted_again_each_minute_and_says_when_it_was(filled: Any, now: datetime) -> None:
    notice = filled(3)
    assert tally(notice).states == {"queued": 3}
    sending.send_due(now=now, at_most=2)
    assert (tally(notice).states, counting.count(now=now)) == ({"queued": 3}, 0)
    assert counting.count(now=now + 2 * MINUTE) == 1
    found = tally(notice)
    assert (found.states, found.contradictions) == ({"queued": 1, "sent": 2}, 0)
    assert found.counted_at is not None and abs(found.counted_at - now - 2 * MINUTE) < timedelta(seconds=1)
    NoticeRow.objects.filter(notice=notice, state="queued").update(contradiction="answers_differ")
    counting.count(now=now + 4 * MINUTE)
    assert tally(notice).contradictions == 1


def test_once_it_is_settled_it_is_counted_for_the_last_time(filled: Any, officer: Any, now: datetime) -> None:
    notice = filled(3)
    for row in NoticeRow.objects.filter(notice=notice).select_related("notice"):
        transition(row, "excuse", by=officer, closed_at=now, reason="out of proportion")
    assert settling.settle(notice, by=officer)
    assert counting.count(now=now + timedelta(seconds=5)) == 1
    assert tally(notice).states == {"impossible": 3}
    assert counting.count(now=now + 9 * MINUTE) == 0


def test_the_page_and_the_api_say_of_which_moment_the_counts_are(
    filled: Any, officer: Any, door: Any, now: datetime
) -> None:
    from tests import makers
    from tests.compliance.pages.conftest import signed_in

    notice = filled(3)
    answer = door(officer).get(f"/api/v1/compliance/notices/{notice.pk}").json()
    assert (answer["recipients"], answer["counted_at"][:10]) == ({"queued": 3}, f"{now:%Y-%m-%d}")
    person = makers.member(makers.participant_of(officer), "officer", officer.at)
    browser: Client = signed_in(person, second_factor=True)
    page = browser.get(f"/compliance/notices/{notice.pk}").content.decode()
    assert "it is done again every minute" in page


def test_a_notice_to_many_holds_no_other_up(filled: Any, opened: Any, now: datetime) -> None:
    many = filled(3)
    later = opened(kind="restriction")
    assert sending.send_due(now=now, at_most=2) == 2
    told = NoticeRow.objects.filter(state="sent").values_list("notice", flat=True)
    assert set(told) == {many.pk, later.pk}
    while sending.send_due(now=now, at_most=2):
        pass
    assert not NoticeRow.objects.filter(state="queued").exists()
