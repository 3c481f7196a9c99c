"""The seller's doors, through HTTP: the whole way to a published dataset, strangers at each door, bad input."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from datasets.models import Asset, Dataset, Revision
from datasets.profiles import profiles
from datasets.revisions import assets, revisions
from exchange.kernel import signing
from exchange.kernel.actors import Actor
from tests import dataset_makers as make

pytestmark = pytest.mark.django_db
Doors = Callable[[Actor], Any]
V1 = "/api/v1"
BODY = {**make.FIELDS, "description": "*All* of them.", "keywords": ["city"]}


def test_a_dataset_goes_from_draft_to_published(seller: Actor, door: Doors) -> None:
    my = door(seller)
    made = my.post(f"{V1}/datasets", BODY)
    assert made.status_code == 201, made.content
    dataset = made.json()
    assert (dataset["state"], dataset["personal_data"], dataset["current_revision"]) == ("draft", None, None)
    assert dataset["description_html"] == "<p><em>All</em> of them.</p>\n"
    at = f"{V1}/datasets/{dataset['id']}"

    revision = my.post(f"{at}/revisions").json()
    assert (revision["state"], revision["number"], revision["measuring"]) == ("open", 1, "not_sealed")
    asset = my.post(
        f"{V1}/revisions/{revision['id']}/assets", {"name": "cities.csv", "media_type": "text/csv"}
    ).json()
    token = urlsplit(asset["upload_url"]).path.removeprefix("/u/")
    claims = signing.verify_token(
        signing.Purpose.UPLOAD, token, audience=assets.UPLOAD_AUDIENCE, now=timezone.now()
    )
    assert claims["asset"] == asset["id"]
    assets.receive(UUID(asset["id"]), make.stored(make.SMALL_CSV), seller)

    declared = my.post(f"{at}/declare", {"personal_data": "none", "columns": {"city": "none"}}).json()
    assert declared["declaration"]["columns"] == {"city": "none"}
    sealed = my.post(f"{V1}/revisions/{revision['id']}/seal").json()
    assert (sealed["state"], sealed["measuring"], len(sealed["digest"])) == ("sealed", "waiting", 64)
    assert my.post(f"{at}/publish").status_code == 409

    profiles.measure(revision["id"], timezone.now())
    shown = my.get(f"{V1}/revisions/{revision['id']}").json()
    assert shown["measuring"] == "done"
    profile = shown["assets"][0]["profile"]
    assert profile["row_count"] == 3
    assert profile["columns"][1] == {
        "name": "population",
        "type": "BIGINT",
        "kind": "number",
        "personal_data": "none",
        "filled": 3,
        "fill_rate": 1.0,
        "fills": [3],
        "distinct": 3,
        "minimum": "348",
        "maximum": "2103",
        "top_values": None,
        "histogram": profile["columns"][1]["histogram"],
    }
    assert profile["columns"][1]["histogram"]["edges"][:2] == ["300", "400"]
    assert sum(profile["columns"][1]["histogram"]["counts"]) == 3
    assert profile["segments"] == {"by": "rows", "column": None, "labels": ["1-3"], "rows": [3]}
    assert (profile["fill_rate"], profile["sample"]) == (1.0, None)
    published = my.post(f"{at}/publish").json()
    assert published["state"] == "published"
    assert published["current_revision"]["digest"] == sealed["digest"]
    assert "findings" not in published["current_revision"]["assets"][0]
    assert my.post(f"{at}/retire").json()["state"] == "retired"


def test_only_what_is_given_is_changed(seller: Actor, door: Doors) -> None:
    my = door(seller)
    at = f"{V1}/datasets/{my.post(f'{V1}/datasets', BODY).json()['id']}"
    changed = my.http.patch(
        at, {"title": "Towns", "temporal_start": "2020-01-01"}, content_type="application/json"
    )
    assert changed.status_code == 200, changed.content
    assert (changed.json()["title"], changed.json()["summary"]) == ("Towns", BODY["summary"])
    cleared = my.http.patch(
        at, {"temporal_start": None, "keywords": []}, content_type="application/json"
    ).json()
    assert (cleared["temporal_start"], cleared["keywords"], cleared["title"]) == (None, [], "Towns")


def test_revisions_are_listed_newest_first_by_pages(seller: Actor, door: Doors) -> None:
    dataset = make.draft(seller)
    for _ in range(3):
        make.sealed(dataset, seller)
    at = f"{V1}/datasets/{dataset.pk}/revisions"
    first = door(seller).get(at, limit=2).json()
    assert [item["number"] for item in first["items"]] == [3, 2]
    rest = door(seller).get(at, limit=2, cursor=first["next_cursor"]).json()
    assert ([item["number"] for item in rest["items"]], rest["next_cursor"]) == ([1], None)


def test_a_revision_is_revoked_with_a_reason(seller: Actor, door: Doors) -> None:
    revision = make.sealed(make.draft(seller), seller)
    at = f"{V1}/revisions/{revision.pk}/revoke"
    assert door(seller).post(at, {"reason": "short"}).status_code == 422
    assert Revision.objects.get().state == "sealed"
    assert door(seller).post(at, {"reason": "wrong year in it"}).json()["state"] == "revoked"


def test_an_upload_link_is_renewed_until_the_file_has_come(seller: Actor, door: Doors) -> None:
    revision = revisions.open_revision(make.draft(seller), seller)
    asset = assets.announce(revision, name="a.csv", media_type="text/csv", by=seller)
    at = f"{V1}/assets/{asset.pk}/upload-url"
    answer = door(seller).post(at)
    assert answer.status_code == 200
    assert answer.json()["id"] == str(asset.pk)
    assets.receive(asset.pk, make.stored(make.SMALL_CSV), seller)
    late = door(seller).post(at)
    assert late.status_code == 409
    assert late.json()["type"] == "urn:comptoir:problem:already_received"


def test_upload_links_are_not_kept_for_repeats(seller: Actor, door: Doors) -> None:
    revision = revisions.open_revision(make.draft(seller), seller)
    answer = door(seller).post(
        f"{V1}/revisions/{revision.pk}/assets",
        {"name": "a.csv", "media_type": "text/csv"},
        headers={"Idempotency-Key": "once"},
    )
    assert answer.status_code == 422
    assert not Asset.objects.exists()


def test_an_asset_is_removed_while_the_revision_is_open(seller: Actor, door: Doors) -> None:
    revision = revisions.open_revision(make.draft(seller), seller)
    asset = assets.announce(revision, name="a.csv", media_type="text/csv", by=seller)
    assert door(seller).http.delete(f"{V1}/assets/{asset.pk}").status_code == 204
    assert not Asset.objects.exists()
    assert door(seller).http.delete(f"{V1}/assets/{asset.pk}").status_code == 404


def every_door(http: Any, dataset: object, revision: object, asset: object) -> list[Any]:
    """Each door of this app, opened with good input."""
    json = "application/json"
    return [
        http.patch(f"{V1}/datasets/{dataset}", {"title": "Mine"}, content_type=json),
        http.post(f"{V1}/datasets/{dataset}/declare", {"personal_data": "none"}, content_type=json),
        http.post(f"{V1}/datasets/{dataset}/publish"),
        http.post(f"{V1}/datasets/{dataset}/retire"),
        http.get(f"{V1}/datasets/{dataset}/revisions"),
        http.post(f"{V1}/datasets/{dataset}/revisions"),
        http.get(f"{V1}/revisions/{revision}"),
        http.post(
            f"{V1}/revisions/{revision}/assets", {"name": "b.csv", "media_type": "text/csv"}, content_type=json
        ),
        http.post(f"{V1}/revisions/{revision}/seal"),
        http.post(f"{V1}/revisions/{revision}/revoke", {"reason": "not mine at all"}, content_type=json),
        http.post(f"{V1}/assets/{asset}/upload-url"),
        http.delete(f"{V1}/assets/{asset}"),
    ]


def test_for_an_outsider_nothing_is_there(
    seller: Actor, outsider: Actor, operator: Actor, door: Doors, snapshot: Callable[[], Any]
) -> None:
    dataset = make.draft(seller)
    revision = revisions.open_revision(dataset, seller)
    asset = make.upload(revision, seller, "a.csv", make.SMALL_CSV)
    before = snapshot()
    for stranger in (outsider, operator):
        answers = every_door(door(stranger).http, dataset.pk, revision.pk, asset.pk)
        assert [answer.status_code for answer in answers] == [404] * len(answers)
        assert "Cities" not in str([answer.content for answer in answers])
    answers = every_door(door(seller).http, uuid4(), uuid4(), uuid4())
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert snapshot() == before


def test_without_a_token_every_door_is_shut(seller: Actor, client: Any, snapshot: Callable[[], Any]) -> None:
    before = snapshot()
    creating = client.post(f"{V1}/datasets", BODY, content_type="application/json")
    for answer in [creating, *every_door(client, uuid4(), uuid4(), uuid4())]:
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert snapshot() == before


def test_an_officer_sees_findings_and_changes_nothing(
    seller: Actor, officer: Actor, door: Doors, snapshot: Callable[[], Any]
) -> None:
    rows = b"".join(f"{n},person{n}@example.org\n".encode() for n in range(20))
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    revision = make.measured(dataset, seller, {"people.csv": b"id,contact\n" + rows})
    asset = Asset.objects.get()
    before = snapshot()
    shown = door(officer).get(f"{V1}/revisions/{revision.pk}").json()
    assert shown["assets"][0]["findings"] == [
        {
            "column": "contact",
            "kind": "email",
            "data_class": "personal",
            "confidence": "sure",
            "matched": 20,
            "sampled": 20,
            "method": "values",
        }
    ]
    answers = every_door(door(officer).http, dataset.pk, revision.pk, asset.pk)
    assert [answer.status_code for answer in answers] == [403, 403, 403, 403, 200, 403, 200] + [403] * 5
    assert snapshot() == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**BODY, "title": ""},
        {**BODY, "theme": "WEATHER"},
        {**BODY, "keywords": "city"},
        {**BODY, "temporal_start": "yesterday"},
        {**BODY, "price": 12},
        {**BODY, "title": "a\u0000b"},
    ],
)
def test_a_dataset_that_is_not_as_described_is_a_problem(
    seller: Actor, door: Doors, body: dict[str, Any]
) -> None:
    answer = door(seller).post(f"{V1}/datasets", body)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= answer.json().keys()
    assert not Dataset.objects.exists()


def test_a_repeated_post_makes_one_dataset(seller: Actor, door: Doors) -> None:
    my = door(seller)
    first = my.post(f"{V1}/datasets", BODY, headers={"Idempotency-Key": "same"})
    second = my.post(f"{V1}/datasets", BODY, headers={"Idempotency-Key": "same"})
    assert first.json() == second.json()
    assert Dataset.objects.count() == 1
