"""Open, seal and revoke a revision. Once sealed, its manifest, its assets and its digest can never change: the
database refuses."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from datasets import datasets
from datasets.models import Asset, Dataset, Revision
from datasets.schedules import schedules
from exchange.kernel import canonical, events, text
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict
from exchange.kernel.states import transition

MANIFEST_VERSION = "comptoir.manifest/1"


@transaction.atomic
def open_revision(dataset: Dataset, by: Actor) -> Revision:
    """Start the next revision of a dataset; it has one open revision at a time."""
    datasets.require_seller(dataset, by)
    current = datasets.lock(dataset)
    if current.state == Dataset.State.RETIRED:
        raise Conflict("a retired dataset takes no more revisions", code="wrong_state")
    last: int = Revision.objects.filter(dataset=dataset).aggregate(last=Max("number"))["last"] or 0
    try:
        with transaction.atomic():
            revision = Revision.objects.create(dataset=current, number=last + 1, opened_at=by.at)
    except IntegrityError:
        raise Conflict("this dataset has an open revision; seal that one first", code="revision_open") from None
    events.record("revision.opened", revision, by=by)
    return revision


@transaction.atomic
def seal(revision: Revision, by: Actor, *, shown: str | None = None) -> Revision:
    """Close an open revision for good, under the digest of a manifest that names each asset's digest.

    `shown` is the fingerprint of the assets that whoever seals has seen; others are not sealed in their place.
    """
    datasets.require_seller(revision.dataset, by)
    lock_open(revision.pk)
    assets = list(Asset.objects.filter(revision=revision))
    if shown is not None and shown != fingerprint(assets):
        raise Conflict("the files have changed since you opened the page", code="files_changed")
    if not assets:
        raise Conflict("add an asset first: there is nothing to seal", code="no_assets")
    missing = sorted(asset.name for asset in assets if not asset.is_received)
    if missing:
        shown = ", ".join(repr(name) for name in missing[:5]) + (" and more" if len(missing) > 5 else "")
        raise Conflict(f"upload or remove first: {shown}", code="assets_missing")
    manifest = manifest_of(revision, assets)
    size = sum(asset.size_bytes or 0 for asset in assets)
    sealed = transition(
        revision,
        "seal",
        by=by,
        facts={"assets": len(assets), "bytes": str(size)},
        manifest=manifest,
        digest=hashlib.sha256(manifest).hexdigest(),
        sealed_at=by.at,
    )
    schedules.meet(sealed, by=by)
    return sealed


@transaction.atomic
def revoke(revision: Revision, reason: str, by: Actor) -> Revision:
    """Take a sealed revision out of use; the one sealed before it is the current one again."""
    datasets.require_seller(revision.dataset, by)
    given = text.reason(reason)
    datasets.lock(revision.dataset)
    revoked = transition(revision, "revoke", by=by, typed={"reason": given})
    schedules.reopen(revoked, by=by)
    datasets.examine(revision.dataset, by)
    return revoked


def stop(revision: Revision, reason: str, *, by: Actor) -> None:
    """Revoke a sealed revision for what happened elsewhere; one that is revoked already stays as it is."""
    if revision.state != Revision.State.REVOKED:
        revoke(revision, reason, by)


def lock_open(revision_id: UUID) -> Revision:
    """The revision, still open, kept from other writers until the transaction ends; Conflict when it is not.

    Whoever changes assets takes it first, so that nothing comes or goes while the revision is sealed.
    SQLite ignores the lock, and needs none: there a transaction is the only writer from its start.
    """
    found = Revision.objects.select_for_update().filter(pk=revision_id, state=Revision.State.OPEN).first()
    if found is None:
        raise Conflict("this revision is sealed and can never change", code="revision_sealed")
    return found


def fingerprint(assets: Sequence[Asset]) -> str:
    """Which files these are, in short: another text as soon as one comes, goes or is another."""
    listed = sorted(f"{asset.pk}:{asset.sha256}" for asset in assets)
    return hashlib.sha256("\n".join(listed).encode()).hexdigest()


def manifest_of(revision: Revision, assets: Sequence[Asset]) -> bytes:
    """The canonical JSON that a revision's digest is taken of."""
    listed: list[Fact] = [
        {
            "name": asset.name,
            "media_type": asset.media_type,
            "bytes": str(asset.size_bytes),
            "sha256": asset.sha256,
            "block_bytes": Asset.BLOCK_BYTES,
        }
        for asset in sorted(assets, key=lambda asset: asset.name)
    ]
    return canonical.encode(
        {
            "v": MANIFEST_VERSION,
            "dataset": str(revision.dataset_id),
            "revision": str(revision.pk),
            "number": revision.number,
            "assets": listed,
        }
    )
