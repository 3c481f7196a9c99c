"""Operations: what is asked of a provider is written down and committed before it is asked, and asked again with the
same key until there is an answer. What came of it goes to the inbox, like anything else that a provider tells."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from exchange.kernel import canonical, events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Unavailable
from exchange.kernel.outside import require_no_transaction
from exchange.kernel.states import transition
from payments import providers
from payments.models import Operation
from payments.providers import PaymentProvider, Submitted, orders
from payments.providers.orders import Order

PAGE_LIVES = timedelta(hours=23)
"""How long a page is shown that a provider made for a payer; it ends there after a day."""
STUCK_AFTER = timedelta(hours=1)

log = logging.getLogger("exchange.operations")
_CALLS: Mapping[type[Order], Callable[[PaymentProvider, Any, UUID], Submitted | str]] = {
    orders.Checkout: lambda provider, order, key: provider.submit(order, key),
    orders.Collection: lambda provider, order, key: provider.collect(order, key),
    orders.Keeping: lambda provider, order, key: provider.keep_method(order, key),
    orders.RefundOrder: lambda provider, order, key: provider.refund(order, key),
    orders.PayoutOrder: lambda provider, order, key: provider.pay_out(order, key),
    orders.Reversal: lambda provider, order, key: provider.reverse(order, key),
    orders.AccountOrder: lambda provider, order, key: provider.open_account(order, key),
}


@transaction.atomic
def plan(order: Order, *, provider: str, by: Actor) -> Operation:
    """Write down what `provider` is to do, in the transaction that decides it; a reaction asks for it.

    Conflict "operation_under_way" while the same is asked for the same target already.
    """
    params = orders.written(order)
    operation = Operation(
        kind=order.kind,
        target=order.target,
        provider=provider,
        params=params,
        params_sha256=hashlib.sha256(canonical.encode(params)).hexdigest(),
        planned_at=by.at,
    )
    try:
        with transaction.atomic():
            operation.save(force_insert=True)
    except IntegrityError:
        if not Operation.objects.filter(kind=order.kind, target=order.target).exists():
            raise
        raise Conflict("this is being asked of the provider already", code="operation_under_way") from None
    events.record("operation.planned", operation, by=by)
    return operation


def run(operation_id: UUID, now: datetime) -> Operation:
    """Ask the provider for what was planned. One that is over is left as it is; Unavailable leaves it sent, to be
    asked again under the same key."""
    require_no_transaction()
    by = Actor.system("payments.operations", at=now)
    operation = _send(operation_id, by)
    if operation.is_over:
        return operation
    order = orders.read(operation.kind, operation.params)
    provider = providers.named(operation.provider)
    try:
        answer = _ask(provider, order, operation)
    except Conflict as refusal:
        return _end(operation, "fail", by=by, failure=refusal.detail[:200])
    made = answer if isinstance(answer, Submitted) else Submitted(answer)
    return _end(operation, "finish", by=by, provider_reference=made.reference, url=made.url)


def found(operation_id: UUID) -> Operation:
    """One operation, for reactions."""
    return Operation.objects.get(pk=operation_id)


def newest(target: str, *kinds: str) -> Operation | None:
    """The last operation of these kinds for a target, if there is one."""
    return Operation.objects.filter(kind__in=kinds, target=target).order_by("-pk").first()


def stuck(actor: Actor, now: datetime, *, at_most: int) -> tuple[int, list[Operation]]:
    """Operations without an answer for an hour: how many, and the oldest."""
    actor.require(Scope.OPERATE)
    waiting = [Operation.State.PLANNED, Operation.State.SENT]
    rows = Operation.objects.filter(state__in=waiting, planned_at__lt=now - STUCK_AFTER)
    return rows.count(), list(rows.order_by("planned_at", "pk")[:at_most])


@transaction.atomic
def _send(operation_id: UUID, by: Actor) -> Operation:
    """Commit that the provider may have acted from now on."""
    operation = Operation.objects.select_for_update().get(pk=operation_id)
    if operation.is_over:
        return operation
    if operation.state == Operation.State.PLANNED:
        operation = transition(operation, "send", by=by, sent_at=by.at)
    Operation.objects.filter(pk=operation.pk).update(attempts=F("attempts") + 1)
    operation.refresh_from_db()
    return operation


def _ask(provider: PaymentProvider, order: Order, operation: Operation) -> Submitted | str:
    """Whoever asks again looks first whether the provider has acted: it forgets keys after a day, and may repeat an
    error that came after the effect for as long."""
    if operation.sent_at is None:
        raise RuntimeError("an operation is sent before its provider is asked")
    if operation.attempts > 1:
        made = provider.find(order, operation.pk, operation.sent_at)
        if made is not None:
            return made
    try:
        return _CALLS[type(order)](provider, order, operation.pk)
    except Unavailable as refusal:
        log.warning("operation %s (%s): %s", operation.pk, operation.kind, refusal.code)
        raise


@transaction.atomic
def _end(operation: Operation, verb: str, *, by: Actor, **answer: Any) -> Operation:
    """Store the answer; the Event of it lets a reaction tell the inbox."""
    operation = Operation.objects.select_for_update().get(pk=operation.pk)
    if operation.is_over:  # another worker asked with the same key, and had the same answer
        return operation
    return transition(operation, verb, by=by, ended_at=by.at, **answer)
