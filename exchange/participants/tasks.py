"""What follows from Events for members, and what the clock does for participants."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from exchange.kernel.events import Reaction
from exchange.participants import access_tokens, notice_mails, notices, repeats


def tell_members_of(event_name: str) -> Reaction:
    """The reaction that tells members of Events of this name."""

    def tell_members(subject_id: str, now: datetime) -> None:
        notices.tell_of(event_name, subject_id, now=now)

    return tell_members


@shared_task(name="participants.mail_notices")
def mail_notices() -> None:
    """A mail that is due leaves within seconds."""
    notice_mails.send_due(now=timezone.now())


@shared_task(name="participants.purge")
def purge() -> None:
    """Forget stored answers, revocations and notices that have had their day."""
    now = timezone.now()
    repeats.purge(now)
    access_tokens.purge(now)
    notices.purge(now)
