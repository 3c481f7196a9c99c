"""The clock of a breach: it runs from the moment of becoming aware until the authority is told, as long as the legal
profile says that it was opened under. Officers are warned before its end, and at it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from compliance import legal
from compliance.legal import LegalProfile, Period, deadlines
from compliance.models import Breach, BreachReport
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.text import timestamp
from exchange.look import formats
from exchange.participants.models import Participant

AUTHORITY, ALARMS = "breach.authority", "breach.alarms"
_TOLD = BreachReport.objects.filter(breach=OuterRef("pk"), audience=BreachReport.Audience.AUTHORITY)


def due(profile: LegalProfile, became_aware_at: datetime) -> datetime:
    """Until when the authority is to be told."""
    country = Participant.objects.filter(is_operator=True).values_list("country", flat=True).first() or ""
    return deadlines.due(profile, AUTHORITY, became_aware_at, country=country, zone=formats.zone())


def profile_of(breach: Breach) -> LegalProfile:
    """The legal profile that the breach was opened under."""
    return legal.kept(breach.profile_sha256) or legal.current()


def running() -> QuerySet[Breach]:
    """The breaches whose clock runs: open, the authority not told, and nobody has found that it need not be."""
    rows = Breach.objects.filter(state=Breach.State.OPEN).exclude(risk=Breach.Risk.UNLIKELY)
    return rows.filter(~Exists(_TOLD))


def is_running(breach: Breach) -> bool:
    """Whether the clock of this breach runs."""
    return running().filter(pk=breach.pk).exists()


def tell_alarms(*, now: datetime, at_most: int = 100) -> int:
    """Warn of every clock that comes near its end, or reaches it; answers how many warnings. Each is given once."""
    return sum(_tell(breach, now) for breach in running().order_by("due_at")[:at_most])


def moments(breach: Breach) -> list[datetime]:
    """When officers are warned: before the end, as the profile says, and at the end."""
    before = sorted((_hours(one) for one in profile_of(breach).periods(ALARMS)), reverse=True)
    opened = breach.opened_at
    found = [breach.due_at - timedelta(hours=hours) for hours in before]
    return [*(one for one in found if one > opened), breach.due_at]


@transaction.atomic
def _tell(breach: Breach, now: datetime) -> int:
    reached = sum(moment <= now for moment in moments(breach))
    told = breach.alarms_told
    if reached <= told or not running().filter(pk=breach.pk, alarms_told=told).update(alarms_told=reached):
        return 0
    is_over = now >= breach.due_at
    by, facts = Actor.system("breach_alarms", at=now), {"warned_at": timestamp(now)}
    if is_over:
        events.record("breach.deadline_passed", breach, by=by, facts=facts)
    else:
        events.record("breach.deadline_neared", breach, by=by, facts=facts)
    return 1


def _hours(period: Period) -> int:
    return period.hours + 24 * period.days
