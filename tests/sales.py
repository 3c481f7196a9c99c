"""Makes offers, sales and downloads, through the verbs and the gateway alone."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlparse

from contracts.gateway.gateway import Gateway
from contracts.models import Entitlement, Negotiation, Offer
from contracts.negotiations import negotiations
from contracts.offers import offers
from contracts.tokens.tokens import read
from contracts.transfers import transfers
from contracts.transfers.ranges import Wish
from contracts.transfers.transfers import Attempt
from datasets.models import Asset, Dataset
from exchange.kernel.actors import Actor
from payments import queries as payments
from payments.checkouts import pretended_payments
from payments.inbox import inbox
from payments.models import ProviderEvent
from tests import dataset_makers

FREE: Mapping[str, Any] = {"kind": "free"}
PAID: Mapping[str, Any] = {"kind": "one_off", "price": {"amount_minor": 10_000, "currency": "EUR"}}
TERMS: Sequence[Mapping[str, Any]] = (
    {"kind": "purpose", "any_of": ["research"]},
    {"kind": "copies", "max": 2},
    {"kind": "duration", "days": 365},
)
USE = "Read it in our own research team and nowhere else."


def offer(dataset: Dataset, by: Actor, **changes: Any) -> Offer:
    """A published offer."""
    fields = {"title": "Research licence", "terms": list(TERMS), "plan": dict(FREE), **changes}
    return offers.publish(offers.draft(dataset, **fields, by=by), by=by)


def request(offer: Offer, buyer: Actor, **changes: Any) -> Negotiation:
    fields = {"purpose": "research", "country": "DE", "use": USE, **changes}
    return negotiations.request(offer, **fields, by=buyer)


def entitled(
    seller: Actor, buyer: Actor, *, files: Mapping[str, bytes] | None = None, **changes: Any
) -> Entitlement:
    """An active right to a fresh dataset: published, offered, requested, approved, accepted, and paid if it costs."""
    return sold(offer(dataset_makers.published(seller, files), seller, **changes), buyer, seller)


def sold(offer: Offer, buyer: Actor, seller: Actor, **wish: Any) -> Entitlement:
    """An active right by this offer: requested, approved, accepted, and paid if it costs."""
    negotiation = negotiations.approve(request(offer, buyer, **wish), by=seller)
    accepted = negotiations.accept(negotiation, by=buyer)
    if accepted.charge is not None:
        pay(accepted.charge.pk, buyer)
    entitlement = accepted.agreement.entitlement
    entitlement.refresh_from_db()
    return entitlement


def pay(charge_id: Any, buyer: Actor) -> None:
    """Pay with the demo provider, and let what follows happen."""
    from contracts import tasks

    pretended_payments.make(payments.charge(charge_id), by=buyer)
    for event in ProviderEvent.objects.filter(processed_at=None):
        inbox.act(event.pk, buyer.at)
    tasks.complete_sale(str(charge_id), buyer.at)


def asset_of(entitlement: Entitlement) -> Asset:
    """The one file of a revision that has one."""
    return entitlement.revision.assets.get()


def link(entitlement: Entitlement, buyer: Actor, **which: Any) -> str:
    """A fresh download link, as a path."""
    which = which or {"asset": asset_of(entitlement)}
    url, _ = transfers.issue_token(entitlement, **which, by=buyer)
    return unquote(urlparse(url).path)


def attempt(path: str, at: datetime, wish: Wish | None = None, address: str = "192.0.2.7") -> Attempt:
    """What the gateway hands on for a link."""
    _, _, token, name = path.split("/")
    return Attempt(read(token, now=at), wish or Wish(), name, address, "tests")


def start(path: str, at: datetime, wish: Wish | None = None, **more: Any) -> transfers.Verdict:
    """Decide one attempt on a link."""
    return transfers.start_many([attempt(path, at, wish, **more)], now=at)[0]


@dataclass
class Answer:
    """What came back from the gateway; `is_whole` unless the connection was cut."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    is_whole: bool = False


def call(method: str, path: str, **options: Any) -> Answer:
    """One request to a gateway of its own, in this process."""

    async def run() -> Answer:
        gateway = Gateway()
        try:
            return await exchange(gateway, method, path, **options)
        finally:
            await gateway.close()

    return asyncio.run(run())


async def exchange(
    gateway: Gateway,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: Iterable[bytes] = (b"",),
    hang_up_after: int | None = None,
    pause: float = 0,
    cut_upload: bool = False,
    after_first: Callable[[], object] | None = None,
) -> Answer:
    """One request: hangs up once `hang_up_after` bytes came, takes `pause` seconds for each chunk, and does
    `after_first` before it takes more than the first."""
    answer, parts, gone = Answer(), list(body), asyncio.Event()

    async def receive() -> dict[str, Any]:
        if parts:
            part = parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(parts) or cut_upload}
        if not cut_upload:
            await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            return
        is_first = not answer.body
        answer.body.extend(message.get("body", b""))
        if after_first is not None and is_first:
            await asyncio.to_thread(after_first)
        answer.is_whole = not message.get("more_body", False)
        if hang_up_after is not None and len(answer.body) >= hang_up_after:
            gone.set()
        await asyncio.sleep(pause)

    raw = [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw, "client": ("192.0.2.7", 4711)}
    await gateway(scope, receive, send)
    return answer


def later(at: datetime, **units: float) -> datetime:
    return at + timedelta(**units)
