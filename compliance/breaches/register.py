"""The verbs of the register of breaches: open, describe, assess, exempt, close. What an officer writes is an Event of
its own: its hash in the log, its words on the desk."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from compliance import legal
from compliance.breaches import clock, lines
from compliance.models import Breach
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.states import transition

State, Risk = Breach.State, Breach.Risk
TEXTS: Mapping[str, int] = {
    "what": 10_000,
    "systems": 2_000,
    "persons_categories": 2_000,
    "data_categories": 2_000,
    "consequences": 10_000,
    "measures_taken": 10_000,
    "measures_proposed": 10_000,
    "lessons": 10_000,
}
"""What may be written of a breach at any time while it is open, each with the most characters it takes."""
COUNTS = ("persons_count", "records_count")
_MOST = 10**12


@dataclass(frozen=True)
class Found:
    """What is known when a breach is opened."""

    kinds: Collection[str]
    what: str
    reported_by: str
    detected_at: datetime
    became_aware_at: datetime
    occurred_from: datetime | None = None
    occurred_until: datetime | None = None


@transaction.atomic
def open_breach(found: Found, *, by: Actor) -> Breach:
    """Enter a breach in the register; its clock runs from the moment of becoming aware."""
    require_officer(by)
    kinds = [kind for kind in Breach.Kind.values if kind in found.kinds]
    if not kinds or set(found.kinds) - set(kinds):
        raise Invalid(f"a breach is of {', '.join(Breach.Kind.values)}, or of several of them")
    if found.reported_by not in Breach.Source.values:
        raise Invalid(f"a breach is reported by {', '.join(Breach.Source.values)}")
    _require_order(found, by.at)
    what = text.prose(found.what, name="what", at_least=10, at_most=TEXTS["what"])
    profile = legal.current()
    legal.keep(profile, now=by.at)
    breach = Breach.objects.create(
        kinds=kinds,
        what=what,
        reported_by=found.reported_by,
        occurred_from=found.occurred_from,
        occurred_until=found.occurred_until,
        detected_at=found.detected_at,
        became_aware_at=found.became_aware_at,
        due_at=clock.due(profile, found.became_aware_at),
        profile_version=profile.version,
        profile_sha256=profile.sha256,
        opened_by=by.name,
        opened_at=by.at,
    )
    events.record("breach.opened", breach, by=by, typed={"what": what})
    return breach


@transaction.atomic
def describe(
    breach: Breach, texts: Mapping[str, str], counts: Mapping[str, int | None] | None = None, *, by: Actor
) -> Breach:
    """Write more of a breach, or correct it; what is given as it stands already changes nothing."""
    require_officer(by)
    if unknown := sorted({*texts, *(counts or {})} - {*TEXTS, *COUNTS}):
        raise Invalid(f"a breach has no line {unknown[0][:80]!r}")
    written = {name: text.prose(value, name=name, at_most=TEXTS[name]) for name, value in texts.items()}
    if "what" in written:
        text.prose(written["what"], name="what", at_least=10, at_most=TEXTS["what"])
    for name, number in (counts or {}).items():
        if number is not None and not 0 <= number <= _MOST:
            raise Invalid(f"{name} is a number from 0 to {_MOST}")
    current = Breach.objects.select_for_update().get(pk=breach.pk)
    typed = {name: value for name, value in written.items() if getattr(current, name) != value}
    numbers = {name: value for name, value in (counts or {}).items() if getattr(current, name) != value}
    if not typed and not numbers:
        return current
    _update(breach, **typed, **numbers)
    known = {name: None if value is None else str(value) for name, value in numbers.items()}
    events.record("breach.described", breach, by=by, facts=known, typed=typed or None)
    return breach


@transaction.atomic
def assess(breach: Breach, *, risk: str, method: str, reasons: str, by: Actor) -> Breach:
    """Say how great the risk to persons is, how that was found, and why. Where it is unlikely, these reasons are what
    is kept in place of a notification."""
    require_officer(by)
    if risk not in Risk.values:
        raise Invalid(f"the risk is one of {', '.join(Risk.values)}")
    how = text.prose(method, name="method", at_least=3, at_most=2_000)
    why = text.prose(reasons, name="reasons", at_least=10, at_most=10_000)
    _update(breach, risk=risk, risk_method=how, risk_reasons=why)
    events.record("breach.assessed", breach, by=by, typed={"method": how, "reasons": why})
    return breach


@transaction.atomic
def exempt(breach: Breach, *, ground: str, reasons: str, by: Actor) -> Breach:
    """Say on which ground of Art. 34(3) the persons are not told, and why it holds."""
    require_officer(by)
    if ground not in {one.code for one in clock.profile_of(breach).grounds("34(3)")}:
        raise Invalid("the law knows no such ground not to tell the persons", code="exemption_unknown")
    why = text.prose(reasons, name="reasons", at_least=10, at_most=10_000)
    _update(breach, exemption=ground, exemption_reasons=why)
    events.record("breach.persons_exempted", breach, by=by, facts={"ground": ground}, typed={"reasons": why})
    return breach


@transaction.atomic
def close(breach: Breach, *, by: Actor) -> Breach:
    """Close a breach once each line that the law asks for is written; Conflict names those that lack."""
    require_officer(by)
    current = Breach.objects.select_for_update().get(pk=breach.pk)
    if current.state == State.OPEN and (missing := lines.missing(current)):
        raise Conflict(
            f"this breach cannot be closed yet; it lacks: {', '.join(missing)}",
            code="breach_incomplete",
            more={"lines": ",".join(missing)},
        )
    return transition(breach, "close", by=by, closed_at=by.at)


@transaction.atomic
def reopen(breach: Breach, reason: str, *, by: Actor) -> Breach:
    """Go on with a breach that was closed, because more has become known."""
    require_officer(by)
    given = text.reason(reason)
    return transition(breach, "reopen", by=by, typed={"reason": given}, closed_at=None)


def require_officer(by: Actor) -> None:
    """Refuse who is no officer of the operator, nor the exchange itself."""
    by.require(Scope.AUDIT)
    if by.participant_id is None and not by.is_system:
        raise Forbidden("the desk is for officers of the exchange's operator", code="scope_missing")


def require_open(breach: Breach) -> None:
    """Conflict where the breach is closed. The row is locked until the open transaction ends."""
    state = Breach.objects.select_for_update().values_list("state", flat=True).get(pk=breach.pk)
    if state != State.OPEN:
        raise Conflict("this breach is closed; open it again to go on", code="breach_closed")


def _update(breach: Breach, **changes: Any) -> None:
    require_open(breach)
    Breach.objects.filter(pk=breach.pk).update(**changes)
    breach.refresh_from_db()


def _require_order(found: Found, now: datetime) -> None:
    if found.became_aware_at > now:
        raise Invalid("the exchange cannot become aware in the future", code="aware_in_future")
    if found.detected_at > found.became_aware_at:
        raise Invalid(
            "a breach is detected before one is aware of it, or at the same moment", code="moments_wrong"
        )
    first, last = found.occurred_from, found.occurred_until
    if (first and first > found.became_aware_at) or (last and last > now) or (first and last and first > last):
        raise Invalid(
            "the time of the breach begins before it is known, and ends after it begins", code="moments_wrong"
        )
