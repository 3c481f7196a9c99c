"""Agreements: the usage contract, frozen under one hash and sealed by the exchange's key, so that either side can
prove later what was signed."""

import hashlib
import json
import re
from typing import Any, cast

from django.db import transaction

from contracts import agreement_document, identities
from contracts.models import Agreement, Annex, Negotiation
from contracts.terms import ClauseText, Language
from exchange.kernel import events, signing
from exchange.kernel.actors import Actor
from exchange.kernel.ids import new_id

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@transaction.atomic
def sign(negotiation: Negotiation, *, by: Actor) -> Agreement:
    """Freeze what both sides signed under one digest and seal; keep who they were and what was measured beside it."""
    agreement_id = new_id()
    draft = agreement_document.draw_up(agreement_id, negotiation, by=by)
    agreement = Agreement.objects.create(
        id=agreement_id,
        negotiation=negotiation,
        dataset_id=negotiation.dataset_id,
        revision_id=negotiation.revision_id,
        seller_id=negotiation.seller_id,
        buyer_id=negotiation.buyer_id,
        shared_id=draft.shared_id,
        document=draft.document,
        digest=hashlib.sha256(draft.document).hexdigest(),
        seal=signing.seal(signing.Purpose.AGREEMENT, draft.document),
        signed_at=by.at,
    )
    for party in draft.parties:
        identities.keep(agreement, party)
    Annex.objects.create(
        agreement=agreement,
        name=agreement_document.PROFILE,
        media_type="application/json",
        sha256=hashlib.sha256(draft.profile).hexdigest(),
        content=draft.profile,
    )
    events.record("agreement.signed", agreement, by=by)
    return agreement


def reference(agreement: Agreement) -> str:
    """How apps below know an agreement."""
    return f"agreement:{agreement.pk}"


def is_intact(agreement: Agreement) -> bool:
    """Whether the document still is what was hashed and sealed."""
    document = bytes(agreement.document)
    return hashlib.sha256(document).hexdigest() == agreement.digest and signing.is_sealed(
        signing.Purpose.AGREEMENT, document, agreement.seal
    )


def document(agreement: Agreement) -> dict[str, Any]:
    """What was signed."""
    content: dict[str, Any] = json.loads(bytes(agreement.document))
    return content


def document_visible_to(actor: Actor, agreement: Agreement) -> dict[str, Any]:
    """What was signed, without what it may no longer show to the actor."""
    return identities.veiled(actor, agreement, document(agreement))


def text(agreement: Agreement, language: Language, *, by: Actor) -> list[ClauseText]:
    """The clauses as they were signed, in the reader's language, with names where the document holds ids."""
    clauses = cast(list[ClauseText], document_visible_to(by, agreement)["text"][language])
    named = {found for one in clauses for found in _ID.findall(one["text"])}
    names = identities.names_visible_to(by, named)
    return [
        {**one, "text": _ID.sub(lambda found: names.get(found[0], found[0]), one["text"])} for one in clauses
    ]
