"""Sales whose money is at Stripe: paid, declined, paid days later, told twice, late, in another order, or never."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.money import Money
from payments.charges import charges
from payments.inbox import catch_up, inbox
from payments.ledger import ledger
from payments.models import Account, Charge, Operation, Posting, ProviderEvent
from tests.fakes.stripe.serving import Served
from tests.payments.stories import event_names, everything, hold_of, new_charge
from tests.payments.stripe_calls import DAY, SEPA, SEPA_FAILS, press_pay
from tests.payments.stripe_stories import Sale, move_to_stripe

React = Callable[..., int]
DECLINED = "4000000000000002"
CLEARING = Account.Code.CLEARING


@pytest.fixture
def sale(
    settings: Any, stripe_fake: Served, react: React, operator: Actor, buyer: Actor, seller: Actor
) -> Sale:
    move_to_stripe(settings, stripe_fake)
    return Sale(stripe_fake, react, buyer, seller)


def at_stripe(currency: str = "EUR") -> int:
    """What stands at Stripe by our books."""
    return ledger.balance(CLEARING, None, currency, provider="stripe").minor


def test_a_charge_is_asked_by_one_operation_that_was_written_down_first(sale: Sale) -> None:
    (asked,) = sale.operations
    assert (asked.kind, asked.state, asked.attempts) == ("checkout", "done", 1)
    assert event_names(asked.pk) == ["operation.planned", "operation.asked", "operation.finished"]
    page = sale.session
    assert (page.amount_total, page.currency) == (sale.charge.gross_minor, "eur")
    assert page.metadata.to_dict() == {"charge": str(sale.id), "operation": str(asked.pk)}
    assert (sale.charge.state, sale.charge.provider_reference) == ("submitted", page.id)


def test_money_that_arrives_is_booked_once_with_what_stripe_kept(sale: Sale) -> None:
    sale.pay()
    assert set(sale.hear()) == {204}
    paid = sale.charge
    assert (paid.state, hold_of(paid).state) == ("paid", "open")
    assert paid.provider_reference.startswith(("ch_", "py_"))
    cost = ledger.balance(Account.Code.PROCESSOR_COST, None, "EUR").minor
    assert cost > 0
    assert at_stripe() == paid.gross_minor - cost
    assert Posting.objects.filter(reference=paid.reference).count() == 2
    before = everything()
    assert sale.hear() == []
    assert {name: rows for name, rows in everything().items() if name != "ProviderEvent"} == {
        name: rows for name, rows in before.items() if name != "ProviderEvent"
    }


def test_nothing_personal_is_kept_of_what_stripe_tells(sale: Sale) -> None:
    sale.pay()
    sale.hear()
    told = str(list(ProviderEvent.objects.values_list("payload", flat=True)))
    assert "buyer@example.org" not in told
    assert "A Buyer" not in told


def test_a_card_that_is_declined_leaves_the_page_open(sale: Sale) -> None:
    sale.pay(DECLINED)
    sale.hear()
    assert sale.charge.state == "submitted"
    assert at_stripe() == 0
    sale.pay()
    sale.hear()
    assert sale.charge.state == "paid"


def test_a_debit_that_arrives_days_later_is_under_way_until_then(sale: Sale) -> None:
    sale.pay(SEPA)
    sale.hear()
    assert (sale.charge.state, at_stripe()) == ("underway", 0)
    with pytest.raises(Conflict) as refusal:
        charges.page_to_pay(sale.charge, by=sale.buyer)
    assert refusal.value.code == "payment_under_way"
    sale.fake.world.advance(10 * DAY)
    sale.hear()
    assert sale.charge.state == "paid"


def test_a_debit_that_fails_days_later_may_be_paid_again_by_another_page(sale: Sale) -> None:
    sale.pay(SEPA_FAILS)
    sale.hear()
    sale.fake.world.advance(10 * DAY)
    sale.hear()
    assert (sale.charge.state, at_stripe()) == ("declined", 0)
    assert sale.charge.failure
    assert charges.page_to_pay(sale.charge, by=sale.buyer) == ""
    sale.react()
    assert len(sale.operations) == 2
    assert sale.charge.state == "submitted"
    sale.pay()
    sale.hear()
    assert sale.charge.state == "paid"
    assert at_stripe() > 0


def test_what_is_told_in_any_order_and_often_ends_in_the_same_books(sale: Sale) -> None:
    sale.fake.world.courier.weather.copies = 2
    sale.fake.world.courier.weather.is_shuffled = True
    sale.pay(SEPA)
    sale.fake.world.advance(10 * DAY)
    sale.hear()
    assert sale.charge.state == "paid"
    assert Posting.objects.filter(reference=sale.charge.reference, kind="charge.paid").count() == 1


def test_a_late_failure_of_a_replaced_page_changes_nothing(sale: Sale, now: datetime) -> None:
    first = sale.operations[0]
    told = {"object": first.provider_reference, "api_major": "dahlia"}
    sale.pay(SEPA_FAILS)
    sale.hear()
    sale.fake.world.advance(10 * DAY)
    sale.hear()
    charges.page_to_pay(sale.charge, by=sale.buyer)
    sale.react()
    late = inbox.keep("stripe", "evt_late", "checkout.session.async_payment_failed", told, at=now)
    assert inbox.act(late.pk, now).outcome == "too_late"
    assert sale.charge.state == "submitted"


def test_what_never_arrived_is_found_in_stripes_own_list(sale: Sale, now: datetime) -> None:
    sale.fake.world.courier.weather.lost = 1.0
    sale.pay()
    assert sale.hear() == []
    assert sale.charge.state == "submitted"
    assert catch_up.run(now) > 0
    sale.react()
    assert sale.charge.state == "paid"
    assert catch_up.list_events("stripe", now) == 0


def test_what_was_set_aside_for_its_version_is_not_lost(sale: Sale, now: datetime) -> None:
    sale.pay()
    for delivery, _body, _headers in sale.fake.waiting():
        delivery.event["api_version"] = "2020-08-27"
    sale.hear()
    assert sale.charge.state == "submitted"
    assert ProviderEvent.objects.filter(outcome="other_version").exists()
    assert catch_up.list_events("stripe", now) > 0
    sale.react()
    assert sale.charge.state == "paid"
    assert catch_up.list_events("stripe", now) == 0


def test_a_charge_that_waits_for_long_is_looked_at(sale: Sale, now: datetime) -> None:
    sale.pay()
    assert catch_up.look_at_waiting(now) == 0
    later = now + timedelta(minutes=20)
    assert catch_up.look_at_waiting(later) == 1
    assert catch_up.look_at_waiting(later) == 0
    sale.react(later)
    assert sale.charge.state == "paid"


def test_a_buyer_who_comes_back_has_stripe_asked_once_a_minute(sale: Sale) -> None:
    sale.pay()
    first = catch_up.look(sale.charge, by=sale.buyer)
    assert first is not None and catch_up.look(sale.charge, by=sale.buyer) == first
    sale.react()
    assert sale.charge.state == "paid"
    assert catch_up.look(sale.charge, by=sale.buyer) is None


def test_a_page_that_has_ended_is_replaced_by_a_new_one(sale: Sale) -> None:
    tomorrow = replace(sale.buyer, at=sale.buyer.at + timedelta(days=1))
    first = charges.page_to_pay(sale.charge, by=sale.buyer)
    assert charges.page_to_pay(sale.charge, by=tomorrow) == ""
    assert charges.page_to_pay(sale.charge, by=tomorrow) == ""
    sale.react(tomorrow.at)
    assert len(sale.operations) == 2
    assert charges.page_to_pay(sale.charge, by=tomorrow) not in ("", first)


def test_two_pages_that_are_both_paid_go_to_a_person(sale: Sale, now: datetime) -> None:
    old = sale.session
    tomorrow = replace(sale.buyer, at=sale.buyer.at + timedelta(hours=23, minutes=30))
    charges.page_to_pay(sale.charge, by=tomorrow)
    sale.react(tomorrow.at)
    press_pay(old)
    press_pay(sale.session)
    sale.hear()
    assert sale.charge.state == "paid"
    assert ProviderEvent.objects.filter(outcome="paid_twice").exists()
    assert Posting.objects.filter(reference=sale.charge.reference, kind="charge.paid").count() == 1


def test_nobody_pays_on_the_page_of_a_charge_that_was_called_off(sale: Sale, now: datetime) -> None:
    page = sale.session
    charges.fail(sale.charge, reason="the licence was revoked", by=Actor.system("test", at=now))
    sale.react()
    assert sale.session.status == "expired"
    press_pay(page)
    sale.hear()
    assert (sale.charge.state, at_stripe()) == ("failed", 0)


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 10_000), ("KWD", 100_000)])
def test_currencies_without_cents_and_with_thousandths_are_exact(
    settings: Any,
    stripe_fake: Served,
    react: React,
    operator: Actor,
    buyer: Actor,
    seller: Actor,
    currency: str,
    minor: int,
) -> None:
    move_to_stripe(settings, stripe_fake)
    sale = Sale(stripe_fake, react, buyer, seller, minor=minor, currency=currency)
    assert sale.session.amount_total == sale.charge.gross_minor
    sale.pay()
    sale.hear()
    assert sale.charge.state == "paid"
    assert Money(at_stripe(currency), currency).minor > 0


def test_another_amount_or_currency_is_set_aside_and_nothing_is_booked(sale: Sale) -> None:
    sale.pay()
    page = sale.fake.world.objects[sale.operations[0].provider_reference]
    intent = sale.fake.world.objects[page["payment_intent"]]
    intent["amount_received"] -= 1
    sale.hear()
    assert sale.charge.state == "submitted"
    assert not Posting.objects.exists()
    assert ProviderEvent.objects.filter(outcome="amount_differs").exists()


def test_charges_of_the_demo_stay_readable_after_the_switch(
    settings: Any, stripe_fake: Served, react: React, operator: Actor, buyer: Actor, seller: Actor
) -> None:
    old = new_charge(buyer, seller)
    react()
    move_to_stripe(settings, stripe_fake)
    sale = Sale(stripe_fake, react, buyer, seller)
    assert Charge.objects.get(pk=old.pk).provider == "demo"
    assert (sale.charge.provider, sale.charge.state) == ("stripe", "submitted")
    assert not Operation.objects.filter(target=f"charge:{old.pk}").exists()
