"""The API of choices: what one choice of an offer permits, and what it costs."""

from typing import Any
from uuid import UUID

from ninja import Router

from contracts import queries
from contracts.choices import choices, prices
from contracts.choices import schemas as shape
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["contracts"])


@router.post("/offers/{uuid:offer_id}/price", response=shape.PriceOut)
def price_of_choice(request: ApiRequest, offer_id: UUID, body: shape.PriceIn) -> Any:
    """The terms, their text and the plan of one choice, as a request for it would freeze them. Nothing is kept."""
    offer = queries.offer_visible_to(request.auth, offer_id)
    choice = choices.chosen(offer, body.choice)
    return shape.price_out(offer, choice, prices.due_first(offer, choice, body.coupon, by=request.auth))
