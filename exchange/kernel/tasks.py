"""The two messages that carry reactions."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from exchange.kernel import events


@shared_task(name=events.REACT_TASK, acks_late=True)
def react(delivery_id: str) -> None:
    events.react(UUID(delivery_id), now=timezone.now())


@shared_task(name="exchange.kernel.sweep")
def sweep() -> None:
    events.sweep(now=timezone.now())
