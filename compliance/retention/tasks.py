"""What the clock does to what is kept: each night, whatever has had its time goes."""

from celery import shared_task
from django.utils import timezone

from compliance.retention import prunings, sweep


@shared_task(name="compliance.sweep_retention")
def sweep_retention() -> None:
    """Nightly; what is left over is for the next night."""
    now = timezone.now()
    sweep.sweep(now=now)
    prunings.prune(now=now)
