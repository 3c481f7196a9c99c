"""What the database itself refuses, whoever asks it."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction

from exchange.kernel import events, triggers
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event, EventDetail, EventParty
from exchange.participants.models import Participant

APPEND_ONLY = ["kernel_event", "kernel_eventparty"]


@pytest.fixture
def event(row: Participant, by: Actor) -> Event:
    return events.record("participant.seen", row, by=by, typed={"reason": "because of this"})


def execute(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def existing() -> set[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        return {name for (name,) in cursor.fetchall()}


def registered() -> set[str]:
    return {name for trigger in triggers.registered() for name in trigger.names()}


@pytest.mark.django_db
def test_the_database_has_every_registered_trigger_and_no_other() -> None:
    assert registered()
    assert existing() == registered()


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_rows_of_the_log_are_not_deleted(event: Event, table: str) -> None:
    with pytest.raises(IntegrityError, match=f"{table} is append-only"):
        execute(f"DELETE FROM {table}")
    assert Event.objects.count() == 1 and EventParty.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    ["name = 'x'", "subject = 'x'", "leaf = leaf_hash", "leaf_hash = leaf", "at = '2000-01-01 00:00:00'"],
)
def test_what_an_event_says_is_not_changed(event: Event, change: str) -> None:
    before = Event.objects.values().get()
    with pytest.raises(IntegrityError, match="kernel_event is append-only"):
        execute(f"UPDATE kernel_event SET {change}")
    assert Event.objects.values().get() == before


def test_a_leaf_gets_its_place_once(event: Event) -> None:
    execute("UPDATE kernel_event SET leaf_index = 0")
    for change in ("1", "NULL"):
        with pytest.raises(IntegrityError, match="kernel_event is append-only"):
            execute(f"UPDATE kernel_event SET leaf_index = {change}")
    assert Event.objects.get().leaf_index == 0


def test_a_place_and_another_change_do_not_go_together(event: Event) -> None:
    with pytest.raises(IntegrityError):
        execute("UPDATE kernel_event SET leaf_index = 0, name = 'x'")
    assert Event.objects.get().leaf_index is None


def test_a_party_is_not_changed(event: Event) -> None:
    with pytest.raises(IntegrityError, match="kernel_eventparty is append-only"):
        execute("UPDATE kernel_eventparty SET participant_id = event_id")


def test_a_detail_may_be_erased_but_not_changed(event: Event) -> None:
    with pytest.raises(IntegrityError, match="never changed"):
        execute("UPDATE kernel_eventdetail SET body = '{}'")
    execute("DELETE FROM kernel_eventdetail")
    assert not EventDetail.objects.exists()


@pytest.mark.usefixtures("own_database")  # within a transaction PostgreSQL refuses it for another reason
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_truncate_passes_no_trigger_by(event: Event, table: str) -> None:
    if connection.vendor == "sqlite":
        with pytest.raises(Exception, match="syntax error"):
            execute(f"TRUNCATE {table}")
        return
    with pytest.raises(IntegrityError, match="is append-only"):
        execute(f"TRUNCATE {table} CASCADE")
    assert Event.objects.count() == 1


@pytest.fixture
def widened(own_database: None) -> Iterator[None]:
    """The Event table after a migration that changes a column: SQLite has built it anew, without triggers."""
    wider = models.CharField(max_length=65)
    wider.set_attributes_from_name("name")
    wider.model = Event
    triggers.lift(apps.get_app_config("kernel"), plan=[wider])  # as each migration does first
    with connection.schema_editor() as editor:
        editor.alter_field(Event, Event._meta.get_field("name"), wider)
    yield


@pytest.mark.usefixtures("widened")
def test_triggers_are_back_after_a_migration_that_builds_their_table_anew() -> None:
    if connection.vendor == "sqlite":
        assert "kernel_event_no_delete" not in existing()
    call_command("migrate", verbosity=0)
    assert existing() == registered()
