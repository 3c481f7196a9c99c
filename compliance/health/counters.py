"""Counts of requests that leave no Event, such as wild guesses at tokens: one number per kind and day."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from compliance.models import RefusalCount
from exchange.kernel.actors import Actor, Scope


def add(code: str, day: date, count: int = 1) -> None:
    """Add to a day's count of this kind; rivals lose nothing."""
    row = RefusalCount.objects.filter(code=code, day=day)
    if row.update(count=F("count") + count):
        return
    try:
        with transaction.atomic():
            RefusalCount.objects.create(code=code, day=day, count=count)
    except IntegrityError:  # a rival made the row first
        row.update(count=F("count") + count)


def counts_visible_to(actor: Actor) -> QuerySet[RefusalCount]:
    """All that was counted, for officers."""
    actor.require(Scope.AUDIT)
    return RefusalCount.objects.all()
