"""Deletion statements: after the end of a right the buyer gives its word, once for each holding, that every copy is
deleted. The exchange seals what was said, when, by whom and of which bytes; the deletion it cannot see (decision
0026)."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from contracts.entitlements import entitlements
from contracts.holdings import holdings
from contracts.holdings.holdings import File, Holding
from contracts.models import DeletionStatement, Entitlement
from exchange.kernel import canonical, events, signing, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.ids import new_id
from exchange.kernel.text import timestamp

WORDS = {
    "en": "We have deleted every copy of this data that we took under this right, and every copy made of it, "
    "wherever it was kept.",
    "fr": "Nous avons supprimé chaque copie de ces données que nous avons prise au titre de ce droit, et chaque "
    "copie qui en a été faite, où qu’elle ait été conservée.",
}
"""What the buyer's member signs."""


@transaction.atomic
def state(entitlement: Entitlement, *, remark: str = "", by: Actor) -> DeletionStatement:
    """The buyer's word that all it holds under a right that has ended is deleted, sealed by the exchange. A suspended
    organisation may give it too."""
    by.require(Scope.BUY)
    if not by.acts_for(entitlement.buyer_id):
        raise Forbidden("only the buyer may do this")
    said = text.prose(remark, name="remark", at_most=512)
    right = entitlements.locked(entitlement.pk)
    held = _require_deletable(right, by)
    statement_id = new_id()
    document = canonical.encode(_document(statement_id, held, by))
    statement = DeletionStatement(
        id=statement_id,
        entitlement=right,
        dataset_id=right.dataset_id,
        revision_id=right.revision_id,
        seller_id=right.seller_id,
        buyer_id=right.buyer_id,
        remark=said,
        stated_by=by.name,
        stated_at=by.at,
        document=document,
        digest=hashlib.sha256(document).hexdigest(),
        seal=signing.seal(signing.Purpose.STATEMENT, document),
    )
    try:
        with transaction.atomic():
            statement.save(force_insert=True)
    except IntegrityError:
        raise _stated() from None
    events.record("deletion.stated", statement, by=by, typed={"remark": said} if said else None)
    return statement


def document(statement: DeletionStatement) -> dict[str, Any]:
    """What was stated."""
    content: dict[str, Any] = json.loads(bytes(statement.document))
    return content


def is_intact(statement: DeletionStatement) -> bool:
    """Whether the document still is what was hashed and sealed."""
    content = bytes(statement.document)
    return hashlib.sha256(content).hexdigest() == statement.digest and signing.is_sealed(
        signing.Purpose.STATEMENT, content, statement.seal
    )


def _require_deletable(right: Entitlement, by: Actor) -> list[Holding]:
    """What is held under a right that has ended, revision by revision, while no byte is under way and nothing was
    stated."""
    found = holdings.of([right], now=by.at)
    if not found:
        raise Conflict("nothing was taken under this right, so there is nothing to delete", code="nothing_held")
    keeping = found[0].keeping
    if keeping == "licensed":
        raise Conflict("this right is in force; it asks for no deletion yet", code="still_licensed")
    if keeping == "deleted":
        raise _stated()
    if any(one.is_open for one in found):
        raise Conflict(
            "a transfer under this right is still running; wait for its end", code="transfer_running"
        )
    return found


def _stated() -> Conflict:
    return Conflict("the deletion was stated already; a statement is given once", code="statement_exists")


def _document(statement_id: object, held: Sequence[Holding], by: Actor) -> Fact:
    right, delete_by = held[0].entitlement, held[0].delete_by
    return {
        "v": "comptoir.deletion/1",
        "id": str(statement_id),
        "exchange": {"name": settings.EXCHANGE_NAME, "url": settings.EXCHANGE_URL},
        "entitlement": str(right.pk),
        "agreement": {"id": str(right.agreement_id), "digest": right.agreement.digest},
        "seller": str(right.seller_id),
        "buyer": str(right.buyer_id),
        "dataset": str(right.dataset_id),
        "revision": {
            "id": str(right.revision_id),
            "number": right.revision.number,
            "digest": right.revision.digest,
        },
        "delete_by": timestamp(delete_by) if delete_by else None,
        "held": [_file(one, file) for one in held for file in one.files],
        "text": dict(WORDS),
        "stated_by": by.name,
        "stated_at": timestamp(by.at),
    }


def _file(held: Holding, file: File) -> dict[str, Fact]:
    return {
        "asset": str(file.asset.pk),
        "revision": held.revision.number,
        "sha256": file.asset.sha256,
        "size_bytes": file.size_bytes,
        "sent_ranges": [[start, end] for start, end in file.ranges],
        "copies": file.copies,
    }
