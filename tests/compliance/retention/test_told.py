"""What was told goes too when its time is over: the words of notices to recipients, and notices to members. What a
hold covers stays."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from compliance import legal
from compliance.models import (
    NoticeAnswer,
    NoticeAttempt,
    NoticeRow,
    RecipientNotice,
    Sweep,
    TransferRecord,
)
from compliance.notices import answers, by_hand, opening, queries, sending, statements
from compliance.retention import legal_holds, sweep
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event, EventDetail
from exchange.participants.models import Member, Notice
from tests import makers
from tests.compliance.notices.conftest import opened, received  # noqa: F401 (fixtures)
from tests.compliance.retention.test_sweep import place, without_known_targets  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
DATASET = "01a20000-0000-7000-8000-000000000001"
AFTER = timedelta(days=5 * 365 + 5)  # five years by the profile


@pytest.fixture
def settled(
    received: Any,  # noqa: F811
    opened: Callable[..., Any],  # noqa: F811
    buyer: Actor,
    outsider: Actor,
    officer: Actor,
    now: datetime,
) -> RecipientNotice:
    """A notice to two, of whom one answered and one was found by hand and excused."""
    for one in (buyer, outsider):
        received.take(one.participant_id)
    received.seal()
    notice: RecipientNotice = opened()
    received.seal()
    while opening.fill(now=now):
        pass
    sending.send_due(now=now)
    mine = queries.to_answer_visible_to(buyer).get(notice=notice)
    answers.answer(mine, action="deleted", copies=1, passed_on="Ada Ltd", remark="Done on Monday.", by=buyer)
    other = NoticeRow.objects.get(notice=notice, buyer_id=outsider.participant_id)
    NoticeRow.objects.filter(pk=other.pk).update(state="undelivered")
    other.refresh_from_db()
    by_hand.deliver(other, "Told by a letter with receipt.", by=officer)
    other.refresh_from_db()
    by_hand.excuse(other, "It was dissolved last year.", by=officer)
    notice.refresh_from_db()
    assert notice.state == "settled"
    return notice


def words() -> str:
    """All that people wrote about notices, and that is still kept."""
    rows = [
        *RecipientNotice.objects.values_list("message", flat=True),
        *NoticeRow.objects.values_list("reason", flat=True),
        *NoticeAnswer.objects.values_list("remark", flat=True),
        *NoticeAnswer.objects.values_list("passed_on", flat=True),
        *NoticeAttempt.objects.values_list("evidence", flat=True),
    ]
    about = EventDetail.objects.filter(event__subject__regex="^(recipientnotice|noticerow):")
    return " ".join([*rows, *map(json.dumps, about.values_list("body", flat=True))]).strip()


WROTE = ("Delete the rows", "dissolved last year", "Done on Monday", "Ada Ltd", "letter with receipt")


def test_of_a_notice_to_recipients_the_words_go_and_who_was_told_stays(
    settled: RecipientNotice, officer: Actor, now: datetime
) -> None:
    before = list(NoticeRow.objects.order_by("pk").values("pk", "state", "buyer_id", "closed_at"))
    leaves = list(Event.objects.filter(subject__startswith="notice").values_list("leaf_hash", flat=True))
    assert all(one in words() for one in WROTE)
    sweep.sweep(now=now + AFTER - 10 * DAY)
    assert all(one in words() for one in WROTE), "its time is not over"
    assert sweep.sweep(now=now + AFTER) >= 1
    assert words() == ""
    assert list(NoticeRow.objects.order_by("pk").values("pk", "state", "buyer_id", "closed_at")) == before
    assert set(leaves) <= set(Event.objects.values_list("leaf_hash", flat=True))
    swept = Sweep.objects.get(kind="notice")
    assert (swept.dropped, swept.held) == (1, 0)
    assert Event.objects.filter(name="retention.swept", subject=f"sweep:{swept.pk}").count() == 1
    sweep.sweep(now=now + AFTER + DAY)
    assert Sweep.objects.filter(kind="notice").count() == 1, "what is empty is not swept again"
    settled.refresh_from_db()
    stated = statements.state(settled, by=officer.moved_to(now + AFTER))["statement"]
    assert isinstance(stated, dict) and stated["message_sha256"] is None


def test_an_open_notice_keeps_its_words(settled: RecipientNotice, now: datetime) -> None:
    RecipientNotice.objects.filter(pk=settled.pk).update(state="open", settled_at=None)
    sweep.sweep(now=now + 2 * AFTER)
    assert all(one in words() for one in WROTE)


def test_what_a_hold_covers_keeps_its_words(
    settled: RecipientNotice,
    officer: Actor,
    buyer: Actor,
    seller: Actor,
    now: datetime,
    without_known_targets: None,  # noqa: F811
) -> None:
    agreement = TransferRecord.objects.filter(dataset_id=settled.dataset_id).values_list(
        "agreement_id", flat=True
    )[0]
    some: dict[str, Any]
    for scope, some in (
        ("dataset", {"target": settled.dataset_id}),
        ("participant", {"target": seller.participant_id}),
        ("participant", {"target": buyer.participant_id}),
        ("agreement", {"target": agreement}),
        ("person", {"target": buyer.name}),
        ("request", {"target": settled.occasion.partition(":")[2]}),
        ("period", {"since": now - DAY, "until": now + DAY}),
        ("log_year", {"target": str(now.year)}),
    ):
        hold = place(officer, scope, **some)
        waiting = {one.kind: one for one in sweep.waiting(legal.current(), now=now + AFTER)}["notice"]
        assert (waiting.due, waiting.held) == (0, 1), scope
        legal_holds.release(hold, "The court has closed its case.", by=officer)
    place(officer, "dataset", settled.dataset_id)
    sweep.sweep(now=now + AFTER)
    assert all(one in words() for one in WROTE)


@pytest.fixture
def told(buyer: Actor, now: datetime) -> Member:
    """A member who was told of two things, a month apart."""
    member = makers.member(makers.participant_of(buyer), "trader", now)
    for number, facts in enumerate(({}, {"dataset": DATASET})):
        Notice.objects.create(
            member=member,
            news="dataset.published/seller",
            key=f"key-{number}",
            facts=facts,
            created_at=now + number * 30 * DAY,
        )
    return member


def test_notices_to_members_go_by_the_period_of_the_profile(told: Member, now: datetime) -> None:
    def keys() -> set[str]:
        return set(Notice.objects.filter(member=told).values_list("key", flat=True))

    first = now + 366 * DAY
    sweep.sweep(now=now + 364 * DAY)
    assert keys() == {"key-0", "key-1"}
    sweep.sweep(now=first)
    assert keys() == {"key-1"}
    sweep.sweep(now=first + 31 * DAY)
    assert keys() == set() and Sweep.objects.filter(kind="mail").count() == 2


def test_a_hold_keeps_what_members_were_told(
    told: Member,
    officer: Actor,
    buyer: Actor,
    now: datetime,
    without_known_targets: None,  # noqa: F811
) -> None:
    later, both = now + 500 * DAY, {"key-0", "key-1"}
    some: dict[str, Any]
    for scope, some, kept in (
        ("participant", {"target": buyer.participant_id}, both),
        ("dataset", {"target": DATASET}, {"key-1"}),
        ("period", {"since": now - DAY, "until": now + DAY}, {"key-0"}),
    ):
        hold = place(officer, scope, **some)
        waiting = {one.kind: one for one in sweep.waiting(legal.current(), now=later)}["mail"]
        assert (waiting.due, waiting.held) == (2 - len(kept), len(kept)), scope
        legal_holds.release(hold, "The court has closed its case.", by=officer)
