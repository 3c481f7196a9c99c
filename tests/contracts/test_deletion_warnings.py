"""Who is told of a deletion that is due: the buyer before the day, seller and officers after it, until it is stated."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from compliance.duties import desk as duties_desk
from compliance.duties import duties
from compliance.follower import follow
from compliance.log.sealing import seal_batch
from compliance.models import Duty
from contracts import warnings
from contracts.deletions import deletions
from contracts.entitlements import entitlements
from contracts.holdings import buyer_rows
from contracts.transfers import transfers
from exchange.kernel.errors import Forbidden
from exchange.kernel.models import Event
from exchange.participants.models import Notice
from exchange.participants.notices import rows as notice_rows
from tests import makers, sales

SIZE = len(sales.dataset_makers.SMALL_CSV)
TO_DELETE = (*sales.TERMS[:2], {"kind": "duration", "days": 30}, {"kind": "deletion", "days": 20})


@pytest.fixture
def right(seller: Any, buyer: Any) -> Any:
    """Ended by the clock, to be deleted twenty days later, with one whole copy taken."""
    found = sales.entitled(seller, buyer, terms=list(TO_DELETE))
    started = sales.start(sales.link(found, buyer), buyer.at).transfer_id
    assert started is not None
    transfers.progress(started, [(0, SIZE)], now=buyer.at)
    assert found.ends_at is not None
    entitlements.expire_due(now=found.ends_at)
    found.refresh_from_db()
    return found


@pytest.fixture
def watched(seller: Any, buyer: Any, operator: Any, now: Any) -> Any:
    """Answers what a trader of each side and an officer were told of deletions, and how often."""
    exchange = makers.participant_of(operator)
    people = {
        "buyer": makers.member(makers.participant_of(buyer), "trader", now),
        "seller": makers.member(makers.participant_of(seller), "trader", now),
        "exchange": makers.member(exchange, "officer", now),
    }

    def told() -> dict[str, int]:
        found = Counter[str]()
        for name, member in people.items():
            rows = Notice.objects.filter(member=member, news__startswith="deletion.").values_list(
                "news", flat=True
            )
            found.update(f"{name}: {news.removeprefix('deletion.').partition('/')[0]}" for news in rows)
        return dict(found)

    return told


def test_the_buyer_is_reminded_and_then_all_sides_hear(right: Any, watched: Any) -> None:
    due = right.delete_by
    for days in (-14.5, -14, -13, -2, -1, -0.01):
        warnings.warn_of_deletions(now=due + timedelta(days=days))
    assert watched() == {"buyer: due_in_14_days": 1, "buyer: due_in_2_days": 1}
    for days, times in ((0, 1), (1, 1), (6.9, 1), (7, 2), (29, 2), (30, 3), (59, 3), (60, 3), (500, 3)):
        warnings.warn_of_deletions(now=due + timedelta(days=days))
        late = {name: count for name, count in watched().items() if "overdue" in name}
        assert late == dict.fromkeys(("buyer: overdue", "seller: overdue", "exchange: overdue"), times), days


def test_who_has_stated_it_or_taken_nothing_is_left_alone(
    right: Any, seller: Any, buyer: Any, watched: Any
) -> None:
    idle = sales.entitled(seller, buyer, terms=list(TO_DELETE))
    entitlements.expire_due(now=idle.ends_at)
    deletions.state(right, by=buyer.moved_to(right.ends_at))
    for days in (-14, -2, 0, 7, 30):
        warnings.warn_of_deletions(now=right.delete_by + timedelta(days=days))
    assert watched() == {}


def test_a_short_time_is_not_warned_of_before_it_began(
    seller: Any, buyer: Any, watched: Any, right: Any, now: Any
) -> None:
    terms = [*TO_DELETE[:3], {"kind": "deletion", "days": 2}]
    short = sales.entitled(seller, buyer, terms=terms)
    started = sales.start(sales.link(short, buyer), now).transfer_id
    assert started is not None
    transfers.progress(started, [(0, SIZE)], now=now)
    entitlements.revoke(short, reason="Sold in error, and taken back.", by=seller)
    warnings.warn_of_deletions(now=now + timedelta(days=1))
    assert watched() == {}


def test_every_notice_has_its_words_and_leads_somewhere(
    right: Any, watched: Any, buyer: Any, react: Any
) -> None:
    for days in (-14, -2, 0):
        warnings.warn_of_deletions(now=right.delete_by + timedelta(days=days))
    deletions.state(right, by=buyer.moved_to(right.delete_by))
    react(right.delete_by)
    found = Notice.objects.filter(news__startswith="deletion.")
    assert {one.news for one in found} == {
        *("deletion.due_in_14_days/buyer", "deletion.due_in_2_days/buyer", "deletion.stated/seller"),
        *("deletion.overdue/buyer", "deletion.overdue/seller", "deletion.overdue/exchange"),
    }
    for notice, row in zip(found, notice_rows.rows_of(list(found)), strict=True):
        assert "…" not in row.title and notice_rows.place_of(notice), row


def test_the_buyer_finds_it_among_what_is_due(right: Any, buyer: Any) -> None:
    soon = buyer.moved_to(right.ends_at)
    [row] = [one for one in buyer_rows.due(soon) if one.route == "holding_delete"]
    assert row.until == right.delete_by
    deletions.state(right, by=soon)
    assert not [one for one in buyer_rows.due(soon) if one.route == "holding_delete"]


def test_before_the_end_the_buyer_is_asked_to_renew_or_delete(seller: Any, buyer: Any) -> None:
    right = sales.entitled(seller, buyer, terms=list(TO_DELETE))
    early, late = (right.ends_at - timedelta(days=days) for days in (15, 14))
    assert not [one for one in buyer_rows.due(buyer.moved_to(early)) if one.route == "holding"]
    [row] = [one for one in buyer_rows.due(buyer.moved_to(late)) if one.route == "holding"]
    assert (row.until, row.route_id) == (right.ends_at, right.pk) and "Renew" in row.title


def logged(now: Any) -> None:
    seal_batch(now)
    while follow():
        pass


def test_the_desk_lists_what_the_log_says_is_overdue(right: Any, buyer: Any, officer: Any, seller: Any) -> None:
    entitlements.expire_due(now=sales.entitled(seller, buyer, terms=list(TO_DELETE)).ends_at)
    logged(right.delete_by)

    def listed(at: Any, overdue: bool = True) -> list[Any]:
        found = duties_desk.look_at_duties(overdue=overdue, cursor=None, by=officer.moved_to(at))
        return [one.pk for one in found.items]

    before = right.delete_by - timedelta(seconds=1)
    assert listed(before) == [] and listed(before, overdue=False) == [right.pk], (
        "the one nobody took is not owed"
    )
    assert listed(right.delete_by) == [right.pk]
    assert duties.overdue_for(officer.moved_to(right.delete_by)) == 1
    assert duties.overdue_for(seller.moved_to(right.delete_by)) == 0
    deletions.state(right, by=buyer.moved_to(right.delete_by))
    logged(right.delete_by)
    assert listed(right.delete_by) == [] and listed(right.delete_by, overdue=False) == [right.pk]
    assert Duty.objects.get(pk=right.pk).stated_at == right.delete_by
    looks = Event.objects.filter(name="officer.viewed").values_list("leaf", flat=True)
    assert all(b'"what":"duties"' in bytes(leaf) for leaf in looks) and len(looks) == 5
    with pytest.raises(Forbidden):
        duties_desk.look_at_duties(overdue=True, cursor=None, by=seller)


def test_a_statement_before_the_sweep_is_understood_in_any_order(seller: Any, buyer: Any, now: Any) -> None:
    right = sales.entitled(seller, buyer, terms=list(TO_DELETE))
    started = sales.start(sales.link(right, buyer), now).transfer_id
    assert started is not None
    transfers.progress(started, [(0, SIZE)], now=now)
    deletions.state(right, by=buyer.moved_to(right.ends_at))
    logged(right.ends_at)
    entitlements.expire_due(now=right.ends_at)
    logged(right.ends_at)
    duty = Duty.objects.get(pk=right.pk)
    assert (duty.stated_at, duty.delete_by) == (right.ends_at, right.ends_at + timedelta(days=20))
