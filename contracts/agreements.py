"""Agreements: the usage contract, frozen under one hash and sealed by the exchange's key, so that either side can
prove later what was signed."""

import hashlib
import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from contracts import terms as usage_terms
from contracts.models import Agreement, Negotiation
from datasets.models import Revision
from exchange.kernel import canonical, events, signing
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.text import timestamp
from exchange.participants.models import Participant


@transaction.atomic
def sign(negotiation: Negotiation, *, by: Actor) -> Agreement:
    """Freeze what both sides signed: text, policy, price, revision and profile under one digest and seal."""
    agreement_id = new_id()
    document = canonical.encode(_document(agreement_id, negotiation, by))
    agreement = Agreement.objects.create(
        id=agreement_id,
        negotiation=negotiation,
        dataset_id=negotiation.dataset_id,
        revision_id=negotiation.revision_id,
        seller_id=negotiation.seller_id,
        buyer_id=negotiation.buyer_id,
        document=document,
        digest=hashlib.sha256(document).hexdigest(),
        seal=signing.seal(signing.Purpose.AGREEMENT, document),
        signed_at=by.at,
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


def _document(agreement_id: UUID, negotiation: Negotiation, by: Actor) -> Fact:
    terms = usage_terms.parse(negotiation.terms)
    seller, buyer, revision = negotiation.seller, negotiation.buyer, negotiation.revision
    names = {str(seller.pk): seller.name, str(buyer.pk): buyer.name}
    policy = usage_terms.odrl(
        terms,
        uid=f"urn:uuid:{agreement_id}",
        assigner=f"urn:uuid:{seller.pk}",
        assignee=f"urn:uuid:{buyer.pk}",
        target=f"urn:uuid:{negotiation.dataset_id}",
    )
    return {
        "v": "comptoir.agreement/1",
        "id": str(agreement_id),
        "exchange": {"name": settings.EXCHANGE_NAME, "url": settings.EXCHANGE_URL},
        "negotiation": str(negotiation.pk),
        "offer": str(negotiation.offer_id),
        "seller": _party(seller),
        "buyer": _party(buyer),
        "dataset": {"id": str(negotiation.dataset_id), "title": negotiation.dataset.title},
        "revision": {
            "id": str(revision.pk),
            "number": revision.number,
            "digest": revision.digest,
            "profile_sha256": _profile_digest(revision),
        },
        "purpose": negotiation.purpose,
        "country": negotiation.country,
        "use": negotiation.use,
        "terms": terms.to_list(),
        "text": {
            "en": [dict(clause) for clause in usage_terms.text(terms, "en", names=names)],
            "fr": [dict(clause) for clause in usage_terms.text(terms, "fr", names=names)],
        },
        "policy": policy,
        "price": negotiation.plan,
        "signatures": [
            _signature("seller", negotiation.approved_by, negotiation.approved_at),
            _signature("buyer", negotiation.accepted_by, negotiation.accepted_at),
        ],
        "signed_at": timestamp(by.at),
    }


def _party(participant: Participant) -> dict[str, Fact]:
    return {
        "id": str(participant.pk),
        "name": participant.name,
        "country": participant.verified_country,
        "registration_number": participant.registration_number,
    }


def _signature(side: str, actor: str, at: Any) -> dict[str, Fact]:
    return {"side": side, "actor": actor, "at": timestamp(at)}


def _profile_digest(revision: Revision) -> str:
    """Ties the contract to what was measured; plain JSON, because measures may be fractions."""
    profiles = [
        {"asset": asset.name, "rows": profile.row_count, "columns": profile.columns}
        for asset in revision.assets.order_by("name").select_related("profile")
        if (profile := getattr(asset, "profile", None)) is not None
    ]
    return hashlib.sha256(json.dumps(profiles, sort_keys=True, default=str).encode()).hexdigest()
