"""The doors of charges and holds, tried by everybody."""

from collections.abc import Callable
from typing import Any

import pytest

from exchange.kernel.actors import Actor
from exchange.kernel.ids import new_id
from payments.holds import holds
from payments.inbox import inbox
from payments.models import Charge, ProviderEvent
from tests.makers import Door
from tests.payments.stories import REASON, everything, hold_of, new_charge, paid_charge

API = "/api/v1"
Doors = Callable[[Actor], Door]


@pytest.fixture
def charge(operator: Actor, buyer: Actor, seller: Actor) -> Charge:
    """A charge of 100.00 that waits to be paid."""
    return new_charge(buyer, seller)


@pytest.fixture
def paid(operator: Actor, buyer: Actor, seller: Actor) -> Charge:
    """A paid charge of 100.00, of which 90.00 are held."""
    return paid_charge(buyer, seller)


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["type"]) == (status, f"urn:comptoir:problem:{code}")
    return body


def test_the_buyer_reads_what_it_owes_and_to_whom(charge: Charge, buyer: Actor, door: Doors) -> None:
    body = door(buyer).get(f"{API}/charges/{charge.pk}").json()
    assert body["id"] == str(charge.pk)
    assert (body["state"], body["reference"]) == ("created", charge.reference)
    assert body["net"] == body["gross"] == {"amount_minor": 10_000, "currency": "EUR"}
    assert body["tax"] == {"amount_minor": 0, "currency": "EUR"}
    assert (body["vat_role"], body["vat_treatment"]) == ("deemed_supplier", "reverse_charge")
    assert (body["vat_rate_basis_points"], body["hold"]) == (0, None)
    assert (body["provider"], body["provider_notice"]) == (
        "demo",
        "This is the demo provider: no money moves.",
    )


def test_the_fee_is_shown_to_the_seller_and_officers_and_nowhere_to_the_buyer(
    paid: Charge, buyer: Actor, seller: Actor, officer: Actor, door: Doors
) -> None:
    fee, held = ({"amount_minor": minor, "currency": "EUR"} for minor in (1_000, 9_000))
    hold = hold_of(paid)
    for actor in (seller, officer):
        body = door(actor).get(f"{API}/charges/{paid.pk}").json()
        assert (body["fee"], body["hold"]["amount"]) == (fee, held)
        assert door(actor).get(f"{API}/holds/{hold.pk}").json()["amount"] == held
    for path in (f"charges/{paid.pk}", f"holds/{hold.pk}", "charges", "holds"):
        text = door(buyer).get(f"{API}/{path}").content.decode()
        assert str(paid.pk) in text
        assert '"amount_minor": 9000' not in text
        assert '"fee": null' in text or "holds" in path


def test_a_paid_charge_shows_its_hold(paid: Charge, buyer: Actor, door: Doors) -> None:
    body = door(buyer).get(f"{API}/charges/{paid.pk}").json()
    assert (body["state"], body["hold"]["state"]) == ("paid", "open")
    assert body["hold"]["id"] == str(hold_of(paid).pk)
    assert body["hold"]["releases_at"].startswith("2026-12-06T09:00:00")


def test_the_buyer_pretends_to_pay_and_doing_it_again_changes_nothing(
    charge: Charge, buyer: Actor, door: Doors
) -> None:
    mine = door(buyer)
    assert mine.post(f"{API}/charges/{charge.pk}/pay").status_code == 200
    event = ProviderEvent.objects.get()
    inbox.act(event.pk, event.received_at)
    before = everything()
    again = mine.post(f"{API}/charges/{charge.pk}/pay")
    assert (again.status_code, again.json()["state"]) == (200, "paid")
    assert everything() == before


def test_only_the_buyer_pays(
    charge: Charge, seller: Actor, outsider: Actor, officer: Actor, operator: Actor, door: Doors
) -> None:
    path = f"{API}/charges/{charge.pk}/pay"
    before = everything()
    refused(door(seller).post(path), 403, "not_the_payer")
    refused(door(outsider).post(path), 404, "not_found")
    refused(door(officer).post(path), 403, "scope_missing")
    refused(door(operator).post(path), 403, "scope_missing")
    assert everything() == before


def test_where_the_demo_is_off_the_refusal_says_how_to_pay(
    charge: Charge, buyer: Actor, door: Doors, settings: Any
) -> None:
    settings.EXCHANGE_PAYMENT_PROVIDER = "off"
    before = everything()
    body = refused(door(buyer).post(f"{API}/charges/{charge.pk}/pay"), 409, "paid_elsewhere")
    assert "follow the instructions of its provider" in body["detail"]
    assert everything() == before


def test_the_operator_settles_a_contested_hold(
    paid: Charge, buyer: Actor, operator: Actor, door: Doors
) -> None:
    hold = holds.contest(paid.reference, reason=REASON, by=buyer)
    path = f"{API}/holds/{hold.pk}/settle"
    answer = door(operator).post(path, {"reason": "both sides agreed on a new revision"})
    assert (answer.status_code, answer.json()["state"]) == (200, "open")
    refused(door(operator).post(path, {"reason": "both sides agreed again"}), 409, "wrong_state")


def test_nobody_but_an_operator_settles_and_nobody_without_a_reason(
    paid: Charge,
    buyer: Actor,
    seller: Actor,
    outsider: Actor,
    officer: Actor,
    operator: Actor,
    door: Doors,
) -> None:
    hold = holds.contest(paid.reference, reason=REASON, by=buyer)
    path, given = f"{API}/holds/{hold.pk}/settle", {"reason": "settled after a long talk"}
    before = everything()
    for actor in (buyer, seller, officer):
        refused(door(actor).post(path, given), 403, "scope_missing")
    refused(door(outsider).post(path, given), 404, "not_found")
    for wrong in ({}, {"reason": "short"}, {"reason": "x" * 513}, given | {"and": "more"}):
        refused(door(operator).post(path, wrong), 422, "invalid")
    assert everything() == before


@pytest.mark.parametrize("noun", ["charges", "holds"])
def test_the_outsider_finds_nothing_at_any_door(paid: Charge, outsider: Actor, door: Doors, noun: str) -> None:
    row_id = paid.pk if noun == "charges" else hold_of(paid).pk
    refused(door(outsider).get(f"{API}/{noun}/{row_id}"), 404, "not_found")
    assert door(outsider).get(f"{API}/{noun}").json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("noun", ["charges", "holds"])
def test_what_does_not_exist_is_answered_as_what_one_may_not_see(
    paid: Charge, buyer: Actor, outsider: Actor, door: Doors, noun: str
) -> None:
    row_id = paid.pk if noun == "charges" else hold_of(paid).pk
    missing = door(buyer).get(f"{API}/{noun}/{new_id()}").json()
    assert missing == door(outsider).get(f"{API}/{noun}/{row_id}").json()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "charges"),
        ("get", "charges/{charge}"),
        ("post", "charges/{charge}/pay"),
        ("get", "holds"),
        ("get", "holds/{hold}"),
        ("post", "holds/{hold}/settle"),
    ],
)
def test_without_a_token_every_door_is_shut(paid: Charge, client: Any, method: str, path: str) -> None:
    before = everything()
    address = path.format(charge=paid.pk, hold=hold_of(paid).pk)
    refused(getattr(client, method)(f"{API}/{address}"), 401, "not_authenticated")
    assert everything() == before


@pytest.mark.parametrize("noun", ["charges", "holds"])
def test_lists_come_in_pages_newest_first(
    operator: Actor, buyer: Actor, seller: Actor, door: Doors, noun: str
) -> None:
    made = [paid_charge(buyer, seller) for _ in range(3)]
    expected = [str(row.pk if noun == "charges" else hold_of(row).pk) for row in reversed(made)]
    first = door(seller).get(f"{API}/{noun}", limit=2).json()
    rest = door(seller).get(f"{API}/{noun}", limit=2, cursor=first["next_cursor"]).json()
    assert [row["id"] for row in first["items"] + rest["items"]] == expected
    assert rest["next_cursor"] is None
    refused(door(seller).get(f"{API}/{noun}", limit=101), 422, "invalid")
    refused(door(seller).get(f"{API}/{noun}", cursor="here"), 422, "bad_cursor")
