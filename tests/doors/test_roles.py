"""Who may do what: the officer sees all and trades nothing, the operator decides and audits nothing, and a scope
that is lacking opens nothing."""

from collections.abc import Callable

import pytest

from exchange.kernel.actors import Scope
from tests import dataset_makers, makers, sales
from tests.doors import incident_rows, notice_rows
from tests.doors.answers import said
from tests.doors.operations import PREFIX, guarded
from tests.doors.roles import (
    AFTERWARDS,
    ANSWERING,
    ASKING,
    BOTH_SIDES,
    BUYERS,
    DECISIONS,
    GIVING_BACK,
    NO_SCOPE,
    NOT_FOUND,
    OFFICERS,
    OPERATORS,
    PARTIES,
    SELLERS,
    STOPPING,
    TAKING_BACK,
    TALKING,
    heard,
    named,
)
from tests.doors.whole_sale import House
from tests.participants.browsers import Browser

Changed = Callable[[], list[str]]
PEOPLE = ("/participants", "/members", "/clients", "/invitations", "/webhooks", "/compliance/activities")


def test_every_door_that_writes_is_somebodys(house: House) -> None:
    writing = {str(one) for one in guarded() if one.method != "GET" and not one.template.startswith(PEOPLE)}
    sorted_out = (
        SELLERS
        | BUYERS
        | BOTH_SIDES
        | TALKING
        | TAKING_BACK
        | AFTERWARDS
        | ANSWERING
        | OPERATORS
        | DECISIONS
        | ASKING
        | GIVING_BACK
        | PARTIES
    )
    assert writing == {name for name in sorted_out if not name.startswith("POST /participants")}


def test_the_officer_sees_both_sides_of_every_sale(house: House, changed: Changed) -> None:
    client = house.http(house.officer)
    for noun in (
        "agreement",
        "transfer",
        "entitlement",
        "negotiation",
        "charge",
        "hold",
        "refund",
        "offer",
        "dataset",
    ):
        listed = client.get(f"{PREFIX}/{noun}s", {"limit": 100}).json()["items"]
        assert set(house.ids[f"{noun}_id"]) <= {row["id"] for row in listed}, noun
    for operation in named(OFFICERS):
        assert heard(operation, house, house.officer) == {(200, "")}, str(operation)
    assert changed() == []


def test_the_officer_neither_sells_buys_nor_operates(house: House, changed: Changed) -> None:
    trading = (
        SELLERS | BUYERS | BOTH_SIDES | TALKING | TAKING_BACK | AFTERWARDS | GIVING_BACK | PARTIES | ANSWERING
    )
    for operation in named(trading | OPERATORS):
        # What a recipient has to answer is nowhere for the officer who asked for it.
        hears = NOT_FOUND if str(operation) in notice_rows.ANSWERS | incident_rows.ANSWERS else NO_SCOPE
        assert heard(operation, house, house.officer) == {hears}, str(operation)
    assert changed() == []


def test_the_operator_neither_audits_sells_nor_buys(house: House, changed: Changed) -> None:
    for operation in named(OFFICERS):
        assert heard(operation, house, house.operator) == {NO_SCOPE}, str(operation)
    for operation in named(
        (SELLERS | BUYERS | BOTH_SIDES | TALKING | TAKING_BACK | AFTERWARDS | ANSWERING | DECISIONS)
        - STOPPING
        - {"POST /coupons"}  # the operator's own, which the exchange bears
    ):
        assert heard(operation, house, house.operator) <= {NO_SCOPE, NOT_FOUND}, str(operation)
    assert changed() == []


def test_a_trader_neither_operates_nor_audits(house: House, changed: Changed) -> None:
    for actor in (house.seller, house.buyer):
        for operation in named(OFFICERS):
            assert heard(operation, house, actor) == {NO_SCOPE}, str(operation)
        for operation in named(OPERATORS | DECISIONS):
            assert heard(operation, house, actor) <= {NO_SCOPE, NOT_FOUND}, str(operation)
    assert changed() == []


def test_neither_side_does_what_is_the_others(house: House, changed: Changed) -> None:
    for actor, others in (
        (house.seller, BUYERS - {"POST /requests", "POST /payment-methods"}),
        (
            house.buyer,
            SELLERS
            - {"POST /datasets", "POST /groups", "POST /licence-texts", "POST /templates", "POST /coupons"},
        ),
    ):
        for operation in named(others):
            for status, code in heard(operation, house, actor):
                assert status in (403, 404, 409), (str(operation), status, code)
    assert changed() == []


@pytest.mark.parametrize("scope", [Scope.MANAGE, Scope.SELL, Scope.BUY])
def test_without_the_scope_to_read_nothing_of_ones_own_is_shown(house: House, scope: Scope) -> None:
    client = house.http(makers.client(makers.participant_of(house.seller), house.seller.at, (scope,)))
    may_see_people = {
        "GET /participants/{participant_id}/members",
        "GET /participants/{participant_id}/clients",
    }
    own = {**house.ids, "participant_id": house.ids["participant_id"][:1]}
    for operation in guarded():
        if operation.method != "GET" or (scope is Scope.MANAGE and str(operation) in may_see_people):
            continue
        for path in operation.paths(own):
            answer = operation.send(client, path)
            assert answer.status_code in (200, 403, 404, 422), (path, answer.status_code)
            shown = [one for one in house.private if one in answer.content.decode()]
            assert answer.status_code != 200 or shown == [], (path, shown)


def test_a_person_without_an_organisation_sees_the_market_alone(house: House) -> None:
    public = sales.offer(dataset_makers.published(house.seller), house.seller)
    browser = Browser()
    browser.sign_in(makers.user().email)
    assert [row["id"] for row in browser.get(f"{PREFIX}/offers").json()["items"]] == [str(public.pk)]
    assert [row["id"] for row in browser.get(f"{PREFIX}/datasets").json()["items"]] == [str(public.dataset_id)]
    for noun in ("offer", "dataset"):
        for one in house.ids[f"{noun}_id"]:
            assert said(browser.get(f"{PREFIX}/{noun}s/{one}")) == NOT_FOUND
    for noun in ("negotiations", "agreements", "entitlements", "transfers", "reviews", "events"):
        assert said(browser.get(f"{PREFIX}/{noun}")) == NO_SCOPE
