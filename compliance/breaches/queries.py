"""Reads of the register of breaches: for officers alone."""

from uuid import UUID

from django.db.models import QuerySet

from compliance.breaches import clock
from compliance.models import Breach, BreachRecipient, BreachReport, BreachScope
from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound
from exchange.kernel.models import Event


def breaches_visible_to(actor: Actor, *, state: str | None = None) -> QuerySet[Breach]:
    """Every breach in the register, those of which nobody was told too."""
    actor.require(Scope.AUDIT)
    rows = Breach.objects.all()
    return rows if state is None else rows.filter(state=state)


def breach_visible_to(actor: Actor, breach_id: UUID) -> Breach:
    """One breach."""
    found = breaches_visible_to(actor).filter(pk=breach_id).first()
    if found is None:
        raise NotFound("there is no such breach")
    return found


def scope_visible_to(actor: Actor, scope_id: UUID) -> BreachScope:
    """One answer of the log for a breach."""
    actor.require(Scope.AUDIT)
    found = BreachScope.objects.select_related("breach").filter(pk=scope_id).first()
    if found is None:
        raise NotFound("there is no such answer of the log")
    return found


def recipients_visible_to(actor: Actor, scope: BreachScope) -> QuerySet[BreachRecipient]:
    """Whom the log named then."""
    actor.require(Scope.AUDIT)
    return BreachRecipient.objects.filter(scope=scope)


def report_visible_to(actor: Actor, report_id: UUID) -> BreachReport:
    """One phase of what was told."""
    actor.require(Scope.AUDIT)
    found = BreachReport.objects.select_related("breach").filter(pk=report_id).first()
    if found is None:
        raise NotFound("there is no such notification")
    return found


def events_of(breach: Breach) -> list[Event]:
    """All that happened to a breach, oldest first."""
    mine = Event.objects.filter(subject=events.subject_of(breach))
    return list(mine.select_related("detail").order_by("id"))


def open_for(actor: Actor) -> int:
    """How many clocks run, for an officer; none for anybody else."""
    return clock.running().count() if actor.can(Scope.AUDIT) else 0
