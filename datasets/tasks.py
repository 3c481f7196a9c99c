"""What the worker does here: measure what was sealed, sweep what uploads left."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from datasets import arrivals, profiles
from datasets.storage import storage


def measure_revision(subject_id: str, now: datetime) -> None:
    """Follows revision.sealed."""
    profiles.measure(subject_id, now)


@shared_task(name="datasets.sweep_storage")
def sweep_storage() -> None:
    """Hourly: remove what cut uploads have left, and uploads that stopped too long ago."""
    now = timezone.now()
    arrivals.sweep(now)
    storage().sweep(now)
