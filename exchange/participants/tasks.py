"""What the clock does for participants."""

from celery import shared_task
from django.utils import timezone

from exchange.participants import access_tokens, repeats


@shared_task(name="participants.purge")
def purge() -> None:
    """Forget stored answers and revocations that have had their day."""
    now = timezone.now()
    repeats.purge(now)
    access_tokens.purge(now)
