"""The officer's desk: it shows what the log proves, and every look at it is an Event."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from compliance.models import TransferRecord
from exchange.kernel.models import Event, EventParty

pytestmark = pytest.mark.django_db
DESK = "/api/v1/desk/transfers"
NOBODY = "0192f0c1-7a3b-7c4d-8e5f-0123456789ab"
REASON = {"reason": "checked with the seller on the phone"}


def looks() -> list[dict[str, Any]]:
    found = Event.objects.filter(name__startswith="officer.").order_by("id")
    return [{"name": event.name, **json.loads(bytes(event.leaf))["facts"]} for event in found]


@pytest.fixture
def two(story: Callable[..., Any], public_log: Any, seller: Any, buyer: Any) -> tuple[Any, Any]:
    """A finished transfer to Germany and, a day later, a running one of special data to Brazil."""
    first = story(seller.participant_id, buyer.participant_id).whole()
    second = story(
        seller.participant_id, at=first.at + timedelta(days=1), changed={"class": "special", "country_to": "BR"}
    )
    second.tell("started")
    public_log.publish()
    return first, second


def test_the_list_is_newest_first_page_by_page(door: Any, officer: Any, two: Any) -> None:
    http = door(officer)
    answer = http.get(DESK, limit=1).json()
    assert [row["id"] for row in answer["items"]] == [str(two[1].row.pk)]
    answer = http.get(DESK, limit=1, cursor=answer["next_cursor"]).json()
    assert [row["id"] for row in answer["items"]] == [str(two[0].row.pk)]
    assert answer["next_cursor"] is None
    row = answer["items"][0]
    assert (row["state"], row["result"], row["sent_bytes"]) == ("completed", "completed", 1_000)
    assert row["seller_id"] == str(two[0].seller_id)
    assert row["started_at"].startswith("2026-11-22T09:00:00")


def test_each_filter_asks_its_own_question(door: Any, officer: Any, two: Any) -> None:
    first, second = two
    wanted: list[tuple[dict[str, str], set[Any]]] = [
        ({"seller": str(first.seller_id)}, {first, second}),
        ({"buyer": str(first.buyer_id)}, {first}),
        ({"dataset": str(second.row.dataset_id)}, {second}),
        ({"revision": str(second.row.revision_id)}, {second}),
        ({"asset": str(first.row.asset_id)}, {first}),
        ({"country": "BR"}, {second}),
        ({"country": "IN"}, set()),
        ({"result": "completed"}, {first}),
        ({"personal_data": "special"}, {second}),
        ({"from": "2026-11-23T00:00:00Z"}, {second}),
        ({"to": "2026-11-23T10:00:00+01:00"}, {first}),
        ({"seller": str(first.seller_id), "result": "running", "country": "DE"}, set()),
    ]
    http = door(officer)
    for query, stories in wanted:
        items = http.get(DESK, **query).json()["items"]
        assert {row["id"] for row in items} == {str(told.row.pk) for told in stories}, query


@pytest.mark.parametrize(
    "query",
    [
        {"seller": "me"},
        {"country": "Germany"},
        {"result": "lost"},
        {"personal_data": "secret"},
        {"from": "yesterday"},
        {"from": "2026-11-23T00:00:00"},
        {"limit": 101},
        {"cursor": "x"},
        {"sellr": NOBODY},
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(query: Any, door: Any, officer: Any, two: Any) -> None:
    answer = door(officer).get(DESK, **query)
    assert answer.status_code == 422, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert looks() == []


def test_one_transfer_opens_with_everything_behind_it(
    door: Any, officer: Any, two: Any, public_log: Any
) -> None:
    told = two[1]
    told.tell("interrupted", 10, minutes=1, code="idle")
    public_log.seal()
    told.tell("resumed", 10, minutes=2)
    answer = door(officer).get(f"{DESK}/{told.row.pk}").json()
    assert (answer["id"], answer["state"]) == (str(told.row.pk), "interrupted")
    assert answer["agreement_id"] == str(told.agreement_id)
    assert answer["clauses"][0]["kind"] == "copies"
    assert answer["sealed"]["sha256"] == "ab" * 32
    assert [event["name"] for event in answer["events"]] == [
        "transfer.started",
        "transfer.interrupted",
        "transfer.resumed",
    ]
    assert [event["proof"] for event in answer["events"]] == ["checkpointed", "sealed", "waiting"]
    assert answer["events"][1]["leaf"]["facts"]["code"] == "idle"
    assert answer["events"][2]["leaf_index"] is None


def test_a_refused_attempt_opens_too(
    door: Any, officer: Any, story: Callable[..., Any], public_log: Any
) -> None:
    event = story().refused("country_not_allowed")
    public_log.publish()
    answer = door(officer).get(f"{DESK}/{event.pk}").json()
    assert (answer["state"], answer["record"]["reason"]) == ("refused", "country_not_allowed")
    assert [one["id"] for one in answer["events"]] == [str(event.pk)]
    assert (answer["clauses"], answer["sealed"]) == ([], None)


def test_every_look_is_an_event_that_only_the_operator_sees(
    door: Any, officer: Any, two: Any, seller: Any
) -> None:
    http = door(officer)
    http.get(DESK, seller=str(two[0].seller_id), result="completed", **{"from": "2026-11-01T00:00:00Z"})
    http.get(f"{DESK}/{two[0].row.pk}")
    http.get(f"{DESK}/{two[0].row.pk}/receipt")
    b"".join(http.get(f"{DESK}/export", format="csv", country="DE").streaming_content)
    leaves = str(json.loads(bytes(Event.objects.get(name="officer.exported").leaf))["facts"]["leaves"])
    assert int(leaves) > TransferRecord.objects.get(pk=two[1].row.pk).last_leaf
    organisation = {"participant": str(officer.participant_id), "country": "FR"}
    assert looks() == [
        {
            **organisation,
            "name": "officer.viewed",
            "what": "transfers",
            "seller": str(two[0].seller_id),
            "result": "completed",
            "since": "2026-11-01T00:00:00.000Z",
        },
        {**organisation, "name": "officer.viewed", "what": "transfer", "transfer": str(two[0].row.pk)},
        {**organisation, "name": "officer.viewed", "what": "receipt", "transfer": str(two[0].row.pk)},
        {**organisation, "name": "officer.exported", "form": "csv", "leaves": leaves, "country": "DE"},
    ]
    parties = EventParty.objects.filter(event__name__startswith="officer.")
    assert set(parties.values_list("participant_id", flat=True)) == {officer.participant_id}


def test_a_look_that_finds_nothing_leaves_nothing(door: Any, officer: Any, two: Any) -> None:
    for path in (f"{DESK}/{NOBODY}", f"{DESK}/{NOBODY}/receipt"):
        assert door(officer).get(path).status_code == 404
    assert looks() == []


def test_the_receipt_of_the_desk_verifies(
    door: Any, officer: Any, two: Any, verify: Any, public_log: Any, tmp_path: Any
) -> None:
    file = tmp_path / "receipt.json"
    file.write_bytes(door(officer).get(f"{DESK}/{two[0].row.pk}/receipt").content)
    done = verify("receipt", file, "--vkey", public_log.vkey())
    assert done.returncode == 0, done.stdout + done.stderr


def test_nobody_but_an_officer_stands_at_the_desk(
    door: Any, two: Any, seller: Any, buyer: Any, outsider: Any, operator: Any, client: Any
) -> None:
    paths = [
        DESK,
        f"{DESK}/{two[0].row.pk}",
        f"{DESK}/{NOBODY}",
        f"{DESK}/{two[0].row.pk}/receipt",
        f"{DESK}/export?format=csv",
    ]
    for path in paths:
        assert client.get(path).status_code == 401
        for actor in (seller, buyer, outsider, operator):
            answer = door(actor).http.get(path)
            assert answer.status_code == 403, path
            assert answer.json()["type"] == "urn:comptoir:problem:scope_missing"
    assert looks() == []


@pytest.fixture
def review(seller: Any) -> Any:
    from compliance import gates
    from compliance.classification.classification import classify

    return gates.examine(
        subject=f"dataset:{NOBODY}",
        version="r1/d1",
        seller_id=seller.participant_id,
        declared={},
        default="none",
        findings=classify({"email": ["ada@example.org"] * 12}),
        by=seller,
    )


def test_an_officer_decides_a_review_and_its_seller_only_reads_it(
    door: Any, officer: Any, seller: Any, review: Any
) -> None:
    for actor in (officer, seller):
        found = door(actor).get("/api/v1/reviews", state="open").json()["items"]
        assert [row["id"] for row in found] == [str(review.pk)]
        assert door(actor).get(f"/api/v1/reviews/{review.pk}").json()["contradictions"][0]["column"] == "email"
    for verb in ("approve", "refuse"):
        answer = door(seller).post(f"/api/v1/reviews/{review.pk}/{verb}", REASON)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:comptoir:problem:scope_missing")
    assert door(officer).post(f"/api/v1/reviews/{review.pk}/approve", {"reason": "ok"}).status_code == 422
    assert door(officer).get(f"/api/v1/reviews/{review.pk}").json()["state"] == "open"
    answer = door(officer).post(f"/api/v1/reviews/{review.pk}/approve", REASON)
    assert (answer.status_code, answer.json()["state"]) == (200, "approved")
    assert door(officer).post(f"/api/v1/reviews/{review.pk}/refuse", REASON).status_code == 409
    assert door(officer).get("/api/v1/reviews", state="open").json()["items"] == []


def test_a_review_is_nowhere_for_others(
    door: Any, outsider: Any, buyer: Any, operator: Any, review: Any
) -> None:
    for actor in (outsider, buyer, operator):
        http = door(actor)
        assert http.get("/api/v1/reviews").json()["items"] == []
        assert http.get(f"/api/v1/reviews/{review.pk}").status_code == 404
        for verb in ("approve", "refuse"):
            assert http.post(f"/api/v1/reviews/{review.pk}/{verb}", REASON).status_code == 404
    review.refresh_from_db()
    assert review.state == "open"


def test_operators_and_officers_see_how_the_log_fares(
    door: Any, operator: Any, officer: Any, seller: Any, outsider: Any, story: Any, public_log: Any
) -> None:
    for actor in (seller, outsider):
        assert door(actor).get("/api/v1/log/health").status_code == 403
    story().whole()
    health = door(operator).get("/api/v1/log/health").json()
    assert (health["checkpoint_size"], health["checkpoint_age_seconds"]) == (0, None)
    assert health["unsealed_count"] >= 2
    assert health["is_well"] is False  # the Events of tests are of a fixed past
    public_log.seal()
    health = door(officer).get("/api/v1/log/health").json()
    assert (health["unsealed_count"], health["oldest_unsealed_seconds"]) == (0, None)
    assert health["oldest_unsigned_seconds"] > 60
    public_log.publish()
    health = door(officer).get("/api/v1/log/health").json()
    assert health["is_well"] is True
    assert (health["oldest_unsigned_seconds"], health["alarm"]) == (None, None)
    assert health["checkpoint_size"] > TransferRecord.objects.get().last_leaf
    (public_log.folder() / "ALARM").write_text("2026-11-22T09:00:00.000Z a fork\n")
    health = door(operator).get("/api/v1/log/health").json()
    assert (health["is_well"], health["alarm"]) == (False, "2026-11-22T09:00:00.000Z a fork")
