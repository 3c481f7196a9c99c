"""The evidence that was asked for, and who may see it: officers alone."""

from uuid import UUID

from django.db.models import QuerySet

from compliance.models import Bundle
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound


def bundles_visible_to(actor: Actor) -> QuerySet[Bundle]:
    """All evidence that officers asked for."""
    actor.require(Scope.AUDIT)
    return Bundle.objects.all()


def bundle_visible_to(actor: Actor, bundle_id: UUID) -> Bundle:
    """One file of evidence."""
    found = bundles_visible_to(actor).filter(pk=bundle_id).first()
    if found is None:
        raise NotFound("there is no such evidence")
    return found
