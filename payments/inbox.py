"""The inbox: what a provider said is kept once under its own id, and acted on later, once, in any order."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Invalid
from payments import charges, providers
from payments.models import Charge, ProviderEvent
from payments.providers import Failed, News, Paid

FOR_THE_OPERATOR = frozenset({"amount_differs", "paid_twice", "unknown_charge", "unreadable"})
"""Outcomes that changed nothing and that a person must look at."""


@transaction.atomic
def keep(
    provider: str, external_id: str, kind: str, payload: Mapping[str, Fact], *, at: datetime
) -> ProviderEvent:
    """Keep what a provider said, once under its own id; a replay answers the event that is there."""
    event = ProviderEvent(
        provider=provider,
        external_id=text.line(external_id, name="the provider's event id", at_most=120),
        kind=text.line(kind, name="the kind of a provider's event", at_most=64),
        payload=dict(payload),
        received_at=at,
    )
    ProviderEvent.objects.bulk_create([event], ignore_conflicts=True)
    kept = ProviderEvent.objects.get(provider=provider, external_id=event.external_id)
    if kept.pk == event.pk:
        events.record("provider.event_received", kept, by=Actor.system("payments.inbox", at=at))
    return kept


def is_kept(provider: str, external_id: str) -> bool:
    """Whether a provider's event under this id has come."""
    return ProviderEvent.objects.filter(provider=provider, external_id=external_id).exists()


def set_aside(actor: Actor, *, at_most: int) -> tuple[int, list[ProviderEvent]]:
    """What providers said that changed nothing and that a person must look at: how often, and the newest."""
    actor.require(Scope.OPERATE)
    rows = ProviderEvent.objects.filter(outcome__in=FOR_THE_OPERATOR)
    return rows.count(), list(rows.order_by("-pk")[:at_most])


@transaction.atomic
def act(provider_event_id: UUID, now: datetime) -> ProviderEvent:
    """Do what a kept event says, in the same transaction as its mark; a second call changes nothing."""
    event = ProviderEvent.objects.select_for_update().get(pk=provider_event_id)
    if event.processed_at is not None:
        return event
    by = Actor.system("payments.inbox", at=now)
    outcome = _outcome(event, by)
    waiting = ProviderEvent.objects.filter(pk=event.pk, processed_at=None)
    if not waiting.update(processed_at=now, outcome=outcome):
        raise Conflict("another worker has acted on this provider event", code="already_processed")
    event.refresh_from_db()
    if outcome in FOR_THE_OPERATOR:
        events.record("provider.event_set_aside", event, by=by, facts={"outcome": outcome})
    return event


def _outcome(event: ProviderEvent, by: Actor) -> str:
    try:
        news = providers.named(event.provider).read(event.kind, event.payload)
    except Invalid:
        return "unreadable"
    if news is None:
        return "unknown_kind"
    charge = Charge.objects.filter(pk=news.charge_id, provider=event.provider).first()
    return "unknown_charge" if charge is None else _apply(news, charge, by)


def _apply(news: News, charge: Charge, by: Actor) -> str:
    if isinstance(news, Failed):
        state = charges.fail(charge, reason=news.reason, by=by).state
        return "failed" if state == Charge.State.FAILED else "too_late"
    return _settle(news, charge, by)


def _settle(news: Paid, charge: Charge, by: Actor) -> str:
    try:
        with transaction.atomic():
            charges.settle(charge, provider_reference=news.reference, paid=news.amount, by=by)
    except Conflict as refusal:
        if refusal.code not in FOR_THE_OPERATOR:
            raise
        return refusal.code
    return "paid"
