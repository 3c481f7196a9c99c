"""Open, seal and revoke, and each refusal of theirs."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from datasets import datasets
from datasets.models import Asset
from datasets.revisions import assets, revisions
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.models import Event
from tests import dataset_makers as make

pytestmark = pytest.mark.django_db
Refused = Callable[..., Any]


def test_revisions_are_numbered_from_one(seller: Actor) -> None:
    dataset = make.draft(seller)
    assert [make.sealed(dataset, seller).number for _ in range(3)] == [1, 2, 3]
    assert revisions.open_revision(dataset, seller).number == 4


def test_a_dataset_has_one_open_revision_at_a_time(seller: Actor, refused: Refused) -> None:
    dataset = make.draft(seller)
    revisions.open_revision(dataset, seller)
    with refused(Conflict, "revision_open"):
        revisions.open_revision(dataset, seller)


def test_sealing_gives_the_digest_of_a_manifest_sorted_by_name(seller: Actor) -> None:
    dataset = make.draft(seller)
    revision = make.sealed(dataset, seller, {"b.csv": b"x\n1\n", "a.csv": b"y\n22\n"})
    assert revision.is_sealed
    assert revision.sealed_at == seller.at
    manifest = bytes(revision.manifest or b"")
    assert revision.digest == hashlib.sha256(manifest).hexdigest()
    assert json.loads(manifest) == {
        "v": "comptoir.manifest/1",
        "dataset": str(dataset.pk),
        "revision": str(revision.pk),
        "number": 1,
        "assets": [
            {
                "name": name,
                "media_type": "text/csv",
                "bytes": str(len(data)),
                "sha256": hashlib.sha256(data).hexdigest(),
                "block_bytes": 1_048_576,
            }
            for name, data in (("a.csv", b"y\n22\n"), ("b.csv", b"x\n1\n"))
        ],
    }
    event = Event.objects.get(name="revision.sealed")
    assert f'"digest":"{revision.digest}"'.encode() in bytes(event.leaf)


def test_an_empty_revision_is_not_sealed(seller: Actor, refused: Refused) -> None:
    revision = revisions.open_revision(make.draft(seller), seller)
    with refused(Conflict, "no_assets"):
        revisions.seal(revision, seller)


def test_sealing_names_the_assets_that_are_missing(seller: Actor, refused: Refused) -> None:
    revision = revisions.open_revision(make.draft(seller), seller)
    make.upload(revision, seller, "here.csv", make.SMALL_CSV)
    for number in range(7):
        assets.announce(revision, name=f"late{number}.csv", media_type="text/csv", by=seller)
    with refused(Conflict, "assets_missing", "'late0.csv', .*'late4.csv' and more$"):
        revisions.seal(revision, seller)


def test_a_sealed_revision_is_not_sealed_again(seller: Actor, refused: Refused) -> None:
    revision = make.sealed(make.draft(seller), seller)
    with refused(Conflict, "revision_sealed"):
        revisions.seal(revision, seller)


def test_an_open_revision_cannot_be_revoked(seller: Actor, refused: Refused) -> None:
    revision = revisions.open_revision(make.draft(seller), seller)
    with refused(Conflict, "wrong_state"):
        revisions.revoke(revision, "opened by mistake", seller)


def test_revoking_takes_a_reason_that_only_the_detail_shows(seller: Actor, refused: Refused) -> None:
    revision = make.sealed(make.draft(seller), seller)
    with refused(Invalid, "invalid"):
        revisions.revoke(revision, "too short", seller)
    with refused(Invalid, "invalid"):
        revisions.revoke(revision, "x" * 513, seller)
    revisions.revoke(revision, "wrong year in it", seller)
    assert revision.state == "revoked"
    event = Event.objects.get(name="revision.revoked")
    assert event.detail.body["reason"] == "wrong year in it"
    assert b"wrong year" not in bytes(event.leaf)
    assert datasets.current_revision(revision.dataset) is None
    with refused(Conflict, "wrong_state"):
        revisions.revoke(revision, "wrong year in it", seller)


@pytest.mark.parametrize(
    "verb",
    [
        lambda revision, by: revisions.seal(revision, by),
        lambda revision, by: revisions.revoke(revision, "not mine to revoke", by),
        lambda revision, by: assets.announce(revision, name="a.csv", media_type="text/csv", by=by),
        lambda revision, by: assets.remove(Asset.objects.get(), by),
        lambda revision, by: assets.upload_token(Asset.objects.get(), by),
        lambda revision, by: assets.require_expected(Asset.objects.get().pk, by),
    ],
)
def test_only_the_seller_may(
    seller: Actor, buyer: Actor, officer: Actor, refused: Refused, verb: Callable[..., Any]
) -> None:
    revision = revisions.open_revision(make.draft(seller), seller)
    make.upload(revision, seller, "cities.csv", make.SMALL_CSV)
    with refused(Forbidden, "other_organisation"):
        verb(revision, buyer)
    with refused(Forbidden, "scope_missing"):
        verb(revision, officer)


def test_files_that_nobody_has_seen_are_not_sealed_in_place_of_those_shown(
    seller: Actor, refused: Refused
) -> None:
    revision = revisions.open_revision(make.draft(seller), seller)
    shown = revisions.fingerprint([make.upload(revision, seller, "a.csv", make.SMALL_CSV)])
    other = make.upload(revision, seller, "b.csv", make.SMALL_CSV)
    with refused(Conflict, "files_changed"):
        revisions.seal(revision, seller, shown=shown)
    assets.remove(other, seller)
    assert revisions.seal(revision, seller, shown=shown).is_sealed
