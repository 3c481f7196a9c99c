"""What the worker does for notices: open one for a revision that was revoked, name the revision that replaces others,
and by the clock tell, look, chase and hold answers against the log."""

from datetime import datetime
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from compliance.notices import answers, chasing, counting, opening, revisions, sending


def tell_of_revocation(revision_id: str, now: datetime) -> None:
    """Follows revision.revoked."""
    revisions.tell_of_revocation(UUID(revision_id), now=now)


def name_replacement(revision_id: str, now: datetime) -> None:
    """Follows revision.sealed."""
    revisions.name_replacement(UUID(revision_id), now=now)


@shared_task(name="compliance.advance_notices")
def advance_notices() -> None:
    """Every few seconds: take recipients from the log, tell them, see what reached them, and count them."""
    now = timezone.now()
    opening.fill(now=now)
    answers.look_again(now=now)
    sending.send_due(now=now)
    sending.look(now=now)
    counting.count(now=now)


@shared_task(name="compliance.chase_notices")
def chase_notices() -> None:
    """Remind those who have not answered, and in the end have their rights suspended."""
    chasing.chase(now=timezone.now())
