"""What the database itself refuses, asked by raw SQL: the verbs have no say here."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from datasets import datasets
from datasets.models import Asset, Declaration, Profile, Revision
from datasets.revisions import assets, revisions
from exchange.kernel import triggers
from exchange.kernel.actors import Actor
from tests import dataset_makers as make

pytestmark = pytest.mark.django_db


def run(sql: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def raw(row_id: Any) -> Any:
    """An id as the database keeps it."""
    return row_id.hex if connection.vendor == "sqlite" else row_id


@pytest.fixture
def refuses(snapshot: Callable[[], Any]) -> Callable[..., None]:
    """The statement is refused with that message, and nothing changes."""

    def check(message: str, sql: str, *values: object) -> None:
        before = snapshot()
        with pytest.raises(DatabaseError, match=message):
            run(sql, *values)
        assert snapshot() == before

    return check


@pytest.fixture
def sealed(seller: Actor) -> Revision:
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    return make.measured(dataset, seller)


@pytest.mark.parametrize(
    "change",
    [
        "manifest = NULL",
        "digest = 'f00'",
        "number = 7",
        "opened_at = '2001-01-01T00:00:00Z'",
        "sealed_at = NULL",
        "state = 'open'",
        "measured_at = NULL",
        "measured_at = '2001-01-01T00:00:00Z'",
    ],
)
def test_a_sealed_revision_never_changes(refuses: Callable[..., None], sealed: Revision, change: str) -> None:
    refuses(
        "what is sealed never changes|keeps its place|is measured once",
        f"UPDATE datasets_revision SET {change} WHERE id = %s",
        raw(sealed.pk),
    )


def test_a_revoked_revision_stays_revoked(
    refuses: Callable[..., None], sealed: Revision, seller: Actor
) -> None:
    revisions.revoke(sealed, "revoked for this test", seller)
    for state in ("sealed", "open"):
        refuses(
            "what is sealed never changes",
            "UPDATE datasets_revision SET state = %s WHERE id = %s",
            state,
            raw(sealed.pk),
        )


def test_revisions_are_never_deleted(refuses: Callable[..., None], seller: Actor) -> None:
    revision = revisions.open_revision(make.draft(seller), seller)
    refuses("revisions are kept", "DELETE FROM datasets_revision WHERE id = %s", raw(revision.pk))
    refuses(
        "a revision keeps its place", "UPDATE datasets_revision SET number = 5 WHERE id = %s", raw(revision.pk)
    )


@pytest.mark.parametrize(
    "change", ["name = 'x'", "sha256 = 'x'", "size_bytes = 1", "received_at = NULL", "storage_key = 'x'"]
)
def test_an_asset_of_a_sealed_revision_never_changes(
    refuses: Callable[..., None], sealed: Revision, change: str
) -> None:
    asset = Asset.objects.get()
    refuses("never change|received once", f"UPDATE datasets_asset SET {change} WHERE id = %s", raw(asset.pk))


def test_an_asset_of_a_sealed_revision_is_never_deleted(refuses: Callable[..., None], seller: Actor) -> None:
    make.sealed(make.draft(seller), seller)
    refuses(
        "the assets of a sealed revision never change",
        "DELETE FROM datasets_asset WHERE id = %s",
        raw(Asset.objects.get().pk),
    )


def test_no_asset_is_slipped_into_a_sealed_revision(
    refuses: Callable[..., None], sealed: Revision, seller: Actor
) -> None:
    refuses(
        "the assets of a sealed revision never change",
        "INSERT INTO datasets_asset (id, revision_id, name, media_type, sha256, storage_key, announced_at) "
        "VALUES (%s, %s, 'late.csv', 'text/csv', '', '', '2026-01-01T00:00:00Z')",
        raw(make.draft(seller).pk),
        raw(sealed.pk),
    )
    open_one = revisions.open_revision(sealed.dataset, seller)
    announced = assets.announce(open_one, name="late.csv", media_type="text/csv", by=seller)
    refuses(
        "an asset keeps its revision",
        "UPDATE datasets_asset SET revision_id = %s WHERE id = %s",
        raw(sealed.pk),
        raw(announced.pk),
    )


def test_received_bytes_are_not_exchanged_even_while_the_revision_is_open(
    refuses: Callable[..., None], seller: Actor
) -> None:
    revision = revisions.open_revision(make.draft(seller), seller)
    asset = make.upload(revision, seller, "a.csv", make.SMALL_CSV)
    refuses("an asset is received once", "UPDATE datasets_asset SET sha256 = 'x' WHERE id = %s", raw(asset.pk))


@pytest.mark.parametrize("model", [Declaration, Profile])
def test_declarations_and_profiles_are_append_only(
    refuses: Callable[..., None], sealed: Revision, model: Any
) -> None:
    table, key = model._meta.db_table, model._meta.pk.column
    row = raw(model.objects.get().pk)
    change = "source" if model is Declaration else "problem"
    refuses("append-only", f"UPDATE {table} SET {change} = 'x' WHERE {key} = %s", row)
    refuses("append-only", f"DELETE FROM {table} WHERE {key} = %s", row)


@pytest.mark.parametrize("model", [Revision, Asset, Declaration, Profile])
def test_no_table_is_truncated(refuses: Callable[..., None], sealed: Revision, model: Any) -> None:
    if connection.vendor == "sqlite":
        assert triggers.TruncateGuard(model).names() == []  # SQLite has no such statement
        return
    run("SET CONSTRAINTS ALL IMMEDIATE")  # this test's own rows must not stand in the way
    refuses("append-only", f"TRUNCATE {model._meta.db_table} CASCADE")


def test_the_verbs_pass_where_they_may(seller: Actor) -> None:
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    revision = make.measured(dataset, seller)
    revisions.revoke(revision, "revoked for this test", seller)
    assert datasets.current_revision(dataset) is None
