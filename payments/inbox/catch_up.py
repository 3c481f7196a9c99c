"""What a provider said and nobody heard: its own list of events, and a look at what has waited for long. All of it
goes through the inbox, so hearing of it twice costs nothing."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import ExchangeError, Forbidden
from exchange.kernel.outside import require_no_transaction
from exchange.participants.members import members
from payments import providers
from payments.inbox import inbox
from payments.models import CatchUp, Charge, ProviderEvent
from payments.providers import HeardEvent

OVERLAP = timedelta(hours=1)
"""Events may be listed a moment after they are made."""
FURTHEST = timedelta(days=29)
"""Providers list no older events."""
WAITS_FOR_LONG = timedelta(minutes=15)
LOOKS_AGAIN = timedelta(hours=6)
MOST_LOOKS = 50

log = logging.getLogger("exchange.catch_up")


def run(now: datetime) -> int:
    """Keep what the providers in use said and nobody heard, and look at charges that wait; answers how much was new."""
    require_no_transaction()
    found = 0
    for name in _in_use():
        try:
            found += list_events(name, now)
        except ExchangeError as refusal:
            log.warning("the events of %s are not listed: %s", name, refusal.code)
    return found + look_at_waiting(now)


def list_events(name: str, now: datetime) -> int:
    """Keep every event that the provider lists since the last time; answers how many were new."""
    require_no_transaction()
    cursor = CatchUp.objects.filter(provider=name).first()
    since = max(cursor.listed_until - OVERLAP, now - FURTHEST) if cursor else now - FURTHEST
    new = 0
    for heard in providers.named(name).events(since):
        new += _keep_listed(name, heard, now)
    CatchUp.objects.update_or_create(provider=name, defaults={"listed_until": now})
    return new


def look_at_waiting(now: datetime) -> int:
    """Look at charges that a provider was asked for long ago, and that it has not told of; answers how many."""
    waiting = Charge.objects.filter(
        state__in=[Charge.State.SUBMITTED, Charge.State.UNDERWAY],
        provider__in=_in_use(),
        created_at__lt=now - WAITS_FOR_LONG,
        created_at__gt=now - FURTHEST,
    )
    by = Actor.system("payments.catch_up", at=now)
    looked = 0
    for charge in waiting.order_by("created_at", "pk"):
        bucket = int(now.timestamp() // LOOKS_AGAIN.total_seconds())
        if looked < MOST_LOOKS and not inbox.is_kept(charge.provider, _look_id(charge, bucket)):
            _keep_look(charge, bucket, by=by)
            looked += 1
    return looked


@transaction.atomic
def look(charge: Charge, *, by: Actor) -> ProviderEvent | None:
    """Ask what is true of a charge now, once a minute at most: for a buyer who comes back from the provider's page."""
    by.require(Scope.BUY)
    if not by.acts_for(charge.payer_id):
        raise Forbidden("only the buyer may have its payment looked at", code="not_the_payer")
    members.require_cleared(charge.payer_id)
    if charge.state in (Charge.State.PAID, Charge.State.FAILED) or not charge.provider_reference:
        return None
    if not providers.named(charge.provider).calls_outside:
        return None
    return _keep_look(charge, int(by.at.timestamp() // 60), by=by)


def _keep_listed(name: str, heard: HeardEvent, now: datetime) -> int:
    """Keep what was not heard; and once more what was set aside only because it came in another version."""
    event_id = heard.external_id
    if inbox.outcome_of(name, event_id) == "other_version":
        event_id = f"{event_id}-listed"
    if inbox.is_kept(name, event_id):
        return 0
    inbox.keep(name, event_id, heard.kind, heard.payload, at=now)
    return 1


def _keep_look(charge: Charge, bucket: int, *, by: Actor) -> ProviderEvent:
    payload = {"charge": str(charge.pk), "reference": charge.provider_reference}
    return inbox.keep(charge.provider, _look_id(charge, bucket), "look", payload, at=by.at)


def _look_id(charge: Charge, bucket: int) -> str:
    return f"look-{charge.pk}-{bucket}"


def _in_use() -> list[str]:
    """Providers outside that this exchange has keys for."""
    return [
        name for name in providers.NAMES if providers.is_set_up(name) and providers.named(name).calls_outside
    ]
