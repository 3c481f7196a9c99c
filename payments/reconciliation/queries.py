"""Reads of reconciliation, for operators and officers."""

from contextlib import suppress
from uuid import UUID

from django.db.models import Q, QuerySet

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound
from payments.models import BalanceLine, Difference


def differences_visible_to(actor: Actor) -> QuerySet[Difference]:
    """All that was ever found to differ."""
    return Difference.objects.all() if _may_see(actor) else Difference.objects.none()


def difference_visible_to(actor: Actor, difference_id: UUID) -> Difference:
    """One of those differences, or NotFound."""
    if (found := differences_visible_to(actor).filter(pk=difference_id).first()) is None:
        raise NotFound("there is no such difference for you")
    return found


def lines_about(actor: Actor, difference: Difference) -> list[BalanceLine]:
    """The provider's lines behind a difference, oldest first."""
    if not _may_see(actor):
        return []
    named = Q(source=difference.source) | Q(external_id=difference.source)
    with suppress(ValueError):  # a name of the provider's
        named |= Q(subject=UUID(difference.about))
    lines = BalanceLine.objects.filter(named, provider=difference.provider, currency=difference.currency)
    return list(lines.order_by("at", "pk")) if difference.source else []


def open_differences() -> int:
    """How many differences nobody has explained."""
    return Difference.objects.filter(state=Difference.State.OPEN).count()


def _may_see(actor: Actor) -> bool:
    return actor.is_system or actor.can(Scope.OPERATE) or actor.can(Scope.AUDIT)
