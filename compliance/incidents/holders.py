"""What is done of one holder: it acknowledges an incident, or an officer tells it by another way, or once more."""

from django.db import transaction

from compliance.incidents import telling
from compliance.incidents.register import require_officer
from compliance.models import IncidentHolder
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.states import transition

_State = IncidentHolder.State


@transaction.atomic
def acknowledge(row: IncidentHolder, *, by: Actor) -> IncidentHolder:
    """Say for the holder that it knows of the incident; a second time changes nothing. A suspended organisation may
    too."""
    by.require(Scope.SELL)
    if by.participant_id != row.holder_id:
        raise Forbidden("only the holder of the data may say this", code="other_organisation")
    if IncidentHolder.objects.filter(pk=row.pk, state=_State.ACKNOWLEDGED).exists():
        row.refresh_from_db()
        return row
    return transition(row, "acknowledge", by=by, acknowledged_at=by.at, next_step_at=None)


@transaction.atomic
def hand_over(row: IncidentHolder, evidence: str, *, by: Actor) -> IncidentHolder:
    """Note that it was told by another way, and what shows it; the time to remind begins then."""
    require_officer(by)
    shown = text.prose(evidence, name="evidence", at_least=10, at_most=1_000)
    way = {"channel": "hand", "is_taken": True, "tries": 1, "code": "", "at": by.at.isoformat()}
    return transition(
        row,
        "deliver",
        by=by,
        facts={"channels": ["hand"]},
        typed={"evidence": shown},
        evidence=shown,
        ways=[*row.ways, way],
        sent_at=by.at,
        reminders=0,
        next_step_at=telling.next_step(row, 0, by.at),
    )


@transaction.atomic
def chase(row: IncidentHolder, *, by: Actor) -> IncidentHolder:
    """Remind a holder now, besides the reminders that come by themselves; one that could not be reached is told
    again."""
    require_officer(by)
    if row.state == _State.UNDELIVERED:
        telling.send(row, "resend", by=by)
        return row
    if not IncidentHolder.objects.filter(pk=row.pk, state__in=(_State.SENT, _State.DELIVERED)).exists():
        raise Conflict("this holder has nothing left to acknowledge", code="wrong_state")
    events.record("incidentholder.reminded", row, by=by, facts={"reminder": 0})
    return row
