"""Invoices: issued once, by the right party to the right party, with the amounts of the ledger."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from payments.charges import charges
from payments.invoices import checks as invoice_checks
from payments.invoices import invoices, mandates, waiting
from payments.models import Charge, Invoice, InvoicePaper, Mandate, Series
from tests import makers
from tests.payments import billing
from tests.payments.stories import event_names, paid_charge, sql

Kind = Invoice.Kind


@pytest.fixture
def house(operator: Actor) -> Actor:
    """The operator has said what its invoices need."""
    billing.describe(operator, registration_number=billing.SIRENS["operator"])
    return operator


@pytest.fixture
def french_seller(house: Actor, now: datetime) -> Actor:
    return billing.ready(billing.french("Vendeur SA", billing.SIRENS["seller"], now))


@pytest.fixture
def french_buyer(house: Actor, now: datetime) -> Actor:
    found = billing.french("Acheteur SA", billing.SIRENS["buyer"], now)
    billing.describe(found)
    return found


def issue(charge: Charge, at: datetime) -> dict[str, Invoice]:
    """What is issued for a charge now, by kind, all of it right by the rules."""
    issued = invoices.issue_due(charge.pk, by=makers.system(at))
    for one in issued:
        require_right(one)
    return {one.kind: one for one in issued}


def waits(charge: Charge, at: datetime) -> list[tuple[str, str]]:
    """What is not issued of a charge, and why."""
    return [(one.kind, one.reason) for one in waiting.of([charge], by=makers.system(at))[charge.pk]]


def require_right(invoice: Invoice) -> None:
    assert invoice_checks.failures(bytes(invoice.xml), is_french=invoice.content["is_french"]) == []


def everything() -> list[Any]:
    models = (Series, Invoice, InvoicePaper, Mandate)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_the_exchange_invoices_the_buyer_and_the_seller_is_self_billed(
    french_seller: Actor, french_buyer: Actor, now: datetime
) -> None:
    charge = paid_charge(french_buyer, french_seller)
    made = issue(charge, now)
    assert set(made) == {Kind.INVOICE, Kind.SELF_BILLING}
    invoice, own = made[Kind.INVOICE], made[Kind.SELF_BILLING]
    assert invoice.issuer.is_operator and invoice.recipient_id == charge.payer_id
    assert (invoice.net, invoice.tax, invoice.gross) == (charge.net, charge.tax, charge.gross)
    assert (invoice.number, invoice.content["type_code"]) == ("INV-2026-000001", "380")
    assert own.issuer_id == charge.payee_id and own.recipient.is_operator
    assert (own.net, own.tax) == (Money(9_000, "EUR"), Money(1_800, "EUR"))
    assert (own.number, own.content["type_code"]) == ("SB-2026-000001", "389")
    assert all(one.content["is_french"] and one.content["language"] == "fr" for one in made.values())
    assert event_names(invoice.pk) == ["invoice.issued"]


def test_an_intermediary_invoices_its_fee_and_the_seller_the_buyer(
    french_seller: Actor, french_buyer: Actor, now: datetime, settings: Any
) -> None:
    settings.EXCHANGE_VAT_ROLE = "intermediary"
    charge = paid_charge(french_buyer, french_seller)
    made = issue(charge, now)
    assert set(made) == {Kind.INVOICE, Kind.FEE_INVOICE}
    assert (made[Kind.INVOICE].issuer_id, made[Kind.INVOICE].recipient_id) == (charge.payee_id, charge.payer_id)
    fee = made[Kind.FEE_INVOICE]
    assert fee.issuer.is_operator and fee.recipient_id == charge.payee_id
    assert (fee.net, fee.tax) == (charge.fee, Money(200, "EUR"))


def test_what_was_issued_is_not_issued_again(french_seller: Actor, french_buyer: Actor, now: datetime) -> None:
    charge = paid_charge(french_buyer, french_seller)
    issue(charge, now)
    before = everything()
    assert issue(charge, now + timedelta(days=1)) == {}
    assert everything() == before


def test_a_charge_that_is_not_paid_has_no_invoice(
    french_seller: Actor, french_buyer: Actor, now: datetime
) -> None:
    charge = charges.create(
        reference=f"agreement:{new_id()}",
        payer=makers.participant_of(french_buyer),
        payee=makers.participant_of(french_seller),
        price=Money(500, "EUR"),
        by=french_buyer,
    )
    assert issue(charge, now) == {}


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("country", "vat_id", "treatment", "category", "tax"),
    [
        ("DE", True, "reverse_charge", "AE", 0),
        ("DE", False, "one_stop_shop", "S", 1_900),
        ("FI", False, "one_stop_shop", "S", 2_550),
        ("CH", False, "outside_scope", "O", 0),
        ("FR", False, "domestic", "S", 2_000),
    ],
)
def test_each_treatment_makes_a_right_invoice(
    french_seller: Actor,
    now: datetime,
    country: str,
    vat_id: bool,
    treatment: str,
    category: str,
    tax: int,
) -> None:
    buyer = makers.trader("Buyer GmbH", country, now)
    billing.describe(buyer, vat_id=makers.VAT_IDS[country] if vat_id else "")
    charge = paid_charge(buyer, french_seller)
    assert (charge.vat_treatment, charge.tax_minor) == (treatment, tax)
    invoice = issue(charge, now)[Kind.INVOICE]
    assert invoice.content["tax"]["category"] == category
    assert invoice.content["evidence"] == charge.vat_evidence
    assert charge.vat_evidence["buyer"]["country"] == country


def test_a_small_business_charges_no_vat_and_says_why(house: Actor, french_buyer: Actor, now: datetime) -> None:
    seller = billing.french("Petit Vendeur", billing.SIRENS["seller"], now)
    billing.mandate(billing.describe(seller, vat_id="", is_small_business=True), seller)
    own = issue(paid_charge(french_buyer, seller), now)[Kind.SELF_BILLING]
    assert (own.tax_minor, own.content["tax"]["category"]) == (0, "E")
    assert own.content["tax"]["reason"] == "TVA non applicable, art. 293 B du CGI"


@pytest.mark.one_database
@pytest.mark.parametrize("country", ["DE", "US"])
def test_a_seller_elsewhere_is_self_billed_without_vat(
    house: Actor, french_buyer: Actor, now: datetime, country: str
) -> None:
    seller = billing.ready(makers.trader("Seller Elsewhere", country, now))
    if country == "US":
        billing.describe(seller, registration_number="EIN 12-3456789")
    own = issue(paid_charge(french_buyer, seller), now)[Kind.SELF_BILLING]
    assert own.content["tax"]["category"] == ("AE" if country == "DE" else "O")
    assert own.tax_minor == 0


def test_without_a_mandate_the_sellers_invoice_waits_and_the_buyers_does_not(
    french_buyer: Actor, now: datetime
) -> None:
    seller = billing.french("Vendeur SA", billing.SIRENS["seller"], now)
    billing.describe(seller)
    charge = paid_charge(french_buyer, seller)
    assert set(issue(charge, now)) == {Kind.INVOICE}
    assert waits(charge, now) == [(Kind.SELF_BILLING, "mandate_missing")]
    billing.mandate(makers.participant_of(seller), seller)
    assert invoices.issue_waiting(now=now) == 1
    assert waits(charge, now) == []
    assert invoices.issue_waiting(now=now) == 0


def test_an_issuer_that_has_not_said_its_address_waits(french_buyer: Actor, now: datetime) -> None:
    seller = billing.french("Vendeur SA", billing.SIRENS["seller"], now)
    billing.mandate(makers.participant_of(seller), seller)
    charge = paid_charge(french_buyer, seller)
    issue(charge, now)
    assert waits(charge, now) == [(Kind.SELF_BILLING, "details_missing")]
    billing.describe(seller)
    assert invoices.issue_waiting(now=now) == 1


def test_a_mandate_is_given_once_by_a_manager_of_the_seller(french_seller: Actor, french_buyer: Actor) -> None:
    own = makers.participant_of(french_seller)
    before = everything()
    with pytest.raises(Conflict) as refusal:
        billing.mandate(own, french_seller)
    assert refusal.value.code == "mandate_given"
    with pytest.raises(Conflict) as refusal:
        mandates.accept(own, text_sha256="0" * 64, by=french_seller)
    assert refusal.value.code == "mandate_changed"
    with pytest.raises(Forbidden):
        billing.mandate(own, french_buyer)
    assert everything() == before


def test_a_registration_number_is_taken_once(french_seller: Actor) -> None:
    own = makers.participant_of(french_seller)
    with pytest.raises(Conflict) as refusal:
        billing.describe(french_seller, registration_number=billing.SIRENS["buyer"])
    assert refusal.value.code == "number_verified"
    own.refresh_from_db()
    assert own.registration_number == billing.SIRENS["seller"]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("minor", "currency", "has_xml"), [(12_340, "JPY", True), (12_340, "KWD", True), (12_345, "KWD", False)]
)
def test_currencies_without_and_with_three_decimals(
    french_seller: Actor, now: datetime, minor: int, currency: str, has_xml: bool
) -> None:
    buyer = makers.trader("Käufer GmbH", "DE", now)
    billing.describe(buyer, vat_id="")
    charge = paid_charge(buyer, french_seller, minor, currency)
    made = invoices.issue_due(charge.pk, by=makers.system(now))
    invoice = next(one for one in made if one.kind == Kind.INVOICE)
    assert bool(invoice.xml) == has_xml
    if has_xml:
        require_right(invoice)
    assert invoice.gross == charge.gross


def test_a_wrong_total_breaks_the_rules(french_seller: Actor, french_buyer: Actor, now: datetime) -> None:
    invoice = issue(paid_charge(french_buyer, french_seller), now)[Kind.INVOICE]
    xml = bytes(invoice.xml)
    wrong = xml.replace(b"<ram:GrandTotalAmount>120.00", b"<ram:GrandTotalAmount>119.00")
    assert wrong != xml
    assert {"BR-CO-15", "BR-CO-16"} <= set(invoice_checks.failures(wrong, is_french=True))


@pytest.mark.parametrize(
    ("statement", "of"),
    [
        ("UPDATE payments_invoice SET number = 'INV-1' WHERE id = %s", "invoice"),
        ("DELETE FROM payments_invoice WHERE id = %s", "invoice"),
        ("UPDATE payments_series SET next = next + 2 WHERE issuer_id = %s", "issuer"),
        ("UPDATE payments_series SET next = next - 1 WHERE issuer_id = %s", "issuer"),
        ("DELETE FROM payments_series WHERE issuer_id = %s", "issuer"),
    ],
)
def test_the_database_refuses_a_changed_invoice_and_a_gap(
    french_seller: Actor, french_buyer: Actor, now: datetime, statement: str, of: str
) -> None:
    invoice = issue(paid_charge(french_buyer, french_seller), now)[Kind.INVOICE]
    before = everything()
    with pytest.raises(DatabaseError):
        sql(statement, invoice.pk if of == "invoice" else invoice.issuer_id)
    assert everything() == before


def test_the_database_refuses_a_number_that_its_series_did_not_give(
    french_seller: Actor, french_buyer: Actor, now: datetime
) -> None:
    invoice = issue(paid_charge(french_buyer, french_seller), now)[Kind.INVOICE]
    invoice.pk, invoice.sequence, invoice.source = new_id(), 7, "charge:other"
    with pytest.raises(DatabaseError), transaction.atomic():
        invoice.save(force_insert=True)


def test_each_side_sees_its_own_invoices_and_an_outsider_none(
    french_seller: Actor,
    french_buyer: Actor,
    outsider: Actor,
    officer: Actor,
    house: Actor,
    now: datetime,
    door: Callable[[Actor], makers.Door],
) -> None:
    made = issue(paid_charge(french_buyer, french_seller), now)
    shown = {
        name: {row["kind"] for row in door(actor).get("/api/v1/invoices").json()["items"]}
        for name, actor in {
            "seller": french_seller,
            "buyer": french_buyer,
            "outsider": outsider,
            "officer": officer,
            "operator": house,
        }.items()
    }
    assert shown == {
        "seller": {"self_billing"},
        "buyer": {"invoice"},
        "outsider": set(),
        "officer": {"invoice", "self_billing"},
        "operator": {"invoice", "self_billing"},
    }
    path = f"/api/v1/invoices/{made[Kind.INVOICE].pk}"
    for ending in ("", ".xml", ".pdf"):
        assert door(outsider).get(path + ending).status_code == 404
        assert door(french_seller).get(path + ending).status_code == 404
    assert door(french_buyer).get(f"{path}.xml").content == bytes(made[Kind.INVOICE].xml)
    drawn = door(french_buyer).get(f"{path}.pdf")
    assert (drawn.status_code, drawn.content[:5]) == (200, b"%PDF-")


def test_the_words_of_the_mandate_are_read_and_accepted_over_the_api(
    house: Actor, now: datetime, door: Callable[[Actor], makers.Door]
) -> None:
    seller = billing.french("Vendeur SA", billing.SIRENS["seller"], now)
    path = f"/api/v1/participants/{seller.participant_id}"
    read = door(seller).get(f"{path}/invoice-mandate").json()
    assert read["accepted_at"] is None and "in our name" in read["text"]
    given = door(seller).post(f"{path}/invoice-mandate", {"text_sha256": read["text_sha256"]})
    assert given.status_code == 200 and given.json()["accepted_at"]
    said = {"street": "1 rue X", "postcode": "75001", "city": "Paris", "vat_id": makers.VAT_IDS["FR"]}
    assert door(seller).post(f"{path}/billing", said).json()["city"] == "Paris"
    wrong = door(seller).post(f"{path}/billing", {**said, "vat_id": "FR00000000000"})
    assert (wrong.status_code, wrong.json()["type"].rpartition(":")[2]) == (422, "bad_vat_id")


def test_each_side_is_told_of_its_own_invoices_that_wait(
    house: Actor,
    french_buyer: Actor,
    outsider: Actor,
    officer: Actor,
    now: datetime,
    door: Callable[[Actor], makers.Door],
) -> None:
    seller = billing.french("Vendeur SA", billing.SIRENS["seller"], now)
    charge = paid_charge(french_buyer, seller)
    path = f"/api/v1/charges/{charge.pk}/waiting-invoices"
    own = {
        "kind": "self_billing",
        "issuer_id": str(seller.participant_id),
        "recipient_id": str(house.participant_id),
        "reason": "mandate_missing",
    }
    for actor, told in ((seller, [own]), (house, [own]), (officer, [own]), (french_buyer, [])):
        assert door(actor).get(path).json() == told
    assert door(outsider).get(path).status_code == 404

    billing.mandate(makers.participant_of(seller), seller)
    assert door(seller).get(path).json() == [own | {"reason": "details_missing"}]
    billing.describe(seller)
    assert door(seller).get(path).json() == []
