"""What the worker does of incidents by the clock: tell, look, remind."""

from celery import shared_task
from django.utils import timezone

from compliance.incidents import telling


@shared_task(name="compliance.advance_incidents")
def advance_incidents() -> None:
    """Every few seconds: tell holders, and see what reached them."""
    now = timezone.now()
    telling.send_due(now=now)
    telling.look(now=now)


@shared_task(name="compliance.remind_of_incidents")
def remind_of_incidents() -> None:
    """Remind holders who have not acknowledged an incident."""
    telling.remind(now=timezone.now())
