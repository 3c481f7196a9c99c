"""Makes data requests and answers to them, through the verbs alone."""

from datetime import timedelta
from typing import Any

from contracts.data_requests import data_requests
from contracts.data_requests.data_requests import Wish
from contracts.models import DataRequest, DataRequestAnswer
from exchange.kernel.actors import Actor
from tests import dataset_makers, sales

WANTED = "Hourly passages of bicycles in cities of France, 2020 or later, with the position of each counter."


def wish(by: Actor, **changes: Any) -> Wish:
    """What the buyer of these tests looks for."""
    fields = {
        "title": "Bicycle counters",
        "wanted": WANTED,
        "themes": ["TRAN"],
        "purpose": "research",
        "country": "DE",
        "closes_at": by.at + timedelta(days=30),
        **changes,
    }
    return Wish(**fields)


def published(buyer: Actor, *, named: Any = None, **changes: Any) -> DataRequest:
    return data_requests.publish(wish(buyer, **changes), named=named, by=buyer)


def answered(data_request: DataRequest, seller: Actor, **changes: Any) -> DataRequestAnswer:
    """An answer with a fresh offer to everybody."""
    offer = sales.offer(dataset_makers.published(seller), seller, **changes)
    return data_requests.answer(data_request, offer, by=seller)
