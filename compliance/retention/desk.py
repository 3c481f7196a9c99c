"""What an officer looks at of retention: what the next sweep would take, and what holds keep. A look is an Event."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from compliance import legal
from compliance.desk import note
from compliance.legal import Period
from compliance.models import Sweep
from compliance.retention import periods, prunings, sweep
from compliance.retention.prunings import Year
from compliance.retention.sweep import Waiting
from exchange.kernel.actors import Actor, Scope


@dataclass(frozen=True)
class Plan:
    """The dry run of the next sweep, by the profile in force. `periods` are all that the profile gives."""

    profile_version: str
    periods: Sequence[tuple[str, Period]]
    waiting: Sequence[Waiting]
    years: Sequence[Year]


@transaction.atomic
def plan(*, by: Actor) -> Plan:
    """What would go now, and what would stay; nothing is changed but the log, which says that it was looked at."""
    by.require(Scope.AUDIT)
    profile = legal.current()
    note("officer.viewed", by, {"what": "retention"})
    return Plan(
        profile.version,
        [(kind, profile.period(f"{periods.START}{kind}")) for kind in periods.kinds(profile)],
        sweep.waiting(profile, now=by.at),
        prunings.years(profile, now=by.at),
    )


def sweeps_visible_to(actor: Actor) -> QuerySet[Sweep]:
    """Everything that was swept."""
    actor.require(Scope.AUDIT)
    return Sweep.objects.all()
