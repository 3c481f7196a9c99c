"""Offers that are sold at once, and orders for them."""

from typing import Any

from contracts.choices import choices
from contracts.models import Offer
from contracts.negotiations.openings import Asked
from contracts.orders.orders import Wish
from exchange.kernel.actors import Actor
from tests import dataset_makers, sales


def wish(offer: Offer, buyer: Actor, **changes: Any) -> Wish:
    asked = {"purpose": "research", "country": "DE", "use": sales.USE, **changes.pop("asked", {})}
    shown = choices.digest(offer, choices.chosen(offer, asked.get("choice")))
    return Wish(offer.pk, Asked(**asked), **{"shown": shown, "by": buyer, **changes})


def instant(seller: Actor, **changes: Any) -> Offer:
    fields = {"plan": dict(sales.PAID), "sale": "instant", **changes}
    return sales.offer(dataset_makers.published(seller), seller, **fields)
