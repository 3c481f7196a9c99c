"""In and out shapes of orders."""

from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import StrictBool

from contracts.negotiations.openings import Asked
from contracts.negotiations.schemas import RequestIn
from contracts.negotiations.signings import Accepted
from contracts.orders.orders import Wish
from exchange.kernel.actors import Actor
from exchange.kernel.schemas import Line, OptionalLine


class OrderIn(RequestIn):
    """`digest`: that of the offer, or of the choice, that you have read; with it you sign its terms and take on its
    price. `coupon`, `keeps_method` and `renews` are those of a signature."""

    digest: Line
    coupon: OptionalLine = ""
    keeps_method: StrictBool = False
    renews: StrictBool = False

    def wish(self, by: Actor) -> Wish:
        asked = Asked(self.purpose, self.country, self.use, self.affiliates, self.choice)
        return Wish(self.offer_id, asked, self.digest, by, self.coupon, self.keeps_method, self.renews)


class OrderOut(Schema):
    """`is_whole`: signed and paid, and the right is active. Else the charge waits to be paid."""

    negotiation_id: UUID
    agreement_id: UUID
    entitlement_id: UUID
    charge_id: UUID | None
    revision_id: UUID
    is_whole: bool


def order_out(accepted: Accepted) -> dict[str, Any]:
    agreement, right, charge = accepted.agreement, accepted.entitlement, accepted.charge
    assert agreement is not None and right is not None
    return {
        "negotiation_id": accepted.negotiation.pk,
        "agreement_id": agreement.pk,
        "entitlement_id": right.pk,
        "charge_id": charge.pk if charge else None,
        "revision_id": agreement.revision_id,
        "is_whole": right.state == right.State.ACTIVE,
    }
