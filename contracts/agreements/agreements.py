"""Agreements: the usage contract, frozen under one hash and sealed by the exchange's key, so that either side can
prove later what was signed."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from contracts.agreements import document as agreement_document
from contracts.agreements import identities
from contracts.agreements.document import Draft
from contracts.models import Agreement, AgreementParty, Annex, Negotiation, Signature, Succession
from contracts.odrl import frozen_forms
from contracts.terms.terms import ClauseText, Language
from exchange.kernel import events, signing
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.events import Happening
from exchange.kernel.money import Money

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Signed:
    """What both sides signed: by the `signatures` under the round that stands, the last of them `by` somebody. `id` is
    the contract's to be, `follows` what it renews or amends, and `off` what a coupon takes off its first charge."""

    id: UUID
    negotiation: Negotiation
    signatures: Sequence[Signature]
    follows: Succession | None
    by: Actor
    off: Money | None = None


def sign_many(signed: Sequence[Signed]) -> list[Agreement]:
    """Freeze what both sides signed, each under one digest and seal, in the open transaction; keep who they were and
    what was measured beside it."""
    profiles = {one.negotiation.revision_id: b"" for one in signed}
    for revision in {one.negotiation.revision_id: one.negotiation.revision for one in signed}.values():
        profiles[revision.pk] = agreement_document.profile_of(revision)
    made, parties, annexes = [], [], []
    for one in signed:
        profile = profiles[one.negotiation.revision_id]
        draft = agreement_document.draw_up(
            one.id, one.negotiation, one.signatures, one.follows, profile, off=one.off, by=one.by
        )
        agreement = _drawn(one, draft)
        made.append(agreement)
        parties += [identities.beside(agreement, party) for party in draft.parties]
        annexes.append(_annex(agreement, profile))
    Agreement.objects.bulk_create(made)
    AgreementParty.objects.bulk_create(parties)
    Annex.objects.bulk_create(annexes)
    events.record_many(
        [
            Happening("agreement.signed", row, one.by, facts=_use(one.negotiation))
            for row, one in zip(made, signed, strict=True)
        ]
    )
    return made


def _use(negotiation: Negotiation) -> dict[str, Fact]:
    """What the data is to be used for, where and until when, for the records of processing."""
    limits = frozen_forms.limits(negotiation.terms)
    return {
        "purpose": negotiation.purpose,
        "country": negotiation.country,
        "affiliates": len(negotiation.affiliates),
        "duration_days": limits.duration_days,
        "end_date": limits.end_date.isoformat() if limits.end_date else None,
        "deletion_days": limits.deletion_days,
    }


def reference(agreement: Agreement) -> str:
    """How apps below know an agreement."""
    return reference_of(agreement.pk)


def reference_of(agreement_id: UUID) -> str:
    """The same of one that is only being drawn up."""
    return f"agreement:{agreement_id}"


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


def coupon_off(document: Mapping[str, Any]) -> Money | None:
    """What a coupon took off the first charge, as a document holds it."""
    found = document.get("coupon")
    return Money(found["off"]["amount_minor"], found["off"]["currency"]) if found else None


def text(agreement: Agreement, language: Language, *, by: Actor) -> list[ClauseText]:
    """The clauses as they were signed, in the reader's language, with names where the document holds ids."""
    clauses = cast(list[ClauseText], document_visible_to(by, agreement)["text"][language])
    named = {found for one in clauses for found in _ID.findall(one["text"])}
    names = identities.names_visible_to(by, named)
    return [
        {**one, "text": _ID.sub(lambda found: names.get(found[0], found[0]), one["text"])} for one in clauses
    ]


def _drawn(signed: Signed, draft: Draft) -> Agreement:
    talk = signed.negotiation
    return Agreement(
        id=signed.id,
        negotiation=talk,
        dataset_id=talk.dataset_id,
        revision_id=talk.revision_id,
        seller_id=talk.seller_id,
        buyer_id=talk.buyer_id,
        shared_id=draft.shared_id,
        document=draft.document,
        digest=hashlib.sha256(draft.document).hexdigest(),
        seal=signing.seal(signing.Purpose.AGREEMENT, draft.document),
        signed_at=signed.by.at,
    )


def _annex(agreement: Agreement, profile: bytes) -> Annex:
    return Annex(
        agreement=agreement,
        name=agreement_document.PROFILE,
        media_type="application/json",
        sha256=hashlib.sha256(profile).hexdigest(),
        content=profile,
    )
