"""Announce, receive and remove the files of an open revision. An asset is received once; of two uploads that
race, one wins and the other leaves nothing behind."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction

from datasets import contents, datasets, queries
from datasets.models import Asset, Revision
from datasets.revisions import arrivals, revisions
from datasets.storage import storage
from exchange.kernel import events, signing, text
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from exchange.kernel.signing import Purpose

UPLOAD_AUDIENCE = "upload"
MOST_ASSETS = 1_000
_REFUSED_IN_NAMES = re.compile(r'[<>:"|?*/\\]')


@dataclass(frozen=True)
class Received:
    """What the gateway took in: it lies whole under `storage_key`; `head` is its first 64 KiB or less."""

    size_bytes: int
    sha256: str
    block_digests: bytes
    storage_key: str
    head: bytes


@transaction.atomic
def announce(revision: Revision, *, name: str, media_type: str, by: Actor) -> Asset:
    """Add a file to an open revision by name; its bytes are to follow through an upload link."""
    datasets.require_seller(revision.dataset, by)
    file_name, known_type = _file_name(name), contents.media_type(media_type)
    locked = revisions.lock_open(revision.pk)
    taken = {other.casefold() for other in Asset.objects.filter(revision=locked).values_list("name", flat=True)}
    if file_name.casefold() in taken:
        raise Conflict(f"this revision has an asset named {file_name!r}", code="name_taken")
    if len(taken) >= MOST_ASSETS:
        raise Conflict(f"a revision has at most {MOST_ASSETS} assets", code="too_many_assets")
    asset = Asset.objects.create(revision=locked, name=file_name, media_type=known_type, announced_at=by.at)
    events.record("asset.announced", asset, by=by, facts={"media_type": known_type}, typed={"name": file_name})
    return asset


def upload_token(asset: Asset, by: Actor) -> tuple[str, datetime]:
    """A token with which the bytes of this one asset may be sent, and until when."""
    datasets.require_seller(asset.revision.dataset, by)
    _require_waiting(asset.pk)
    expires = by.at + timedelta(seconds=settings.EXCHANGE_UPLOAD_TOKEN_SECONDS)
    claims = {
        "asset": str(asset.pk),
        "sub": str(asset.revision.dataset.seller_id),
        "actor": by.name,
        "kind": str(by.kind),
    }
    return signing.sign_token(Purpose.UPLOAD, claims, audience=UPLOAD_AUDIENCE, expires=expires), expires


def require_expected(asset_id: UUID, by: Actor) -> Asset:
    """The asset, if its bytes may come now; asked before they are taken, and again by receive()."""
    asset = sold_by(asset_id, by)
    _require_waiting(asset_id)
    return asset


def sold_by(asset_id: UUID, by: Actor) -> Asset:
    """The asset, received or not, if the actor's organisation sells it."""
    asset = queries.asset(asset_id)
    datasets.require_seller(asset.revision.dataset, by)
    return asset


def receive(asset_id: UUID, received: Received, by: Actor) -> Asset:
    """Make stored bytes the asset's own, once; where that fails, they are deleted.

    Not a transaction as a whole: what became of the bytes is looked up after it has ended.
    """
    try:
        return _take(asset_id, received, by)
    except Exception:
        _discard_unless_kept(asset_id, received.storage_key)
        raise


@transaction.atomic
def remove(asset: Asset, by: Actor) -> None:
    """Take a file out of an open revision, and its bytes out of storage."""
    datasets.require_seller(asset.revision.dataset, by)
    revisions.lock_open(asset.revision_id)
    current = Asset.objects.select_related("revision__dataset").filter(pk=asset.pk).first()
    if current is None:
        raise NotFound("this asset has been removed")
    events.record("asset.removed", current, by=by)
    asset_id, key = current.pk, current.storage_key
    current.delete()
    transaction.on_commit(lambda: arrivals.forget(asset_id), robust=True)
    if key:
        transaction.on_commit(lambda: storage().delete(key), robust=True)


def _discard_unless_kept(asset_id: UUID, key: str) -> None:
    """A commit whose answer was lost, or a repeated call, must not cost bytes that the asset owns."""
    with suppress(Unavailable, DatabaseError):
        if not Asset.objects.filter(pk=asset_id, storage_key=key).exists():
            storage().delete(key)


def _require_waiting(asset_id: UUID) -> None:
    waiting = Asset.objects.filter(pk=asset_id, received_at=None, revision__state=Revision.State.OPEN)
    if not waiting.exists():
        raise Conflict("this asset has been received, or its revision is sealed", code="already_received")


@transaction.atomic
def _take(asset_id: UUID, received: Received, by: Actor) -> Asset:
    asset = queries.asset(asset_id)
    datasets.require_seller(asset.revision.dataset, by)
    if received.size_bytes == 0:
        raise Invalid("this file is empty", code="empty_file")
    contents.require_plausible(asset.media_type, received.head)
    revisions.lock_open(asset.revision_id)
    if not Asset.objects.filter(pk=asset_id, received_at=None).update(
        size_bytes=received.size_bytes,
        sha256=received.sha256,
        block_digests=received.block_digests,
        storage_key=received.storage_key,
        received_at=by.at,
    ):
        raise Conflict("this asset has been received or removed meanwhile", code="already_received")
    asset.refresh_from_db()
    events.record("asset.received", asset, by=by)
    return asset


def _file_name(name: str) -> str:
    """A name that every file system and archive takes as it is."""
    clean = text.line(name, name="name")
    if name != name.strip():
        raise Invalid("name must not start or end with a space", code="bad_name")
    if refused := _REFUSED_IN_NAMES.search(clean):
        raise Invalid(f"name holds the character {refused.group()!r}, which files cannot have", code="bad_name")
    if clean.startswith(".") or clean.endswith("."):
        raise Invalid("name must not start or end with a dot", code="bad_name")
    return clean
