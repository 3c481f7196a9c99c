"""The port to providers, the demo behind it, and where the demo is refused."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden
from infra import checks
from payments import providers, queries
from payments.charges import charges
from payments.checkouts import pretended_payments
from payments.inbox import inbox
from payments.models import Charge, ProviderEvent
from payments.providers.orders import Checkout
from tests.payments.stories import everything, hold_of, new_charge, paid_charge, tell_failed


@pytest.fixture
def charge(operator: Actor, buyer: Actor, seller: Actor) -> Charge:
    return new_charge(buyer, seller)


def refused(charge: Charge, by: Actor, kind: type[ExchangeError], code: str) -> None:
    before = everything()
    with pytest.raises(kind) as refusal:
        pretended_payments.make(charge, by=by)
    assert refusal.value.code == code
    assert everything() == before


def test_the_demo_provider_says_that_it_moves_no_money() -> None:
    provider = providers.provider()
    assert provider.name == "demo"
    assert not provider.moves_money
    assert "no money moves" in provider.statement


def test_without_a_provider_the_refusal_tells_the_buyer_what_remains(settings: Any) -> None:
    settings.EXCHANGE_PAYMENT_PROVIDER = "off"
    with pytest.raises(Conflict, match="only free offers") as refusal:
        providers.provider()
    assert refusal.value.code == "payments_off"


def test_a_provider_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Conflict) as refusal:
        providers.named("bank")
    assert refusal.value.code == "unknown_provider"


def test_pretending_to_pay_is_kept_and_settles_the_charge_when_acted_on(
    charge: Charge, buyer: Actor, now: datetime
) -> None:
    charges.submit(charge.pk, now)
    pretended_payments.make(charge, by=buyer)
    assert queries.charge(charge.pk).state == "submitted"
    event = ProviderEvent.objects.get()
    assert inbox.act(event.pk, now).outcome == "paid"
    paid = queries.charge(charge.pk)
    assert (paid.state, paid.provider_reference) == ("paid", f"demo-{charge.pk}")
    assert hold_of(paid).state == "open"


def test_pretending_to_pay_twice_has_one_effect(charge: Charge, buyer: Actor, now: datetime) -> None:
    pretended_payments.make(charge, by=buyer)
    pretended_payments.make(charge, by=buyer)
    event = ProviderEvent.objects.get()
    inbox.act(event.pk, now)
    before = everything()
    pretended_payments.make(queries.charge(charge.pk), by=buyer)
    assert everything() == before


def test_a_charge_that_was_called_off_is_not_paid(charge: Charge, buyer: Actor, now: datetime) -> None:
    inbox.act(tell_failed(charge, now).pk, now)
    refused(queries.charge(charge.pk), buyer, Conflict, "charge_failed")
    assert queries.charge(charge.pk).state == "failed"


def test_only_the_buyer_pays(
    charge: Charge, seller: Actor, outsider: Actor, officer: Actor, operator: Actor
) -> None:
    refused(charge, seller, Forbidden, "not_the_payer")
    refused(charge, outsider, Forbidden, "not_the_payer")
    refused(charge, officer, Forbidden, "scope_missing")
    refused(charge, operator, Forbidden, "scope_missing")


def test_the_demo_takes_nothing_once_the_exchange_has_left_it(
    charge: Charge, buyer: Actor, settings: Any
) -> None:
    settings.EXCHANGE_PAYMENT_PROVIDER = "off"
    refused(charge, buyer, Conflict, "paid_elsewhere")


def test_the_demo_submits_nothing_inside_a_transaction(charge: Charge, now: datetime) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction.atomic():
        providers.named("demo").submit(Checkout(charge.pk, charge.gross, charge.reference), charge.pk)


def test_a_system_check_refuses_the_demo_provider_outside_demo_mode(settings: Any) -> None:
    assert not [found for found in checks.deployment(None) if found.id == "infra.E002"]
    settings.EXCHANGE_DEMO = False
    (refusal,) = [found for found in checks.deployment(None) if found.id == "infra.E002"]
    assert "moves no money" in refusal.msg
    settings.EXCHANGE_PAYMENT_PROVIDER = "off"
    assert not [found for found in checks.deployment(None) if found.id == "infra.E002"]


def test_the_buyer_and_the_seller_see_their_sale_and_the_outsider_does_not(
    operator: Actor, buyer: Actor, seller: Actor, outsider: Actor, officer: Actor
) -> None:
    charge = paid_charge(buyer, seller)
    for actor in (buyer, seller, officer, operator, Actor.system("test", at=buyer.at)):
        assert queries.charge_visible_to(actor, charge.pk) == charge
        assert list(queries.holds_visible_to(actor)) == [hold_of(charge)]
    assert not queries.charges_visible_to(outsider).exists()
    assert not queries.holds_visible_to(outsider).exists()
    blind = replace(buyer, scopes=frozenset({Scope.BUY}))
    assert not queries.charges_visible_to(blind).exists()
    assert not queries.holds_visible_to(blind).exists()
    assert queries.charge_about(charge.reference) == charge
    assert queries.charge_about("agreement:none") is None
