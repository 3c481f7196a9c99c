"""Restore from a backup is a fork: the signer stops, and the way on is a successor that names the gap."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.test import Client

from compliance import queries
from compliance.log import succession
from compliance.log.signer import ForkDetected
from compliance.models import Log, LogHead
from compliance.proofs import receipts
from compliance.verifier.notes import VerifierKey
from compliance.verifier.successions import open_succession
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Invalid
from exchange.kernel.models import Event

REASON = "disk lost, last night's backup taken"


def operator(now: datetime) -> Actor:
    return Actor.system("operator", at=now)


def receipt_of(told: Any, tmp_path: Path) -> Path:
    sealed = Event.objects.filter(subject=told.subject).order_by("leaf_index")
    entries = [(event.leaf_index, bytes(event.leaf)) for event in sealed]
    file = tmp_path / f"{told.row.pk}.json"
    file.write_text(json.dumps(receipts.make(told.row.pk, entries)))
    return file


def ended(public_log: Any, log: str) -> Any:
    note = (public_log.folder(log) / "successor").read_bytes()
    return open_succession(note, [VerifierKey.parse(public_log.vkey(log))])


def test_a_restored_database_stops_the_log_and_a_successor_names_the_gap_and_goes_on(
    own_database: None,
    backup: Callable[..., Any],
    sign_one: Callable[..., Any],
    seal_one: Callable[..., Any],
    assert_whole: Callable[..., None],
    public_log: Any,
    verify: Callable[..., Any],
    officer: Any,
    tmp_path: Path,
    now: datetime,
) -> None:
    early = sign_one()
    kept = LogHead.objects.order_by("-size")[0].size
    restore = backup()
    lost = sign_one()
    lost_receipt = receipt_of(lost, tmp_path)
    signed = (public_log.folder() / "checkpoint").read_bytes()
    restore()
    later = seal_one()  # the exchange goes on, unproven
    with pytest.raises(ForkDetected, match="restored from a backup"):
        public_log.signer().run_once(now)
    health = queries.log_health(now=now, visible_to=officer)
    assert not health.is_well
    assert health.alarm is not None and "restored from a backup" in health.alarm

    plan = succession.succeed(public_log.signer(), reason=REASON, by=operator(now))
    assert [(one.known.name, one.last.size, one.kept) for one in plan.endings] == [("2026", kept + 2, kept)]
    newest = sign_one()

    assert queries.log_health(now=now, visible_to=officer).is_well
    end = ended(public_log, "2026")
    assert (end.last.size, end.kept, end.gap) == (kept + 2, kept, 2)
    assert end.successor == "testserver/log/2026.1"
    for name, said in (("checkpoint", signed), ("successor", (public_log.folder() / "successor").read_bytes())):
        assert Client().get(f"/log/2026/{name}").content == said
    assert Client().get("/log/2026.1/successor").status_code == 404
    assert_whole("2026")
    assert_whole("2026.1")
    for told, log in ((early, "2026"), (later, "2026.1"), (newest, "2026.1")):
        done = verify("receipt", receipt_of(told, tmp_path), "--vkey", public_log.vkey(log))
        assert done.returncode == 0, done.stdout + done.stderr
    done = verify("receipt", lost_receipt, "--vkey", public_log.vkey("2026"))
    assert done.returncode == 0  # what parties hold of the lost leaves is still proven
    leaf = bytes(Event.objects.get(name="log.successor").leaf)
    for fact in (f'"ended_size":"{kept + 2}"', f'"kept":"{kept}"', '"gap":"2"', end.last.root.hex()):
        assert fact.encode() in leaf
    assert REASON.encode() not in leaf


def test_the_plan_changes_nothing_and_no_reason_ends_nothing(
    own_database: None,
    sign_one: Callable[..., Any],
    lose_one: Callable[..., Any],
    public_log: Any,
    now: datetime,
) -> None:
    sign_one()
    out = StringIO()
    call_command("succeed_log", stdout=out)
    assert "holds all that was signed" in out.getvalue()
    with pytest.raises(Conflict, match="holds all"):
        succession.succeed(public_log.signer(), reason=REASON, by=operator(now))
    lose_one()
    before = sorted(public_log.public.rglob("*")), sorted(public_log.own.rglob("*"))
    call_command("succeed_log", stdout=out)
    assert "5 leaves were signed, the database begins with 3 of them, 2 are lost" in out.getvalue()
    assert "Nothing is changed" in out.getvalue()
    with pytest.raises(Invalid, match="say why"):
        succession.succeed(public_log.signer(), reason=" ", by=operator(now))
    with pytest.raises(CommandError, match="say why"):
        call_command("succeed_log", "--reason", "", stdout=out)
    assert (sorted(public_log.public.rglob("*")), sorted(public_log.own.rglob("*"))) == before
    assert Log.objects.count() == 1
    call_command("succeed_log", "--reason", REASON, stdout=out)
    successor = Log.objects.exclude(name="2026").get().name  # of the year that the clock shows
    assert f"successor: {successor}" in out.getvalue()


def test_a_second_restore_to_before_the_first_succession_is_succeeded_too(
    own_database: None,
    backup: Callable[..., Any],
    sign_one: Callable[..., Any],
    seal_one: Callable[..., Any],
    assert_whole: Callable[..., None],
    public_log: Any,
    officer: Any,
    now: datetime,
) -> None:
    sign_one()
    restore = backup()
    sign_one()
    for _ in range(2):
        restore()
        seal_one()
        with pytest.raises(ForkDetected):
            public_log.signer().run_once(now)
        succession.succeed(public_log.signer(), reason=REASON, by=operator(now))
        sign_one()
    assert queries.log_health(now=now, visible_to=officer).is_well
    assert ended(public_log, "2026").successor == "testserver/log/2026.1"
    assert ended(public_log, "2026.1").successor == "testserver/log/2026.2"
    for log in ("2026", "2026.1", "2026.2"):
        assert_whole(log)


def test_a_run_that_is_cut_before_its_commit_is_taken_up_again_under_the_announced_name(
    own_database: None,
    sign_one: Callable[..., Any],
    lose_one: Callable[..., Any],
    assert_whole: Callable[..., None],
    public_log: Any,
    officer: Any,
    now: datetime,
) -> None:
    sign_one()
    lose_one()
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        succession.succeed(public_log.signer(), reason=REASON, by=operator(now))
        raise KeyboardInterrupt
    assert ended(public_log, "2026").successor == "testserver/log/2026.1"
    assert Log.objects.count() == 1
    with pytest.raises(ForkDetected, match=r"goes on as testserver/log/2026\.1, which the database has not"):
        public_log.signer().run_once(now)
    plan = succession.succeed(public_log.signer(), reason=REASON, by=operator(now))
    assert (plan.endings, plan.successor) == ([], "2026.1")
    public_log.publish(now)
    assert_whole("2026.1")
    assert queries.log_health(now=now, visible_to=officer).is_well


@pytest.mark.django_db
def test_a_successor_that_nobody_announced_is_not_signed(
    sign_one: Callable[..., Any], seal_one: Callable[..., Any], public_log: Any, now: datetime
) -> None:
    sign_one()
    Log.objects.create(name="2026.1", origin="testserver/log/2026.1", first_index=10, opened_at=now)
    seal_one()
    with pytest.raises(ForkDetected, match="no log ended for it"):
        public_log.signer().run_once(now)
    assert not (public_log.folder("2026.1") / "checkpoint").exists()


def test_what_was_kept_of_an_ended_log_is_guarded_and_what_follows_may_differ(
    own_database: None,
    sign_one: Callable[..., Any],
    seal_one: Callable[..., Any],
    lose_one: Callable[..., Any],
    public_log: Any,
    without_triggers: Callable[..., Any],
    now: datetime,
) -> None:
    sign_one()
    lose_one()
    seal_one()
    succession.succeed(public_log.signer(), reason=REASON, by=operator(now))
    public_log.publish(now)
    victim = Event.objects.get(leaf_index=1)
    with without_triggers("kernel_event"):
        Event.objects.filter(pk=victim.pk).update(leaf=bytes(victim.leaf).replace(b"gateway", b"hallway"))
    with pytest.raises(ForkDetected, match="leaf 1 in the database is not the leaf that was signed"):
        public_log.signer().run_once(now)


def test_a_year_whose_opening_was_lost_ends_before_it_began_in_the_database(
    own_database: None,
    backup: Callable[..., Any],
    sign_one: Callable[..., Any],
    assert_whole: Callable[..., None],
    public_log: Any,
) -> None:
    new_year = datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC)
    sign_one()
    restore = backup()
    sign_one()
    sign_one(new_year)
    restore()
    plan = succession.succeed(public_log.signer(), reason=REASON, by=operator(new_year))
    assert [(one.known.name, one.last.size, one.kept) for one in plan.endings] == [
        ("2026", 5, 3),
        ("2027", 3, 0),
    ]
    sign_one(new_year)
    assert ended(public_log, "2026").successor == ended(public_log, "2027").successor == "testserver/log/2027.1"
    for log in ("2026", "2027", "2027.1"):
        assert_whole(log)
    assert Event.objects.filter(name="log.successor").count() == 2
