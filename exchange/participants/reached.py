"""Whether an Event reached a participant: what became of the mails to its members and of the messages to its
webhooks. It tells ways and counts, never addresses or who."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.db.models import Q

from exchange.kernel.models import Delivery, Event
from exchange.participants.models import Notice, Webhook, WebhookMessage
from exchange.participants.notices.notices import REACTION
from exchange.participants.webhooks.webhooks import wants


@dataclass(frozen=True)
class Way:
    """One way to a participant. It is over once it was taken, or is not tried any more."""

    channel: Literal["email", "webhook"]
    is_taken: bool
    is_over: bool
    tries: int
    code: str = ""


def ways(event: Event, participant_id: UUID) -> list[Way] | None:
    """All ways by which an Event went, or goes, to a participant; none where it can be told to nobody there. None
    while it is not known yet who is told."""
    if Delivery.objects.filter(event=event, reaction=REACTION, done_at=None).exists():
        return None
    mails = Notice.objects.filter(key=str(event.pk), member__participant_id=participant_id)
    found = [_by_mail(notice) for notice in mails]
    messages = WebhookMessage.objects.filter(event=event, webhook__participant_id=participant_id)
    found += [_by_webhook(message) for message in messages]
    index = event.leaf_index
    unplanned = Q() if index is None else Q(next_index__lte=index)
    active = Webhook.objects.filter(unplanned, participant_id=participant_id, state=Webhook.State.ACTIVE)
    found += [
        Way("webhook", is_taken=False, is_over=False, tries=0)
        for webhook in active
        if wants(webhook, event.name, event.subject)
    ]
    return found


def _by_mail(notice: Notice) -> Way:
    is_taken = notice.mailed_at is not None
    is_over = is_taken or notice.mail_due_at is None
    code = "" if is_taken or not is_over else "mail_not_taken"
    return Way("email", is_taken, is_over, notice.mail_attempts, code)


def _by_webhook(message: WebhookMessage) -> Way:
    is_taken = message.delivered_at is not None
    is_over = is_taken or message.due_at is None
    last = (
        message.tries.order_by("-pk").values_list("code", flat=True).first() if is_over and not is_taken else ""
    )
    return Way("webhook", is_taken, is_over, message.attempts, last or "")
