"""What a buyer says of the duty to inform before it receives anything: that it knows of it, or which exemption applies.
Where the legal profile asks for it, no link is given out before."""

from datetime import UTC, date, datetime
from uuid import UUID

from django.db import transaction

from compliance import legal
from compliance.informing.informing import require_exemption
from compliance.models import InformingDuty, InformingWord
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Forbidden

PERSONAL = ("pseudonymised", "personal", "special")


def is_lacking(buyer_id: UUID, dataset_id: UUID, *, personal_data: str, began_on: date) -> bool:
    """Whether the buyer has still to say how it stands to the duty, before it takes data of this class under a right
    that began on that day."""
    first = legal.current().informing_first_from if personal_data in PERSONAL else None
    if first is None or began_on < first:
        return False
    known = {"buyer_id": buyer_id, "dataset_id": dataset_id}
    return not (
        InformingWord.objects.filter(**known).exists()
        or InformingDuty.objects.filter(**known, acknowledged_at__isnull=False).exists()
    )


@transaction.atomic
def say(
    dataset_id: UUID, seller_id: UUID, *, buyer_id: UUID, exemption: str = "", said: str = "", by: Actor
) -> InformingWord:
    """Say for the buyer that it knows of the duty; with an exemption of Article 14(5), why that applies. Once: a second
    time changes nothing."""
    by.require(Scope.BUY)
    if by.participant_id != buyer_id:
        raise Forbidden("only the organisation that receives the data may say this", code="other_organisation")
    if exemption:
        require_exemption(InformingDuty.How.EXEMPT, exemption)
    cleaned = text.prose(said, name="said", at_least=10, at_most=1_000) if exemption else ""
    word, is_new = InformingWord.objects.get_or_create(
        buyer_id=buyer_id,
        dataset_id=dataset_id,
        defaults={
            "seller_id": seller_id,
            "exemption": exemption,
            "said": cleaned,
            "given_at": by.at,
        },
    )
    if is_new:
        events.record("informingword.given", word, by=by, typed={"said": cleaned} if cleaned else None)
        mine = InformingDuty.objects.filter(buyer_id=buyer_id, dataset_id=dataset_id)
        mine.filter(acknowledged_at=None).update(acknowledged_at=by.at)
    return word


def day_of(moment: datetime) -> date:
    """The day on which something began, as dated law counts it."""
    return moment.astimezone(UTC).date()
