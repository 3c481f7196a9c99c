"""Webhooks: a participant's addresses to which its Events are sent. A secret is shown once and kept wrapped; a
rotated one signs beside the new one for a day. Sending is `webhook_messages`."""

import base64
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from exchange.kernel import events, fetch, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.models import Event
from exchange.kernel.states import transition
from exchange.participants import vault
from exchange.participants.models import Participant, Webhook, WebhookMessage

MOST = 10
MOST_NAMES = 40
FORMER_SECRET_SIGNS = timedelta(days=1)
SENT_AS_TEST = "webhook.tested"
ONLY_NAMED = frozenset({"may_i.answered"})
"""Events of which a gate may make thousands a minute: sent to those alone who name them."""
_PREFIX = "whsec_"
_NAME = re.compile(r"[a-z_]{1,30}\.(?:[a-z_]{1,32}|\*)")


@transaction.atomic
def add(participant: Participant, *, url: str, names: Iterable[str] = (), by: Actor) -> tuple[Webhook, str]:
    """Send the participant's Events to an address, from the next one on; its secret is answered this once."""
    _require_manager(participant, by)
    if participant.state == Participant.State.CLOSED:
        raise Conflict("a closed organisation takes no webhooks", code="wrong_state")
    wanted, address = _known(names), _address(url)
    if _live_of(participant) >= MOST:
        raise Conflict(f"an organisation has at most {MOST} webhooks; delete one", code="too_many_webhooks")
    secret = _new_secret()
    webhook = Webhook.objects.create(
        participant=participant,
        url=address,
        names=wanted,
        secret=vault.wrap(secret),
        next_index=_sealed(),
        created_at=by.at,
    )
    events.record("webhook.added", webhook, by=by, facts={"names": list(wanted)}, typed={"url": address})
    return webhook, secret


@transaction.atomic
def rotate(webhook: Webhook, *, by: Actor) -> str:
    """Give a webhook another secret; for a day the old one signs as well, so that a receiver loses nothing."""
    _require_manager(webhook.participant, by)
    secret = _new_secret()
    live = Webhook.objects.filter(pk=webhook.pk).exclude(state=Webhook.State.DELETED)
    current = live.select_for_update().first()
    if current is None:
        raise Conflict("this webhook is deleted", code="wrong_state")
    live.update(
        secret=vault.wrap(secret), former_secret=current.secret, former_until=by.at + FORMER_SECRET_SIGNS
    )
    webhook.refresh_from_db()
    events.record("webhook.rotated", webhook, by=by)
    return secret


@transaction.atomic
def pause(webhook: Webhook, *, by: Actor) -> Webhook:
    """Send nothing until it is resumed; what happens meanwhile waits in the log."""
    _require_manager(webhook.participant, by)
    return transition(webhook, "pause", by=by)


@transaction.atomic
def resume(webhook: Webhook, *, by: Actor) -> Webhook:
    """Go on where it was stopped, and try at once what waits."""
    _require_manager(webhook.participant, by)
    moved = transition(webhook, "resume", by=by, failures=0, failing_since=None, retry_at=None)
    WebhookMessage.objects.filter(webhook=webhook, due_at__isnull=False).update(due_at=by.at)
    return moved


@transaction.atomic
def disable(webhook: Webhook, *, code: str, by: Actor) -> Webhook:
    """Stop sending to an address that fails for days, or that says it is gone; its managers are told."""
    return transition(webhook, "disable", by=by, facts={"code": code})


@transaction.atomic
def delete(webhook: Webhook, *, by: Actor) -> Webhook:
    """Send nothing to this address any more, for good, and forget its secrets."""
    _require_manager(webhook.participant, by)
    WebhookMessage.objects.filter(webhook=webhook).update(due_at=None)
    return transition(webhook, "delete", by=by, secret="", former_secret="")


@transaction.atomic
def send_test(webhook: Webhook, *, by: Actor) -> Event:
    """Record an Event that this webhook is sent whichever it wants, by the way that all others take."""
    _require_manager(webhook.participant, by)
    if not Webhook.objects.filter(pk=webhook.pk, state=Webhook.State.ACTIVE).exists():
        raise Conflict("a webhook that is stopped sends nothing; resume it first", code="wrong_state")
    return events.record(SENT_AS_TEST, webhook, by=by)


def wants(webhook: Webhook, name: str, subject: str) -> bool:
    """Whether an Event of this name and subject is sent to it."""
    if name == SENT_AS_TEST:
        return subject == f"webhook:{webhook.pk}"
    if not webhook.names:
        return name not in ONLY_NAMED
    return name in webhook.names or f"{name.partition('.')[0]}.*" in webhook.names


def secrets_of(webhook: Webhook, now: datetime) -> list[str]:
    """The secrets that sign now, the newest first."""
    found = [vault.unwrap(webhook.secret)]
    if webhook.former_secret and webhook.former_until and now < webhook.former_until:
        found.append(vault.unwrap(webhook.former_secret))
    return found


def key_of(secret: str) -> bytes:
    """The bytes that sign, from a secret as it was shown."""
    return base64.b64decode(secret.removeprefix(_PREFIX))


def _require_manager(participant: Participant, by: Actor) -> None:
    if not by.acts_for(participant.pk):
        raise Forbidden("only its own managers may do this", code="other_organisation")
    by.require(Scope.MANAGE)


def _live_of(participant: Participant) -> int:
    # The lock makes rivals count one after the other on PostgreSQL; on SQLite one alone writes.
    Participant.objects.select_for_update().get(pk=participant.pk)
    return Webhook.objects.filter(participant=participant).exclude(state=Webhook.State.DELETED).count()


def _address(url: str) -> str:
    address = text.line(url, name="url", at_most=500)
    if fetch.read_address(address).scheme != "https" and not settings.EXCHANGE_OUTBOUND_NETWORKS:
        raise Invalid("give an https address: others could read what is sent", code="address_malformed")
    return address


def _known(names: Iterable[str]) -> list[str]:
    found = sorted(set(names))
    for name in found:
        if not _NAME.fullmatch(name):
            raise Invalid(
                f"name Events as transfer.completed, or transfer.* for all of a kind; given {ascii(name)[:40]}",
                code="unknown_event",
            )
    if len(found) > MOST_NAMES:
        raise Invalid(f"at most {MOST_NAMES} names of Events; given {len(found)}", code="unknown_event")
    return found


def _sealed() -> int:
    """How many leaves the log has: what is sealed from now on comes after them."""
    last = Event.objects.exclude(leaf_index=None).aggregate(last=Max("leaf_index"))["last"]
    return 0 if last is None else last + 1


def _new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
