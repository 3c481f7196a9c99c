"""Messages to webhooks (Standard Webhooks): planned from the order of the log, which forgets none, and sent outside any
transaction, signed, until they are taken. A message goes out at least once, always with the same id."""

import base64
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from exchange.kernel import fetch
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, ExchangeError
from exchange.kernel.models import Event, EventParty
from exchange.kernel.text import timestamp
from exchange.participants.models import Participant, Webhook, WebhookAttempt, WebhookMessage
from exchange.participants.webhooks import webhooks

GIVEN_UP_AFTER = timedelta(days=5)
KEPT = timedelta(days=30)
WITHIN_SECONDS = 10.0
_LEAVES_AT_ONCE = 5_000
_MOST_WAITING = 1_000
_LEASE = timedelta(minutes=5)
_UNPROVEN_WAITS = timedelta(seconds=30)
_BACKOFF_SECONDS = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400)
_LONGEST_PAUSE_SECONDS = 60
_GONE = 410
_LARGEST_ANSWER_BYTES = 16_384
_PURGED_AT_ONCE = 2_000

log = logging.getLogger("exchange.webhooks")


@dataclass(frozen=True)
class Proof:
    """What is sent beside a leaf: its tlog-proof, and the hint at the log's key."""

    text: str
    vkey: str


def plan(leaves: int, *, now: datetime) -> int:
    """Make a message of each Event below `leaves` for each webhook that wants it; answers how many."""
    behind = Webhook.objects.filter(state=Webhook.State.ACTIVE, next_index__lt=leaves)
    places = behind.exclude(participant__state=Participant.State.CLOSED).values_list("next_index", flat=True)
    return sum(_plan_from(place, leaves, now) for place in sorted(set(places)))


@transaction.atomic
def _plan_from(first: int, leaves: int, now: datetime) -> int:
    """Take the webhooks that stand at the same leaf further together: one question for all of them."""
    here = Webhook.objects.filter(state=Webhook.State.ACTIVE, next_index=first)
    full = WebhookMessage.objects.filter(webhook=OuterRef("pk"), due_at__isnull=False)[_MOST_WAITING:]
    found = list(here.exclude(Exists(full)).select_for_update(of=("self",)).order_by("pk"))
    if not found:
        return 0
    last = min(leaves, first + _LEAVES_AT_ONCE)
    by_party: dict[UUID, list[Webhook]] = {}
    for webhook in found:
        by_party.setdefault(webhook.participant_id, []).append(webhook)
    told = EventParty.objects.filter(
        participant_id__in=by_party, event__leaf_index__gte=first, event__leaf_index__lt=last
    ).order_by("event__leaf_index")
    rows = [
        WebhookMessage(webhook=webhook, event_id=event_id, due_at=now, created_at=now)
        for participant_id, event_id, name, subject in told.values_list(
            "participant_id", "event_id", "event__name", "event__subject"
        )
        for webhook in by_party[participant_id]
        if webhooks.wants(webhook, name, subject)
    ]
    WebhookMessage.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    Webhook.objects.filter(pk__in=[webhook.pk for webhook in found]).update(next_index=last)
    return len(rows)


def waiting(*, now: datetime, at_most: int) -> list[UUID]:
    """The webhooks that have something to be sent now."""
    due = WebhookMessage.objects.filter(webhook=OuterRef("pk"), due_at__lte=now)
    active = Webhook.objects.filter(Exists(due), Q(retry_at=None) | Q(retry_at__lte=now))
    return list(active.filter(state=Webhook.State.ACTIVE).values_list("pk", flat=True)[:at_most])


def claim(webhook_id: UUID, *, now: datetime, at_most: int) -> list[WebhookMessage]:
    """Take the oldest messages that are due, so that no other process sends them too; what a crash leaves is due
    again after the lease."""
    due = WebhookMessage.objects.filter(webhook=webhook_id, due_at__lte=now).select_related("event", "webhook")
    taken = []
    for message in due.order_by("event__leaf_index")[:at_most]:
        mine = WebhookMessage.objects.filter(pk=message.pk, due_at=message.due_at)
        if mine.update(due_at=now + _LEASE, attempts=F("attempts") + 1):
            message.attempts += 1
            taken.append(message)
    return taken


def send(message: WebhookMessage, proof: Proof, *, now: datetime) -> bool:
    """Try once to deliver; answers whether it was taken. What was answered is kept as an attempt."""
    body = body_of(message.event, proof)
    secrets = webhooks.secrets_of(message.webhook, now)
    headers = {"Content-Type": "application/json", **signed(str(message.pk), body, secrets, now)}
    status, code, begun = None, "", time.monotonic()
    try:
        answer = fetch.fetch(
            message.webhook.url,
            method="POST",
            body=body,
            headers=headers,
            within_seconds=WITHIN_SECONDS,
            largest_bytes=_LARGEST_ANSWER_BYTES,
        )
        status = answer.status
        if not answer.is_success:
            code = "not_taken"
    except ExchangeError as refusal:
        code = refusal.code
    seconds = time.monotonic() - begun
    _note(message, WebhookAttempt(message=message, at=now, status=status, code=code), seconds)
    return not code


def put_off(messages: Sequence[WebhookMessage], *, now: datetime, is_proven: bool) -> None:
    """Leave what was claimed and not tried for later: for the next round, or until the log can prove it again."""
    due_at = now if is_proven else now + _UNPROVEN_WAITS
    mine = WebhookMessage.objects.filter(pk__in=[m.pk for m in messages], due_at__isnull=False)
    mine.update(due_at=due_at, attempts=F("attempts") - 1)


def body_of(event: Event, proof: Proof) -> bytes:
    """What is sent: what happened, to what, and the leaf with its proof, so that the receiver need not believe it."""
    data = {
        "id": str(event.pk),
        "subject": event.subject,
        "leaf": bytes(event.leaf).decode(),
        "proof": proof.text,
        "vkey": proof.vkey,
    }
    document = {"type": event.name, "timestamp": timestamp(event.at), "data": data}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def signed(message_id: str, body: bytes, secrets: Sequence[str], now: datetime) -> Mapping[str, str]:
    """The three headers of Standard Webhooks, with a signature by each secret."""
    moment = str(int(now.timestamp()))
    covered = f"{message_id}.{moment}.".encode() + body
    signatures = [hmac.digest(webhooks.key_of(secret), covered, hashlib.sha256) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in signatures),
    }


@transaction.atomic
def purge(now: datetime) -> int:
    """Forget messages, and the tries to deliver them, after a month; answers how many messages."""
    old = WebhookMessage.objects.filter(created_at__lt=now - KEPT, due_at=None).values_list("pk", flat=True)
    found = list(old[:_PURGED_AT_ONCE])
    WebhookAttempt.objects.filter(message__in=found).delete()
    return WebhookMessage.objects.filter(pk__in=found).delete()[0]


@transaction.atomic
def forget_events(ids: Sequence[UUID]) -> None:
    """Forget the messages about these Events, which are about to go, whether they arrived or not."""
    messages = WebhookMessage.objects.filter(event__in=ids)
    WebhookAttempt.objects.filter(message__in=messages).delete()
    messages.delete()


@transaction.atomic
def _note(message: WebhookMessage, attempt: WebhookAttempt, seconds: float) -> None:
    attempt.milliseconds = min(int(seconds * 1_000), 600_000)
    attempt.save()
    now, mine = attempt.at, WebhookMessage.objects.filter(pk=message.pk, due_at__isnull=False)
    webhook = Webhook.objects.select_for_update().get(pk=message.webhook_id)
    if not attempt.code:
        mine.update(due_at=None, delivered_at=now)
        if webhook.failures:
            Webhook.objects.filter(pk=webhook.pk).update(failures=0, failing_since=None, retry_at=None)
        return
    log.warning("webhook %s did not take a message: %s %s", webhook.pk, attempt.code, attempt.status or "")
    wait = _BACKOFF_SECONDS[min(message.attempts, len(_BACKOFF_SECONDS)) - 1]
    is_over = message.created_at < now - GIVEN_UP_AFTER
    mine.update(due_at=None if is_over else now + timedelta(seconds=wait))
    since = webhook.failing_since or now
    pause = min(5 * 2 ** min(webhook.failures, 10), _LONGEST_PAUSE_SECONDS)
    Webhook.objects.filter(pk=webhook.pk).update(
        failures=F("failures") + 1, failing_since=since, retry_at=now + timedelta(seconds=pause)
    )
    if attempt.status == _GONE or since < now - GIVEN_UP_AFTER:
        _disable(webhook, "webhook_gone" if attempt.status == _GONE else "webhook_failing", now)


def _disable(webhook: Webhook, code: str, now: datetime) -> None:
    try:
        webhooks.disable(webhook, code=code, by=Actor.system("webhooks", at=now))
    except Conflict:
        log.info("webhook %s was stopped by somebody else meanwhile", webhook.pk)
