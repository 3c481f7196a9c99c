"""Ways to pay that a payer agrees to have kept, and later charges that are collected by them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.money import Money
from payments import queries
from payments.charges import charges, methods
from payments.checkouts import pretended_payments
from payments.models import Charge, Operation, PaymentMethod
from tests import makers
from tests.fakes.stripe.serving import Served
from tests.payments.stories import event_names, sql
from tests.payments.stripe_calls import press_pay
from tests.payments.stripe_stories import bring, move_to_stripe

React = Callable[..., int]
ASKS_FOR_ITS_HOLDER = "4000002760003184"


@pytest.fixture
def fake(settings: Any, stripe_fake: Served, operator: Actor) -> Served:
    move_to_stripe(settings, stripe_fake)
    return stripe_fake


def charge_of(buyer: Actor, seller: Actor, occasion: str, *, keeps: bool = False) -> Charge:
    return charges.create(
        reference="agreement:the-subscription",
        occasion=occasion,
        payer=makers.participant_of(buyer),
        payee=makers.participant_of(seller),
        price=Money(10_000, "EUR"),
        keeps_method=keeps,
        by=buyer,
    )


def keep_by_a_page(fake: Served, buyer: Actor, react: React, number: str = "4242424242424242") -> PaymentMethod:
    methods.ask_to_keep(makers.participant_of(buyer), currency="EUR", by=buyer)
    react(buyer.at)
    page = methods.ask_to_keep(makers.participant_of(buyer), currency="EUR", by=buyer)
    press_pay(fake.client().v1.checkout.sessions.retrieve(page.provider_reference), number)
    bring(fake)
    react(buyer.at)
    return PaymentMethod.objects.get(ended_at=None)


def test_a_first_payment_keeps_the_card_only_where_the_buyer_agreed(
    fake: Served, buyer: Actor, seller: Actor, react: React
) -> None:
    first = charge_of(buyer, seller, "first", keeps=True)
    react()
    page = Operation.objects.get(target=f"charge:{first.pk}")
    press_pay(fake.client().v1.checkout.sessions.retrieve(page.provider_reference))
    bring(fake)
    react()
    assert queries.charge(first.pk).state == "paid"
    kept = PaymentMethod.objects.get()
    assert (kept.payer_id, kept.provider, kept.label) == (buyer.participant_id, "stripe", "Visa ···· 4242")
    assert event_names(kept.pk) == ["method.kept"]


def test_a_later_charge_is_collected_without_the_buyer(
    fake: Served, buyer: Actor, seller: Actor, react: React
) -> None:
    keep_by_a_page(fake, buyer, react)
    later = charge_of(buyer, seller, "period:2")
    react()
    asked = Operation.objects.get(target=f"charge:{later.pk}")
    assert (asked.kind, asked.state) == ("collect", "done")
    assert queries.charge(later.pk).state == "paid"


def test_a_card_that_asks_for_its_holder_is_declined_and_the_buyer_pays_on_a_page(
    fake: Served, buyer: Actor, seller: Actor, react: React
) -> None:
    client = fake.client()
    customer = client.v1.customers.create({"email": "buyer@example.org"})
    card = client.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": customer.id})
    PaymentMethod.objects.create(
        payer=makers.participant_of(buyer),
        provider="stripe",
        customer=customer.id,
        method=card.id,
        label="Visa",
        kept_at=buyer.at,
    )
    later = charge_of(buyer, seller, "period:2")
    react()
    declined = queries.charge(later.pk)
    assert declined.state == "declined"
    assert "authentication required" in declined.failure
    charges.page_to_pay(declined, by=buyer)
    react()
    page = Operation.objects.filter(target=f"charge:{later.pk}").latest("pk")
    press_pay(client.v1.checkout.sessions.retrieve(page.provider_reference))
    bring(fake)
    react()
    assert queries.charge(later.pk).state == "paid"


def test_a_declined_charge_is_tried_again_by_the_clock(
    fake: Served, buyer: Actor, seller: Actor, react: React, now: datetime
) -> None:
    client = fake.client()
    customer = client.v1.customers.create({"email": "buyer@example.org"})
    bad = client.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": customer.id})
    given = {"payer": makers.participant_of(buyer), "provider": "stripe", "customer": customer.id}
    row = PaymentMethod.objects.create(**given, method=bad.id, label="Visa", kept_at=now)
    later = charge_of(buyer, seller, "period:2")
    react()
    assert queries.charge(later.pk).state == "declined"
    methods.end(row, by=buyer)
    good = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    PaymentMethod.objects.create(**given, method=good.id, label="Visa", kept_at=now)
    charges.try_again(queries.charge(later.pk), by=Actor.system("dunning", at=now))
    charges.try_again(queries.charge(later.pk), by=Actor.system("dunning", at=now))
    react()
    assert queries.charge(later.pk).state == "paid"
    assert Operation.objects.filter(target=f"charge:{later.pk}").count() == 2


def test_without_a_kept_way_to_pay_a_later_charge_waits_for_its_buyer(
    fake: Served, buyer: Actor, seller: Actor, react: React
) -> None:
    later = charge_of(buyer, seller, "period:2")
    react()
    assert queries.charge(later.pk).state == "submitted"
    assert charges.page_to_pay(later, by=buyer).startswith(fake.url)


def test_a_new_way_to_pay_takes_the_place_of_the_one_before(fake: Served, buyer: Actor, react: React) -> None:
    first = keep_by_a_page(fake, buyer, react)
    second = keep_by_a_page(fake, replace(buyer, at=buyer.at + timedelta(days=1)), react)
    assert first.pk != second.pk
    first.refresh_from_db()
    assert (first.is_usable, second.is_usable) == (False, True)
    assert event_names(first.pk) == ["method.kept", "method.ended"]


def test_consent_is_taken_back_at_any_time(fake: Served, buyer: Actor, react: React) -> None:
    kept = keep_by_a_page(fake, buyer, react)
    assert not methods.end(kept, by=buyer).is_usable
    methods.end(kept, by=buyer)
    assert event_names(kept.pk) == ["method.kept", "method.ended"]
    assert methods.usable(kept.payer_id, "stripe") is None
    with pytest.raises(DatabaseError, match="stays so"):
        sql("UPDATE payments_paymentmethod SET ended_at = NULL WHERE id = %s", kept.pk)
    with pytest.raises(DatabaseError):
        sql("UPDATE payments_paymentmethod SET customer = 'cus_of_another' WHERE id = %s", kept.pk)


def test_only_the_payer_keeps_sees_and_ends_its_way_to_pay(
    operator: Actor, buyer: Actor, outsider: Actor, officer: Actor, react: React
) -> None:
    payer = makers.participant_of(buyer)
    for other in (outsider, officer, operator):
        with pytest.raises(Forbidden):
            methods.ask_to_keep(payer, currency="EUR", by=other)
    with pytest.raises(Forbidden):
        methods.ask_to_keep(payer, currency="EUR", by=replace(buyer, scopes=frozenset({Scope.READ})))
    with pytest.raises(Invalid):
        methods.ask_to_keep(payer, currency="eur", by=buyer)
    assert not Operation.objects.exists()
    methods.ask_to_keep(payer, currency="EUR", by=buyer)
    react()
    kept = methods.methods_visible_to(buyer).get()
    for other in (outsider, operator):
        assert not methods.methods_visible_to(other).exists()
        with pytest.raises(NotFound):
            methods.method_visible_to(other, kept.pk)
    for other in (outsider, officer, operator):
        with pytest.raises(Forbidden):
            methods.end(kept, by=other)
    assert methods.method_visible_to(officer, kept.pk) == methods.method_visible_to(buyer, kept.pk) == kept


def test_the_demo_keeps_and_collects_too(operator: Actor, buyer: Actor, seller: Actor, react: React) -> None:
    first = charge_of(buyer, seller, "first", keeps=True)
    pretended_payments.make(first, by=buyer)
    react()
    later = charge_of(buyer, seller, "period:2")
    react()
    assert [queries.charge(one.pk).state for one in (first, later)] == ["paid", "paid"]


def test_who_may_pay_and_when(
    operator: Actor, buyer: Actor, seller: Actor, outsider: Actor, settings: Any
) -> None:
    charge = charge_of(buyer, seller, "first")
    for other in (seller, outsider):
        with pytest.raises(Forbidden):
            charges.page_to_pay(charge, by=other)
        with pytest.raises(Forbidden):
            charges.try_again(charge, by=other)
    by = Actor.system("test", at=buyer.at)
    charges.fail(charge, reason="called off", by=by)
    with pytest.raises(Conflict) as refusal:
        charges.page_to_pay(charge, by=buyer)
    assert refusal.value.code == "charge_failed"
    assert charges.try_again(charge, by=by).state == "failed"
    assert not Operation.objects.exists()
