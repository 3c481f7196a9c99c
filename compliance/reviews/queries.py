"""Reads of the publish gate: what waits, for what and how long, and what was decided of one subject before."""

from datetime import timedelta

from django.db.models import QuerySet

from compliance.models import Review, Verdict
from compliance.queries import review_visible_to, reviews_visible_to
from compliance.reviews.examination import Cause
from exchange.kernel.actors import Actor

__all__ = ["asked_visible_to", "review_visible_to", "verdicts_of", "versions_visible_to"]

MOST_VERSIONS = 20


def asked_visible_to(
    actor: Actor, *, state: str | None = None, cause: Cause | None = None, days: int | None = None
) -> QuerySet[Review]:
    """The reviews that the actor may see, in this state, for this cause, opened so many days ago or more."""
    found = reviews_visible_to(actor, state=state)
    if cause is not None:
        found = found.filter(why__contains=cause)
    return found if days is None else found.filter(opened_at__lte=actor.at - timedelta(days=days))


def verdicts_of(review: Review) -> list[Verdict]:
    """What officers said of it, oldest first."""
    return list(review.verdicts.order_by("given_at", "pk"))


def versions_visible_to(actor: Actor, review: Review) -> list[Review]:
    """The reviews of all versions of its subject, the newest first."""
    return list(reviews_visible_to(actor).filter(subject=review.subject).order_by("-pk")[:MOST_VERSIONS])
