"""Reactions to charges and provider events, and the beat that releases holds."""

from datetime import datetime
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from payments import charges, holds, inbox


def submit_charge(subject_id: str, now: datetime) -> None:
    """After charge.created."""
    charges.submit(UUID(subject_id), now)


def act_on_provider_event(subject_id: str, now: datetime) -> None:
    """After provider.event_received."""
    inbox.act(UUID(subject_id), now)


@shared_task(name="payments.release_holds")
def release_holds() -> None:
    """Every few minutes: what is over is released."""
    holds.release_due(timezone.now())
