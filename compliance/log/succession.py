"""The way on after a restore that lost signed leaves: logs that the database no longer holds end with a signed note
that names the gap, and one new log, their successor, holds everything from the first leaf that is not the same."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from compliance.log import history, names
from compliance.log.sealing import is_alone
from compliance.log.signer import Known, Signer
from compliance.models import Log, LogHead
from compliance.verifier.checkpoints import Checkpoint, open_checkpoint
from compliance.verifier.successions import Succession
from exchange.kernel import events, pruning
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Invalid, Unavailable
from exchange.kernel.models import Event

_PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Ending:
    """A log that cannot go on: its last signed head, and how many of its leaves the database still begins with."""

    known: Known
    last: Checkpoint
    kept: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What `succeed` would do. `first_index` is where the successor begins, counted over all logs."""

    endings: list[Ending]
    ended_before: list[Succession]  # whose successor the database has not
    successor: str
    first_index: int


def plan(signer: Signer, *, now: datetime) -> Plan | None:
    """Which logs would end, and what would succeed them; None when the database holds all that was signed."""
    logs = signer.logs()
    endings = [ending for known in logs if (ending := _ending(signer, known)) is not None]
    orphans = {known.name: ended for known in logs if (ended := _orphaned(signer, known)) is not None}
    if not endings and not orphans:
        return None
    starts = [one.known.row.first_index + one.kept for one in endings if one.known.row]
    starts += [k.row.first_index + orphans[k.name].kept for k in logs if k.row and k.name in orphans]
    announced = {ended.successor.rpartition("/")[2] for ended in orphans.values()}
    unsigned = announced - signer.memory.names()
    newest = max({known.name for known in logs} | announced | {str(now.year - 1)})
    following = str(now.year) if names.year_of(newest) < now.year else ""
    # A name that was announced and never signed is taken up again: the run that announced it was cut short.
    name = max(unsigned) if unsigned else following or names.successor_of(newest)
    return Plan(endings, list(orphans.values()), name, min(starts) if starts else _sealed_count())


def succeed(signer: Signer, *, reason: str, by: Actor) -> Plan:
    """End the logs that the database no longer holds, and open their successor; sequencer and signer go on with it."""
    if not reason.strip():
        raise Invalid("say why the log is succeeded: those who check it will ask", code="reason_missing")
    with signer.memory.alone(patience_seconds=_PATIENCE_SECONDS) as is_ours:
        if not is_ours:
            raise Unavailable("the signer is at work and does not pause; stop it", code="signer_busy")
        with transaction.atomic():
            is_alone(waits=True)
            found = plan(signer, now=by.at)
            if found is None:
                raise Conflict("the database holds all that was signed; no log has to end", code="log_whole")
            ends = _open(found, reason, by)
            # Before the commit: a signer that knows of a successor which the database has not raises the alarm, and
            # this command takes it up; the other way round would be a log that nobody announced.
            for one, succession in zip(found.endings, ends, strict=True):
                signer.end(one.known, succession)
    return found


def adopt(signer: Signer, note: bytes) -> Checkpoint:
    """Remember a head that a witness or a party kept, newer than all that this signer knows; it must have signed it."""
    origin = note.split(b"\n", 1)[0].decode(errors="replace")
    name = origin.rpartition("/")[2]
    known = next((known for known in signer.logs() if known.vkey.name == origin), None)
    if known is None:
        raise Invalid(f"no log of this exchange is called {origin}", code="log_unknown")
    head = open_checkpoint(note, [known.vkey])
    last = signer.last_signed(known)
    if last is None or last.head.size < head.size:
        signer.memory.keep_checkpoint(name, note)
    return head


def _ending(signer: Signer, known: Known) -> Ending | None:
    """How this log ends, if the database lacks a leaf that was signed, or has another."""
    last = signer.last_signed(known)
    if last is None or signer.succession(known) is not None:
        return None
    if known.row is None:
        return Ending(known, last.head, 0)
    if pruning.is_pruned(known.row.first_index) or history.is_whole(known.row, last.head):
        return None
    published = known.folder.head()
    shown = min(last.head.size, published.checkpoint.size) if published else 0
    return Ending(known, last.head, history.kept(known.row, known.folder, shown))


def _orphaned(signer: Signer, known: Known) -> Succession | None:
    """How a log ended whose successor the database has not."""
    ended = signer.succession(known)
    if ended is None or Log.objects.filter(origin=ended.successor).exists():
        return None
    return ended


def _open(found: Plan, reason: str, by: Actor) -> list[Succession]:
    """Open the successor, with an Event for each log that it goes on; answers how those of the plan end."""
    for one in found.endings:
        if one.known.row is None:  # the database is older than this log: let it know the name
            _new_log(one.known.name, one.known.vkey.name, found.first_index, by)
    opened = _new_log(found.successor, names.origin_of(found.successor), found.first_index, by)
    if (count := _sealed_count() - found.first_index) > 0:
        frontier = history.frontier(opened, count)
        LogHead.objects.create(
            log=opened, size=count, root=frontier.root(), frontier=frontier.to_bytes(), sealed_at=by.at
        )
    ends = [Succession(one.last, one.kept, opened.origin) for one in found.endings]
    for end in [*found.ended_before, *ends]:
        facts = {
            "ended": end.last.origin,
            "ended_size": str(end.last.size),
            "ended_root": end.last.root.hex(),
            "kept": str(end.kept),
            "gap": str(end.gap),
        }
        events.record("log.successor", opened, by=by, facts=facts, typed={"reason": reason})
    return ends


def _new_log(name: str, origin: str, first_index: int, by: Actor) -> Log:
    return Log.objects.create(name=name, origin=origin, first_index=first_index, opened_at=by.at)


def _sealed_count() -> int:
    """How many Events have a place, over all logs."""
    last = (
        Event.objects.exclude(leaf_index=None)
        .order_by("-leaf_index")
        .values_list("leaf_index", flat=True)
        .first()
    )
    return 0 if last is None else last + 1
