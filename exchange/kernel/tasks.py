"""The two messages that carry reactions, and the one that shows that schedule and worker are alive."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from exchange.kernel import events, pulses


@shared_task(name=events.REACT_TASK, acks_late=True)
def react(*delivery_ids: str) -> None:
    events.react_all([UUID(one) for one in delivery_ids], now=timezone.now())


@shared_task(name="exchange.kernel.sweep")
def sweep() -> None:
    events.sweep(now=timezone.now())


@shared_task(name="exchange.kernel.pulse")
def pulse() -> None:
    """Sent by beat, run by a worker: where it is old, one of the two does not run."""
    pulses.beat(pulses.WORKER, timezone.now())
