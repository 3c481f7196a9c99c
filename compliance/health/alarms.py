"""What officers say of the monitor's alarms: one that was dealt with, and does not end by itself, is acknowledged."""

from django.db import transaction

from compliance.models import Alarm
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict


@transaction.atomic
def acknowledge(alarm: Alarm, reason: str, *, by: Actor) -> Alarm:
    """Note why an alarm that stands needs nobody any more. It stays in the list, and a new one is a new alarm."""
    by.require(Scope.AUDIT)
    given = text.reason(reason)
    standing = Alarm.objects.filter(pk=alarm.pk, cleared_at=None, acknowledged_at=None)
    if not standing.update(acknowledged_at=by.at, reason=given):
        raise Conflict("this alarm is over, or was acknowledged before", code="alarm_not_standing")
    alarm.refresh_from_db()
    events.record("alarm.acknowledged", alarm, by=by, typed={"reason": given})
    return alarm
