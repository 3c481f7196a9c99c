"""Charges: created, submitted, paid once or failed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from payments import queries, tasks
from payments.charges import charges
from payments.ledger import ledger
from payments.models import Account, Charge
from tests import makers
from tests.payments.stories import event_names, everything, hold_of, new_charge, owed, sql

Code = Account.Code
SYSTEM = "payments.test"


@pytest.fixture
def house(operator: Actor) -> None:
    """The exchange has an operator, established in France."""


@pytest.fixture
def french(house: None, now: datetime) -> Actor:
    """A buyer in the operator's own country."""
    return makers.trader("Acheteur SARL", "FR", now)


def settle(charge: Charge, at: datetime, **changes: Any) -> Charge:
    given: dict[str, Any] = {"provider_reference": "demo-1", "paid": charge.gross} | changes
    return charges.settle(charge, by=Actor.system(SYSTEM, at=at), **given)


def test_a_charge_freezes_net_tax_gross_and_fee(
    house: None, french: Actor, seller: Actor, now: datetime
) -> None:
    charge = new_charge(french, seller, 1_234)
    assert (charge.net, charge.tax, charge.gross) == (
        Money(1_234, "EUR"),
        Money(247, "EUR"),
        Money(1_481, "EUR"),
    )
    assert charge.fee == Money(123, "EUR")
    assert (charge.vat_role, charge.vat_treatment) == ("deemed_supplier", "domestic")
    assert (charge.vat_rate_basis_points, charge.inspection_seconds) == (2_000, 14 * 86_400)
    assert (charge.state, charge.provider, charge.created_at) == ("created", "demo", now)
    assert event_names(charge.pk) == ["charge.created"]


def test_a_buyer_elsewhere_in_the_union_owes_the_tax_itself(house: None, buyer: Actor, seller: Actor) -> None:
    charge = new_charge(buyer, seller)
    assert (charge.vat_treatment, charge.tax_minor, charge.gross_minor) == ("reverse_charge", 0, 10_000)


def test_a_buyer_outside_the_union_is_outside_the_scope(house: None, seller: Actor, now: datetime) -> None:
    charge = new_charge(makers.trader("Acheteuse SA", "CH", now), seller)
    assert (charge.vat_treatment, charge.tax_minor) == ("outside_scope", 0)


def test_the_deemed_supplier_is_the_exchange_and_not_the_seller(
    house: None, french: Actor, buyer: Actor
) -> None:
    """Operator and buyer are in France, the seller in Germany: the sale to the buyer is domestic."""
    assert new_charge(french, buyer).vat_treatment == "domestic"


def test_an_intermediarys_sale_is_taxed_where_the_seller_is(
    house: None, french: Actor, buyer: Actor, settings: Any
) -> None:
    settings.EXCHANGE_VAT_ROLE = "intermediary"
    charge = new_charge(french, buyer)
    assert (charge.vat_role, charge.vat_treatment) == ("intermediary", "reverse_charge")


def test_a_paid_charge_is_booked_and_the_sellers_part_is_held(
    house: None, french: Actor, seller: Actor, now: datetime
) -> None:
    charge = settle(new_charge(french, seller), now)
    assert (charge.state, charge.paid_at, charge.provider_reference) == ("paid", now, "demo-1")
    booked = {total.code: total.minor for total in ledger.trial_balance().accounts}
    assert booked == {"clearing": 12_000, "vat_payable": -2_000, "platform_fee": -1_000, "seller_held": -9_000}
    hold = hold_of(charge)
    assert (hold.state, hold.amount, hold.reference) == ("open", Money(9_000, "EUR"), charge.reference)
    assert hold.releases_at == now + timedelta(days=14)
    assert event_names(charge.pk) == ["charge.created", "charge.paid"]
    assert event_names(hold.pk) == ["hold.opened"]


def test_an_intermediary_holds_the_sellers_tax_for_the_seller(
    house: None, french: Actor, seller: Actor, now: datetime, settings: Any
) -> None:
    settings.EXCHANGE_VAT_ROLE = "intermediary"
    charge = settle(new_charge(french, seller), now)
    assert charge.tax == Money(2_000, "EUR")
    assert owed(Code.SELLER_HELD, charge.payee_id) == 11_000
    assert ledger.balance(Code.VAT_PAYABLE, None, "EUR") == Money(0, "EUR")
    assert ledger.trial_balance().is_sound


def test_a_fee_that_takes_all_leaves_a_hold_of_nothing(
    house: None, buyer: Actor, seller: Actor, now: datetime, settings: Any
) -> None:
    settings.EXCHANGE_FEE_BASIS_POINTS = 10_000
    assert hold_of(settle(new_charge(buyer, seller, 1), now)).amount == Money(0, "EUR")
    assert ledger.trial_balance().is_sound


def test_a_replayed_payment_changes_nothing(house: None, buyer: Actor, seller: Actor, now: datetime) -> None:
    charge = settle(new_charge(buyer, seller), now)
    before = everything()
    assert settle(charge, now + timedelta(days=1)).paid_at == now
    assert everything() == before


def test_another_payment_for_a_paid_charge_is_refused(
    house: None, buyer: Actor, seller: Actor, now: datetime
) -> None:
    charge = settle(new_charge(buyer, seller), now)
    before = everything()
    with pytest.raises(Conflict) as refusal:
        settle(charge, now, provider_reference="demo-2")
    assert refusal.value.code == "paid_twice"
    assert everything() == before


@pytest.mark.parametrize("paid", [Money(9_999, "EUR"), Money(10_001, "EUR"), Money(10_000, "USD")])
def test_a_payment_of_another_amount_books_nothing(
    house: None, buyer: Actor, seller: Actor, now: datetime, paid: Money
) -> None:
    charge = new_charge(buyer, seller)
    before = everything()
    with pytest.raises(Conflict, match=f"10000 EUR .* {paid.minor} {paid.currency}") as refusal:
        settle(charge, now, paid=paid)
    assert refusal.value.code == "amount_differs"
    assert everything() == before


def test_only_the_exchange_settles_and_fails_charges(
    house: None, buyer: Actor, seller: Actor, operator: Actor
) -> None:
    charge = new_charge(buyer, seller)
    before = everything()
    for actor in (buyer, seller, operator):
        with pytest.raises(Forbidden):
            charges.settle(charge, provider_reference="x", paid=charge.gross, by=actor)
        with pytest.raises(Forbidden):
            charges.fail(charge, reason="no", by=actor)
    assert everything() == before


def test_a_failed_charge_can_still_be_paid_and_a_paid_one_never_fails(
    house: None, buyer: Actor, seller: Actor, now: datetime
) -> None:
    by = Actor.system(SYSTEM, at=now)
    charge = charges.fail(new_charge(buyer, seller), reason="card declined", by=by)
    assert (charge.state, charge.failure) == ("failed", "card declined")
    assert charges.fail(charge, reason="again", by=by).failure == "card declined"
    charge = settle(charge, now)
    before = everything()
    assert charges.fail(charge, reason="late", by=by).state == "paid"
    assert everything() == before
    assert event_names(charge.pk) == ["charge.created", "charge.failed", "charge.paid"]


@pytest.mark.parametrize("column", ["state = 'failed'", "provider_reference = ''", "paid_at = NULL"])
def test_the_database_refuses_to_unpay_a_charge(
    house: None, buyer: Actor, seller: Actor, now: datetime, column: str
) -> None:
    charge = settle(new_charge(buyer, seller), now)
    with pytest.raises(DatabaseError, match="stays paid"):
        sql(f"UPDATE payments_charge SET {column} WHERE id = %s", charge.pk)
    assert queries.charge(charge.pk).paid_at == now


@pytest.mark.parametrize(
    "column", ["net_minor", "tax_minor", "gross_minor", "fee_minor", "vat_rate_basis_points"]
)
def test_the_database_refuses_to_rewrite_a_charge(
    house: None, buyer: Actor, seller: Actor, column: str
) -> None:
    charge = new_charge(buyer, seller)
    with pytest.raises(DatabaseError, match="frozen"):
        sql(f"UPDATE payments_charge SET {column} = {column} + 1 WHERE id = %s", charge.pk)
    with pytest.raises(DatabaseError, match="rows are kept"):
        sql("DELETE FROM payments_charge WHERE id = %s", charge.pk)


def refused_creation(buyer: Actor, seller: Actor, kind: type[ExchangeError], code: str, **changes: Any) -> None:
    given: dict[str, Any] = {
        "reference": f"agreement:{new_id()}",
        "payer": makers.participant_of(buyer),
        "payee": makers.participant_of(seller),
        "price": Money(10_000, "EUR"),
        "by": buyer,
    }
    before = everything()
    with pytest.raises(kind) as refusal, transaction.atomic():
        charges.create(**(given | changes))
    assert refusal.value.code == code
    assert everything() == before


def test_nobody_else_takes_on_a_charge_for_the_buyer(
    house: None, buyer: Actor, seller: Actor, outsider: Actor, officer: Actor
) -> None:
    refused_creation(buyer, seller, Forbidden, "not_the_payer", by=seller)
    refused_creation(buyer, seller, Forbidden, "not_the_payer", by=outsider)
    refused_creation(buyer, seller, Forbidden, "scope_missing", by=officer)


def test_a_charge_of_nothing_or_to_oneself_is_refused(house: None, buyer: Actor, seller: Actor) -> None:
    refused_creation(buyer, seller, Invalid, "absurd_amount", price=Money(0, "EUR"))
    refused_creation(buyer, seller, Invalid, "absurd_amount", price=Money(-5, "EUR"))
    refused_creation(buyer, seller, Invalid, "own_offer", payee=makers.participant_of(buyer))


def test_one_sale_is_charged_once(house: None, buyer: Actor, seller: Actor) -> None:
    charge = new_charge(buyer, seller)
    refused_creation(buyer, seller, Conflict, "already_charged", reference=charge.reference)


def test_without_a_provider_nothing_is_charged(house: None, buyer: Actor, seller: Actor, settings: Any) -> None:
    settings.EXCHANGE_PAYMENT_PROVIDER = "off"
    refused_creation(buyer, seller, Conflict, "payments_off")


def test_a_participant_without_a_verified_country_is_not_charged(
    house: None, buyer: Actor, seller: Actor, now: datetime
) -> None:
    applicant = makers.applicant("Applicant Oy", "FI", now)
    system = Actor.system(SYSTEM, at=now)
    refused_creation(buyer, seller, Conflict, "participant_not_verified", payer=applicant, by=system)


def test_submitting_hands_the_charge_to_its_provider_once(
    house: None, buyer: Actor, seller: Actor, now: datetime
) -> None:
    charge = new_charge(buyer, seller)
    tasks.submit_charge(str(charge.pk), now)
    tasks.submit_charge(str(charge.pk), now)
    charge = queries.charge(charge.pk)
    assert (charge.state, charge.provider_reference) == ("submitted", f"demo-{charge.pk}")
    assert event_names(charge.pk) == ["charge.created", "charge.submitted"]


def test_submitting_late_leaves_a_paid_charge_as_it_is(
    house: None, buyer: Actor, seller: Actor, now: datetime
) -> None:
    charge = settle(new_charge(buyer, seller), now)
    before = everything()
    assert charges.submit(charge.pk, now).state == "paid"
    assert everything() == before


def test_submitting_never_happens_inside_a_transaction(
    house: None, buyer: Actor, seller: Actor, now: datetime
) -> None:
    charge = new_charge(buyer, seller)
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction.atomic():
        charges.submit(charge.pk, now)
    assert queries.charge(charge.pk).state == "created"


def test_submitting_what_does_not_exist_is_refused(house: None, now: datetime) -> None:
    with pytest.raises(NotFound):
        charges.submit(new_id(), now)
