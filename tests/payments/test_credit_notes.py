"""Money that goes back has its credit notes: each names its invoice, and together they never exceed it."""

from collections.abc import Callable
from datetime import datetime

import pytest

from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from payments.invoices import checks as invoice_checks
from payments.invoices import invoices
from payments.models import Charge, Invoice
from payments.refunds import refunds
from tests import makers
from tests.payments import billing
from tests.payments.refund_stories import WHY, refund_of, tell_disputed, tell_refund_failed
from tests.payments.stories import new_charge, tell_paid

pytestmark = pytest.mark.one_database

Kind = Invoice.Kind
React = Callable[..., int]


@pytest.fixture
def sale(operator: Actor, now: datetime, react: React) -> tuple[Charge, Actor]:
    """A paid sale between French organisations, with its invoices."""
    billing.describe(operator, registration_number=billing.SIRENS["operator"])
    seller = billing.ready(billing.french("Vendeur SA", billing.SIRENS["seller"], now))
    buyer = billing.french("Acheteur SA", billing.SIRENS["buyer"], now)
    charge = new_charge(buyer, seller, 10_001)
    tell_paid(charge, now)
    react()
    charge.refresh_from_db()
    return charge, seller


def papers(charge: Charge) -> list[Invoice]:
    """The invoices of a charge in order, all right by the rules."""
    found = list(Invoice.objects.filter(charge=charge).order_by("pk"))
    for one in found:
        assert invoice_checks.failures(bytes(one.xml), is_french=True) == [], one.number
        assert invoices.draw(one.pk, now=one.issued_at).failures == []
    return found


def standing(charge: Charge, kind: Kind) -> tuple[int, int]:
    """Net and tax that remain invoiced of one kind, its corrections counted."""
    net = tax = 0
    for one in papers(charge):
        first = one if one.corrects is None else one.corrects
        first = first if first.corrects is None else first.corrects
        if first.kind == kind:
            sign = -1 if one.kind == Kind.CREDIT_NOTE else 1
            net, tax = net + sign * one.net_minor, tax + sign * one.tax_minor
    return net, tax


def test_a_full_refund_takes_every_invoice_back(sale: tuple[Charge, Actor], react: React) -> None:
    charge, seller = sale
    refunds.give(charge, reason=WHY, by=seller)
    react()
    made = papers(charge)
    assert [one.kind for one in made] == [Kind.INVOICE, Kind.SELF_BILLING, Kind.CREDIT_NOTE, Kind.CREDIT_NOTE]
    assert [one.content["type_code"] for one in made] == ["380", "389", "381", "261"]
    assert [one.corrects for one in made[2:]] == made[:2]
    assert made[2].content["corrects"]["number"] == made[0].number
    assert standing(charge, Kind.INVOICE) == standing(charge, Kind.SELF_BILLING) == (0, 0)


def test_partial_refunds_are_credited_in_their_exact_amounts(sale: tuple[Charge, Actor], react: React) -> None:
    charge, seller = sale
    for minor in (1_111, 3_333, 2):
        refunds.give(charge, gross=Money(minor, "EUR"), reason=WHY, by=seller)
        react()
        refund = refund_of(charge)
        credit = Invoice.objects.get(source=f"refund:{refund.pk}", issuer__is_operator=True)
        assert (credit.net, credit.tax) == (refund.net, refund.tax)
    charge.refresh_from_db()
    net, tax = standing(charge, Kind.INVOICE)
    assert net + tax == charge.gross_minor - charge.refunded_minor
    refunds.give(charge, reason=WHY, by=seller)
    react()
    assert standing(charge, Kind.INVOICE) == standing(charge, Kind.SELF_BILLING) == (0, 0)


def test_a_refund_that_never_arrived_is_invoiced_again(
    sale: tuple[Charge, Actor], react: React, now: datetime
) -> None:
    charge, seller = sale
    refunds.give(charge, reason=WHY, by=seller)
    react()
    tell_refund_failed(refund_of(charge), now)
    react()
    made = papers(charge)
    assert [one.kind for one in made[4:]] == [Kind.INVOICE, Kind.SELF_BILLING]
    assert [one.corrects for one in made[4:]] == made[2:4]
    assert standing(charge, Kind.INVOICE) == (charge.net_minor, charge.tax_minor)
    before = Invoice.objects.count()
    react()
    assert Invoice.objects.count() == before


def test_a_lost_dispute_is_credited_like_a_refund(
    sale: tuple[Charge, Actor], react: React, now: datetime
) -> None:
    charge, _seller = sale
    tell_disputed(charge, now)
    react()
    assert len(papers(charge)) == 2
    tell_disputed(charge, now, end="lost")
    react()
    assert [one.kind for one in papers(charge)[2:]] == [Kind.CREDIT_NOTE, Kind.CREDIT_NOTE]
    assert standing(charge, Kind.INVOICE) == (0, 0)


def test_money_that_went_back_before_the_invoice_could_be_issued_is_credited_with_it(
    operator: Actor, now: datetime, react: React
) -> None:
    seller, buyer = makers.trader("Seller SA", "FR", now), makers.trader("Buyer SA", "FR", now)
    charge = new_charge(buyer, seller)
    tell_paid(charge, now)
    react()
    refunds.give(charge, gross=Money(600, "EUR"), reason=WHY, by=seller)
    react()
    assert not Invoice.objects.exists()
    billing.describe(operator)
    react()
    assert [one.kind for one in Invoice.objects.order_by("pk")] == [Kind.INVOICE, Kind.CREDIT_NOTE]
