"""What the worker does here: measure what was sealed, sweep what uploads left, record what is late."""

from datetime import datetime
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from compliance.breaches import stops
from datasets import queries
from datasets.profiles import profiles
from datasets.revisions import arrivals, revisions
from datasets.schedules import schedules
from datasets.storage import storage
from exchange.kernel.actors import Actor


def measure_revision(subject_id: str, now: datetime) -> None:
    """Follows revision.sealed."""
    profiles.measure(subject_id, now)


def stop_in_breach(stop_id: str, now: datetime) -> None:
    """Follows breachstop.ordered: a revision that an officer had stopped is revoked."""
    order = stops.ordered(UUID(stop_id))
    if order.kind == "revision":
        revisions.stop(queries.revision(order.target_id), order.reason, by=Actor.system("breach_stop", at=now))


@shared_task(name="datasets.sweep_storage")
def sweep_storage() -> None:
    """Hourly: remove what cut uploads have left, and uploads that stopped too long ago."""
    now = timezone.now()
    arrivals.sweep(now)
    storage().sweep(now)


@shared_task(name="datasets.mark_late_deliveries")
def mark_late_deliveries() -> None:
    """Announced days that have passed without a revision."""
    schedules.mark_late(now=timezone.now())
