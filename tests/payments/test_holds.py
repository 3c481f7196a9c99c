"""Holds: confirmed, contested, settled, released by the clock."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.models import EventDetail
from exchange.kernel.money import Money
from payments import tasks
from payments.holds import holds
from payments.ledger import ledger
from payments.models import Account, Charge, Hold
from tests import makers
from tests.payments.stories import REASON, event_names, everything, hold_of, new_charge, owed, paid_charge, sql

Code = Account.Code
DAYS_14 = timedelta(days=14)


@pytest.fixture
def paid(operator: Actor, buyer: Actor, seller: Actor) -> Charge:
    """A paid sale of 100.00 of which 90.00 are held."""
    return paid_charge(buyer, seller)


def assert_money_is(seller: Actor, *, held: int, payable: int) -> None:
    assert seller.participant_id is not None
    assert owed(Code.SELLER_HELD, seller.participant_id) == held
    assert owed(Code.SELLER_PAYABLE, seller.participant_id) == payable
    assert ledger.trial_balance().is_sound


def refused(act: Callable[[], object], kind: type[Exception], code: str, says: str | None = None) -> None:
    before = everything()
    with pytest.raises(kind, match=says) as refusal:
        act()
    assert getattr(refusal.value, "code", None) == code
    assert everything() == before


def test_the_buyers_confirmation_releases_the_hold_at_once(
    paid: Charge, buyer: Actor, seller: Actor, now: datetime
) -> None:
    assert_money_is(seller, held=9_000, payable=0)
    hold = holds.confirm(paid.reference, by=buyer)
    assert (hold.state, hold.closed_at) == ("released", now)
    assert_money_is(seller, held=0, payable=9_000)
    assert event_names(hold.pk) == ["hold.opened", "hold.released"]


def test_a_second_confirmation_says_when_the_first_was(
    paid: Charge, buyer: Actor, seller: Actor, now: datetime
) -> None:
    holds.confirm(paid.reference, by=buyer)
    later = buyer.moved_to(now + timedelta(days=3))
    refused(
        lambda: holds.confirm(paid.reference, by=later),
        Conflict,
        "hold_released",
        "the buyer confirmed on 2026-11-22",
    )
    assert_money_is(seller, held=0, payable=9_000)


def test_the_end_of_the_window_releases_the_hold(paid: Charge, seller: Actor, now: datetime) -> None:
    assert holds.release_due(now + DAYS_14 - timedelta(seconds=1)) == 0
    assert_money_is(seller, held=9_000, payable=0)
    assert holds.release_due(now + DAYS_14) == 1
    assert holds.release_due(now + DAYS_14) == 0
    assert_money_is(seller, held=0, payable=9_000)


def test_the_beat_releases_what_is_over_by_its_own_clock(
    operator: Actor, buyer: Actor, seller: Actor, now: datetime
) -> None:
    paid = paid_charge(buyer.moved_to(now - timedelta(days=365)), seller)
    tasks.release_holds()
    assert hold_of(paid).state == "released"
    assert_money_is(seller, held=0, payable=9_000)


def test_a_contested_hold_outlasts_its_window_until_the_operator_has_settled_it(
    paid: Charge, buyer: Actor, seller: Actor, operator: Actor, now: datetime
) -> None:
    hold = holds.contest(paid.reference, reason=REASON, by=buyer)
    assert (hold.state, hold.reason) == ("contested", REASON)
    assert holds.release_due(now + DAYS_14 * 2) == 0
    assert_money_is(seller, held=9_000, payable=0)
    hold = holds.settle(hold, reason="both sides agreed on a new revision", by=operator)
    assert (hold.state, hold.reason) == ("open", "both sides agreed on a new revision")
    assert holds.release_due(now + DAYS_14) == 1
    assert_money_is(seller, held=0, payable=9_000)
    assert event_names(hold.pk) == ["hold.opened", "hold.contested", "hold.settled", "hold.released"]


def test_the_reason_is_in_the_events_detail_and_not_in_its_leaf(paid: Charge, buyer: Actor) -> None:
    holds.contest(paid.reference, reason=REASON, by=buyer)
    detail = EventDetail.objects.select_related("event").get(event__name="hold.contested")
    assert detail.body["reason"] == REASON
    assert REASON.encode() not in bytes(detail.event.leaf)


def test_contesting_after_the_window_is_refused_with_its_end(paid: Charge, buyer: Actor, now: datetime) -> None:
    late = buyer.moved_to(now + DAYS_14)

    def contest() -> object:
        return holds.contest(paid.reference, reason=REASON, by=late)

    refused(contest, Conflict, "inspection_over", "the inspection window ended on 2026-12-06")
    holds.release_due(now + DAYS_14)
    refused(contest, Conflict, "hold_released", "ended on 2026-12-06; the hold was released")


def test_a_contested_hold_is_neither_contested_again_nor_confirmed(paid: Charge, buyer: Actor) -> None:
    holds.contest(paid.reference, reason=REASON, by=buyer)
    refused(lambda: holds.confirm(paid.reference, by=buyer), Conflict, "hold_contested", "operator settles")
    refused(lambda: holds.contest(paid.reference, reason=REASON, by=buyer), Conflict, "hold_contested")


@pytest.mark.parametrize("reason", ["", "too short", "x" * 513, "bad\u0000 character here"])
def test_a_contest_needs_a_reason_in_words(paid: Charge, buyer: Actor, reason: str) -> None:
    refused(lambda: holds.contest(paid.reference, reason=reason, by=buyer), Invalid, "invalid", "reason")


def test_only_the_buyer_confirms_and_contests(
    paid: Charge, seller: Actor, outsider: Actor, officer: Actor, operator: Actor
) -> None:
    for actor, kind, code in (
        (seller, Forbidden, "not_the_buyer"),
        (outsider, NotFound, "not_found"),
        (officer, Forbidden, "scope_missing"),
        (operator, Forbidden, "scope_missing"),
    ):
        refused(lambda by=actor: holds.confirm(paid.reference, by=by), kind, code)  # type: ignore[misc]
        refused(
            lambda by=actor: holds.contest(paid.reference, reason=REASON, by=by),  # type: ignore[misc]
            kind,
            code,
        )
    refused(lambda: holds.release(hold_of(paid), by=seller), Forbidden, "not_the_buyer")


def test_what_was_not_paid_has_no_hold_to_confirm(operator: Actor, buyer: Actor, seller: Actor) -> None:
    charge = new_charge(buyer, seller)
    refused(lambda: holds.confirm(charge.reference, by=buyer), NotFound, "not_found", "no money is held")


def test_only_an_operator_settles_and_only_what_is_contested(
    paid: Charge, buyer: Actor, seller: Actor, operator: Actor, officer: Actor
) -> None:
    reason = "settled after a talk with both"
    hold = hold_of(paid)
    refused(lambda: holds.settle(hold, reason=reason, by=operator), Conflict, "wrong_state", "it is open")
    holds.contest(paid.reference, reason=REASON, by=buyer)
    for actor in (buyer, seller, officer):
        refused(
            lambda by=actor: holds.settle(hold, reason=reason, by=by),  # type: ignore[misc]
            Forbidden,
            "scope_missing",
        )
    refused(lambda: holds.settle(hold, reason="short", by=operator), Invalid, "invalid")


def test_an_operator_does_not_settle_a_purchase_of_its_own(
    seller: Actor, operator: Actor, now: datetime
) -> None:
    own = makers.client(makers.operators_organisation(now), now)
    paid = paid_charge(own, seller)
    holds.contest(paid.reference, reason=REASON, by=own)
    refused(
        lambda: holds.settle(hold_of(paid), reason="we are right, of course", by=operator),
        Forbidden,
        "own_sale",
    )


def test_the_exchange_releases_nothing_before_the_window_is_over(paid: Charge, now: datetime) -> None:
    by = Actor.system("test", at=now + timedelta(days=1))
    refused(lambda: holds.release(hold_of(paid), by=by), Conflict, "inspection_running", "until 2026-12-06")


def test_a_hold_of_nothing_is_released_without_a_posting(
    operator: Actor, buyer: Actor, seller: Actor, settings: object
) -> None:
    settings.EXCHANGE_FEE_BASIS_POINTS = 10_000  # type: ignore[attr-defined]
    paid = paid_charge(buyer, seller, 1)
    assert holds.confirm(paid.reference, by=buyer).amount == Money(0, "EUR")
    assert_money_is(seller, held=0, payable=0)


def test_one_hold_that_cannot_be_released_does_not_block_the_others(
    operator: Actor, buyer: Actor, seller: Actor, now: datetime
) -> None:
    """The second hold says more than its seller has: the database refuses, the others are released."""
    first, torn, last = (paid_charge(buyer, seller) for _ in range(3))
    hold = hold_of(torn)
    sibling = paid_charge(buyer, seller)
    impossible = Hold.objects.create(
        charge=new_charge(buyer, seller),
        reference="agreement:torn",
        seller_id=hold.seller_id,
        buyer_id=hold.buyer_id,
        currency="EUR",
        amount_minor=10**12,
        kept={str(hold.seller_id): 10**12},
        kept_minor=10**12,
        releases_at=hold.releases_at - timedelta(days=1),
        opened_at=hold.opened_at,
    )
    assert holds.release_due(now + DAYS_14) == 4
    assert {hold_of(charge).state for charge in (first, torn, last, sibling)} == {"released"}
    impossible.refresh_from_db()
    assert (impossible.state, impossible.closed_at) == ("open", None)
    assert_money_is(seller, held=0, payable=4 * 9_000)


@pytest.mark.parametrize("change", ["amount_minor = 1", "releases_at = opened_at", "buyer_id = seller_id"])
def test_the_database_refuses_to_rewrite_a_hold(paid: Charge, change: str) -> None:
    hold = hold_of(paid)
    with pytest.raises(DatabaseError, match="frozen"):
        sql(f"UPDATE payments_hold SET {change} WHERE id = %s", hold.pk)
    with pytest.raises(DatabaseError, match="rows are kept"):
        sql("DELETE FROM payments_hold WHERE id = %s", hold.pk)


def test_the_database_refuses_to_open_a_released_hold_again(paid: Charge, buyer: Actor) -> None:
    hold = holds.confirm(paid.reference, by=buyer)
    with pytest.raises(DatabaseError, match="stays so"):
        sql("UPDATE payments_hold SET state = 'open' WHERE id = %s", hold.pk)
