"""The pages and the API of what is earned and paid out, as their readers use them."""

import json
from typing import Any

import pytest
from django.test import Client

from exchange.kernel.actors import Actor
from exchange.participants.models import Member
from payments.models import Payout, PayoutAccount, Remittance, Split
from payments.providers import manual
from payments.refunds import refunds
from tests import dataset_makers, makers
from tests.browser.sessions import cookie_of
from tests.payments import earnings

pytestmark = pytest.mark.one_database


def browser(member: Member, *, is_operator: bool = False) -> Client:
    """A browser in which this person has signed in."""
    client = Client(headers={"Accept": "text/html"})
    cookie = cookie_of(member, is_operator)
    client.cookies[cookie["name"]] = cookie["value"]
    return client


def of(actor: Actor, role: str = "manager") -> Client:
    """A fresh member of the actor's organisation at its browser."""
    return browser(makers.member(makers.participant_of(actor), role, actor.at), is_operator=role == "operator")


@pytest.fixture
def people(operator: Actor) -> tuple[Client, Client]:
    """Two people of the operator."""
    return of(operator, "operator"), of(operator, "operator")


@pytest.fixture
def by_hand(seller: Actor, buyer: Actor, settings: Any) -> None:
    earnings.earned(seller, buyer, at=seller.at)
    settings.EXCHANGE_PAYMENT_PROVIDER, settings.EXCHANGE_MANUAL_ROLE = "manual", "reseller"
    settings.EXCHANGE_BANK_IBAN = "DE75512108001245126199"


@pytest.mark.usefixtures("by_hand")
def test_a_payout_by_bank_transfer_goes_from_page_to_page(seller: Actor, people: tuple[Client, Client]) -> None:
    house, other = people
    form = {"holder": "Seller SA", "iban": "fr14 2004 1010 0505 0001 3m02 606", "bic": ""}
    assert of(seller).post("/sell/payouts", form).status_code == 302
    account = PayoutAccount.objects.get()
    assert "FR14 2004 1010 0505 0001 3M02 606" in house.get("/operate/money/bank").content.decode()
    assert act(house, "confirm", account.pk) == act(house, "propose", account.pk, currency="EUR") == 302
    payout = Payout.objects.get()
    assert act(house, "send") == 409
    approve = f"/operate/money/payouts/{payout.pk}/approve"
    assert house.post(approve, {"shown": shown(house, approve)}).status_code == 403
    assert other.post(approve, {"shown": shown(other, approve)}).status_code == 302
    assert act(house, "send") == 302
    payout.refresh_from_db()
    file = house.get(f"/operate/money/bank/files/{payout.batch}")
    assert (file.status_code, file.headers["Content-Type"]) == (200, "application/xml")
    assert b"FR1420041010050500013M02606" in file.content
    assert act(house, "settled", payout.pk, text="NTRF 17") == 302
    page = of(seller).get("/sell/payouts").content.decode()
    assert "…2606" in page
    assert "FR1420" not in page
    assert "Paid out" in page


def act(client: Client, name: str, row: Any = "", **more: str) -> int:
    return client.post("/operate/money/bank", {"act": name, "row": str(row), **more}).status_code


def shown(client: Client, path: str) -> str:
    page = client.get(path).content.decode()
    return page.partition('name="shown" value="')[2].partition('"')[0]


@pytest.mark.usefixtures("by_hand")
def test_what_came_is_noted_by_its_reference(
    seller: Actor, buyer: Actor, people: tuple[Client, Client], react: Any
) -> None:
    charge = earnings.sale(seller, buyer)
    react()
    reference = manual.creditor_reference(charge.pk)
    form = {"act": "note", "amount": "100.00", "bank_reference": "NTRF 18"}
    wrong = people[0].post("/operate/money/bank", {**form, "reference": f"{reference[:-1]}?"})
    assert wrong.status_code == 422
    spaced = f"{reference[:4]} {reference[4:].lower()}"
    assert people[0].post("/operate/money/bank", {**form, "reference": spaced}).status_code == 302
    assert Remittance.objects.get().amount == charge.gross


def confirm(client: Client) -> int:
    path = f"/operate/money/transfers/{Remittance.objects.latest('pk').pk}/confirm"
    return client.post(path, {"shown": shown(client, path)}).status_code


@pytest.mark.usefixtures("by_hand")
def test_a_refund_that_left_is_noted_by_one_and_confirmed_by_another(
    seller: Actor, buyer: Actor, people: tuple[Client, Client], react: Any
) -> None:
    charge = earnings.sale(seller, buyer)
    react()
    house, other = people
    came = {"act": "note", "amount": "100.00", "reference": manual.creditor_reference(charge.pk)}
    house.post("/operate/money/bank", {**came, "bank_reference": "NTRF 18"})
    assert confirm(other) == 302
    react()
    charge.refresh_from_db()
    refund = refunds.give(charge, reason="the file lacks the month of March", by=seller)
    react()
    page = house.get("/operate/money/bank").content.decode()
    assert "Refunds to make" in page and str(refund.pk) in page and charge.provider_reference in page
    assert act(house, "returned", refund.pk, text="") == 422
    assert act(house, "returned", charge.pk, text="NTRF 19") == 404
    assert act(house, "returned", refund.pk, text="NTRF 19") == 302
    assert str(refund.pk) not in house.get("/operate/money/bank").content.decode()
    assert confirm(house) == 403
    react()
    refund.refresh_from_db()
    assert refund.state == "submitted"
    assert confirm(other) == 302
    react()
    refund.refresh_from_db()
    assert refund.state == "settled"
    assert Remittance.objects.filter(state="confirmed").count() == 2


def test_a_seller_shares_and_the_other_accepts_or_declines(seller: Actor, buyer: Actor) -> None:
    dataset = dataset_makers.draft(seller)
    path = f"/sell/datasets/{dataset.pk}/shares"
    mine, theirs = of(seller), of(buyer)
    form = {"party_1": str(buyer.participant_id), "part_1": "33.33"}
    assert mine.post(path, {**form, "part_2": "1"}).status_code == 422
    assert mine.post(path, {**form, "part_1": "33.333"}).status_code == 422
    assert mine.post(path, form).status_code == 302
    split = Split.objects.get()
    one = f"/sell/payouts/shares/{split.pk}"
    assert "33.33" in theirs.get(one).content.decode()
    assert theirs.post(one).status_code == 302
    split.refresh_from_db()
    assert split.state == "in_force"
    assert mine.post(path, {**form, "part_1": "50"}).status_code == 302
    newer = Split.objects.get(number=2)
    decline = f"/sell/payouts/shares/{newer.pk}/decline"
    reason = {"reason": "we have agreed on a third", "shown": "proposed"}
    assert theirs.post(decline, reason).status_code == 302
    newer.refresh_from_db()
    assert newer.state == "declined"
    assert "we have agreed on a third" in mine.get(path).content.decode()


def test_the_api_proposes_by_weights_and_shows_statements(
    seller: Actor, buyer: Actor, outsider: Actor, door: Any
) -> None:
    dataset = dataset_makers.draft(seller)
    mine, theirs = door(seller), door(buyer)
    parts = [
        {"party_id": str(actor.participant_id), "weight": weight} for actor, weight in ((seller, 2), (buyer, 1))
    ]
    body = {"parts": parts, "measure": "rows"}
    made = mine.post(f"/api/v1/datasets/{dataset.pk}/shares", body).json()
    assert [row["basis_points"] for row in sorted(made["shares"], key=lambda row: -row["weight"])] == [
        6_667,
        3_333,
    ]
    assert theirs.post(f"/api/v1/shares/{made['id']}/accept").json()["state"] == "in_force"
    assert door(outsider).get(f"/api/v1/shares/{made['id']}").status_code == 404
    earnings.paid(earnings.sale(seller, buyer, subject=f"dataset:{dataset.pk}"), buyer.at)
    assert theirs.get("/api/v1/statements").json() == {"periods": ["2026-11"]}
    whole = json.loads(theirs.get("/api/v1/statements/2026-11.json").content)
    assert whole["statement"]["currencies"][0]["closing"]["held_minor"] == 3_000
    table = theirs.get("/api/v1/statements/2026-11.csv").content.decode().splitlines()
    assert len(table) == 4
    assert ",100.00,100.00,0.00,10.00,0.00,90.00,6667+3333,30.00,30.00," in table[2].replace(
        "3333+6667", "6667+3333"
    )
    paper = theirs.get("/api/v1/statements/2026-11.pdf")
    assert paper.content.startswith(b"%PDF")
    assert theirs.get("/api/v1/statements/2026-11.pdf").content == paper.content
