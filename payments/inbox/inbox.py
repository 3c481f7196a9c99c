"""The inbox: what a provider said is kept once under its own id, and acted on later, once, in any order. It is a hint
at most: what is true is read outside any transaction, and applied inside one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Invalid
from payments import providers
from payments.charges import charges, methods
from payments.models import Operation, ProviderEvent
from payments.payouts import accounts as payout_accounts
from payments.payouts import payouts, recoveries
from payments.providers import HeardEvent, answers, news
from payments.refunds import disputes, refunds

_PAYERS: Mapping[type[news.News], Callable[..., str]] = {
    news.Asked: charges.hear,
    news.Expected: charges.hear,
    news.Declined: charges.hear,
    news.Paid: charges.hear,
    news.Failed: charges.hear,
    news.MethodKept: methods.hear,
    news.MethodFailed: methods.hear,
}
"""Who acts on what payers did: `hear(news, provider=, by=)`, for another provider's word does not count."""
_HEARS: Mapping[type[news.News], Callable[..., str]] = {
    news.Refunded: refunds.hear,
    news.RefundFailed: refunds.hear,
    news.Disputed: disputes.hear,
    news.DisputeEnded: disputes.hear,
    news.PayoutPaid: payouts.hear,
    news.PayoutFailed: payouts.hear,
    news.Reversed: recoveries.hear,
    news.ReversalFailed: recoveries.hear,
    news.AccountOpened: payout_accounts.hear,
    news.AccountRefused: payout_accounts.hear,
    news.AccountMoved: payout_accounts.hear,
}
"""Who acts on all else: `hear(news, by=)`."""


@transaction.atomic
def keep(
    provider: str, external_id: str, kind: str, payload: Mapping[str, Fact], *, at: datetime
) -> ProviderEvent:
    """Keep what a provider said, once under its own id; a replay answers the event that is there."""
    event = ProviderEvent(
        provider=provider,
        external_id=text.line(external_id, name="the provider's event id", at_most=120),
        kind=text.line(kind, name="the kind of a provider's event", at_most=120),
        payload=dict(payload),
        received_at=at,
    )
    ProviderEvent.objects.bulk_create([event], ignore_conflicts=True)
    kept = ProviderEvent.objects.get(provider=provider, external_id=event.external_id)
    if kept.pk == event.pk:
        events.record("provider.event_received", kept, by=Actor.system("payments.inbox", at=at))
    return kept


def keep_acted(told: Sequence[tuple[str, HeardEvent]], *, outcome: str, at: datetime) -> set[str]:
    """Keep what providers said in this very transaction, which does what follows from it; by the provider's name.
    Answers the ids of those that were not kept before: the others are left to whoever acts on them."""
    rows = [
        ProviderEvent(
            provider=provider,
            external_id=one.external_id,
            kind=one.kind,
            payload=dict(one.payload),
            received_at=at,
            processed_at=at,
            outcome=outcome,
        )
        for provider, one in told
    ]
    ProviderEvent.objects.bulk_create(rows, ignore_conflicts=True)
    mine = set(ProviderEvent.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    kept, by = [row for row in rows if row.pk in mine], Actor.system("payments.inbox", at=at)
    events.record_many(
        [events.Happening("provider.event_received", row, by, is_followed=False) for row in kept]
    )
    return {row.external_id for row in kept}


def keep_answer(operation: Operation, *, at: datetime) -> ProviderEvent:
    """Keep what came of an operation that is over, once."""
    return keep(
        operation.provider,
        f"operation-{operation.pk}",
        f"operation.{operation.state}",
        {
            "operation": str(operation.pk),
            "kind": operation.kind,
            "params": operation.params,
            "reference": operation.provider_reference,
            "failure": operation.failure,
        },
        at=at,
    )


def is_kept(provider: str, external_id: str) -> bool:
    """Whether a provider's event under this id has come."""
    return ProviderEvent.objects.filter(provider=provider, external_id=external_id).exists()


def outcome_of(provider: str, external_id: str) -> str | None:
    """What came of an event under this id: empty while it waits, None where it has not come."""
    rows = ProviderEvent.objects.filter(provider=provider, external_id=external_id)
    return rows.values_list("outcome", flat=True).first()


def set_aside(actor: Actor, *, at_most: int) -> tuple[int, list[ProviderEvent]]:
    """What providers said that changed nothing and that a person must look at: how often, and the newest."""
    actor.require(Scope.OPERATE)
    rows = ProviderEvent.objects.filter(outcome__in=ProviderEvent.FOR_THE_OPERATOR)
    return rows.count(), list(rows.order_by("-pk")[:at_most])


def act(provider_event_id: UUID, now: datetime) -> ProviderEvent:
    """Do what a kept event says, in the same transaction as its mark; a second call changes nothing, and neither does
    one at the same time. The provider may be asked first, so this is no part of another transaction."""
    event = ProviderEvent.objects.get(pk=provider_event_id)
    if event.processed_at is not None:
        return event
    by = Actor.system("payments.inbox", at=now)
    found = _read(event)
    with transaction.atomic():
        event = ProviderEvent.objects.select_for_update().get(pk=event.pk)
        if event.processed_at is not None:
            return event
        outcome = found if isinstance(found, str) else _apply(event, found, by)
        waiting = ProviderEvent.objects.filter(pk=event.pk, processed_at=None)
        waiting.update(processed_at=now, outcome=outcome)
        event.refresh_from_db()
        if outcome in ProviderEvent.FOR_THE_OPERATOR:
            events.record("provider.event_set_aside", event, by=by, facts={"outcome": outcome})
    return event


def _read(event: ProviderEvent) -> Sequence[news.News] | str:
    """What the event means; or the outcome, where it means nothing that can be acted on."""
    provider = providers.named(event.provider)
    try:
        if event.kind == "operation.failed":
            return answers.of_failure(event.payload)
        return provider.read(event.kind, event.payload) or "unknown_kind"
    except Invalid:
        return "unreadable"
    except Conflict as refusal:
        if refusal.code not in ProviderEvent.FOR_THE_OPERATOR:
            raise
        return refusal.code


def _apply(event: ProviderEvent, found: Sequence[news.News], by: Actor) -> str:
    """The outcome of the last piece of news, or the first that a person must look at: then none of them counts."""
    outcome = ""
    try:
        with transaction.atomic():
            for one in found:
                outcome = _hear(one, event.provider, by)
                if outcome in ProviderEvent.FOR_THE_OPERATOR:
                    raise Conflict("this is set aside", code=outcome)
    except Conflict as refusal:
        if refusal.code not in ProviderEvent.FOR_THE_OPERATOR:
            raise
        return refusal.code
    return outcome


def _hear(one: Any, provider: str, by: Actor) -> str:
    if (of_payers := _PAYERS.get(type(one))) is not None:
        return of_payers(one, provider=provider, by=by)
    return _HEARS[type(one)](one, by=by)
