"""What follows from Events for members, and what the clock does for participants."""

from collections.abc import Sequence
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from exchange.kernel.events import Gathered, Reaction
from exchange.kernel.models import Event
from exchange.participants import repeats, scouring
from exchange.participants.actors import access_tokens, credentials
from exchange.participants.notices import mails as notice_mails
from exchange.participants.notices import notices
from exchange.participants.webhooks import messages as webhook_messages


def tell_members_of(event_name: str) -> Reaction:
    """The reaction that tells members of Events of this name, together with others."""

    def tell_members(subject_id: str, now: datetime) -> None:
        notices.tell_of(event_name, subject_id, now=now)

    return Gathered(tell_members, _tell_together)


def _tell_together(found: Sequence[Event], now: datetime) -> None:
    notices.tell_together(found, now=now)


@shared_task(name="participants.mail_notices")
def mail_notices() -> None:
    """A mail that is due leaves within seconds."""
    notice_mails.send_due(now=timezone.now())


@shared_task(name=credentials.NOTE_USE_TASK)
def note_client_use(client_id: str, at: str) -> None:
    """The note that a token was asked for; one that is lost is made an hour later at most."""
    credentials.note_use(client_id, datetime.fromisoformat(at))


@shared_task(name="participants.purge")
def purge() -> None:
    """Forget stored answers, revocations and messages to webhooks that have had their day, and what was
    shredded."""
    now = timezone.now()
    repeats.purge(now)
    access_tokens.purge(now)
    webhook_messages.purge(now)
    scouring.scour_again(now)
