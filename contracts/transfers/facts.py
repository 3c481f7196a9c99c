"""What the row of a transfer and its leaves say, the same whether `transfers` writes them or the quick way does."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from contracts.models import Transfer
from contracts.terms import address_countries
from contracts.transfers.admission import Case
from exchange.kernel.canonical import Fact


def begun(case: Case, transfer_id: UUID, token_id: str, *, at: datetime) -> Transfer:
    """The row of a transfer that starts, not saved yet."""
    entitlement, asset = case.entitlement, case.asset
    return Transfer(
        id=transfer_id,
        entitlement=entitlement,
        asset=asset,
        dataset_id=entitlement.dataset_id,
        revision_id=asset.revision_id,
        seller_id=entitlement.seller_id,
        buyer_id=entitlement.buyer_id,
        token_id=token_id,
        country=case.buyer.verified_country,
        size_bytes=asset.size_bytes or 0,
        started_at=at,
        active_at=at,
        resumable_until=at + timedelta(days=settings.EXCHANGE_TRANSFER_DAYS),
    )


def of_sent(transfer: Transfer) -> Mapping[str, Fact]:
    """Which bytes had left."""
    return {
        "ranges": [list(pair) for pair in transfer.sent_ranges[:256]],
        "sha256": transfer.asset.sha256,
        "spent_bytes": str(transfer.spent_bytes),
    }


def origin(address: str | None, agent: str) -> dict[str, str]:
    """From where an attempt came, which is personal data: it is kept sealed, with the country that the address was
    found in, where that is known."""
    country = address_countries.country_of(address)
    found = {"address": address or "", "agent": agent}
    return found if country is None else {**found, "address_country": country}


def of_origin(record_id: UUID | str, digest: str) -> Mapping[str, Fact]:
    """The sealed record of an origin, which is all that a leaf says of it."""
    return {"sealed": {"record": str(record_id), "sha256": digest}}
