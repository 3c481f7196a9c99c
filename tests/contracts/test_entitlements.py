"""The right, now: suspended, resumed, revoked, and ended by the clock."""

from typing import Any

import pytest

from contracts.entitlements import entitlements
from contracts.negotiations import negotiations
from contracts.sales import sales as sales_of
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.models import Event
from payments import queries as payments
from payments.checkouts import pretended_payments
from payments.holds import holds
from payments.inbox import inbox
from payments.models import Hold, ProviderEvent
from tests import makers, sales

REASON = "the buyer's report shows another purpose"


@pytest.fixture
def entitlement(seller: Any, buyer: Any) -> Any:
    return sales.entitled(seller, buyer)


def test_a_suspended_right_may_be_resumed(entitlement: Any, seller: Any) -> None:
    assert entitlements.suspend(entitlement, reason=REASON, by=seller).state == "suspended"
    assert entitlements.resume(entitlement, reason="the question was answered", by=seller).state == "active"


def test_a_revoked_right_is_gone_for_good(entitlement: Any, seller: Any, refused: Any) -> None:
    entitlements.revoke(entitlement, reason=REASON, by=seller)
    for act in (entitlements.resume, entitlements.suspend, entitlements.revoke):
        with refused(Conflict, "wrong_state"):
            act(entitlement, reason=REASON, by=seller)


def test_the_operator_may_stop_what_was_sold(entitlement: Any, operator: Any) -> None:
    assert entitlements.suspend(entitlement, reason=REASON, by=operator).state == "suspended"


def test_nobody_else_may(entitlement: Any, buyer: Any, outsider: Any, officer: Any, refused: Any) -> None:
    for actor, code in ((buyer, "forbidden"), (outsider, "forbidden"), (officer, "scope_missing")):
        with refused(Forbidden, code):
            entitlements.revoke(entitlement, reason=REASON, by=actor)


@pytest.mark.parametrize("reason", ["too short", "x" * 513, "          ", "nul \x00 inside it"])
def test_a_reason_has_10_to_512_characters(reason: str, entitlement: Any, seller: Any, refused: Any) -> None:
    with refused(Invalid, "invalid"):
        entitlements.revoke(entitlement, reason=reason, by=seller)


def test_what_was_typed_is_not_in_the_leaf(entitlement: Any, seller: Any) -> None:
    entitlements.revoke(entitlement, reason=REASON, by=seller)
    event = Event.objects.get(name="entitlement.revoked")
    assert REASON.encode() not in bytes(event.leaf)
    assert event.detail.body == {"reason": REASON}


def test_the_clock_ends_what_is_over_and_nothing_else(entitlement: Any, now: Any) -> None:
    assert entitlements.expire_due(now=sales.later(now, days=364)) == 0
    assert entitlements.expire_due(now=sales.later(now, days=365)) == 1
    assert entitlements.expire_due(now=sales.later(now, days=366)) == 0
    entitlement.refresh_from_db()
    assert entitlement.state == "expired"


def test_what_is_over_cannot_be_resumed(entitlement: Any, seller: Any, now: Any, refused: Any) -> None:
    entitlements.suspend(entitlement, reason=REASON, by=seller)
    with refused(Conflict, "entitlement_expired"):
        entitlements.resume(entitlement, reason=REASON, by=seller.moved_to(sales.later(now, days=366)))


def test_an_end_date_means_that_whole_day(seller: Any, buyer: Any, now: Any) -> None:
    terms = [{"kind": "end_date", "on": "2026-12-31"}, {"kind": "duration", "days": 365}]
    found = sales.entitled(seller, buyer, terms=terms)
    assert found.ends_at.isoformat() == "2027-01-01T00:00:00+00:00"


def test_a_right_revoked_before_it_is_paid_calls_its_charge_off(seller: Any, buyer: Any) -> None:
    accepted = unpaid(seller, buyer)
    entitlements.revoke(accepted.agreement.entitlement, reason=REASON, by=seller)
    charge = payments.charge(accepted.charge.pk)
    assert charge.state == "failed"
    with pytest.raises(Conflict) as refusal:
        pretended_payments.make(charge, by=buyer)
    assert refusal.value.code == "charge_failed"


def test_money_that_comes_too_late_stays_held(seller: Any, buyer: Any, now: Any) -> None:
    accepted = unpaid(seller, buyer)
    pretended_payments.make(payments.charge(accepted.charge.pk), by=buyer)
    entitlements.revoke(accepted.agreement.entitlement, reason=REASON, by=seller)
    inbox.act(ProviderEvent.objects.get().pk, now)
    for _ in range(2):
        sales_of.complete(accepted.agreement.pk, by=makers.system(now))
    accepted.agreement.entitlement.refresh_from_db()
    assert accepted.agreement.entitlement.state == "revoked"
    assert Hold.objects.get().state == "contested"
    assert holds.release_due(sales.later(now, days=100)) == 0


def unpaid(seller: Any, buyer: Any) -> Any:
    offer = sales.offer(sales.dataset_makers.published(seller), seller, plan=dict(sales.PAID))
    negotiation = negotiations.approve(sales.request(offer, buyer), by=seller)
    return negotiations.accept(negotiation, by=buyer)
