"""The nightly sweep: whatever is older than its period goes, a bounded batch at a time, each batch with its Event in
one transaction. A sweep that is cut short is taken up by the next; what a legal hold covers stays."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from compliance import legal
from compliance.legal import LegalProfile
from compliance.models import Sweep
from compliance.retention import kinds, legal_holds, periods
from compliance.retention.held import Standing
from compliance.retention.kinds import Kind
from exchange.kernel import events
from exchange.kernel.actors import Actor

BATCH = 500
MOST_BATCHES = 200
_MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Waiting:
    """What of one kind would go now, and what a hold keeps; counted up to some thousands, `is_more` says of more."""

    kind: str
    cutoff: datetime
    due: int
    held: int
    is_more: bool


def sweep(*, now: datetime, at_most: int = MOST_BATCHES) -> int:
    """Take away what has had its time, by the legal profile in force; answers how many rows."""
    profile = legal.current()
    return sum(_sweep(kind, profile, now, at_most) for kind in kinds.KINDS)


def waiting(profile: LegalProfile, *, now: datetime) -> list[Waiting]:
    """What the next sweep would take, and what holds would keep; changes nothing."""
    standing = Standing.at(now)
    return [_waiting(kind, profile, standing, now) for kind in kinds.KINDS]


def _sweep(kind: Kind, profile: LegalProfile, now: datetime, at_most: int) -> int:
    count, after = 0, None
    for _ in range(at_most):
        dropped, after = _batch(kind, profile, now, after)
        count += dropped
        if after is None:
            break
    return count


@transaction.atomic
def _batch(kind: Kind, profile: LegalProfile, now: datetime, after: object | None) -> tuple[int, object | None]:
    """Take one batch; answers how many rows went, and after which the next begins, None at the end."""
    legal_holds.fence()
    cutoff = periods.cutoff(profile, kind.name, now)
    found = kind.expired(cutoff).order_by("pk")
    rows = list((found if after is None else found.filter(pk__gt=after))[:BATCH])
    if not rows:
        return 0, None
    held = set(kind.held(rows, Standing.at(now)))
    going = [row for row in rows if row.pk not in held]
    if going:
        by = Actor.system("retention", at=now)
        kind.drop(going, by)
        legal.keep(profile, now=now)
        swept = Sweep.objects.create(
            kind=kind.name,
            cutoff=cutoff,
            dropped=len(going),
            held=len(held),
            swept_at=now,
            profile_version=profile.version,
            profile_sha256=profile.sha256,
        )
        events.record("retention.swept", swept, by=by)
    return len(going), rows[-1].pk if len(rows) == BATCH else None


def _waiting(kind: Kind, profile: LegalProfile, standing: Standing, now: datetime) -> Waiting:
    cutoff = periods.cutoff(profile, kind.name, now)
    found = kind.expired(cutoff).order_by("pk")
    due = held = looked = 0
    after = None
    while looked < _MOST_COUNTED:
        rows = list((found if after is None else found.filter(pk__gt=after))[:BATCH])
        kept = len(set(kind.held(rows, standing))) if rows else 0
        due, held, looked = due + len(rows) - kept, held + kept, looked + len(rows)
        if len(rows) < BATCH:
            return Waiting(kind.name, cutoff, due, held, is_more=False)
        after = rows[-1].pk
    return Waiting(kind.name, cutoff, due, held, is_more=True)
