"""Disputes: the bank takes the money back for now, and decides."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Unavailable
from exchange.kernel.money import Money
from payments import queries
from payments.holds import holds
from payments.inbox import inbox
from payments.models import Charge, Dispute
from payments.providers import news
from payments.refunds import disputes, refunds
from tests.payments.refund_stories import WHY, everything, hold_state, standing, tell_disputed
from tests.payments.stories import event_names, hold_of, new_charge, paid_charge, sql

DAYS_14 = timedelta(days=14)
React = Callable[..., int]


@pytest.fixture
def paid(operator: Actor, buyer: Actor, seller: Actor, react: React) -> Charge:
    """A paid sale of 100.00 of which 90.00 are held."""
    charge = paid_charge(buyer, seller)
    react()
    return charge


def open_one(charge: Charge, now: datetime, *, cost: int = 0, minor: int = 0) -> Dispute:
    """The bank takes the money of a charge back, and `cost` with it."""
    told = news.Disputed(
        charge.pk,
        f"dp_{charge.pk}",
        Money(minor or charge.gross_minor, charge.currency),
        Money(cost, charge.currency) if cost else None,
        "fraudulent",
        now + timedelta(days=7),
    )
    assert disputes.hear(told, by=Actor.system("test", at=now)) == "disputed"
    return Dispute.objects.get(charge=charge)


def end(dispute: Dispute, now: datetime, *, is_won: bool) -> str:
    return disputes.hear(news.DisputeEnded(dispute.provider_reference, is_won), by=Actor.system("test", at=now))


def refused(act: Callable[[], object], code: str) -> None:
    before = everything()
    with pytest.raises(Conflict) as refusal:
        act()
    assert refusal.value.code == code
    assert everything() == before


def test_an_open_dispute_stops_release_confirmation_and_refund(
    paid: Charge, buyer: Actor, seller: Actor, now: datetime
) -> None:
    dispute = open_one(paid, now, cost=1_500)
    assert standing(paid) == {
        "clearing": 1_500,
        "dispute_cost": -1_500,
        "dispute_suspense": -10_000,
        "platform_fee": 1_000,
        "seller_held": 9_000,
    }
    assert holds.release_due(now + DAYS_14) == 0
    refused(lambda: holds.confirm(paid.reference, by=buyer), "charge_disputed")
    refused(lambda: refunds.give(paid, reason=WHY, by=seller), "charge_disputed")
    refused(lambda: refunds.ask(paid, reason=WHY, by=buyer), "charge_disputed")
    assert (dispute.evidence_due_at, dispute.reason) == (now + timedelta(days=7), "fraudulent")


def test_a_won_dispute_gives_the_money_back_and_the_hold_goes_on(paid: Charge, now: datetime) -> None:
    dispute = open_one(paid, now)
    assert end(dispute, now, is_won=True) == "dispute_won"
    assert standing(paid) == {"clearing": -10_000, "platform_fee": 1_000, "seller_held": 9_000}
    assert holds.release_due(now + DAYS_14) == 1
    assert event_names(dispute.pk) == ["dispute.opened", "dispute.won"]


def test_a_lost_dispute_ends_as_a_refund_does(paid: Charge, now: datetime) -> None:
    dispute = open_one(paid, now, cost=1_500)
    assert end(dispute, now, is_won=False) == "dispute_lost"
    dispute.refresh_from_db()
    assert (dispute.allotted_minor, dispute.fee_minor, dispute.is_from_hold) == (10_000, 1_000, True)
    assert standing(paid) == {"clearing": 1_500, "dispute_cost": -1_500}
    assert hold_state(paid) == ("returned", 0)
    assert queries.charge(paid.pk).refunded_minor == 10_000


def test_the_cost_of_a_lost_dispute_may_be_the_sellers(paid: Charge, now: datetime, settings: object) -> None:
    settings.EXCHANGE_DISPUTE_COST_BORNE_BY = "sellers"  # type: ignore[attr-defined]
    end(open_one(paid, now, cost=1_500), now, is_won=False)
    assert standing(paid) == {"clearing": 1_500, "seller_receivable": -1_500}


def test_what_had_gone_back_before_a_lost_dispute_is_the_exchanges_loss(
    paid: Charge, seller: Actor, react: React, now: datetime
) -> None:
    refunds.give(paid, gross=Money(4_000, "EUR"), reason=WHY, by=seller)
    react()
    dispute = open_one(paid, now)
    end(dispute, now, is_won=False)
    dispute.refresh_from_db()
    assert (dispute.gross_minor, dispute.allotted_minor) == (10_000, 6_000)
    assert standing(paid) == {"clearing": 4_000, "dispute_cost": -4_000}
    assert hold_state(paid) == ("returned", 0)


def test_after_the_release_a_lost_dispute_is_taken_from_what_is_payable(paid: Charge, now: datetime) -> None:
    holds.release_due(now + DAYS_14)
    end(open_one(paid, now), now, is_won=False)
    assert standing(paid) == {}
    assert hold_of(paid).state == "released"


def test_what_is_told_twice_changes_nothing_and_a_cost_told_later_is_booked_once(
    paid: Charge, now: datetime
) -> None:
    open_one(paid, now)
    for _ in range(2):
        dispute = open_one(paid, now, cost=1_500)
    assert (dispute.cost_minor, standing(paid)["dispute_cost"]) == (1_500, -1_500)
    assert [end(dispute, now, is_won=False) for _ in range(2)] == ["dispute_lost"] * 2
    assert end(dispute, now, is_won=True) == "too_late"
    open_one(paid, now)
    assert standing(paid) == {"clearing": 1_500, "dispute_cost": -1_500}
    assert event_names(dispute.pk) == ["dispute.opened", "dispute.lost"]


def test_a_dispute_told_before_the_payment_waits_for_it(
    operator: Actor, buyer: Actor, seller: Actor, now: datetime
) -> None:
    charge = new_charge(buyer, seller)
    event = tell_disputed(charge, now)
    before = everything()
    with pytest.raises(Unavailable, match="not been told yet"):
        inbox.act(event.pk, now)
    assert everything() == before


def test_a_dispute_of_an_unknown_charge_or_in_another_currency_is_set_aside(
    paid: Charge, now: datetime
) -> None:
    by = Actor.system("test", at=now)
    unknown = news.Disputed(hold_of(paid).pk, "dp_1", paid.gross, None, "", None)
    assert disputes.hear(unknown, by=by) == "unknown_charge"
    assert disputes.hear(news.DisputeEnded("dp_1", True), by=by) == "unknown_object"
    assert inbox.act(tell_disputed(paid, now, currency="USD").pk, now).outcome == "amount_differs"
    assert not Dispute.objects.exists()


def test_the_end_of_a_dispute_is_enough_to_open_and_decide_it(paid: Charge, now: datetime) -> None:
    assert inbox.act(tell_disputed(paid, now, end="lost").pk, now).outcome == "dispute_lost"
    assert inbox.act(tell_disputed(paid, now).pk, now).outcome == "disputed"
    assert standing(paid) == {}


@pytest.mark.parametrize("change", ["gross_minor = 1", "charge_id = id", "reason = ''", "opened_at = NULL"])
def test_the_database_refuses_to_rewrite_a_dispute(paid: Charge, now: datetime, change: str) -> None:
    dispute = open_one(paid, now)
    with pytest.raises(DatabaseError, match="frozen"):
        sql(f"UPDATE payments_dispute SET {change} WHERE id = %s", dispute.pk)
    end(dispute, now, is_won=True)
    with pytest.raises(DatabaseError, match="stays so"):
        sql("UPDATE payments_dispute SET state = 'open' WHERE id = %s", dispute.pk)
