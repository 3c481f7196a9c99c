"""What is left of what a right may take. It is reserved by conditional updates alone, so that of two rivals for the
last of it exactly one wins."""

from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from compliance.destinations import bases
from contracts.entitlements import metering
from contracts.models import CopyCount, Entitlement, Transfer
from datasets.models import Asset
from exchange.kernel.actors import Actor

LOST = frozenset({"copies_spent", "derogation_spent"})
"""What `reserve` answers."""


def reserve(transfer: Transfer, derogation: UUID | None, *, by: Actor) -> str | None:
    """Reserve what a transfer that is to start takes: a copy, and the derogation that carries it, if one does. Answers
    which of the two is not there any more; then nothing was taken."""
    if not take(transfer.entitlement, transfer.asset):
        return "copies_spent"
    if derogation is None or _spend(derogation, transfer, by):
        return None
    _counts(transfer).filter(used__gt=0).update(used=F("used") - 1)
    return "derogation_spent"


def take(entitlement: Entitlement, asset: Asset) -> bool:
    """Reserve one copy of a file, where one is left."""
    count, _ = CopyCount.objects.get_or_create(entitlement=entitlement, asset=asset)
    mine = CopyCount.objects.filter(pk=count.pk)
    if entitlement.copies_max is not None:
        mine = mine.filter(used__lt=entitlement.copies_max)
    return bool(mine.update(used=F("used") + 1))


def put_back(transfer: Transfer, *, at: datetime) -> bool:
    """Let the copy of a transfer be taken anew, and what it used with it; whether there was one."""
    is_back = bool(_counts(transfer).filter(used__gt=0).update(used=F("used") - 1))
    if is_back:
        metering.give_back(transfer, at=at)
    return is_back


def copies_used(entitlement: Entitlement, asset: Asset) -> int:
    """How many copies of a file were taken."""
    used = CopyCount.objects.filter(entitlement=entitlement, asset=asset).values_list("used", flat=True)
    return used.first() or 0


def _spend(derogation: UUID, transfer: Transfer, by: Actor) -> bool:
    agreement_id = transfer.entitlement.agreement_id
    return bases.spend(
        derogation, transfer_id=transfer.pk, agreement_id=agreement_id, by=by.as_system("gateway")
    )


def _counts(transfer: Transfer) -> QuerySet[CopyCount]:
    return CopyCount.objects.filter(entitlement_id=transfer.entitlement_id, asset_id=transfer.asset_id)
