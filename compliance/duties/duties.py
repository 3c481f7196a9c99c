"""Who owes the deletion of what, derived from the log alone: an end names the day, a statement settles it, and only
where bytes have left is anything owed."""

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from compliance.models import Duty, TransferRecord
from compliance.proofs.receipts import Entry
from exchange.kernel.actors import Actor, Scope

_ENDS = ("entitlement.expired", "entitlement.revoked")
_STATED = "deletion.stated"
_NOUNS = ("seller", "buyer", "dataset", "revision", "agreement")
_LEFT = Q(sent_bytes__gt=0) | Q(result=TransferRecord.Result.RUNNING)

log = logging.getLogger("exchange.records")


def is_about_duty(event_name: str) -> bool:
    """Whether leaves of this name change a duty."""
    return event_name in _ENDS or event_name == _STATED


def write(entries: Iterable[Entry]) -> None:
    """Bring the duties up to date with these leaves, in whatever order they come."""
    for index, leaf in entries:
        try:
            body = json.loads(leaf)
            _note(body["type"], datetime.fromisoformat(body["ts"]), body["facts"])
        except (ValueError, KeyError, TypeError, AttributeError):
            log.error("leaf %s cannot be read as an Event of a duty to delete", index)


def duties_visible_to(actor: Actor, *, overdue: bool) -> QuerySet[Duty]:
    """What has left and is to be deleted, or was: for officers; `overdue` leaves what was not stated in time."""
    actor.require(Scope.AUDIT)
    owed = Duty.objects.filter(Exists(TransferRecord.objects.filter(_LEFT, entitlement_id=OuterRef("pk"))))
    return owed.filter(stated_at=None, delete_by__lte=actor.at) if overdue else owed


def overdue_for(actor: Actor) -> int:
    """How many deletions are overdue, up to a hundred, for an officer; none for anybody else."""
    return duties_visible_to(actor, overdue=True)[:100].count() if actor.can(Scope.AUDIT) else 0


def _note(name: str, at: datetime, facts: Mapping[str, str]) -> None:
    known: dict[str, object] = {f"{noun}_id": UUID(facts[noun]) for noun in _NOUNS if noun in facts}
    if name == _STATED:
        known["stated_at"] = at
    elif "delete_by" in facts:
        known["delete_by"] = datetime.fromisoformat(facts["delete_by"])
    else:
        return  # nothing is owed
    Duty.objects.update_or_create(pk=UUID(facts["entitlement"]), defaults=known)
