"""Policies over HTTP, in ODRL as JSON-LD: of an offer as it stands, of an agreement as it was signed."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router

from contracts import queries
from contracts.agreements import agreements
from contracts.odrl import policies
from contracts.terms import terms
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["contracts"])


@router.get("/offers/{uuid:offer_id}/odrl")
def offer_odrl(request: ApiRequest, offer_id: UUID) -> HttpResponse:
    """The offer as an ODRL Offer in JSON-LD, which `POST /offers` reads back as its `policy`."""
    offer = queries.offer_visible_to(request.auth, offer_id)
    return _answer(
        policies.offered(
            terms.thaw(offer.terms),
            offer_id=offer.pk,
            seller_id=offer.seller_id,
            dataset_id=offer.dataset_id,
        )
    )


@router.get("/agreements/{uuid:agreement_id}/odrl")
def agreement_odrl(request: ApiRequest, agreement_id: UUID) -> HttpResponse:
    """The agreement as an ODRL Agreement in JSON-LD, as it was signed."""
    return _answer(agreements.document(queries.agreement_visible_to(request.auth, agreement_id))["policy"])


def _answer(policy: dict[str, Any]) -> HttpResponse:
    return HttpResponse(json.dumps(policy, ensure_ascii=False), content_type="application/ld+json")
