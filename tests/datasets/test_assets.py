"""Announce, receive and remove, upload tokens, and each refusal of theirs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import DataError, transaction

from datasets.models import Asset, Revision
from datasets.revisions import assets, revisions
from datasets.storage import storage
from exchange.kernel import signing
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.models import Event
from tests import dataset_makers as make

pytestmark = pytest.mark.django_db
Refused = Callable[..., Any]


@pytest.fixture
def revision(seller: Actor) -> Revision:
    return revisions.open_revision(make.draft(seller), seller)


def announce(revision: Revision, by: Actor, name: str = "a.csv", media_type: str = "text/csv") -> Asset:
    return assets.announce(revision, name=name, media_type=media_type, by=by)


@pytest.mark.parametrize("name", ["a.csv", "données 2026.csv", "a..b", "x" * 200, "地図.csv", "a'b&c=d;e.csv"])
def test_a_file_is_announced_by_name(seller: Actor, revision: Revision, name: str) -> None:
    asset = announce(revision, seller, name)
    assert asset.name == name
    assert not asset.is_received
    assert b".csv" not in bytes(Event.objects.get(name="asset.announced").leaf)


BAD_NAMES = ["", " ", ".", "..", "../a.csv", "a/b.csv", "a\\b.csv", " a.csv", "a.csv ", ".hidden", "a.csv."]
UNSHOWN_NAMES = ["a\x00.csv", "a\n.csv", "a\x1b.csv", "a\u202e.csv", "x" * 201]


@pytest.mark.parametrize("name", [*BAD_NAMES, *UNSHOWN_NAMES, *(f"a{sign}b" for sign in '<>:"|?*')])
def test_a_name_that_some_file_system_cannot_have_is_refused(
    seller: Actor, revision: Revision, refused: Refused, name: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        announce(revision, seller, name)
    assert refusal.value.code in ("bad_name", "invalid")
    assert not Asset.objects.exists()
    assert not Event.objects.filter(name="asset.announced").exists()


def test_names_are_unique_whatever_their_case_and_form(
    seller: Actor, revision: Revision, refused: Refused
) -> None:
    announce(revision, seller, "Café.csv")
    for name in ("Café.csv", "CAFÉ.CSV", "Cafe\u0301.csv"):
        with refused(Conflict, "name_taken"):
            announce(revision, seller, name)


@pytest.mark.parametrize(
    "media_type", ["", "text/html", "TEXT/CSV", "image/svg+xml", "text/csv; charset=utf-8"]
)
def test_an_unknown_media_type_is_refused(
    seller: Actor, revision: Revision, refused: Refused, media_type: str
) -> None:
    with refused(Invalid, "unknown_media_type"):
        announce(revision, seller, media_type=media_type)


def test_a_revision_has_at_most_a_thousand_assets(
    seller: Actor, revision: Revision, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "MOST_ASSETS", 3)
    for number in range(3):
        announce(revision, seller, f"{number}.csv")
    with refused(Conflict, "too_many_assets"):
        announce(revision, seller, "one more.csv")


def test_a_sealed_revision_takes_no_more_assets(seller: Actor, refused: Refused) -> None:
    sealed = make.sealed(make.draft(seller), seller)
    with refused(Conflict, "revision_sealed"):
        announce(sealed, seller)
    asset = Asset.objects.get()
    with refused(Conflict, "revision_sealed"):
        assets.remove(asset, seller)
    with refused(Conflict, "already_received"):
        assets.upload_token(asset, seller)


def test_an_upload_token_names_asset_seller_and_actor(seller: Actor, revision: Revision, settings: Any) -> None:
    settings.EXCHANGE_UPLOAD_TOKEN_SECONDS = 60
    asset = announce(revision, seller)
    token, expires = assets.upload_token(asset, seller)
    assert expires == seller.at + timedelta(seconds=60)
    claims = signing.verify_token(signing.Purpose.UPLOAD, token, audience="upload", now=seller.at)
    assert (claims["asset"], claims["sub"], claims["actor"]) == (
        str(asset.pk),
        str(seller.participant_id),
        seller.name,
    )
    with pytest.raises(signing.BadToken):
        signing.verify_token(signing.Purpose.UPLOAD, token, audience="upload", now=expires)


def test_receiving_makes_the_bytes_the_assets_own(seller: Actor, revision: Revision) -> None:
    announced = announce(revision, seller)
    assert assets.require_expected(announced.pk, seller) == announced
    received = make.stored(make.SMALL_CSV)
    asset = assets.receive(announced.pk, received, seller.moved_to(seller.at + timedelta(hours=1)))
    assert asset.is_received
    assert asset.received_at == seller.at + timedelta(hours=1)
    assert (asset.size_bytes, asset.sha256) == (len(make.SMALL_CSV), received.sha256)
    assert storage().read(asset.storage_key, 0, 1_000) == make.SMALL_CSV
    event = Event.objects.get(name="asset.received")
    assert f'"sha256":"{received.sha256}"'.encode() in bytes(event.leaf)


def test_an_asset_is_received_once_and_the_second_upload_leaves_nothing(
    seller: Actor, revision: Revision, storage_folder: Path
) -> None:
    asset = make.upload(revision, seller, "a.csv", make.SMALL_CSV)
    with pytest.raises(Conflict) as refusal:
        assets.receive(asset.pk, make.stored(b"other\n1\n"), seller)
    assert refusal.value.code == "already_received"
    assert [path.name for path in storage_folder.iterdir()] == [asset.storage_key]
    assert storage().read(asset.storage_key, 0, 1_000) == make.SMALL_CSV
    with pytest.raises(Conflict):
        assets.require_expected(asset.pk, seller)


@pytest.mark.parametrize(
    ("media_type", "data", "code"),
    [
        ("text/csv", b"", "empty_file"),
        ("application/octet-stream", b"", "empty_file"),
        ("text/csv", b"a,b\n1,\x00\n", "not_csv"),
        ("text/csv", b"\x89PNG\r\n\x1a\n0000", "not_csv"),
        ("text/csv", "naïve,b\n".encode("latin-1"), "not_csv"),
        ("text/csv", "a,b\n".encode("utf-16"), "not_csv"),
        ("text/csv", b"<!DOCTYPE html><p>", "not_csv"),
        ("text/csv", b'{"a": 1}', "not_csv"),
        ("text/csv", b"%PDF-1.7\n", "not_csv"),
        ("text/csv", b"a,b\n\x1b[31mred,2\n", "not_csv"),
        ("application/vnd.apache.parquet", b"a,b\n1,2\n", "not_parquet"),
        ("application/json", b"a,b\n1,2\n", "not_json"),
        ("application/json", b"\xff\xfe", "not_json"),
        ("application/x-ndjson", b"1\n2\n", "not_json"),
    ],
)
def test_a_file_that_cannot_be_what_it_says_is_refused_and_deleted(
    seller: Actor, revision: Revision, refused: Refused, media_type: str, data: bytes, code: str
) -> None:
    asset = announce(revision, seller, media_type=media_type)
    with refused(Invalid, code):
        assets.receive(asset.pk, make.stored(data), seller)


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("text/csv", b"\xef\xbb\xbfa;b\r\n1;2\r\n"),
        ("text/csv", b"a,b\n" + b"x" * 65_531 + "é".encode() + b"\n"),
        ("text/csv", b"=1+1,@x\n"),
        ("application/json", b"\n [1]"),
        ("application/json", b"true"),
        ("application/x-ndjson", b'{"a":1}\n'),
        ("application/vnd.apache.parquet", b"PAR1..PAR1"),
        ("application/octet-stream", b"\x00"),
        ("image/png", b"\x89PNG"),
    ],
)
def test_a_file_that_may_be_what_it_says_is_taken(
    seller: Actor, revision: Revision, media_type: str, data: bytes
) -> None:
    asset = announce(revision, seller, media_type=media_type)
    assert assets.receive(asset.pk, make.stored(data), seller).is_received


def test_bytes_of_another_seller_are_refused_and_deleted(
    seller: Actor, buyer: Actor, revision: Revision, refused: Refused
) -> None:
    asset = announce(revision, seller)
    with refused(Forbidden, "other_organisation"):
        assets.receive(asset.pk, make.stored(make.SMALL_CSV), buyer)


def test_bytes_of_an_asset_that_is_gone_are_deleted(
    seller: Actor, revision: Revision, refused: Refused
) -> None:
    asset = announce(revision, seller)
    assets.remove(asset, seller)
    with refused(NotFound, "not_found"):
        assets.receive(asset.pk, make.stored(make.SMALL_CSV), seller)
    with refused(NotFound, "not_found"):
        assets.require_expected(uuid4(), seller)


def test_a_repeated_call_with_the_same_bytes_does_not_cost_them(seller: Actor, revision: Revision) -> None:
    asset, received = announce(revision, seller), make.stored(make.SMALL_CSV)
    assets.receive(asset.pk, received, seller)
    with pytest.raises(Conflict):
        assets.receive(asset.pk, received, seller)
    assert storage().read(received.storage_key, 0, 1_000) == make.SMALL_CSV


def test_bytes_that_the_database_cannot_take_are_deleted(
    seller: Actor, revision: Revision, snapshot: Callable[[], Any]
) -> None:
    asset = announce(revision, seller)
    before = snapshot()
    impossible = replace(make.stored(make.SMALL_CSV), size_bytes=2**70)
    with pytest.raises((DataError, OverflowError)), transaction.atomic():
        assets.receive(asset.pk, impossible, seller)
    assert snapshot() == before


def test_removing_takes_the_bytes_too_once_it_is_sure(
    seller: Actor, revision: Revision, storage_folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    asset = make.upload(revision, seller, "a.csv", make.SMALL_CSV)
    with django_capture_on_commit_callbacks(execute=True):
        assets.remove(asset, seller)
        assert len(list(storage_folder.iterdir())) == 1
    assert list(storage_folder.iterdir()) == []
    assert not Asset.objects.exists()
    assert Event.objects.filter(name="asset.removed").count() == 1


def test_what_was_removed_is_not_removed_again(seller: Actor, revision: Revision, refused: Refused) -> None:
    asset = announce(revision, seller)
    again = Asset.objects.get(pk=asset.pk)
    assets.remove(asset, seller)
    with refused(NotFound, "not_found"):
        assets.remove(again, seller)
