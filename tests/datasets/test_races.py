"""Rivals for one row, each on a connection of its own: exactly one wins, and the loser leaves nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datasets import datasets
from datasets.models import Asset, Declaration, Profile, Revision
from datasets.profiles import profiles
from datasets.revisions import assets, revisions
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from tests import dataset_makers as make
from tests.rivals import codes, race

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database")]


def test_of_rival_uploads_one_is_received(own_database: None, seller: Actor, storage_folder: Path) -> None:
    revision = revisions.open_revision(make.draft(seller), seller)
    asset = assets.announce(revision, name="a.csv", media_type="text/csv", by=seller)
    uploads = [make.stored(f"a,b\n{n},{n}\n".encode()) for n in range(4)]
    results = codes(race([lambda u=upload: assets.receive(asset.pk, u, seller) for upload in uploads]))
    assert sorted(results) == ["already_received"] * 3 + ["won"]
    winner = uploads[results.index("won")]
    asset.refresh_from_db()
    assert asset.sha256 == winner.sha256
    assert [path.name for path in storage_folder.iterdir()] == [winner.storage_key]
    assert Event.objects.filter(name="asset.received").count() == 1


def test_of_rival_openings_one_wins(own_database: None, seller: Actor) -> None:
    dataset = make.draft(seller)
    results = codes(race([lambda: revisions.open_revision(dataset, seller) for _ in range(4)]))
    assert sorted(results) == ["revision_open"] * 3 + ["won"]
    assert Revision.objects.count() == 1


@pytest.mark.parametrize("rival", ["announce", "remove"])
def test_what_is_sealed_is_what_is_there(own_database: None, seller: Actor, rival: str) -> None:
    for _ in range(5):
        dataset = make.draft(seller)
        revision = revisions.open_revision(dataset, seller)
        make.upload(revision, seller, "a.csv", make.SMALL_CSV)
        spare = make.upload(revision, seller, "b.csv", make.SMALL_CSV)
        acts: dict[str, Callable[[], Any]] = {
            "announce": lambda r=revision: assets.announce(r, name="c.csv", media_type="text/csv", by=seller),
            "remove": lambda a=spare: assets.remove(a, seller),
        }
        results = codes(race([lambda r=revision: revisions.seal(r, seller), acts[rival]]))
        revision.refresh_from_db()
        there = list(Asset.objects.filter(revision=revision))
        if revision.is_sealed:
            assert all(asset.is_received for asset in there)
            assert bytes(revision.manifest or b"") == revisions.manifest_of(revision, there)
        else:
            assert results == ["assets_missing", "won"]


def test_rival_declarations_are_numbered_one_after_the_other(own_database: None, seller: Actor) -> None:
    dataset = make.draft(seller)
    assert codes(race([lambda: make.declare_free(dataset, seller) for _ in range(4)])) == ["won"] * 4
    assert sorted(Declaration.objects.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_a_revision_measured_twice_at_once_has_one_profile(own_database: None, seller: Actor) -> None:
    revision = make.sealed(make.draft(seller), seller)
    results = codes(race([lambda: profiles.measure(str(revision.pk), seller.at) for _ in range(2)]))
    assert "won" in results
    assert set(results) <= {"won", "being_measured"}
    assert Profile.objects.count() == 1
    assert Event.objects.filter(name="revision.measured").count() == 1


def test_a_declaration_and_a_measurement_cannot_miss_each_other(own_database: None, seller: Actor) -> None:
    from compliance.models import Review

    people = b"id,contact\n" + b"".join(f"{n},person{n}@example.org\n".encode() for n in range(20))
    for _ in range(5):
        dataset = make.draft(seller)
        revision = make.sealed(dataset, seller, {"people.csv": people})
        rivals = [
            lambda d=dataset: make.declare_free(d, seller),
            lambda r=revision: profiles.measure(str(r.pk), seller.at),
        ]
        assert codes(race(rivals)) == ["won", "won"]
        assert Review.objects.filter(subject=f"dataset:{dataset.pk}", state="open").count() == 1


def test_a_dataset_is_published_once(own_database: None, seller: Actor) -> None:
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    make.measured(dataset, seller)
    results = codes(race([lambda: datasets.publish(dataset, seller) for _ in range(3)]))
    assert sorted(results) == ["won", "wrong_state", "wrong_state"]
    assert Event.objects.filter(name="dataset.published").count() == 1
