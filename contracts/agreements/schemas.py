"""The shapes of contracts over HTTP."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema

from contracts.agreements import agreements, identities
from contracts.models import Agreement
from exchange.kernel.actors import Actor
from exchange.kernel.schemas import QueryIn


class LanguageQuery(QueryIn):
    language: Literal["en", "fr"] = "en"


class PartyOut(Schema):
    """`name` is a pseudonym, and `is_hidden` true, once the organisation has closed."""

    id: UUID
    name: str
    country: str
    registration_number: str
    verified_at: str | None
    certifications: list[str]
    sector: str
    is_hidden: bool


class AgreementOut(Schema):
    """`identities` are the texts whose SHA-256 the document names, by side."""

    id: UUID
    shared_id: str | None
    state: str
    negotiation_id: UUID
    dataset_id: UUID
    revision_id: UUID
    seller_id: UUID
    buyer_id: UUID
    entitlement_id: UUID
    digest: str
    seal: str
    is_intact: bool
    document: dict[str, Any]
    parties: dict[str, PartyOut]
    identities: dict[str, str]
    signed_at: datetime


def agreement_out(agreement: Agreement, actor: Actor) -> dict[str, Any]:
    document = agreements.document_visible_to(actor, agreement)
    parties = identities.parties_visible_to(actor, agreement, document)
    return {
        **{name: getattr(agreement, name) for name in AgreementOut.model_fields if hasattr(agreement, name)},
        "entitlement_id": agreement.entitlement.pk,
        "is_intact": agreements.is_intact(agreement),
        "document": document,
        "parties": {side: vars(party) for side, party in parties.items()},
        "identities": identities.texts_visible_to(actor, agreement),
    }
