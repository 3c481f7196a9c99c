"""Orders over HTTP: one request for a whole purchase."""

from typing import Any

from ninja import Router, Status

from contracts.orders import orders
from contracts.orders import schemas as shape
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["contracts"])


@router.post("/orders", response={201: shape.OrderOut})
def place_order(request: ApiRequest, body: shape.OrderIn) -> Any:
    """Ask for an offer that is sold at once, sign its contract, and pay where the provider answers at once."""
    return Status(201, shape.order_out(orders.place(body.wish(request.auth))))
