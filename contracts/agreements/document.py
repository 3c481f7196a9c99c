"""What a usage contract says, drawn up as canonical JSON. It names participants by their ids: who they were stands
beside it (`identities`), and what it refers to in annexes."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from contracts.agreements import identities
from contracts.entitlements import deliveries
from contracts.models import Negotiation, Signature, Succession
from contracts.odrl import frozen_forms
from datasets.models import Revision
from exchange.kernel import canonical
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.money import Money
from exchange.kernel.text import timestamp
from payments.plans import plans
from payments.plans import words as plan_words

VERSION = "comptoir.agreement/2"
PROFILE = "profile.json"


@dataclass(frozen=True)
class Draft:
    """A contract ready to be sealed, with what is kept beside it."""

    shared_id: str
    document: bytes
    parties: Sequence[identities.Drawn]
    profile: bytes


def draw_up(
    agreement_id: UUID,
    negotiation: Negotiation,
    signatures: Sequence[Signature],
    follows: Succession | None,
    profile: bytes,
    *,
    off: Money | None = None,
    by: Actor,
) -> Draft:
    """Write the contract that both sides have signed: terms, price and what a coupon takes `off` its first charge,
    revision, `profile`, parties, `signatures`, and what it `follows`."""
    shared_id = f"urn:comptoir:agreement:{agreement_id}"
    seller = identities.draw("seller", negotiation.seller, typed={})
    buyer = identities.draw("buyer", negotiation.buyer, typed={"use": negotiation.use})
    document: dict[str, Fact] = {
        "v": VERSION,
        "id": str(agreement_id),
        "shared_id": shared_id,
        "exchange": {"name": settings.EXCHANGE_NAME, "url": settings.EXCHANGE_URL},
        "negotiation": str(negotiation.pk),
        "offer": str(negotiation.offer_id),
        "seller": seller.entry,
        "buyer": buyer.entry,
        "dataset": {"id": str(negotiation.dataset_id), "title": negotiation.dataset.title},
        "revision": _revision(negotiation.revision, profile),
        "purpose": negotiation.purpose,
        "country": negotiation.country,
        "affiliates": negotiation.affiliates,
        "price": negotiation.plan,
        **_price_text(negotiation),
        **_discount(off),
        "follows": _followed(follows),
        "schedule": deliveries.signed(negotiation, today=by.at.date()),
        "history": {"rounds": negotiation.round, "head": negotiation.proposal},
        "signatures": [_signed(signature) for signature in signatures],
        "signed_at": timestamp(by.at),
        **_terms(negotiation, shared_id),
    }
    return Draft(shared_id, canonical.encode(document), (seller, buyer), profile)


def _terms(negotiation: Negotiation, shared_id: str) -> dict[str, Fact]:
    """The terms in each of their forms; what they say of revisions and of the profile is found there by its kind."""
    forms = frozen_forms.of(negotiation.terms)
    return {
        "terms": forms.wire,
        "text": forms.text,
        "policy": {
            **forms.policy,
            "@id": shared_id,
            "assigner": f"urn:uuid:{negotiation.seller_id}",
            "assignee": f"urn:uuid:{negotiation.buyer_id}",
            "target": f"urn:uuid:{negotiation.dataset_id}",
        },
        "window": forms.window,
        "tolerances": forms.tolerances,
    }


def _price_text(negotiation: Negotiation) -> dict[str, Fact]:
    """What is paid over time, and what of it may be asked back, in words, as the pages showed it."""
    plan = plans.parse(negotiation.plan)
    if not (plan.is_over_time or plan.refund):
        return {}
    said: dict[str, Fact] = {code: plan_words.sentences(plan, code) for code in ("en", "fr")}
    return {"price_text": said}


def _discount(off: Money | None) -> dict[str, Fact]:
    """What a coupon takes off the first charge, before VAT; the price above stays that of the offer or the talk."""
    return {"coupon": {"off": {"amount_minor": off.minor, "currency": off.currency}}} if off else {}


def _revision(revision: Revision, profile: bytes) -> dict[str, Fact]:
    return {
        "id": str(revision.pk),
        "number": revision.number,
        "digest": revision.digest,
        "profile_sha256": hashlib.sha256(profile).hexdigest(),
    }


def _followed(succession: Succession | None) -> Fact:
    """The contract that this one renews or amends, and what the buyer took although it is worse."""
    if succession is None:
        return None
    agreement = str(succession.right.agreement_id)
    return {"kind": succession.kind, "agreement": agreement, "consents": succession.consents}


def _signed(signature: Signature) -> dict[str, Fact]:
    """A member's act under the last round, as the log holds it: its Event and the hash of its leaf."""
    return {
        "side": signature.side,
        "place": signature.place,
        "actor": signature.actor,
        "at": timestamp(signature.signed_at),
        "event": str(signature.event_id),
        "leaf_sha256": signature.leaf_sha256,
        "proposal": signature.proposal,
    }


def profile_of(revision: Revision) -> bytes:
    """What was measured; plain JSON, because measures may be fractions."""
    profiles = [
        {"asset": asset.name, "rows": profile.row_count, "columns": profile.columns}
        for asset in revision.assets.order_by("name").select_related("profile")
        if (profile := getattr(asset, "profile", None)) is not None
    ]
    return json.dumps(profiles, sort_keys=True, default=str).encode()
