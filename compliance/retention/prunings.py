"""Old years of the log: a log that nobody adds to, signed to its end, is pruned as a whole once its period is over and
no legal hold covers it. Its hashes stay, so later proofs, and receipts that parties kept, verify as before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from django.db import transaction

from compliance import legal
from compliance.legal import LegalProfile
from compliance.models import Checkpoint, LegalHold, Log, TransferRecord
from compliance.retention import legal_holds, periods
from compliance.retention.held import Standing, overlaps
from exchange.kernel import events, pruning
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.models import Pruning
from exchange.participants.models import Participant
from exchange.participants.webhooks import messages as webhook_messages

KIND = "leaves"
BATCH = 500
MOST_BATCHES = 200
_OF_TIME = (LegalHold.Scope.PERIOD, LegalHold.Scope.LOG_YEAR)


@dataclass(frozen=True)
class Year:
    """A log that has ended: its leaves are those from `first` up to `stop`."""

    log: Log
    first: int
    stop: int
    ended_at: datetime
    is_due: bool
    is_signed: bool
    holds: Sequence[LegalHold]

    @property
    def goes(self) -> bool:
        return self.is_due and self.is_signed and not self.holds


def years(profile: LegalProfile, *, now: datetime) -> list[Year]:
    """Every log that has ended and is not pruned, the oldest first."""
    return list(_years(profile, now))


def prune(*, now: datetime, at_most: int = MOST_BATCHES) -> int:
    """Decide which logs go, and carry out what was decided, now or before; answers how many Events went."""
    profile = legal.current()
    for year in _years(profile, now):
        if year.goes:
            _decide(year, profile, now)
    return sum(carry_out(decided, now=now, at_most=at_most) for decided in pruning.unfinished())


def carry_out(decided: Pruning, *, now: datetime, at_most: int = MOST_BATCHES) -> int:
    """Delete the Events of a log that was pruned, and the desk's rows about them, batch by batch; what is left over is
    for the next time. Answers how many Events went."""
    count = 0
    parties = Participant.objects.values_list("pk", flat=True)
    for _ in range(at_most):
        dropped = pruning.drop(
            decided, parties=parties, forget=webhook_messages.forget_events, at_most=BATCH
        ) or _drop_records(decided)
        if not dropped:
            pruning.finish(decided, now)
            break
        count += dropped
    return count


def _years(profile: LegalProfile, now: datetime) -> Iterator[Year]:
    cutoff, standing = periods.cutoff(profile, KIND, now), Standing.at(now)
    logs = list(Log.objects.order_by("name"))
    for log, following in pairwise(logs):
        if following.first_index <= log.first_index or pruning.is_pruned(log.first_index):
            continue
        size = following.first_index - log.first_index
        yield Year(
            log,
            log.first_index,
            following.first_index,
            ended_at=following.opened_at,
            is_due=following.opened_at <= cutoff,
            is_signed=Checkpoint.objects.filter(log=log, size__gte=size).exists(),
            holds=_holds(standing, log.opened_at, following.opened_at),
        )


def _holds(standing: Standing, first: datetime, last: datetime) -> list[LegalHold]:
    """The holds that keep a log: those on its time, and any on a thing or a person, since leaves about all of them lie
    in one log."""
    return [hold for hold in standing.holds if hold.scope not in _OF_TIME or overlaps(hold, first, last)]


@transaction.atomic
def _decide(year: Year, profile: LegalProfile, now: datetime) -> None:
    legal_holds.fence()
    if pruning.is_pruned(year.first) or _holds(Standing.at(now), year.log.opened_at, year.ended_at):
        return
    legal.keep(profile, now=now)
    pruning.begin(year.first, year.stop, now)
    facts: dict[str, Fact] = {
        "size": year.stop - year.first,
        "profile_version": profile.version,
        "profile_sha256": profile.sha256,
    }
    events.record("log.pruned", year.log, by=Actor.system("retention", at=now), facts=facts)


@transaction.atomic
def _drop_records(decided: Pruning) -> int:
    """The desk's rows of transfers whose last leaf is gone; who received what stays, as long as the data may."""
    rows = TransferRecord.objects.filter(last_leaf__lt=decided.stop_index).order_by("pk")
    ids: list[UUID] = list(rows.values_list("pk", flat=True)[:BATCH])
    TransferRecord.objects.filter(pk__in=ids).delete()
    return len(ids)
