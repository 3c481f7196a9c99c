"""Create, describe, publish and retire, and each refusal of theirs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from datasets import datasets
from datasets.models import Dataset, Profile
from datasets.revisions import revisions
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.models import Event
from exchange.participants.members import members
from tests import dataset_makers as make

pytestmark = pytest.mark.django_db
Refused = Callable[..., Any]


def events_of(dataset: Dataset) -> list[str]:
    found = Event.objects.filter(subject=f"dataset:{dataset.pk}").order_by("pk")
    return list(found.values_list("name", flat=True))


def test_a_dataset_starts_as_a_draft_of_its_seller(seller: Actor) -> None:
    dataset = make.draft(
        seller,
        title="  Cities of France ",
        keywords=["city", "france", "city"],
        spatial=["FR", "Corsica"],
        temporal_start=date(2020, 1, 1),
        temporal_end=date(2020, 1, 1),
        frequency="annual",
    )
    assert dataset.state == "draft"
    assert dataset.seller_id == seller.participant_id
    assert dataset.created_at == seller.at
    assert dataset.title == "Cities of France"
    assert dataset.keywords == ["city", "france"]
    assert dataset.spatial == ["FR", "Corsica"]
    assert dataset.personal_data == ""
    assert events_of(dataset) == ["dataset.created"]


def test_what_was_typed_stays_out_of_the_leaf(seller: Actor) -> None:
    dataset = make.draft(seller, title="Zebra crossings", keywords=["zebra"])
    event = Event.objects.get(subject=f"dataset:{dataset.pk}")
    assert b"ebra" not in bytes(event.leaf)
    assert event.detail.body["title"] == "Zebra crossings"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": " "}, "invalid"),
        ({"title": "x" * 201}, "invalid"),
        ({"title": "two\nlines"}, "invalid"),
        ({"summary": ""}, "invalid"),
        ({"summary": "x" * 501}, "invalid"),
        ({"description": "x" * 20_001}, "invalid"),
        ({"description": "bell \x07"}, "invalid"),
        ({"keywords": [f"word {n}" for n in range(21)]}, "invalid"),
        ({"keywords": ["x" * 51]}, "invalid"),
        ({"keywords": [""]}, "invalid"),
        ({"theme": "soci"}, "unknown_theme"),
        ({"theme": ""}, "unknown_theme"),
        ({"language": "xx"}, "unknown_language"),
        ({"language": "EN"}, "unknown_language"),
        ({"language": "eng"}, "unknown_language"),
        ({"spatial": ["XX"]}, "unknown_country"),
        ({"spatial": [""]}, "invalid"),
        ({"spatial": [f"place {n}" for n in range(301)]}, "invalid"),
        ({"frequency": "sometimes"}, "unknown_frequency"),
        ({"temporal_start": date(2021, 1, 2), "temporal_end": date(2021, 1, 1)}, "bad_period"),
    ],
)
def test_a_description_that_cannot_be_is_refused(
    seller: Actor, refused: Refused, changes: dict[str, Any], code: str
) -> None:
    with refused(Invalid, code):
        make.draft(seller, **changes)
    dataset = make.draft(seller)
    with refused(Invalid, code):
        datasets.describe(dataset, by=seller, **changes)


def test_describing_changes_only_what_is_given(seller: Actor) -> None:
    dataset = make.draft(seller, keywords=["city"])
    datasets.describe(dataset, by=seller, title="Towns of France", temporal_start=date(2020, 5, 1))
    assert (dataset.title, dataset.keywords, dataset.temporal_start) == (
        "Towns of France",
        ["city"],
        date(2020, 5, 1),
    )
    assert events_of(dataset) == ["dataset.created", "dataset.described"]


def test_describing_with_nothing_new_leaves_no_event(seller: Actor) -> None:
    dataset = make.draft(seller)
    datasets.describe(dataset, by=seller, title=dataset.title)
    datasets.describe(dataset, by=seller)
    assert events_of(dataset) == ["dataset.created"]


def test_a_period_is_checked_against_the_end_that_stays(seller: Actor, refused: Refused) -> None:
    dataset = make.draft(seller, temporal_end=date(2020, 1, 1))
    with refused(Invalid, "bad_period"):
        datasets.describe(dataset, by=seller, temporal_start=date(2020, 1, 2))


def test_a_dataset_has_no_other_fields(seller: Actor, snapshot: Callable[[], Any]) -> None:
    dataset, before = make.draft(seller), snapshot
    state = before()
    with pytest.raises(TypeError, match="seller_id"):
        datasets.describe(dataset, by=seller, seller_id=None)
    assert before() == state


def test_a_published_dataset_is_still_described(seller: Actor) -> None:
    dataset = make.published(seller)
    assert datasets.describe(dataset, by=seller, summary="Better words.").summary == "Better words."


def test_publishing_shows_a_dataset_that_is_declared_sealed_and_measured(seller: Actor) -> None:
    dataset = make.published(seller)
    assert dataset.is_published
    assert dataset.published_at == seller.at
    assert events_of(dataset) == ["dataset.created", "dataset.declared", "dataset.published"]


def test_what_is_not_declared_is_not_published(seller: Actor, refused: Refused) -> None:
    dataset = make.draft(seller)
    make.measured(dataset, seller)
    with refused(Conflict, "not_declared"):
        datasets.publish(dataset, seller)


def test_without_a_sealed_revision_nothing_is_published(seller: Actor, refused: Refused) -> None:
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    with refused(Conflict, "no_sealed_revision"):
        datasets.publish(dataset, seller)
    revision = make.measured(dataset, seller)
    revisions.revoke(revision, "sealed the wrong file", seller)
    with refused(Conflict, "no_sealed_revision"):
        datasets.publish(dataset, seller)


def test_what_is_not_measured_yet_is_not_published(seller: Actor, refused: Refused) -> None:
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    make.sealed(dataset, seller)
    with refused(Conflict, "not_measured", "still measuring"):
        datasets.publish(dataset, seller)


def test_an_unreadable_asset_is_named_with_its_reason(seller: Actor, refused: Refused) -> None:
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    make.measured(dataset, seller, {"good.csv": make.SMALL_CSV, "bad.csv": b"a,b\n1,2\n1,2,3\n"})
    with refused(Conflict, "unreadable_asset", "'bad.csv' is unreadable: .*first line"):
        datasets.publish(dataset, seller)


def test_a_published_dataset_is_not_published_again(seller: Actor, refused: Refused) -> None:
    dataset = make.published(seller)
    with refused(Conflict, "wrong_state"):
        datasets.publish(dataset, seller)


def test_retiring_ends_all_changes(seller: Actor, refused: Refused) -> None:
    dataset = make.published(seller)
    datasets.retire(dataset, seller)
    assert dataset.state == "retired"
    for again in (
        lambda: datasets.retire(dataset, seller),
        lambda: datasets.publish(dataset, seller),
        lambda: datasets.describe(dataset, by=seller, title="Another"),
        lambda: make.declare_free(dataset, seller),
        lambda: revisions.open_revision(dataset, seller),
    ):
        with refused(Conflict, "wrong_state"):
            again()


def test_a_draft_cannot_be_retired(seller: Actor, refused: Refused) -> None:
    dataset = make.draft(seller)
    with refused(Conflict, "wrong_state"):
        datasets.retire(dataset, seller)


VERBS: list[Callable[[Dataset, Actor], Any]] = [
    lambda dataset, by: datasets.describe(dataset, by=by, title="Mine now"),
    lambda dataset, by: make.declare_free(dataset, by),
    lambda dataset, by: datasets.publish(dataset, by),
    lambda dataset, by: datasets.retire(dataset, by),
    lambda dataset, by: revisions.open_revision(dataset, by),
]


@pytest.mark.parametrize("verb", VERBS)
def test_only_the_seller_may(
    seller: Actor, buyer: Actor, officer: Actor, refused: Refused, verb: Callable[[Dataset, Actor], Any]
) -> None:
    dataset = make.draft(seller)
    with refused(Forbidden, "other_organisation"):
        verb(dataset, buyer)
    with refused(Forbidden, "scope_missing"):
        verb(dataset, officer)
    with refused(Forbidden, "scope_missing"):
        verb(dataset, replace(seller, scopes=frozenset({Scope.READ, Scope.BUY})))


@pytest.mark.parametrize("verb", VERBS)
def test_a_suspended_seller_may_not(
    seller: Actor,
    operator: Actor,
    participant_of: Callable[[Actor], Any],
    refused: Refused,
    verb: Callable[[Dataset, Actor], Any],
) -> None:
    dataset = make.draft(seller)
    members.suspend(participant_of(seller), reason="complaints of three buyers", by=operator)
    with refused(Forbidden, "participant_not_verified"):
        verb(dataset, seller)


def test_only_a_verified_organisation_starts_a_dataset(
    seller: Actor, operator: Actor, participant_of: Callable[[Actor], Any], refused: Refused
) -> None:
    with refused(Forbidden, "scope_missing"):
        make.draft(replace(seller, scopes=frozenset({Scope.READ})))
    with refused(Forbidden, "participant_not_verified"):
        make.draft(replace(seller, participant_id=None))
    members.suspend(participant_of(seller), reason="complaints of three buyers", by=operator)
    with refused(Forbidden, "participant_not_verified"):
        make.draft(seller)


def test_a_revoked_revision_leaves_the_one_before(seller: Actor) -> None:
    dataset = make.published(seller)
    first = datasets.current_revision(dataset)
    second = make.measured(dataset, seller, {"cities.csv": b"city\nParis\n"})
    assert datasets.current_revision(dataset) == second
    revisions.revoke(second, "it lacks most cities", seller)
    assert datasets.current_revision(dataset) == first


def test_personal_data_is_there_when_declared_or_found_or_not_declared(seller: Actor) -> None:
    dataset = make.draft(seller)
    assert datasets.has_personal_data(dataset)
    make.declare_free(dataset, seller)
    assert not datasets.has_personal_data(dataset)
    rows = b"".join(f"{n},person{n}@example.org\n".encode() for n in range(20))
    make.measured(dataset, seller, {"people.csv": b"id,contact\n" + rows})
    assert datasets.has_personal_data(dataset)
    make.measured(dataset, seller, {"people.csv": b"id\n1\n2\n"})
    assert not datasets.has_personal_data(dataset)
    datasets.declare(dataset, **make.PERSONAL, by=seller)
    assert datasets.has_personal_data(dataset)


def test_the_time_of_an_event_is_the_actors(seller: Actor) -> None:
    later = seller.moved_to(seller.at + timedelta(days=3))
    dataset = make.draft(later)
    assert Event.objects.get(subject=f"dataset:{dataset.pk}").at == later.at
    assert not Profile.objects.exists()
