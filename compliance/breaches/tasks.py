"""What the clock does to breaches: officers are warned before the time to tell the authority ends, and at its end."""

from celery import shared_task
from django.utils import timezone

from compliance.breaches import clock


@shared_task(name="compliance.warn_of_breaches")
def warn_of_breaches() -> None:
    """Every few minutes."""
    clock.tell_alarms(now=timezone.now())
