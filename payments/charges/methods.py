"""Ways to pay that a payer lets the provider keep, so that later charges are collected without them."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from exchange.kernel import events, money
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Forbidden, NotFound
from exchange.participants.members import members
from exchange.participants.models import Participant
from payments import providers
from payments.models import Operation, PaymentMethod
from payments.providers import operations, orders
from payments.providers.news import MethodFailed, MethodKept


def methods_visible_to(actor: Actor) -> QuerySet[PaymentMethod]:
    """The ways to pay that are kept for the actor's own organisation; officers see all."""
    if actor.is_system or actor.can(Scope.AUDIT):
        return PaymentMethod.objects.all()
    own = actor.participant_id
    if own is None or not actor.can(Scope.READ):
        return PaymentMethod.objects.none()
    return PaymentMethod.objects.filter(payer_id=own)


def method_visible_to(actor: Actor, method_id: UUID) -> PaymentMethod:
    """One of those, or NotFound."""
    if (found := methods_visible_to(actor).filter(pk=method_id).first()) is None:
        raise NotFound("there is no such way to pay for you")
    return found


def usable(payer_id: UUID, provider: str) -> PaymentMethod | None:
    """The way to pay that a later charge is collected by, if one is kept."""
    return PaymentMethod.objects.filter(payer_id=payer_id, provider=provider, ended_at=None).first()


def kept_for(actor: Actor, payer_id: UUID) -> PaymentMethod | None:
    """The way to pay that later charges of a payer are collected by now, shown to itself."""
    if not actor.acts_for(payer_id):
        return None
    rows = methods_visible_to(actor).filter(payer_id=payer_id, ended_at=None)
    return rows.filter(provider=settings.EXCHANGE_PAYMENT_PROVIDER).first()


@transaction.atomic
def ask_to_keep(payer: Participant, *, currency: str, by: Actor) -> Operation:
    """The payer agrees to have a way to pay kept: the provider makes a page where they give it, and nothing is charged.
    While one is being made, or open, that one is answered."""
    by.require(Scope.BUY)
    if not by.acts_for(payer.pk):
        raise Forbidden("only the payer may have its way to pay kept", code="not_the_payer")
    members.require_cleared(payer.pk)
    Participant.objects.select_for_update().get(pk=payer.pk)
    if (asked := page_open_to(by, payer.pk)) is not None:
        return asked
    order = orders.Keeping(payer.pk, money.price(0, currency).currency)
    return operations.plan(order, provider=providers.provider().name, by=by)


def page_open_to(actor: Actor, payer_id: UUID) -> Operation | None:
    """What the provider was asked for a way to pay, while its page is being made or may still be used; to the payer."""
    if not actor.acts_for(payer_id):
        return None
    asked = operations.newest(f"participant:{payer_id}", orders.Keeping.kind)
    return asked if asked is not None and (not asked.is_over or _is_open(asked, actor.at)) else None


@transaction.atomic
def end(method: PaymentMethod, *, by: Actor) -> PaymentMethod:
    """The payer takes its consent back: nothing is collected by it any more. Again changes nothing."""
    by.require(Scope.BUY)
    if not by.acts_for(method.payer_id):
        raise Forbidden("only the payer may end its way to pay", code="not_the_payer")
    return _end(method, by=by)


@transaction.atomic
def hear(found: MethodKept | MethodFailed, *, provider: str, by: Actor) -> str:
    """Take note of what a provider keeps, or no longer keeps; the newest takes the place of the one before."""
    payer = Participant.objects.select_for_update().filter(pk=found.payer_id).first()
    if payer is None:
        return "unknown_payer"
    before = usable(payer.pk, provider)
    if isinstance(found, MethodFailed):
        if before is not None:
            _end(before, by=by)
        return "method_failed"
    known = PaymentMethod.objects.filter(provider=provider, method=found.method).first()
    if known is not None:
        return "kept" if known.is_usable else "too_late"
    if before is not None:
        _end(before, by=by)
    kept = PaymentMethod.objects.create(
        payer=payer,
        provider=provider,
        customer=found.customer,
        method=found.method,
        label=found.label[:80],
        kept_at=by.at,
    )
    events.record("method.kept", kept, by=by)
    return "kept"


def _is_open(asked: Operation, now: datetime) -> bool:
    """Whether the page may still be used: it is not a day old, and nothing was kept since."""
    if not asked.url or asked.sent_at is None or now >= asked.sent_at + operations.PAGE_LIVES:
        return False
    return not PaymentMethod.objects.filter(payer_id=asked.target_id, kept_at__gte=asked.sent_at).exists()


def _end(method: PaymentMethod, *, by: Actor) -> PaymentMethod:
    if PaymentMethod.objects.filter(pk=method.pk, ended_at=None).update(ended_at=by.at):
        method.refresh_from_db()
        events.record("method.ended", method, by=by)
    return method
