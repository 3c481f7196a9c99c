"""An old year of the log goes: step by step, whatever is cut short, and every proof holds before, between and after."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from compliance import queries
from compliance.health import monitoring
from compliance.log.signer import ForkDetected
from compliance.models import Alarm, Log, Recipient, TransferRecord
from compliance.retention import legal_holds, prunings
from compliance.retention.legal_holds import Asked
from exchange.kernel import pruning
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event, EventDetail, EventParty, Pruning
from tests.compliance.conftest import PublicLog

NEXT_YEAR = datetime(2027, 1, 2, tzinfo=UTC)
LATER = datetime(2033, 1, 3, tzinfo=UTC)  # six years after the end of 2026


def hold(officer: Actor, **more: Any) -> Any:
    known = {
        "target": "",
        "since": None,
        "until": None,
        "authority": "A court",
        "reference": "",
        "reason": "The court asked for it in writing.",
        "review_on": date(2034, 1, 1),
    }
    return legal_holds.place(Asked(**{**known, **more}), by=officer)


@pytest.fixture
def years(
    own_database: None, public_log: PublicLog, story: Callable[..., Any], seller: Actor, buyer: Actor
) -> Any:
    """Three transfers of 2026 and one of 2027, each year signed to its end."""
    told = [story(seller.participant_id, buyer.participant_id).whole() for _ in range(3)]
    public_log.publish()
    told.append(story(seller.participant_id, buyer.participant_id, at=NEXT_YEAR).whole())
    public_log.publish(NEXT_YEAR)
    return told


def receipt(told: Any, officer: Actor, folder: Path) -> Path:
    file = folder / f"{told.row.pk}.json"
    file.write_text(json.dumps(queries.receipt(told.subject, visible_to=officer)))
    return file


def entries(public_log: PublicLog, log: int) -> list[Path]:
    return [path for path in (public_log.folder(log) / "tile" / "entries").rglob("*") if path.is_file()]


def test_a_year_goes_in_steps_that_may_each_be_the_last_and_every_proof_holds(
    years: Any,
    officer: Actor,
    public_log: PublicLog,
    verify: Callable[..., Any],
    client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    settings.EXCHANGE_VAR_DIR = tmp_path / "var"
    old, new = receipt(years[0], officer, tmp_path), receipt(years[3], officer, tmp_path)
    checkpoints = {log: (public_log.folder(log) / "checkpoint").read_bytes() for log in (2026, 2027)}
    stop = Event.objects.get(name="log.opened", subject="log:2027").leaf_index
    first_of_2027 = Event.objects.filter(subject=years[3].subject).order_by("id").first()
    assert stop is not None and first_of_2027 is not None and entries(public_log, 2026)
    dropped_ids = list(Event.objects.filter(leaf_index__lt=7).values_list("pk", flat=True))
    recipients = Recipient.objects.count()
    monkeypatch.setattr(prunings, "BATCH", 4)
    assert prunings.prune(now=LATER - timedelta(days=3)) == 0, "six years are not over"
    signer = public_log.signer()
    for _ in range(12):
        steps = signer.steps("2026", LATER)
        next(steps, None)  # killed after its first step
        prunings.prune(now=LATER, at_most=1)
        public_log.publish(LATER)
        if not Pruning.objects.filter(finished_at=None).exists() and Pruning.objects.exists():
            break
    [pruned] = Pruning.objects.all()
    assert pruned.finished_at is not None
    assert not Event.objects.filter(leaf_index__lt=pruned.stop_index).exists()
    assert not EventParty.objects.filter(event_id__in=dropped_ids).exists()
    assert not EventDetail.objects.filter(event_id__in=dropped_ids).exists()
    assert list(TransferRecord.objects.values_list("pk", flat=True)) == [years[3].row.pk]
    assert Recipient.objects.count() == recipients, "who received what stays known"
    assert entries(public_log, 2026) == [] and entries(public_log, 2027)
    assert (public_log.folder(2026) / "checkpoint").read_bytes() == checkpoints[2026]
    for file, log in ((old, 2026), (new, 2027)):
        assert verify("receipt", file, "--vkey", public_log.vkey(log)).returncode == 0
    checked = verify("log", public_log.folder(2026), "--vkey", public_log.vkey(2026))
    assert checked.returncode == 0 and "pruned: " in checked.stdout, checked.stdout + checked.stderr
    assert verify("log", public_log.folder(2027), "--vkey", public_log.vkey(2027)).returncode == 0
    assert client.get("/log/2026/pruned").status_code == 200
    monitoring.look(now=LATER)  # from scratch: it has seen neither year before
    assert list(Alarm.objects.exclude(kind="stale").values_list("kind", "sentence")) == []
    [event] = Event.objects.filter(name="log.pruned")
    facts = json.loads(bytes(event.leaf))["facts"]
    assert facts["size"] == pruned.stop_index and facts["profile_sha256"]
    assert queries.receipt(years[3].subject, visible_to=officer), "later proofs are made as before"
    assert prunings.prune(now=LATER) == 0 and Event.objects.filter(name="log.pruned").count() == 1
    with pytest.raises(Conflict) as refusal:
        hold(officer, scope="log_year", target="2026")
    assert refusal.value.code == "already_pruned"


def test_what_a_note_of_pruning_says_is_believed_only_where_the_log_signed_it(
    years: Any, public_log: PublicLog, verify: Callable[..., Any]
) -> None:
    prunings.prune(now=LATER)
    public_log.publish(LATER)
    folder = public_log.folder(2026)
    note = (folder / "pruned").read_bytes()
    for forged in (
        note.replace(b"minimum 1", b"minimum 0"),
        note.replace(b"at 2033", b"at 2034"),
        note[:-10],
        b"",
    ):
        (folder / "pruned").write_bytes(forged)
        assert verify("log", folder, "--vkey", public_log.vkey(2026)).returncode == 1, forged
    (folder / "pruned").unlink()
    assert verify("log", folder, "--vkey", public_log.vkey(2026)).returncode == 2, (
        "entries lack, and nothing says why"
    )
    public_log.signer().run_once(LATER)
    assert (folder / "pruned").exists()
    for tile in (folder / "tile" / "0").rglob("*.p/*"):
        tile.write_bytes(b"\0" * len(tile.read_bytes()))
    with pytest.raises(ForkDetected, match="bring the folder"):
        public_log.signer().run_once(LATER)


def test_holds_keep_a_year_and_its_release_lets_it_go(years: Any, officer: Actor) -> None:
    later = officer.moved_to(LATER)
    holds = [
        hold(later, scope="log_year", target="2026"),
        hold(later, scope="participant", target=str(years[0].row.seller_id)),
        hold(
            later,
            scope="period",
            since=datetime(2026, 12, 1, tzinfo=UTC),
            until=datetime(2026, 12, 9, tzinfo=UTC),
        ),
    ]
    elsewhere = hold(
        later, scope="period", since=datetime(2029, 5, 1, tzinfo=UTC), until=datetime(2029, 6, 1, tzinfo=UTC)
    )
    before = Event.objects.count()
    for one in holds:
        assert prunings.prune(now=LATER) == 0 and not Pruning.objects.exists()
        legal_holds.release(one, "The court has closed its case.", by=later)
    assert Event.objects.count() == before + len(holds)
    assert prunings.prune(now=LATER) > 0
    assert elsewhere.state == "placed"


def test_the_database_lets_no_event_go_that_was_not_pruned(years: Any) -> None:
    prunings.prune(now=LATER, at_most=0)
    stop = Pruning.objects.get().stop_index
    for statement in (
        "DELETE FROM kernel_event",
        f"DELETE FROM kernel_event WHERE leaf_index >= {stop}",
        "DELETE FROM kernel_eventparty",
        "DELETE FROM kernel_pruning",
        "UPDATE kernel_pruning SET stop_index = 1000000",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Event.objects.filter(leaf_index__lt=stop).count() == stop


def test_the_database_takes_no_pruning_of_what_has_not_ended_or_is_held(years: Any, officer: Actor) -> None:
    stop = Log.objects.get(name="2027").first_index
    for first, last in ((0, stop - 1), (1, stop), (stop, stop + 2), (0, stop + 2)):
        with pytest.raises(IntegrityError, match="one log that has ended"), transaction.atomic():
            pruning.begin(first, last, LATER)
    held = hold(officer.moved_to(LATER), scope="participant", target=str(years[0].row.seller_id))
    with pytest.raises(IntegrityError, match="is not held"), transaction.atomic():
        pruning.begin(0, stop, LATER)
    legal_holds.release(held, "The court has closed its case.", by=officer.moved_to(LATER))
    assert pruning.begin(0, stop, LATER).stop_index == stop
