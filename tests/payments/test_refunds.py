"""Refunds: asked for, given, booked in exact proportions, ended by what the provider says."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.models import Event
from exchange.kernel.money import Money
from payments import queries
from payments.holds import holds
from payments.inbox import inbox
from payments.ledger import ledger, posting_rules
from payments.models import Account, Charge, Operation, Refund
from payments.providers import news
from payments.refunds import refunds
from tests import makers
from tests.payments.refund_stories import WHY, everything, hold_state, refund_of, standing, tell_refund_failed
from tests.payments.stories import event_names, new_charge, paid_charge, sql

DAYS_14 = timedelta(days=14)
React = Callable[..., int]


@pytest.fixture
def paid(operator: Actor, buyer: Actor, seller: Actor, react: React) -> Charge:
    """A paid sale of 100.00 of which 90.00 are held."""
    charge = paid_charge(buyer, seller)
    react()
    return charge


def refused(act: Callable[[], object], kind: type[Exception], code: str, says: str | None = None) -> None:
    before = everything()
    with pytest.raises(kind, match=says) as refusal:
        act()
    assert getattr(refusal.value, "code", None) == code
    assert everything() == before


def euro(minor: int) -> Money:
    return Money(minor, "EUR")


def pay_out_all(charge: Charge, seller: Actor, now: datetime) -> None:
    """The seller's part is released and has left."""
    assert seller.participant_id is not None
    holds.release_due(now + DAYS_14)
    amount = -ledger.balance(Account.Code.SELLER_PAYABLE, seller.participant_id, "EUR")
    lines = posting_rules.lines(
        "payout.submitted", {"amount": amount}, parts={seller.participant_id: amount}, provider="demo"
    )
    ledger.post("payout.submitted", f"test:{charge.pk}", lines, reference="test", at=now)


def test_a_full_refund_gives_back_what_was_held_and_the_fee(
    paid: Charge, seller: Actor, react: React, now: datetime
) -> None:
    assert standing(paid) == {"clearing": -10_000, "platform_fee": 1_000, "seller_held": 9_000}
    refund = refunds.give(paid, reason=WHY, by=seller)
    assert (refund.state, refund.asked_side, refund.created_at) == ("created", "seller", now)
    assert (refund.gross_minor, refund.net_minor, refund.tax_minor, refund.fee_minor) == (
        10_000,
        10_000,
        0,
        1_000,
    )
    assert refund.parts == [{"party": str(seller.participant_id), "minor": 9_000, "owed": 0}]
    assert standing(paid) == {}
    assert hold_state(paid) == ("returned", 0)
    assert queries.charge(paid.pk).refunded_minor == 10_000
    react()
    refund.refresh_from_db()
    assert refund.state == "settled" and refund.provider_reference
    assert Operation.objects.get(target=f"refund:{refund.pk}").state == "done"
    assert standing(paid) == {}


def test_partial_refunds_in_a_row_are_exact_to_the_last_unit(
    operator: Actor, buyer: Actor, seller: Actor, react: React, now: datetime
) -> None:
    charge = paid_charge(buyer, seller, 997)
    react()
    for minor in (1, 331, 332):
        refunds.give(queries.charge(charge.pk), gross=euro(minor), reason=WHY, by=seller)
        react()
    refunds.give(queries.charge(charge.pk), reason=WHY, by=seller)
    react()
    assert [refund.gross_minor for refund in Refund.objects.order_by("pk")] == [1, 331, 332, 333]
    assert all(refund.state == "settled" for refund in Refund.objects.all())
    assert standing(charge) == {}
    assert hold_state(charge) == ("returned", 0)


def test_what_is_left_after_a_partial_refund_is_released(
    paid: Charge, seller: Actor, react: React, now: datetime
) -> None:
    refunds.give(paid, gross=euro(4_000), reason=WHY, by=seller)
    assert hold_state(paid) == ("open", 5_400)
    assert holds.release_due(now + DAYS_14) == 1
    assert standing(paid) == {"clearing": -6_000, "platform_fee": 600, "seller_payable": 5_400}


def test_after_the_release_it_comes_from_what_is_payable_and_after_a_payout_it_is_owed(
    paid: Charge, seller: Actor, react: React, now: datetime
) -> None:
    holds.release_due(now + DAYS_14)
    first = refunds.give(paid, gross=euro(2_000), reason=WHY, by=seller)
    assert not first.is_from_hold
    assert standing(paid) == {"clearing": -8_000, "platform_fee": 800, "seller_payable": 7_200}
    react()
    pay_out_all(paid, seller, now)
    rest = refunds.give(queries.charge(paid.pk), reason=WHY, by=seller)
    assert rest.parts == [{"party": str(seller.participant_id), "minor": 7_200, "owed": 7_200}]
    assert standing(paid) == {"in_transit": 7_200, "seller_receivable": -7_200}


def test_a_refund_takes_from_payable_what_is_there_and_the_rest_is_owed(
    paid: Charge, buyer: Actor, seller: Actor, react: React, now: datetime
) -> None:
    pay_out_all(paid, seller, now)
    small = paid_charge(buyer, seller, 1_000)
    holds.release_due(now + DAYS_14)
    assert queries.hold_about(seller, small.reference).state == "released"
    refund = refunds.give(queries.charge(paid.pk), reason=WHY, by=seller)
    assert refund.parts == [{"party": str(seller.participant_id), "minor": 9_000, "owed": 8_100}]
    assert standing(paid)["seller_receivable"] == -8_100


def test_in_the_sellers_role_the_tax_is_in_the_parts(
    operator: Actor, seller: Actor, react: React, now: datetime, settings: object
) -> None:
    settings.EXCHANGE_VAT_ROLE = "intermediary"  # type: ignore[attr-defined]
    neighbour = makers.trader("Voisin SAS", "FR", now)
    charge = paid_charge(neighbour, seller)
    react()
    assert charge.tax_minor == 2_000
    refund = refunds.give(charge, gross=euro(6_000), reason=WHY, by=seller)
    assert (refund.net_minor, refund.tax_minor, refund.fee_minor) == (5_000, 1_000, 500)
    assert standing(charge) == {"clearing": -6_000, "platform_fee": 500, "seller_held": 5_500}


def test_the_buyer_asks_within_the_window_and_the_seller_decides(
    paid: Charge, buyer: Actor, seller: Actor, react: React, now: datetime
) -> None:
    refund = refunds.ask(paid, reason=WHY, by=buyer)
    assert (refund.state, refund.gross_minor, refund.asked_side) == ("requested", 10_000, "buyer")
    assert hold_state(paid) == ("open", 9_000)
    refund = refunds.approve(refund, by=seller)
    assert (refund.state, refund.decided_by) == ("created", seller.name)
    assert standing(paid) == {}
    assert event_names(refund.pk) == ["refund.requested", "refund.created"]


def test_a_declined_request_moves_nothing_and_another_may_be_asked_for(
    paid: Charge, buyer: Actor, seller: Actor, now: datetime
) -> None:
    refund = refunds.decline(
        refunds.ask(paid, reason=WHY, by=buyer), reason="the month is in part two", by=seller
    )
    assert (refund.state, refund.answer, refund.ended_at) == ("declined", "the month is in part two", now)
    assert hold_state(paid) == ("open", 9_000)
    refused(lambda: refunds.approve(refund, by=seller), Conflict, "wrong_state")
    assert refunds.ask(paid, gross=euro(1), reason=WHY, by=buyer).state == "requested"


def test_asking_after_the_window_or_without_a_right_to_is_refused(
    paid: Charge, buyer: Actor, seller: Actor, now: datetime, settings: object
) -> None:
    late = buyer.moved_to(now + DAYS_14)
    refused(lambda: refunds.ask(paid, reason=WHY, by=late), Conflict, "refund_window_over", "within 14 days")
    settings.EXCHANGE_REFUND_POLICY = "none"  # type: ignore[attr-defined]
    final = paid_charge(buyer, seller)
    refused(lambda: refunds.ask(final, reason=WHY, by=buyer), Conflict, "refund_excluded")
    assert refunds.give(final, reason=WHY, by=seller).state == "created"  # who sold may always give


def test_only_the_buyer_asks_and_only_seller_and_operator_give(
    paid: Charge, buyer: Actor, seller: Actor, operator: Actor, officer: Actor, outsider: Actor
) -> None:
    refused(lambda: refunds.ask(paid, reason=WHY, by=seller), Forbidden, "not_the_payer")
    for actor in (buyer, officer, outsider):
        refused(
            lambda by=actor: refunds.give(paid, reason=WHY, by=by),  # type: ignore[misc]
            Forbidden,
            "scope_missing",
        )
    refund = refunds.ask(paid, reason=WHY, by=buyer)
    for verb in (
        lambda: refunds.approve(refund, by=buyer),
        lambda: refunds.decline(refund, reason=WHY, by=buyer),
    ):
        refused(verb, Forbidden, "scope_missing")
    assert refunds.approve(refund, by=operator).asked_side == "buyer"


def test_an_operator_decides_on_no_purchase_of_its_own(seller: Actor, operator: Actor, now: datetime) -> None:
    own = makers.client(makers.operators_organisation(now), now)
    charge = paid_charge(own, seller)
    refused(lambda: refunds.give(charge, reason=WHY, by=operator), Forbidden, "own_sale")


@pytest.mark.parametrize("minor", [0, -1, 10_001])
def test_no_absurd_amount_goes_back(paid: Charge, seller: Actor, minor: int) -> None:
    refused(lambda: refunds.give(paid, gross=euro(minor), reason=WHY, by=seller), Conflict, "refund_too_large")


def test_another_currency_or_no_reason_gives_nothing(paid: Charge, seller: Actor) -> None:
    refused(
        lambda: refunds.give(paid, gross=Money(1, "USD"), reason=WHY, by=seller), Conflict, "refund_too_large"
    )
    refused(lambda: refunds.give(paid, reason="short", by=seller), Invalid, "invalid")


def test_what_is_not_paid_has_nothing_to_give_back(operator: Actor, buyer: Actor, seller: Actor) -> None:
    charge = new_charge(buyer, seller)
    refused(lambda: refunds.give(charge, reason=WHY, by=seller), Conflict, "charge_not_paid")
    refused(lambda: refunds.ask(charge, reason=WHY, by=buyer), Conflict, "charge_not_paid")


def test_a_second_click_gives_nothing_more(paid: Charge, seller: Actor, react: React) -> None:
    refunds.give(paid, gross=euro(1_000), shown_minor=0, reason=WHY, by=seller)
    refused(
        lambda: refunds.give(paid, gross=euro(1_000), shown_minor=0, reason=WHY, by=seller),
        Conflict,
        "wrong_state",
    )
    refused(lambda: refunds.give(paid, gross=euro(1_000), reason=WHY, by=seller), Conflict, "refund_under_way")
    react()
    refused(
        lambda: refunds.give(paid, gross=euro(1_000), shown_minor=0, reason=WHY, by=seller),
        Conflict,
        "wrong_state",
    )


def test_a_late_failure_books_the_exact_opposite_and_asks_a_person(
    paid: Charge, seller: Actor, operator: Actor, react: React, now: datetime
) -> None:
    before = standing(paid)
    refund = refunds.give(paid, reason=WHY, by=seller)
    react()
    refund.refresh_from_db()
    assert refund.state == "settled"
    inbox.act(tell_refund_failed(refund, now).pk, now + timedelta(days=9))
    refund.refresh_from_db()
    assert (refund.state, refund.failure) == ("failed", "the account is closed")
    assert standing(paid) == before
    assert hold_state(paid) == ("contested", 9_000)
    assert queries.charge(paid.pk).refunded_minor == 0
    again = refunds.give(queries.charge(paid.pk), reason=WHY, by=operator)
    assert again.is_from_hold and standing(paid) == {}


def test_the_part_that_came_back_is_released_a_second_time(
    paid: Charge, seller: Actor, operator: Actor, react: React, now: datetime
) -> None:
    refund = refunds.give(paid, gross=euro(4_000), reason=WHY, by=seller)
    react()
    holds.release_due(now + DAYS_14)
    refund.refresh_from_db()
    inbox.act(tell_refund_failed(refund, now).pk, now)
    assert hold_state(paid) == ("contested", 3_600)
    holds.settle(queries.hold_about(operator, paid.reference), reason="the buyer wants no money", by=operator)
    assert holds.release_due(now + DAYS_14) == 1
    assert standing(paid) == {"clearing": -10_000, "platform_fee": 1_000, "seller_payable": 9_000}


@pytest.mark.parametrize("times", [1, 2])
def test_what_a_provider_tells_twice_or_late_changes_nothing(
    paid: Charge, seller: Actor, react: React, now: datetime, times: int
) -> None:
    by = Actor.system("test", at=now)
    refund = refunds.give(paid, reason=WHY, by=seller)
    told, failed = news.Refunded(refund.pk, refund.gross, "r1"), news.RefundFailed(refund.pk, "r1", "closed")
    assert [refunds.hear(told, by=by) for _ in range(times)] == ["refunded"] * times
    assert refunds.hear(news.Refunded(refund.pk, refund.gross, "r2"), by=by) == "refunded_twice"
    assert refunds.hear(news.Refunded(refund.pk, euro(1), "r1"), by=by) == "amount_differs"
    assert [refunds.hear(failed, by=by) for _ in range(times)] == ["refund_failed"] * times
    assert refunds.hear(told, by=by) == "too_late"
    assert standing(paid) == {"clearing": -10_000, "platform_fee": 1_000, "seller_held": 9_000}
    assert Event.objects.filter(name="refund.failed").count() == 1


def test_news_of_an_unknown_refund_or_of_one_that_was_not_decided_is_set_aside(
    paid: Charge, buyer: Actor, now: datetime
) -> None:
    by = Actor.system("test", at=now)
    asked = refunds.ask(paid, reason=WHY, by=buyer)
    for refund_id in (paid.pk, asked.pk):
        before = everything()
        assert refunds.hear(news.Refunded(refund_id, euro(10_000), "r"), by=by) == "unknown_object"
        assert refunds.hear(news.RefundFailed(refund_id, "r", "closed"), by=by) == "unknown_object"
        assert everything() == before


@pytest.mark.parametrize(
    "change",
    ["gross_minor = 1", "net_minor = 1, tax_minor = 9999", "parts = '[]'", "asked_by = 'x'", "reason = ''"],
)
def test_the_database_refuses_to_rewrite_a_refund(paid: Charge, seller: Actor, change: str) -> None:
    refund = refunds.give(paid, reason=WHY, by=seller)
    with pytest.raises(DatabaseError, match="frozen"):
        sql(f"UPDATE payments_refund SET {change} WHERE id = %s", refund.pk)
    with pytest.raises(DatabaseError, match="rows are kept"):
        sql("DELETE FROM payments_refund WHERE id = %s", refund.pk)


def test_the_database_refuses_to_give_back_more_than_the_charge_and_to_revive_a_failed_refund(
    paid: Charge, seller: Actor, now: datetime
) -> None:
    refund = refunds.give(paid, reason=WHY, by=seller)
    with pytest.raises(DatabaseError, match="charge_gives_back_what_it_has"):
        sql("UPDATE payments_charge SET refunded_minor = 10001 WHERE id = %s", paid.pk)
    refunds.hear(news.RefundFailed(refund.pk, "", "closed"), by=Actor.system("test", at=now))
    with pytest.raises(DatabaseError, match="stays so"):
        sql("UPDATE payments_refund SET state = 'settled' WHERE id = %s", refund_of(paid).pk)
