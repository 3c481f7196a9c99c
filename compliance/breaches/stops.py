"""What can be stopped at once in a breach: an organisation, or a revision. An officer orders it, with a reason; the
exchange carries it out, so that nobody needs another role on the worst day."""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from compliance.breaches.register import require_officer, require_open
from compliance.models import Breach, BreachStop
from exchange.kernel import events, text
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Invalid, NotFound
from exchange.kernel.models import Event
from exchange.participants.members import members
from exchange.participants.models import Participant

Kind = BreachStop.Kind


@dataclass(frozen=True)
class Order:
    """What is to stop, and why, for whoever carries it out."""

    kind: str
    target_id: UUID
    reason: str


@transaction.atomic
def order(breach: Breach, *, kind: str, target_id: UUID, reason: str, by: Actor) -> BreachStop:
    """Suspend an organisation at once, or have a revision revoked; the log says in which breach, and why."""
    require_officer(by)
    given = text.reason(reason)
    require_open(breach)
    participant = None
    if kind == Kind.PARTICIPANT:
        participant = Participant.objects.filter(pk=target_id).first()
        if participant is None:
            raise NotFound("there is no such organisation")
        if participant.is_operator:
            raise Invalid("the operator's own organisation cannot be suspended", code="own_organisation")
    elif kind != Kind.REVISION:
        raise Invalid(f"what can be stopped is {' or '.join(Kind.values)}")
    elif not Event.objects.filter(subject=f"revision:{target_id}").exists():
        raise NotFound("there is no such revision")
    try:
        with transaction.atomic():
            ordered = BreachStop.objects.create(
                breach=breach,
                kind=kind,
                target_id=target_id,
                reason=given,
                ordered_by=by.name,
                ordered_at=by.at,
            )
    except IntegrityError:
        raise Conflict("this was stopped in this breach before", code="stopped_before") from None
    if participant is not None:
        members.suspend(participant, reason=given, by=by.as_system("breach_stop"))
    events.record("breachstop.ordered", ordered, by=by, typed={"reason": given})
    return ordered


def ordered(stop_id: UUID) -> Order:
    """What an order asks for."""
    row = BreachStop.objects.get(pk=stop_id)
    return Order(row.kind, row.target_id, row.reason)
