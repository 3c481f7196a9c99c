"""What the worker does for requests of persons: letters leave, what is due is told, what nobody confirmed forgotten."""

from celery import shared_task
from django.utils import timezone

from compliance.requests import intake, letters, reminders


@shared_task(name="compliance.send_request_letters")
def send_request_letters() -> None:
    """A letter that is due leaves within seconds."""
    letters.send_due(now=timezone.now())


@shared_task(name="compliance.watch_requests")
def watch_requests() -> None:
    """Every few minutes: what is due soon or overdue is told, and what nobody confirmed is forgotten."""
    now = timezone.now()
    reminders.remind(now=now)
    intake.lapse(now=now)
