"""The log for its officers: each log with its key and its end, who cosigns it, how long Events wait for their place and
their signature, and whether a place is empty. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from uuid import UUID

from compliance import queries, words
from compliance.health import completeness, guesses
from compliance.health.guesses import Guesses
from compliance.log import published, standing
from compliance.log.published import SUCCESSOR, VKEY, folder_of
from compliance.log.standing import Standing
from compliance.models import Alarm, Comparison, Log, LogHead, Mismatch
from compliance.verifier.errors import VerificationError
from compliance.verifier.notes import VerifierKey
from compliance.verifier.successions import Succession, open_succession
from compliance.words import Mark, Words
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.models import Event

_HEADS = 50
_PLACES = 10_000
_NEWEST = 5
_LATE = timedelta(minutes=1)


@dataclass(frozen=True)
class Lag:
    """How long the Events of the newest heads waited for their place, in seconds."""

    middle: float
    longest: float
    heads: int


@dataclass(frozen=True)
class Gaps:
    """Of the newest places of the log, how many were looked at and how many have no leaf in the database."""

    places: int
    empty: int


@dataclass(frozen=True)
class ShownLog:
    """One log. `signed` is the size of its newest signed head; `succession` says how it ended before its year did."""

    log: Log
    sealed: int
    signed: int
    signed_at: datetime | None
    key: str
    key_id: str
    mark: Mark
    succession: Succession | None


@dataclass(frozen=True)
class ShownWitness:
    standing: Standing
    cosigned_at: datetime | None
    behind: int
    mark: Mark
    trouble: Words


@dataclass(frozen=True)
class ShownMismatch:
    """What one record knows and another does not, and what to look at; `record_id` where the desk has a page about
    it."""

    mismatch: Mismatch
    mark: Mark
    look_at: Words
    record_id: UUID | None


@dataclass(frozen=True)
class Completeness:
    """What the last comparison of tokens, gateways and log came to, and all that ever did not match."""

    last: Comparison | None
    unmatched: int
    newest: list[ShownMismatch]


@dataclass(frozen=True)
class ShownAlarm:
    alarm: Alarm
    mark: Mark


@dataclass(frozen=True)
class Shown:
    """`signer` says why the signer refuses to sign."""

    signer: list[str]
    logs: list[ShownLog]
    witnesses: list[ShownWitness]
    lag: Lag | None
    gaps: Gaps
    completeness: Completeness
    guesses: Guesses


def shown(*, by: Actor) -> Shown:
    """How the logs stand at `by.at`, the newest first."""
    by.require(Scope.AUDIT)
    logs = [_log(row, is_newest=number == 0) for number, row in enumerate(Log.objects.order_by("-name"))]
    signed = {one.log.origin: one.signed for one in logs}
    return Shown(
        signer=published.alarms(),
        logs=logs,
        witnesses=[_witness(one, signed.get(one.origin, 0), by.at) for one in standing.read()],
        lag=_lag(),
        gaps=_gaps(),
        completeness=_completeness(by),
        guesses=guesses.counted(by=by),
    )


def alarms(found: Sequence[Alarm]) -> list[ShownAlarm]:
    """The monitor's alarms in words."""
    return [ShownAlarm(one, words.ALARMS.get(one.kind, words.ALARMS["inconsistency"])) for one in found]


def mismatches(found: Sequence[Mismatch], *, by: Actor) -> list[ShownMismatch]:
    """Mismatches as a table shows them."""
    subjects = {row.pk: _transfer_id(row.subject) for row in found}
    wanted = [one for one in subjects.values() if one]
    known = set(queries.records_visible_to(by).filter(pk__in=wanted).values_list("pk", flat=True))
    return [
        ShownMismatch(
            row,
            words.MISMATCHES[row.kind],
            words.LOOK_AT[row.kind],
            one if (one := subjects[row.pk]) in known else None,
        )
        for row in found
    ]


def _completeness(by: Actor) -> Completeness:
    found = completeness.unmatched_visible_to(by)
    newest = mismatches(list(found.order_by("-pk")[:_NEWEST]), by=by)
    return Completeness(completeness.last_comparison(by), found.count(), newest)


def _transfer_id(subject: str) -> UUID | None:
    noun, _, text = subject.partition(":")
    return UUID(text) if noun == "transfer" else None


def _log(row: Log, *, is_newest: bool) -> ShownLog:
    head = row.heads.order_by("-size").first()
    checkpoint = row.checkpoints.order_by("-size").first()
    folder = folder_of(row.name)
    vkey = (folder.read(VKEY) or b"").decode(errors="replace").strip()
    key = _key(vkey)
    note = folder.read(SUCCESSOR)
    state = "closed" if note is not None else "growing" if is_newest else "over"
    return ShownLog(
        log=row,
        sealed=head.size if head else 0,
        signed=checkpoint.size if checkpoint else 0,
        signed_at=checkpoint.signed_at if checkpoint else None,
        key=vkey,
        key_id=key.id.hex() if key else "",
        mark=words.LOGS[state],
        succession=_succession(note, key) if note and key else None,
    )


def _key(vkey: str) -> VerifierKey | None:
    try:
        return VerifierKey.parse(vkey)
    except VerificationError:
        return None


def _succession(note: bytes, key: VerifierKey) -> Succession | None:
    try:
        return open_succession(note, [key])
    except VerificationError:
        return None


def _witness(found: Standing, signed: int, now: datetime) -> ShownWitness:
    cosigned_at = datetime.fromtimestamp(found.cosigned_at, UTC) if found.cosigned_at is not None else None
    behind = max(0, signed - found.size)
    if found.trouble == "contradiction":
        mark = words.WITNESSES["contradicts"]
    elif found.trouble or cosigned_at is None:
        mark = words.WITNESSES["silent"]
    else:
        is_late = behind > 0 and now - cosigned_at > _LATE
        mark = words.WITNESSES["behind" if is_late else "agrees"]
    return ShownWitness(found, cosigned_at, behind, mark, words.trouble_words(found.trouble))


def _lag() -> Lag | None:
    """Measured on the first leaf of each batch, which has waited about the longest of its batch."""
    heads = LogHead.objects.select_related("log").order_by("-sealed_at")[: _HEADS + 1]
    newest = sorted(heads, key=lambda head: (head.log.name, head.size))
    sealed_at: dict[int, datetime] = {}
    for before, head in pairwise(newest):
        start = before.size if before.log_id == head.log_id else 0
        sealed_at[head.log.first_index + start] = head.sealed_at
    found = Event.objects.filter(leaf_index__in=sealed_at).values_list("leaf_index", "at")
    waits = [(sealed_at[index] - at).total_seconds() for index, at in found if index is not None]
    return Lag(max(0.0, median(waits)), max(0.0, *waits), len(waits)) if waits else None


def _gaps() -> Gaps:
    newest = Event.objects.exclude(leaf_index=None).order_by("-leaf_index")
    last = newest.values_list("leaf_index", flat=True).first()
    if last is None:
        return Gaps(0, 0)
    first = max(0, last + 1 - _PLACES)
    places = last + 1 - first
    return Gaps(places, places - Event.objects.filter(leaf_index__gte=first).count())
