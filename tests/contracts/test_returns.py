"""A right follows its money, in whatever order Events are told."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from contracts.entitlements import entitlements, reasons, returns
from contracts.models import Transfer
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event
from payments import queries as payments
from payments.models import Charge, Dispute, Refund
from payments.providers import news
from payments.refunds import disputes, refunds
from tests import makers, sales
from tests.contracts.test_inspections import sold, take

WHY = "the file lacks the month of March"
REASON = "the buyer's report shows another purpose"


@pytest.fixture
def right(seller: Any, buyer: Any) -> Any:
    return sold(seller, buyer)


def charge_of(right: Any) -> Charge:
    return Charge.objects.get(reference=f"agreement:{right.agreement_id}")


def state(right: Any) -> str:
    right.refresh_from_db()
    return str(right.state)


def open_dispute(charge: Charge, now: Any) -> Dispute:
    told = news.Disputed(charge.pk, f"dp_{charge.pk}", charge.gross, None, "fraudulent", None)
    disputes.hear(told, by=makers.system(now))
    return Dispute.objects.get(charge=charge)


def end_dispute(charge: Charge, now: Any, *, is_won: bool) -> None:
    disputes.hear(news.DisputeEnded(f"dp_{charge.pk}", is_won), by=makers.system(now))


def test_what_was_not_used_is_given_back_at_once_and_the_right_ends_with_the_money(
    right: Any, buyer: Any, react: Any
) -> None:
    asked = refunds.ask(charge_of(right), reason=WHY, by=buyer)
    refund = returns.decide(asked.pk, by=makers.system(buyer.at))
    assert refund.state == "created"
    assert (state(right), right.reason) == ("suspended", reasons.RETURNING)  # no byte leaves any more
    react()
    refund.refresh_from_db()
    assert (refund.state, state(right), right.reason) == ("settled", "revoked", reasons.RETURNED)
    assert [returns.decide(refund.pk, by=makers.system(buyer.at)).state for _ in range(2)] == ["settled"] * 2


@pytest.mark.parametrize(("kind", "expected"), [("unused", "declined"), ("any", "requested")])
def test_once_something_was_taken_the_policy_says_who_decides(
    seller: Any, buyer: Any, react: Any, now: Any, kind: str, expected: str
) -> None:
    plan = {**sales.PAID, "refund": {"kind": kind, "window_days": 30}}
    right = sales.entitled(seller, buyer, plan=plan)
    assert charge_of(right).refund_policy == plan["refund"]
    take(right, buyer, now)
    refund = refunds.ask(charge_of(right), reason=WHY, by=buyer)
    react()
    refund.refresh_from_db()
    assert (refund.state, state(right)) == (expected, "active")


def test_a_download_that_was_called_off_before_its_first_byte_is_no_use(
    right: Any, buyer: Any, react: Any, now: Any
) -> None:
    started = sales.start(sales.link(right, buyer), now).transfer_id
    assert started is not None
    Transfer.objects.filter(pk=started).update(state="aborted")
    refund = refunds.ask(charge_of(right), reason=WHY, by=buyer)
    react()
    refund.refresh_from_db()
    assert refund.state == "settled"


def test_a_part_of_the_money_takes_no_right_away(right: Any, seller: Any, react: Any) -> None:
    charge = charge_of(right)
    refunds.give(charge, gross=charge.net.portion(5_000), reason=WHY, by=seller)
    react()
    assert state(right) == "active"
    refunds.give(payments.charge(charge.pk), reason=WHY, by=seller)
    react()
    assert state(right) == "revoked"


@pytest.mark.parametrize(("is_won", "expected"), [(True, "active"), (False, "revoked")])
def test_a_dispute_suspends_and_its_end_decides(
    right: Any, react: Any, now: Any, is_won: bool, expected: str
) -> None:
    charge = charge_of(right)
    open_dispute(charge, now)
    react()
    assert (state(right), right.reason) == ("suspended", reasons.DISPUTED)
    end_dispute(charge, now, is_won=is_won)
    react()
    assert state(right) == expected


def test_nobody_gives_a_right_back_while_its_money_is_with_the_bank(
    right: Any, seller: Any, operator: Any, react: Any, now: Any
) -> None:
    entitlements.suspend(right, reason=REASON, by=seller)
    open_dispute(charge_of(right), now)
    react()
    assert (state(right), right.reason) == ("suspended", REASON)
    for person in (seller, operator):
        with pytest.raises(Conflict) as refusal:
            entitlements.resume(right, reason=REASON, by=person)
        assert refusal.value.code == "entitlement_kept_back"
    end_dispute(charge_of(right), now, is_won=True)
    react()
    assert state(right) == "suspended"  # what a person did, a person takes back
    assert entitlements.resume(right, reason=REASON, by=seller).state == "active"


@pytest.mark.parametrize("is_won", [True, False])
def test_events_told_in_any_order_and_again_end_the_same(
    seller: Any, buyer: Any, now: Any, is_won: bool
) -> None:
    from contracts import tasks

    for order in permutations(range(3)):
        right = sold(seller, buyer)
        charge = charge_of(right)
        dispute = open_dispute(charge, now)
        end_dispute(charge, now, is_won=is_won)
        told: list[Any] = [
            lambda dispute=dispute: tasks.follow_dispute(str(dispute.pk), now),
            lambda dispute=dispute: tasks.follow_dispute(str(dispute.pk), now),
            lambda charge=charge: tasks.complete_sale(str(charge.pk), now),
        ]
        for index in order:
            told[index]()
        assert state(right) == ("active" if is_won else "revoked")


def test_a_right_that_its_seller_suspended_is_not_given_back_by_the_bank(
    right: Any, seller: Any, react: Any, now: Any
) -> None:
    entitlements.suspend(right, reason=REASON, by=seller)
    charge = charge_of(right)
    open_dispute(charge, now)
    react()
    end_dispute(charge, now, is_won=True)
    react()
    assert (state(right), right.reason) == ("suspended", REASON)


def test_a_refund_that_failed_late_leaves_the_right_as_it_is_and_asks_the_operator(
    right: Any, seller: Any, operator: Any, react: Any, now: Any
) -> None:
    charge = charge_of(right)
    refund = refunds.give(charge, reason=WHY, by=seller)
    react()
    assert state(right) == "revoked"
    refund.refresh_from_db()
    failed = news.RefundFailed(refund.pk, refund.provider_reference, "the account is closed")
    refunds.hear(failed, by=makers.system(now + timedelta(days=9)))
    react()
    assert state(right) == "revoked"
    assert Refund.objects.get().state == "failed"
    assert Event.objects.filter(name="hold.reopened").count() == 1
    refunds.give(payments.charge(charge.pk), reason=WHY, by=operator)
    react()
    assert sorted(Refund.objects.values_list("state", flat=True)) == ["failed", "settled"]


def test_a_refund_on_its_way_that_fails_leaves_the_right_suspended_until_the_seller_acts(
    right: Any, seller: Any, now: Any
) -> None:
    from contracts import tasks

    refund = refunds.give(charge_of(right), reason=WHY, by=seller)
    tasks.follow_refund(str(refund.pk), now)
    assert state(right) == "suspended"
    refunds.hear(news.RefundFailed(refund.pk, "", "no such card"), by=makers.system(now))
    tasks.follow_refund(str(refund.pk), now)
    assert state(right) == "suspended"
    assert entitlements.resume(right, reason="the buyer keeps the data", by=seller).state == "active"
