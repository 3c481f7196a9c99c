"""The operator sees how each part fares, and what to do where one does not."""

import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from datasets import datasets
from exchange.kernel import backlog, events, pulses
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.models import Delivery
from infra import foundations, health
from infra.deadlines import Asked, NoAnswer
from infra.findings import Finding, looked
from payments.inbox import inbox

pytestmark = pytest.mark.django_db


def text(answer: Any) -> str:
    return str(answer.content.decode())


def part(desk: Client, title: str) -> Finding:
    [found] = [one for one in desk.get("/operate/system").context["findings"] if one.title == title]
    return found


@pytest.fixture
def failing(seller: Any) -> Delivery:
    """A reaction that was tried three times, and is to be tried again in an hour."""
    add_dataset(seller)
    delivery = Delivery.objects.filter(done_at=None).first()
    assert delivery is not None
    later = timezone.now() + timedelta(hours=1)
    Delivery.objects.exclude(pk=delivery.pk).delete()
    Delivery.objects.filter(pk=delivery.pk).update(attempts=3, due_at=later)
    delivery.refresh_from_db()
    return delivery


def add_dataset(actor: Any) -> None:
    """A dataset of the actor, whose creation asks for a reaction."""
    datasets.create(title="Arrivals", summary="Trains that arrived", theme="TRAN", language="en", by=actor)


def test_processes_that_never_ran_are_said_first(desk: Client) -> None:
    findings = desk.get("/operate/system").context["findings"]
    assert [one.level for one in findings] == sorted((one.level for one in findings), key="stop warn ok".index)
    assert part(desk, "Worker and schedule").level == "stop"
    assert part(desk, "Signer").stands == "It has not run on this exchange yet."


def test_processes_that_live_are_well_and_late_ones_are_named(desk: Client) -> None:
    now = timezone.now()
    for name in (pulses.WORKER, pulses.SEQUENCER, pulses.SIGNER, pulses.MESSENGER):
        pulses.beat(name, now)
    for title in ("Worker and schedule", "Sequencer", "Signer", "Messenger"):
        assert part(desk, title).level == "ok", title
    pulses.beat(pulses.SIGNER, now - timedelta(minutes=10))
    found = part(desk, "Signer")
    assert (found.level, found.stands) == ("stop", "It has not ended a round for 10 min.")
    assert found.advice == "Start it again, and look at its log: signer."


def test_a_worker_without_a_schedule_is_told_from_no_worker(desk: Client, failing: Delivery) -> None:
    now = timezone.now()
    pulses.beat(pulses.WORKER, now - timedelta(minutes=10))
    assert "worker, beat" in part(desk, "Worker and schedule").advice
    Delivery.objects.filter(pk=failing.pk).update(done_at=now)
    assert part(desk, "Worker and schedule").advice.endswith("its log: beat.")


def test_a_reaction_that_fails_can_be_tried_again(desk: Client, failing: Delivery) -> None:
    page = text(desk.get("/operate/system"))
    assert "1 reaction has failed and is tried again by itself." in page
    assert failing.event.name in page and "Try again now" in page
    answer = desk.post(f"/operate/system/reactions/{failing.pk}")
    assert (answer.status_code, answer["Location"]) == (302, "/operate/system")
    failing.refresh_from_db()
    assert failing.due_at <= timezone.now() and failing.done_at is None
    assert "It is tried again now." in text(desk.get("/operate/system"))
    assert events.react(failing.pk, now=timezone.now())
    desk.post(f"/operate/system/reactions/{failing.pk}")
    assert "there is nothing to try again" in text(desk.get("/operate/system"))


def test_only_an_operator_tries_again(seller: Any, operator: Any, failing: Delivery) -> None:
    with pytest.raises(Forbidden):
        backlog.try_again(failing.pk, by=seller)
    failing.refresh_from_db()
    assert failing.due_at > timezone.now()
    Delivery.objects.filter(pk=failing.pk).update(done_at=timezone.now())
    with pytest.raises(Conflict):
        backlog.try_again(failing.pk, by=operator)


def test_reactions_that_are_late_are_a_stop(desk: Client, failing: Delivery) -> None:
    Delivery.objects.filter(pk=failing.pk).update(due_at=timezone.now() - timedelta(minutes=2))
    found = part(desk, "Reactions")
    assert (found.level, found.stands) == ("stop", "1 reaction should have run more than a minute ago.")


def test_an_index_that_is_missing_or_differs_is_told(desk: Client, seller: Any) -> None:
    from contracts.catalogue import indexing

    assert part(desk, "Search index").level == "stop"
    indexing.rebuild()
    assert part(desk, "Search index").level == "ok"
    add_dataset(seller)
    found = part(desk, "Search index")
    assert (found.level, found.stands) == ("warn", "It does not hold what the database holds.")


def test_storage_says_how_much_room_there_is(
    desk: Client, settings: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    settings.EXCHANGE_STORAGE_DIR = tmp_path / "assets"
    monkeypatch.setattr("shutil.disk_usage", lambda place: type("Disk", (), {"free": 5 * 10**9}))
    assert part(desk, "Storage").stands == "There is little room left: 5.0\u00a0GB."
    monkeypatch.setattr("shutil.disk_usage", lambda place: type("Disk", (), {"free": 5 * 10**8}))
    assert part(desk, "Storage").level == "stop"
    monkeypatch.setattr("shutil.disk_usage", lambda place: type("Disk", (), {"free": 5 * 10**11}))
    assert part(desk, "Storage").level == "ok"


def test_what_does_not_answer_holds_no_page_up(desk: Client, monkeypatch: Any) -> None:
    hang = threading.Event()
    asked: list[int] = []

    def deaf() -> int | None:
        asked.append(1)
        hang.wait()
        return None

    monkeypatch.setattr(health, "_room", Asked(deaf, seconds=0.1))
    for _ in range(3):
        found = part(desk, "Storage")
        assert (found.level, found.stands) == ("stop", "It has not answered for 3 s.")
    hang.set()
    assert len(asked) == 1  # nothing new is asked while the old question hangs


def test_an_answer_and_a_fault_come_through() -> None:
    def fault() -> int:
        raise OSError("gone")

    assert Asked(lambda: 7, seconds=5)() == 7
    with pytest.raises(OSError, match="gone"):
        Asked(fault, seconds=5)()
    with pytest.raises(NoAnswer):
        Asked(lambda: time.sleep(1), seconds=0.01)()


def test_a_look_that_fails_is_a_finding_and_the_next_one_works() -> None:
    def broken() -> Finding:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")
        raise AssertionError

    if connection.vendor == "postgresql":
        found = looked("Part", broken)
        assert (found.level, found.quote) == ("stop", "ProgrammingError")
    else:
        assert looked("Part", broken).level == "stop"
    assert looked("Database", foundations.database).level == "ok"


def test_a_query_that_takes_too_long_is_cut_on_postgresql(monkeypatch: Any) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no such limit: its reads are local and bounded")
    monkeypatch.setattr("infra.findings.LONGEST_QUERY_MILLISECONDS", 50)

    def slow() -> Finding:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        raise AssertionError

    assert looked("Part", slow).level == "stop"


def test_a_database_behind_the_code_is_told(monkeypatch: Any) -> None:
    known = foundations._migrations_of_the_code()
    monkeypatch.setattr(foundations, "_migrations_of_the_code", lambda: {*known, ("kernel", "9999_later")})
    found = foundations.database()
    assert (found.level, found.quote) == ("stop", "kernel.9999_later")


def test_messages_that_were_set_aside_are_shown(desk: Client, settings: Any, now: Any) -> None:
    settings.EXCHANGE_PAYMENT_PROVIDER = "demo"
    kept = inbox.keep("demo", "evt_<1>", "nonsense", {}, at=now)
    type(kept).objects.filter(pk=kept.pk).update(processed_at=now, outcome="unknown_charge")
    assert "1 message of the provider was set aside" in text(desk.get("/operate/system"))
    page = text(desk.get("/operate/money"))
    assert "evt_&lt;1&gt;" in page and "There is no such charge." in page


def test_mail_and_address_are_judged_by_the_settings(settings: Any) -> None:
    settings.EXCHANGE_DEMO, settings.EXCHANGE_EMAIL_URL = False, ""
    settings.EXCHANGE_URL = "http://exchange.example"
    assert (foundations.mail().level, foundations.address().level) == ("warn", "stop")
    settings.EXCHANGE_EMAIL_URL, settings.EXCHANGE_URL = "smtp://u:hush@mail", "https://exchange.example"
    assert (foundations.mail().level, foundations.address().level) == ("ok", "ok")
    assert "hush" not in str(foundations.mail())


def test_the_number_of_queries_does_not_grow(desk: Client, seller: Any, failing: Delivery) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            desk.get("/operate/system")
        return len(seen)

    queries()
    before = queries()
    for _ in range(15):
        add_dataset(seller)
    Delivery.objects.filter(done_at=None).update(attempts=5)
    assert queries() == before


def test_the_page_speaks_french(desk: Client, failing: Delivery) -> None:
    desk.cookies["django_language"] = "fr"
    page = text(desk.get("/operate/system"))
    assert '<html lang="fr"' in page
    assert "Réactions qui échouent" in page and "Réessayer" in page
