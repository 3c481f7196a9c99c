"""What is left of what a right may take. It is reserved by conditional updates alone, so that of two rivals for the
last of it exactly one wins."""

from django.db.models import F

from contracts.models import CopyCount, Entitlement, Transfer
from datasets.models import Asset


def take(entitlement: Entitlement, asset: Asset) -> bool:
    """Reserve one copy of a file, where one is left."""
    count, _ = CopyCount.objects.get_or_create(entitlement=entitlement, asset=asset)
    mine = CopyCount.objects.filter(pk=count.pk)
    if entitlement.copies_max is not None:
        mine = mine.filter(used__lt=entitlement.copies_max)
    return bool(mine.update(used=F("used") + 1))


def put_back(transfer: Transfer) -> bool:
    """Let the copy of a transfer be taken anew; whether there was one."""
    counts = CopyCount.objects.filter(entitlement_id=transfer.entitlement_id, asset_id=transfer.asset_id)
    return bool(counts.filter(used__gt=0).update(used=F("used") - 1))


def copies_used(entitlement: Entitlement, asset: Asset) -> int:
    """How many copies of a file were taken."""
    used = CopyCount.objects.filter(entitlement=entitlement, asset=asset).values_list("used", flat=True)
    return used.first() or 0
