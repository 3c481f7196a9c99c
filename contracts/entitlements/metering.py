"""What a metered right uses, told to payments in the transaction that starts a transfer: weighed against the buyer's
cap before a byte leaves, counted with the copy, and taken back with it."""

from datetime import datetime
from uuid import UUID

from contracts.models import Entitlement, Transfer
from datasets import queries as dataset_queries
from datasets.models import Asset
from exchange.kernel.ids import new_id
from payments.subscriptions import meters
from payments.subscriptions.meters import Weighed

GOES_ON = "request"
"""The source of what goes on with a copy: a request more, and nothing else."""


def weigh(entitlement: Entitlement, asset: Asset, *, goes_on: bool) -> Weighed | None:
    """What one more copy of a file would use, or one more request for a copy that was counted; None for a right that is
    not paid by use. Holds the meter until the transaction ends."""
    if not entitlement.is_metered:
        return None
    adds: dict[str, int | None] = {"requests": 1}
    if not goes_on:
        profile = dataset_queries.profile_of(asset)
        rows = profile.row_count if profile else None
        adds |= {"copies": 1, "bytes": asset.size_bytes or 0, "rows": rows}
    return meters.weigh(f"agreement:{entitlement.agreement_id}", adds)


def count(weighed: Weighed | None, transfer_id: UUID | None, *, at: datetime) -> None:
    """Count what was weighed: under the transfer that it begins, or as a request of its own."""
    if weighed is None:
        return
    source = GOES_ON if transfer_id is None else meters.TAKEN
    event_id = str(transfer_id or new_id())
    meters.count(weighed.subscription, weighed.adds, source=source, event_id=event_id, at=at)


def give_back(transfer: Transfer, *, at: datetime) -> None:
    """The copy of a transfer comes back, and what it used with it."""
    if transfer.entitlement.is_metered:
        meters.give_back(f"agreement:{transfer.entitlement.agreement_id}", str(transfer.pk), at=at)
