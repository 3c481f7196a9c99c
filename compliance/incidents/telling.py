"""Tell each holder of a confirmed incident, apart from all others, and see what became of it: the Event goes to its
members by page and e-mail and to its webhooks, as notices to recipients do, and who does not acknowledge it is
reminded."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from compliance import legal
from compliance.models import Incident, IncidentHolder
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event
from exchange.kernel.states import transition
from exchange.look.formats import zone
from exchange.participants import queries as participants
from exchange.participants import reached
from exchange.participants.reached import Way

AT_ONCE = 500
_State = IncidentHolder.State
_TOLD = ("incidentholder.notified", "incidentholder.repeated")
REMINDERS = ("notice.first_reminder", "notice.second_reminder")
"""The periods of the legal profile after which a holder is reminded."""


def send_due(*, now: datetime, at_most: int = AT_ONCE) -> int:
    """Tell the next holders that wait; answers how many were told."""
    by = Actor.system("tell_of_incidents", at=now)
    waiting = IncidentHolder.objects.filter(
        state=_State.QUEUED, incident__state=Incident.State.CONFIRMED
    ).select_related("incident")
    return sum(send(row, "send", by=by) for row in waiting.order_by("pk")[:at_most])


@transaction.atomic
def send(row: IncidentHolder, verb: str, *, by: Actor) -> bool:
    """Tell one holder, the first time or again; answers whether that was still to be done."""
    with suppress(Conflict), transaction.atomic():  # a rival told it
        transition(row, verb, by=by, sent_at=by.at, looked_at=by.at, next_step_at=next_step(row, 0, by.at))
        return True
    return False


def look(*, now: datetime, at_most: int = AT_ONCE) -> int:
    """See what became of what was sent, the longest unseen first; answers how many rows changed."""
    by = Actor.system("look_at_incidents", at=now)
    sent = IncidentHolder.objects.filter(state=_State.SENT).select_related("incident")
    return sum(_look(row, by) for row in sent.order_by("looked_at", "pk")[:at_most])


def remind(*, now: datetime, at_most: int = AT_ONCE) -> int:
    """Remind those who have not acknowledged it when their time is over; answers how many."""
    by = Actor.system("remind_of_incidents", at=now)
    due = IncidentHolder.objects.filter(
        next_step_at__lte=now, state__in=(_State.SENT, _State.DELIVERED)
    ).select_related("incident")
    return sum(_remind(row, by) for row in due.order_by("next_step_at", "pk")[:at_most])


def next_step(row: IncidentHolder, reminders: int, now: datetime) -> datetime | None:
    """When the next reminder is due, by the incident's own profile, in the operator's country and zone; None after
    the last."""
    if reminders >= len(REMINDERS):
        return None
    profile = legal.kept(row.incident.profile_sha256) or legal.current()
    operator = participants.operators_organisation()
    country = (operator.verified_country or operator.country) if operator else ""
    first, start = REMINDERS[0], row.sent_at or now
    due = legal.deadlines.due(profile, REMINDERS[reminders], start, country=country, zone=zone())
    # After a long halt nobody is reminded twice within a minute.
    return due if due > now else legal.deadlines.due(profile, first, now, country=country, zone=zone())


@transaction.atomic
def _remind(row: IncidentHolder, by: Actor) -> bool:
    count = row.reminders + 1
    mine = IncidentHolder.objects.filter(
        pk=row.pk, state__in=(_State.SENT, _State.DELIVERED), next_step_at=row.next_step_at
    )
    if not mine.update(reminders=count, next_step_at=next_step(row, count, by.at)):
        return False
    row.refresh_from_db()
    events.record("incidentholder.reminded", row, by=by, facts={"reminder": count})
    return True


@transaction.atomic
def _look(row: IncidentHolder, by: Actor) -> bool:
    IncidentHolder.objects.filter(pk=row.pk).update(looked_at=by.at)
    told = Event.objects.filter(subject=events.subject_of(row), name__in=_TOLD).order_by("-id").first()
    ways = reached.ways(told, row.holder_id) if told is not None else None
    if ways is None:
        return False
    taken = [way for way in ways if way.is_taken]
    if not taken and any(not way.is_over for way in ways):
        return False
    kept = [*row.ways, *(_kept(way, by.at) for way in ways if way.is_over)]
    with suppress(Conflict), transaction.atomic():
        if taken:
            facts = {"channels": sorted({way.channel for way in taken})}
            transition(row, "deliver", by=by, facts=facts, ways=kept)
        else:
            tries = sum(way.tries for way in ways)
            transition(row, "fail", by=by, facts={"tries": tries}, ways=kept, next_step_at=None)
        return True
    return False


def _kept(way: Way, at: datetime) -> dict[str, object]:
    return {
        "channel": way.channel,
        "is_taken": way.is_taken,
        "tries": way.tries,
        "code": way.code[:40],
        "at": at.isoformat(),
    }
