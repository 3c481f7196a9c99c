"""The ledger as accountants and authorities take it."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from xml.etree import ElementTree

import pytest

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Forbidden, Invalid
from exchange.kernel.money import Money
from payments.holds import holds
from payments.invoices import accounting_export, dac7
from payments.models import Account, Charge
from payments.refunds import refunds
from tests import makers
from tests.payments import billing
from tests.payments.refund_stories import WHY
from tests.payments.stories import paid_charge

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
AMOUNT = re.compile(r"\d+,\d\d")


@pytest.fixture
def charge(operator: Actor, seller: Actor, now: datetime, react: Callable[..., int]) -> Charge:
    """A sale in France, released, of which a part went back."""
    billing.describe(operator, registration_number=billing.SIRENS["operator"])
    made = paid_charge(makers.trader("Buyer | Sons SA", "FR", now), seller)
    holds.release_due(now + timedelta(days=15))
    refunds.give(made, gross=Money(1_200, "EUR"), reason=WHY, by=seller)
    react(now + timedelta(days=15))
    return made


def fec_rows(text: str) -> list[dict[str, str]]:
    lines = text.split("\r\n")
    assert lines.pop() == ""
    return [dict(zip(lines[0].split("\t"), line.split("\t"), strict=True)) for line in lines[1:]]


def test_the_file_of_entries_is_what_the_law_describes(charge: Charge, operator: Actor) -> None:
    text = accounting_export.fec(FIRST, LAST, by=operator)
    assert text.split("\r\n")[0] == "\t".join(accounting_export.FEC_COLUMNS)
    assert len(accounting_export.FEC_COLUMNS) == 18
    rows = fec_rows(text)
    sums: dict[str, list[int]] = {}
    for row in rows:
        assert re.fullmatch(r"20\d{6}", row["EcritureDate"]) and row["ValidDate"] == row["EcritureDate"]
        assert AMOUNT.fullmatch(row["Debit"]) and AMOUNT.fullmatch(row["Credit"])
        assert row["JournalCode"] and row["CompteNum"][:3].isdigit() and row["PieceRef"] and row["EcritureLib"]
        debit, credit = (int(row[name].replace(",", "")) for name in ("Debit", "Credit"))
        assert (debit == 0) != (credit == 0)
        sums.setdefault(row["EcritureNum"], [0])[0] += debit - credit
    assert all(total == [0] for total in sums.values())
    assert sorted(map(int, sums)) == list(range(1, len(sums) + 1))
    assert {row["JournalCode"] for row in rows} == {"VT", "OD", "AV"}
    assert accounting_export.fec_name(LAST, by=operator) == "732829320FEC20261231.txt"


def test_every_account_of_the_ledger_stands_in_the_chart() -> None:
    assert set(accounting_export.CHART) == set(Account.Code)


def test_entries_as_csv_sum_to_zero_in_each_currency(
    charge: Charge, operator: Actor, seller: Actor, buyer: Actor
) -> None:
    paid_charge(buyer, seller, 700, "JPY")
    rows = list(csv.DictReader(io.StringIO(accounting_export.entries_csv(FIRST, LAST, by=operator))))
    for currency in ("EUR", "JPY"):
        of_one = [int(row["amount_minor"]) for row in rows if row["currency"] == currency]
        assert of_one and sum(of_one) == 0


def test_what_a_seller_earned_is_reported_by_quarter(charge: Charge, operator: Actor) -> None:
    (row,) = dac7.quarters(2026, by=operator)
    assert (row.seller.pk, row.number, row.currency, row.activities) == (charge.payee_id, 4, "EUR", 1)
    assert (row.consideration, row.fees) == (Money(8_100, "EUR"), Money(900, "EUR"))
    (read,) = csv.DictReader(io.StringIO(dac7.as_csv(2026, by=operator)))
    assert (read["consideration_minor"], read["fees_minor"], read["country"]) == ("8100", "900", "FR")
    root = ElementTree.fromstring(dac7.as_xml(2026, by=operator))
    (quarter,) = root.findall("seller/quarter")
    assert (quarter.get("consideration"), quarter.get("fees")) == ("81.00", "9.00")
    assert dac7.quarters(2025, by=operator) == []


def test_exports_are_for_operators_and_officers_alone(
    charge: Charge, seller: Actor, buyer: Actor, officer: Actor
) -> None:
    assert accounting_export.fec(FIRST, LAST, by=officer)
    for actor in (seller, buyer):
        for export in (accounting_export.fec, accounting_export.entries_csv):
            with pytest.raises(Forbidden):
                export(FIRST, LAST, by=actor)
        for report in (dac7.as_csv, dac7.as_xml):
            with pytest.raises(Forbidden):
                report(2026, by=actor)


@pytest.mark.parametrize(("first", "last"), [(LAST, FIRST), (date(2020, 1, 1), LAST)])
def test_a_period_that_makes_no_sense_is_refused(operator: Actor, first: date, last: date) -> None:
    with pytest.raises(Invalid):
        accounting_export.fec(first, last, by=operator)
