"""The exchange that is measured: one seller's file of 1 KiB and one of 256 MiB, and many buyers with a right to both,
all made through the verbs."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

from django.utils import timezone

from contracts.models import Entitlement, Transfer
from contracts.negotiations import negotiations
from contracts.tokens import tokens
from datasets import datasets
from datasets.models import Asset, Revision
from datasets.profiles import profiles
from datasets.revisions import revisions
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from tests import dataset_makers, makers, sales

BUYERS = 64
SMALL, LARGE = "small.bin", "large.bin"
SMALL_BYTES, LARGE_BYTES = 1024, 256 * 1024 * 1024
_TERMS = ({"kind": "purpose", "any_of": ["research"]},)
_OPAQUE = "application/octet-stream"


@dataclass(frozen=True)
class Right:
    """What a buyer's token names."""

    entitlement_id: UUID
    buyer: Actor


@dataclass(frozen=True)
class Market:
    """The two files, whose they are, and who may have them."""

    seller: Actor
    small: Asset
    large: Asset
    rights: tuple[Right, ...]

    def paths(self, asset: Asset, count: int) -> list[str]:
        """So many download links, as paths: each with a fresh token, of one buyer after the other."""
        now = timezone.now()
        rights = [Right(right.entitlement_id, right.buyer.moved_to(now)) for right in self.rights]
        return [self._path(asset, rights[number % len(rights)]) for number in range(count)]

    def _path(self, asset: Asset, right: Right) -> str:
        token, _ = tokens.issue(
            entitlement_id=right.entitlement_id, asset_id=asset.pk, transfer_id=None, by=right.buyer
        )
        return f"/d/{token}/{quote(asset.name, safe='')}"


@dataclass(frozen=True)
class Written:
    """What the log and the table of transfers held at some time."""

    transfers: int
    started: int
    events: int

    def __sub__(self, before: "Written") -> "Written":
        return Written(
            self.transfers - before.transfers, self.started - before.started, self.events - before.events
        )


def written() -> Written:
    started = Event.objects.filter(name="transfer.started")
    return Written(Transfer.objects.count(), started.count(), Event.objects.count())


def make(buyers: int = BUYERS, large_bytes: int = LARGE_BYTES) -> Market:
    """Make the market in an empty exchange."""
    now = timezone.now()
    seller = makers.trader("Seller", "FR", now)
    dataset = dataset_makers.draft(seller)
    dataset_makers.declare_free(dataset, seller)
    revision = revisions.open_revision(dataset, seller)
    dataset_makers.upload(revision, seller, SMALL, secrets.token_bytes(SMALL_BYTES), _OPAQUE)
    dataset_makers.upload(revision, seller, LARGE, secrets.token_bytes(large_bytes), _OPAQUE)
    revision = revisions.seal(revision, seller)
    profiles.measure(str(revision.pk), now + timedelta(minutes=1))
    datasets.publish(dataset, seller)
    files = {asset.name: asset for asset in Revision.objects.get(pk=revision.pk).assets.all()}
    traders = [makers.trader(f"Buyer {number}", "DE", now) for number in range(buyers)]
    return sold(Market(seller, files[SMALL], files[LARGE], ()), traders, _TERMS)


def sold(market: Market, buyers: Sequence[Actor], terms: Sequence[Mapping[str, object]]) -> Market:
    """The same files, licensed to these buyers on these terms."""
    offer = sales.offer(market.small.revision.dataset, market.seller, terms=list(terms))
    rights = []
    for buyer in buyers:
        approved = negotiations.approve(sales.request(offer, buyer), by=market.seller)
        accepted = negotiations.accept(approved, by=buyer)
        entitlement = Entitlement.objects.get(agreement=accepted.agreement)
        rights.append(Right(entitlement.pk, buyer))
    return replace(market, rights=tuple(rights))
