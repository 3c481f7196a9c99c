"""What becomes of a revision and concerns those who have it: one that is revoked opens a notice by itself, one that is
sealed later is named as what replaces those that a notice is about."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from compliance.models import Recipient, RecipientNotice, RecordsMark
from compliance.notices.opening import REPLACED, open_notice
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Unavailable
from exchange.kernel.models import Event


def tell_of_revocation(revision_id: UUID, *, now: datetime) -> None:
    """Open a notice to all who received a revision that was revoked, with the seller's reason; none where nobody did.
    Returns early when it is open."""
    occasion = f"revision:{revision_id}"
    if RecipientNotice.objects.filter(occasion=occasion).exists():
        return
    revoked = Event.objects.filter(subject=occasion, name="revision.revoked").select_related("detail").first()
    if revoked is None:
        return
    if revoked.leaf_index is None or not RecordsMark.objects.filter(leaves__gt=revoked.leaf_index).exists():
        raise Unavailable("the desk has not read the log to this revocation yet", code="log_not_followed")
    if not Recipient.objects.filter(revision_id=revision_id, transfers__gt=0).exists():
        return
    open_notice(
        occasion=occasion,
        kind="revocation",
        dataset_id=UUID(_facts(revoked)["dataset"]),
        revision_ids=[revision_id],
        message=revoked.detail.body["reason"],
        by=Actor.system("tell_of_revocation", at=now),
    )


@transaction.atomic
def name_replacement(revision_id: UUID, *, now: datetime) -> None:
    """Name a revision in the open notices about earlier ones of its dataset that nothing replaces yet. Returns early
    where it is named."""
    sealed = Event.objects.filter(subject=f"revision:{revision_id}", name="revision.sealed").first()
    if sealed is None:
        return
    by = Actor.system("name_replacement", at=now)
    waiting = RecipientNotice.objects.filter(
        dataset_id=_facts(sealed)["dataset"],
        state=RecipientNotice.State.OPEN,
        kind__in=REPLACED,
        replaced_by_id=None,
    )
    for notice in waiting.select_for_update().order_by("pk"):
        if not _is_later(revision_id, sealed.at, notice):
            continue
        if RecipientNotice.objects.filter(pk=notice.pk, replaced_by_id=None).update(replaced_by_id=revision_id):
            notice.refresh_from_db()
            events.record("recipientnotice.replaced", notice, by=by, facts={"replacement": str(revision_id)})


def _is_later(revision_id: UUID, sealed_at: datetime, notice: RecipientNotice) -> bool:
    """Whether a revision was made after those that a notice is about; newer ids are greater."""
    if notice.covers_all:
        return sealed_at >= notice.opened_at
    return revision_id > max(UUID(one) for one in notice.revisions)


def _facts(event: Event) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(bytes(event.leaf))["facts"]
    return facts
