"""The whole job by the API, in the shapes that clients are written for; only bytes go through the gateway."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from urllib.parse import unquote, urlparse

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import override_settings
from django.utils import timezone

from compliance.follower import follow
from compliance.log.sealing import seal_batch
from compliance.log.signer import Signer
from compliance.verifier.notes import VerifierKey
from compliance.verifier.receipts import parse_receipt, prove
from contracts.catalogue import indexing
from contracts.offers import offers
from datasets.models import Dataset
from exchange.kernel.actors import Actor
from tests import dataset_makers, makers, sales
from tests.doors import intermediation_rows
from tests.doors.answers import said
from tests.doors.operations import REASON, guarded
from tests.doors.roles import AFTERWARDS, DECISIONS
from tests.doors.whole_sale import House

Door = Callable[[Actor], makers.Door]
EUR_100 = {"amount_minor": 10_000, "currency": "EUR"}
ROW = {"id", "state"}
TRANSFER = ROW | {"entitlement_id", "sent_bytes", "sent_ranges", "result"}


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path) -> Iterator[None]:
    kept = {"STORAGE_DIR": "assets", "LOG_DIR": "log", "SIGNER_DIR": "signer"}
    with override_settings(**{f"EXCHANGE_{name}": tmp_path / folder for name, folder in kept.items()}):
        yield


@pytest.fixture
def worker(react: Callable[..., int]) -> Callable[[], None]:
    """Does what waits, and never later than the API will ask the clock."""

    def work() -> None:
        indexing.refresh()
        react(timezone.now() - timedelta(seconds=1))

    return work


class Api:
    """The API as one client uses it; an answer that is no success fails here."""

    def __init__(self, door: makers.Door) -> None:
        self.door = door

    def get(self, path: str, **query: Any) -> Any:
        return self._read(self.door.get(f"/api/v1/{path}", **query), 200)

    def post(self, path: str, body: Any = None, *, status: int = 200) -> Any:
        return self._read(self.door.post(f"/api/v1/{path}", body), status)

    def _read(self, answer: HttpResponse, status: int) -> Any:
        assert answer.status_code == status, answer.content
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        return answer.json()


def _bytes(method: str, url: str, body: bytes = b"") -> sales.Answer:
    return sales.call(method, unquote(urlparse(url).path), body=[body])


def _page(found: Any) -> list[Any]:
    assert set(found) >= {"items", "next_cursor"}
    return list(found["items"])


def sell(seller: Api, worker: Callable[[], None], plan: dict[str, Any]) -> tuple[str, str]:
    """A published dataset with a published offer; answers both ids."""
    dataset = seller.post("datasets", dict(dataset_makers.FIELDS), status=201)
    assert set(dataset) >= ROW and dataset["state"] == "draft"
    declared = seller.post(f"datasets/{dataset['id']}/declare", {"personal_data": "none"})
    assert declared["declaration"]["personal_data"] == "none"
    revision = seller.post(f"datasets/{dataset['id']}/revisions", status=201)
    assert revision["state"] == "open"
    asset = {"name": "cities.csv", "media_type": "text/csv"}
    announced = seller.post(f"revisions/{revision['id']}/assets", asset, status=201)
    assert set(announced) >= {"id", "name", "media_type", "upload_url", "expires_at"}
    assert _bytes("PUT", announced["upload_url"], dataset_makers.SMALL_CSV).status == 201
    assert seller.post(f"revisions/{revision['id']}/seal")["state"] == "sealed"
    worker()
    assert seller.post(f"datasets/{dataset['id']}/publish")["state"] == "published"
    offer = seller.post(
        "offers",
        {
            "dataset_id": dataset["id"],
            "title": "One year, two copies",
            "terms": list(sales.TERMS),
            "plan": plan,
            "audience": "public",
            "sale": "validation",
        },
        status=201,
    )
    assert offer["state"] == "draft" and {clause["standing"] for clause in offer["text"]["en"]} >= {"enforced"}
    assert seller.post(f"offers/{offer['id']}/publish")["state"] == "published"
    worker()
    return dataset["id"], offer["id"]


def agree(seller: Api, buyer: Api, offer_id: str) -> Any:
    """What the buyer's acceptance of an approved request answers."""
    asked = {"offer_id": offer_id, "purpose": "research", "country": "DE", "use": sales.USE}
    negotiation = buyer.post("negotiations", asked, status=201)
    assert negotiation["state"] == "requested" and negotiation["agreement_id"] is None
    assert seller.post(f"negotiations/{negotiation['id']}/approve")["state"] == "approved"
    accepted = buyer.post(f"negotiations/{negotiation['id']}/accept")
    assert set(accepted) >= ROW | {"agreement_id", "entitlement_id", "charge_id"}
    return accepted


def publish_log(now: datetime) -> None:
    while seal_batch(now) or follow():
        pass
    Signer.from_settings().run_once(now)


def test_the_whole_job(
    own_database: None,
    seller: Actor,
    buyer: Actor,
    officer: Actor,
    door: Door,
    worker: Callable[[], None],
    now: datetime,
) -> None:
    selling, buying, auditing = Api(door(seller)), Api(door(buyer)), Api(door(officer))
    plan = {"kind": "one_off", "price": EUR_100}
    dataset_id, offer_id = sell(selling, worker, plan)
    assert [item["id"] for item in _page(buying.get("datasets", q="cities"))] == [dataset_id]
    assert [offer["id"] for offer in buying.get(f"datasets/{dataset_id}")["offers"]] == [offer_id]
    accepted = agree(selling, buying, offer_id)
    agreement = buying.get(f"agreements/{accepted['agreement_id']}")
    assert agreement["is_intact"] and agreement["document"]["price"] == plan
    entitlement, charge = f"entitlements/{accepted['entitlement_id']}", f"charges/{accepted['charge_id']}"
    assert buying.get(entitlement)["state"] == "pending"
    asked = buying.get(charge)
    assert asked["net"] == EUR_100 and set(asked["gross"]) == {"amount_minor", "currency"}
    assert "no money moves" in asked["provider_notice"]
    buying.post(f"{charge}/pay")
    worker()
    assert (buying.get(charge)["state"], buying.get(entitlement)["state"]) == ("paid", "active")
    assert buying.get(charge)["hold"]["state"] == "open"

    token = buying.post(f"{entitlement}/tokens", {"asset": "cities.csv"}, status=201)
    assert set(token) == {"url", "expires_at"}
    assert bytes(_bytes("GET", token["url"]).body) == dataset_makers.SMALL_CSV
    [transfer] = _page(buying.get("transfers", entitlement=accepted["entitlement_id"]))
    size = len(dataset_makers.SMALL_CSV)
    assert set(transfer) >= TRANSFER and transfer["entitlement_id"] == accepted["entitlement_id"]
    assert (transfer["sent_bytes"], transfer["sent_ranges"], transfer["result"]) == (
        size,
        [[0, size]],
        "completed",
    )
    again = buying.post(f"{entitlement}/tokens", {"transfer": transfer["id"]}, status=201)
    assert set(again) == {"url", "expires_at"}

    publish_log(now)
    receipt = parse_receipt(json.dumps(buying.get(f"transfers/{transfer['id']}/receipt")).encode())
    vkey = buying.door.http.get(f"/log/{now.year}/vkey").text.strip()
    assert len(prove(receipt, [VerifierKey.parse(vkey)])) >= 2
    [record] = _page(auditing.get("desk/transfers", dataset=dataset_id))
    assert (record["id"], record["result"], record["sent_bytes"]) == (transfer["id"], "completed", size)
    assert auditing.get(f"desk/transfers/{transfer['id']}")["events"]
    exported = door(officer).get("/api/v1/desk/transfers/export", format="csv")
    assert transfer["id"].encode() in b"".join(exported.streaming_content)

    assert buying.post(f"agreements/{accepted['agreement_id']}/confirm")["state"] == "released"
    assert selling.post(f"{entitlement}/revoke", REASON)["state"] == "revoked"
    assert said(door(buyer).post(f"/api/v1/{entitlement}/tokens", {"asset": "cities.csv"})) == (
        409,
        "entitlement_revoked",
    )
    assert _bytes("GET", token["url"]).status == 403
    names = [event["name"] for event in _page(buying.get("events", limit=100))]
    assert {"agreement.signed", "charge.paid", "transfer.completed", "entitlement.revoked"} <= set(names)


def test_what_is_free_is_active_at_once_and_asks_for_no_money(
    own_database: None, seller: Actor, buyer: Actor, door: Door, worker: Callable[[], None]
) -> None:
    selling, buying = Api(door(seller)), Api(door(buyer))
    _, offer_id = sell(selling, worker, {"kind": "free"})
    accepted = agree(selling, buying, offer_id)
    assert accepted["charge_id"] is None and accepted["state"] == "finalized"
    assert buying.get(f"entitlements/{accepted['entitlement_id']}")["state"] == "active"
    assert _page(buying.get("charges")) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_show_each_row_once_while_rows_are_added(seller: Actor, door: Door, limit: int) -> None:
    http, dataset = Api(door(seller)), dataset_makers.draft(seller)
    made = [_draft(dataset, seller, f"Offer {number}") for number in range(7)]
    shown, cursor = [], {}
    for turn in range(10):
        found = http.get("offers", limit=limit, **cursor)
        assert len(_page(found)) <= limit
        shown += [item["id"] for item in found["items"]]
        _draft(dataset, seller, f"Added at turn {turn}")
        if found["next_cursor"] is None:
            break
        cursor = {"cursor": found["next_cursor"]}
    assert shown == made[::-1]


def test_a_page_that_is_just_full_is_the_last(seller: Actor, door: Door) -> None:
    dataset = dataset_makers.draft(seller)
    for title in ("One", "Two"):
        _draft(dataset, seller, title)
    assert Api(door(seller)).get("offers", limit=2)["next_cursor"] is None


def _draft(dataset: Dataset, seller: Actor, title: str) -> str:
    made = offers.draft(dataset, title=title, terms=list(sales.TERMS), plan=dict(sales.FREE), by=seller)
    return str(made.pk)


SECRET = {
    "POST /participants/{participant_id}/invitations",
    "POST /participants/{participant_id}/clients",
    "POST /entitlements/{entitlement_id}/tokens",
    "POST /revisions/{revision_id}/assets",
    "POST /participants/{participant_id}/webhooks",
    "POST /offers/{offer_id}/link",
}
"""What they answer may not be kept, so they take no key."""
BY_BUYERS = {
    "POST /orders",
    "POST /negotiations",
    "POST /entitlements/{entitlement_id}/tokens",
    "POST /entitlements/{entitlement_id}/renew",
}
BY_PEOPLE = {"POST /participants", "POST /invitations/accept"}
"""An API client is refused; tests/participants/test_repeats.py repeats them as people."""

UNDER_A_KEY = {"POST /compliance/destinations/law"}
"""It takes what is signed with a key that settings trust: tests/compliance/legal/test_installation.py repeats it."""


def test_every_post_that_makes_something_makes_it_once_for_one_key(house: House) -> None:
    tried = set()
    for number, operation in enumerate(guarded()):
        if operation.method != "POST" or "201" not in operation.described["responses"]:
            continue
        if str(operation) in UNDER_A_KEY:
            continue
        is_afterwards = str(operation) in AFTERWARDS
        by_buyer = is_afterwards or str(operation) in BY_BUYERS
        by_officer = str(operation) in DECISIONS
        client = house.http(house.officer if by_officer else house.buyer if by_buyer else house.seller)
        if str(operation) in intermediation_rows.OPERATORS:
            client = house.http(house.operator)
        ids = house.ids | ({"entitlement_id": house.ids["owed_id"]} if is_afterwards else {})
        if str(operation) == "POST /datasets/{dataset_id}/shares":  # of the first, shares are proposed already
            ids["dataset_id"] = house.ids["unshared_id"]
        path = operation.paths(ids)[0]
        key = {"Idempotency-Key": f"key-{number}"}
        first, second = (operation.send(client, path, operation.body(house), headers=key) for _ in range(2))
        if str(operation) in SECRET:
            assert said(first) == said(second) == (422, "idempotency_key_not_taken")
        elif str(operation) in BY_PEOPLE:
            assert said(first) == said(second) == (403, "members_only")
        else:
            assert (first.status_code, second.status_code) == (201, 201), (str(operation), first.content)
            assert first.json() == second.json() and second.headers["Idempotent-Replayed"] == "true"
        tried.add(str(operation))
    assert tried >= SECRET | BY_PEOPLE and len(tried) == len(SECRET | BY_PEOPLE) + 32


@pytest.mark.parametrize("key", ["one-key", None], ids=["one key", "no key"])
def test_two_posts_at_once_make_one_row_for_one_key(
    own_database: None, seller: Actor, door: Door, key: str | None
) -> None:
    http, together, answers = door(seller), Barrier(2), []
    headers = {"Idempotency-Key": key} if key else {}

    def post() -> None:
        with suppress(Exception):
            together.wait(10)
        try:
            answers.append(http.post("/api/v1/datasets", dict(dataset_makers.FIELDS), headers=headers))
        finally:
            connection.close()

    threads = [Thread(target=post) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [answer.status_code for answer in answers] == [201, 201]
    made = {answer.json()["id"] for answer in answers}
    assert len(made) == Dataset.objects.count() == (1 if key else 2)
