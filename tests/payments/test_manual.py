"""Payment by bank transfer: a reference to quote, two people who have seen the money, and two roles of the operator."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError
from stdnum import iso11649

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, NotFound
from exchange.kernel.ids import new_id
from exchange.participants.actors.actors import actor_of_member
from payments.checkouts import remittances
from payments.ledger import ledger
from payments.models import Account, Charge, Hold, Posting, ProviderEvent, Remittance
from payments.providers import manual
from payments.shares import shares
from tests import makers
from tests.payments import earnings, stories

CODE = Account.Code
REASON = "this line of the statement was another buyer’s"


@pytest.fixture
def people(db: None, now: datetime) -> tuple[Actor, Actor]:
    return earnings.operators(now)


@pytest.fixture
def reseller(settings: Any) -> None:
    settings.EXCHANGE_PAYMENT_PROVIDER = "manual"
    settings.EXCHANGE_MANUAL_ROLE = "reseller"
    settings.EXCHANGE_BANK_IBAN = "DE75512108001245126199"


@pytest.fixture
def direct(settings: Any) -> None:
    settings.EXCHANGE_PAYMENT_PROVIDER = "manual"
    settings.EXCHANGE_MANUAL_ROLE = "direct"
    settings.EXCHANGE_VAT_ROLE = "intermediary"


def noted(charge: Charge, by: Actor, minor: int | None = None) -> Remittance:
    return remittances.note(
        "charge",
        charge.pk,
        amount_minor=charge.gross_minor if minor is None else minor,
        currency=charge.currency,
        bank_reference=earnings.bank_reference(),
        by=by,
    )


@pytest.mark.usefixtures("reseller")
def test_as_a_reseller_the_operator_keeps_the_books_as_with_any_provider(
    seller: Actor, buyer: Actor, people: tuple[Actor, Actor], react: Any
) -> None:
    charge = earnings.sale(seller, buyer)
    react()
    charge.refresh_from_db()
    told = manual.instructions(charge)
    assert charge.state == "submitted"
    assert told.reference == charge.provider_reference
    assert iso11649.is_valid(told.reference)
    assert (told.to.iban, told.amount) == ("DE75512108001245126199", charge.gross)
    remittance = noted(charge, people[0])
    react()
    charge.refresh_from_db()
    assert charge.state == "submitted"
    remittances.confirm(remittance, by=people[1])
    react()
    charge.refresh_from_db()
    assert charge.state == "paid"
    assert Hold.objects.get(charge=charge).amount_minor == 9_000
    assert ledger.balance(CODE.CLEARING, None, "EUR", provider="manual") == charge.gross
    assert ledger.trial_balance().is_sound


@pytest.mark.usefixtures("direct")
def test_paid_directly_nothing_is_held_and_the_seller_owes_the_fee(
    seller: Actor, buyer: Actor, people: tuple[Actor, Actor], react: Any, now: datetime
) -> None:
    earnings.manual_account(seller, people[0])
    subject, partner = f"dataset:{new_id()}", makers.trader("Partner OÜ", "EE", now)
    earnings.split(subject, seller, {seller: 5_000, partner: 5_000})
    assert shares.in_force(subject) is not None
    charge = earnings.sale(seller, buyer, subject=subject)
    assert charge.parts == []
    react()
    told = manual.instructions(charge)
    assert told.to.iban == earnings.IBANS[0]
    sellers = makers.member(makers.participant_of(seller), "trader", now)
    remittance = noted(charge, actor_of_member(sellers, now))
    remittances.confirm(remittance, by=people[0])
    react()
    charge.refresh_from_db()
    assert charge.state == "paid"
    assert not Hold.objects.exists()
    party = earnings.of(seller)
    assert ledger.balance(CODE.SELLER_RECEIVABLE, party, "EUR").minor == charge.fee_minor == 1_000
    assert ledger.balance(CODE.CLEARING, None, "EUR", provider="manual").minor == 0
    assert list(Posting.objects.values_list("kind", flat=True)) == ["charge.paid.direct"]
    assert ledger.trial_balance().is_sound


@pytest.mark.usefixtures("direct")
def test_a_seller_without_bank_details_cannot_be_paid_yet(seller: Actor, buyer: Actor) -> None:
    with pytest.raises(Conflict) as refusal:
        manual.instructions(earnings.sale(seller, buyer))
    assert refusal.value.code == "bank_details_needed"


@pytest.mark.usefixtures("reseller")
@pytest.mark.parametrize("minor", [1, 9_999, 100_000])
def test_another_amount_books_nothing_and_waits_for_a_person(
    seller: Actor, buyer: Actor, people: tuple[Actor, Actor], react: Any, minor: int
) -> None:
    charge = earnings.sale(seller, buyer)
    react()
    remittances.confirm(noted(charge, people[0], minor), by=people[1])
    react()
    charge.refresh_from_db()
    assert charge.state == "submitted"
    assert not Posting.objects.exists()
    assert ProviderEvent.objects.get().outcome == "amount_differs"


@pytest.mark.usefixtures("reseller")
def test_a_second_transfer_for_one_charge_waits_for_a_person(
    seller: Actor, buyer: Actor, people: tuple[Actor, Actor], react: Any
) -> None:
    charge = earnings.sale(seller, buyer)
    for _ in range(2):
        remittances.confirm(noted(charge, people[0]), by=people[1])
        react()
    assert sorted(ProviderEvent.objects.values_list("outcome", flat=True)) == ["paid", "paid_twice"]
    assert Posting.objects.filter(kind="charge.paid").count() == 1


@pytest.mark.usefixtures("reseller")
def test_nobody_confirms_what_they_have_noted(
    seller: Actor, buyer: Actor, people: tuple[Actor, Actor], operator: Actor, now: datetime
) -> None:
    remittance = noted(earnings.sale(seller, buyer), people[0])
    next_year = earnings.operators_again(people[0], now.replace(year=now.year + 1))
    for person in (people[0], next_year, operator, seller):
        with pytest.raises(Forbidden):
            remittances.confirm(remittance, by=person)
    with pytest.raises(IntegrityError):
        stories.sql("UPDATE payments_remittance SET state = 'confirmed', decided_by = noted_by")
    remittance.refresh_from_db()
    assert remittance.state == "noted"
    assert not ProviderEvent.objects.exists()


@pytest.mark.usefixtures("reseller")
def test_one_line_of_the_bank_is_noted_once_until_it_is_dismissed(
    seller: Actor, buyer: Actor, people: tuple[Actor, Actor]
) -> None:
    charge = earnings.sale(seller, buyer)
    line = {"amount_minor": charge.gross_minor, "currency": "EUR", "bank_reference": "NTRF 17"}
    first = remittances.note("charge", charge.pk, **line, by=people[0])
    with pytest.raises(Conflict) as refusal:
        remittances.note("charge", charge.pk, **line, by=people[1])
    assert refusal.value.code == "already_noted"
    remittances.dismiss(first, reason=REASON, by=people[0])
    assert remittances.note("charge", charge.pk, **line, by=people[1]).state == "noted"


@pytest.mark.usefixtures("reseller")
def test_what_came_to_the_exchange_only_its_operators_note(
    seller: Actor, buyer: Actor, outsider: Actor
) -> None:
    charge = earnings.sale(seller, buyer)
    for actor in (seller, buyer, outsider):
        with pytest.raises((Forbidden, NotFound)):
            noted(charge, actor)
    assert not Remittance.objects.exists()


@pytest.mark.parametrize(
    ("role", "vat_role", "iban", "found"),
    [
        ("", "deemed_supplier", "", {"infra.W003"}),
        ("direct", "deemed_supplier", "", {"infra.E009"}),
        ("reseller", "intermediary", "", {"infra.E009", "infra.E010"}),
        ("reseller", "deemed_supplier", "DE00", {"infra.E010"}),
        ("reseller", "deemed_supplier", "DE75512108001245126199", set()),
        ("direct", "intermediary", "", set()),
    ],
)
def test_the_start_says_what_the_provider_lacks(
    settings: Any, role: str, vat_role: str, iban: str, found: set[str]
) -> None:
    from infra import checks

    settings.EXCHANGE_PAYMENT_PROVIDER, settings.EXCHANGE_MANUAL_ROLE = "manual", role
    settings.EXCHANGE_VAT_ROLE, settings.EXCHANGE_BANK_IBAN = vat_role, iban
    assert {one.id for one in checks.manual_payment(None)} == found


def test_without_a_role_nothing_can_be_sold(seller: Actor, buyer: Actor, settings: Any) -> None:
    settings.EXCHANGE_PAYMENT_PROVIDER, settings.EXCHANGE_MANUAL_ROLE = "manual", ""
    with pytest.raises(Conflict) as refusal:
        earnings.sale(seller, buyer)
    assert refusal.value.code == "payments_off"


def test_references_have_check_digits_and_differ() -> None:
    made = [manual.creditor_reference(new_id()) for _ in range(200)]
    assert len(set(made)) == 200
    assert all(iso11649.is_valid(reference) and len(reference) == 16 for reference in made)
