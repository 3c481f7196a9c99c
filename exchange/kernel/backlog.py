"""Reactions that wait: how many, since when, which have failed; and to try one again before its time."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Min

from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Delivery

_LATE = timedelta(minutes=1)

log = logging.getLogger("exchange.events")


@dataclass(frozen=True)
class Backlog:
    """`late` should have run a minute ago; `failing` were tried more than once, the most tried first."""

    waiting: int
    oldest_at: datetime | None
    late: int
    failing_count: int
    failing: Sequence[Delivery]


def look(*, now: datetime, at_most: int = 10) -> Backlog:
    """What waits at this moment."""
    waiting = Delivery.objects.filter(done_at=None)
    failing = waiting.filter(attempts__gt=1)
    return Backlog(
        waiting=waiting.count(),
        oldest_at=waiting.aggregate(at=Min("event__at"))["at"],
        late=waiting.filter(due_at__lt=now - _LATE).count(),
        failing_count=failing.count(),
        failing=list(failing.select_related("event").order_by("-attempts", "pk")[:at_most]),
    )


def last_done_at() -> datetime | None:
    """When the last reaction was done, as far as the newest ones tell."""
    newest = Delivery.objects.exclude(done_at=None).order_by("-pk").values_list("done_at", flat=True)[:50]
    return max((at for at in newest if at), default=None)


@transaction.atomic
def try_again(delivery_id: UUID, *, by: Actor) -> None:
    """Run a reaction that waits for its next try at once. It may run twice, as any reaction may."""
    by.require(Scope.OPERATE)
    if not Delivery.objects.filter(pk=delivery_id, done_at=None).update(due_at=by.at):
        raise Conflict("this reaction is done already, or there is none", code="wrong_state")
    log.info("%s tries the reaction %s again", by.name, delivery_id)
    transaction.on_commit(lambda: events.send([delivery_id]), robust=True)
