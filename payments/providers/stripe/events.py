"""What Stripe tells, snapshot or thin: the event says which object moved, the object is read, and what is true of it
now is the news. Objects that are not this exchange's mean nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import stripe

from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Invalid
from payments.providers import HeardEvent, answers, news, orders
from payments.providers.news import News
from payments.providers.stripe import accounts, payments_there
from payments.providers.stripe.client import API_MAJOR, asking, client
from payments.providers.stripe.objects import Object, id_of, ours, plain

Reader = Callable[[stripe.StripeClient, str], Sequence[News]]


def of_event(kind: str, payload: Mapping[str, object]) -> Sequence[News]:
    """The news behind an event, a look, or the answer to an operation."""
    if kind == "operation.done":
        with asking():
            return _of_answer(client(), payload)
    if kind == "look":
        reference = _text(payload, "reference")
        read = payments_there.of_page if reference.startswith("cs_") else payments_there.of_intent
        with asking():
            return read(client(), reference)
    reader = next((found for start, found in _READERS if kind.startswith(start)), None)
    if reader is None:
        return []
    if payload.get("api_major") not in (API_MAJOR, ""):
        raise Conflict("an event of another version of Stripe's API", code="other_version")
    object_id = _text(payload, "object")
    with asking():
        return reader(client(), object_id)


def heard(event: Mapping[str, Any], *, is_listed: bool = False) -> HeardEvent:
    """What is kept of an event: what moved and when, not what it said of people and cards. Invalid when torn.

    One that is listed has the version of the account, which says nothing: its object is read in ours.
    """
    event_id, kind = event.get("id"), event.get("type")
    is_thin = event.get("object") == "v2.core.event"
    about = event.get("related_object") if is_thin else _object_in(event)
    object_id = about.get("id") if isinstance(about, Mapping) else None
    if not isinstance(event_id, str) or not isinstance(kind, str):
        raise Invalid("an event of Stripe has an id and a type")
    version = "" if is_listed else event.get("api_version")
    payload: dict[str, Fact] = {
        "object": object_id if isinstance(object_id, str) else "",
        "created": str(event.get("created") or ""),
        # thin events carry no object, so they have no version
        "api_major": "" if is_thin or not isinstance(version, str) else version.partition(".")[2] or version,
        "is_thin": is_thin,
    }
    return HeardEvent(event_id, kind, payload)


def listed(since: datetime) -> Iterator[HeardEvent]:
    """Every event that Stripe made from that time on, of both kinds, whether it arrived or not."""
    with asking():
        found = client().v1.events.list({"created": {"gte": int(since.timestamp())}, "limit": 100})
        for event in found.auto_paging_iter():
            yield heard(plain(event), is_listed=True)
        start = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        thin = client().v2.core.events.list({"created": {"gte": start}, "limit": 100})
        for notice in thin.auto_paging_iter():
            yield heard(plain(notice), is_listed=True)


def _of_answer(asked: stripe.StripeClient, payload: Mapping[str, object]) -> Sequence[News]:
    order, reference = answers.order_of(payload), answers.reference_of(payload)
    match order:
        case orders.Checkout():
            return [news.Asked(order.charge_id, reference), *payments_there.of_page(asked, reference)]
        case orders.Collection():
            return [news.Asked(order.charge_id, reference), *payments_there.of_intent(asked, reference)]
        case orders.RefundOrder():
            return _of_refund(asked, reference)
        case orders.PayoutOrder():
            return [news.PayoutPaid(order.payout_id, reference)]
        case orders.Reversal():
            return [news.Reversed(order.payout_id, order.amount, reference)]
        case orders.AccountOrder():
            opened = news.AccountOpened(order.participant_id, reference)
            return [opened, accounts.moved(asked, reference)]
        case orders.Keeping():
            return payments_there.of_page(asked, reference)


def _of_charge(asked: stripe.StripeClient, object_id: str) -> Sequence[News]:
    found = plain(asked.v1.charges.retrieve(object_id))
    intent = id_of(found.get("payment_intent"))
    return payments_there.of_intent(asked, intent) if intent else []


def _of_refund(asked: stripe.StripeClient, object_id: str) -> Sequence[News]:
    found = plain(asked.v1.refunds.retrieve(object_id, {"expand": ["charge"]}))
    refund_id = ours(found, "refund")
    if refund_id is None:
        if ours(found.get("charge") or {}, "charge") is None:
            return []
        raise Conflict("a refund that this exchange did not ask for", code="unknown_refund")
    if found["status"] == "succeeded":
        return [news.Refunded(refund_id, payments_there.amount_of(found), found["id"])]
    if found["status"] in ("failed", "canceled"):
        reason = str(found.get("failure_reason") or found["status"]).replace("_", " ")
        return [news.RefundFailed(refund_id, found["id"], reason)]
    return []


def _of_dispute(asked: stripe.StripeClient, object_id: str) -> Sequence[News]:
    """An inquiry takes no money, and so is no dispute yet."""
    found = plain(asked.v1.disputes.retrieve(object_id, {"expand": ["charge"]}))
    charge_id = ours(found.get("charge") or {}, "charge")
    status = str(found["status"])
    if charge_id is None or status.startswith("warning_"):
        return []
    costs = [line["fee"] for line in found.get("balance_transactions") or [] if line["fee"] > 0]
    due = (found.get("evidence_details") or {}).get("due_by")
    opened = news.Disputed(
        charge_id,
        found["id"],
        payments_there.amount_of(found),
        payments_there.money(sum(costs), found["currency"]) if costs else None,
        str(found["reason"]).replace("_", " "),
        datetime.fromtimestamp(due, UTC) if due else None,
    )
    if status in ("won", "lost"):
        return [opened, news.DisputeEnded(found["id"], is_won=status == "won")]
    return [opened]


def _of_transfer(asked: stripe.StripeClient, object_id: str) -> Sequence[News]:
    """What is taken back of one is the answer to our own order; no other hand should move it."""
    found = plain(asked.v1.transfers.retrieve(object_id))
    payout_id = ours(found, "payout")
    return [] if payout_id is None else [news.PayoutPaid(payout_id, found["id"])]


def _of_account(asked: stripe.StripeClient, object_id: str) -> Sequence[News]:
    return [accounts.moved(asked, object_id)]


_READERS: Sequence[tuple[str, Reader]] = (
    ("checkout.session.", payments_there.of_page),
    ("payment_intent.", payments_there.of_intent),
    ("charge.dispute.", _of_dispute),
    ("charge.succeeded", _of_charge),
    ("charge.updated", _of_charge),
    ("refund.", _of_refund),
    ("setup_intent.", payments_there.of_setup),
    ("transfer.created", _of_transfer),
    ("v2.core.account", _of_account),
)
"""By how the kind begins; the first that fits reads the object."""


def _object_in(event: Mapping[str, Any]) -> Object | None:
    data = event.get("data")
    found = data.get("object") if isinstance(data, Mapping) else None
    return found if isinstance(found, dict) else None


def _text(payload: Mapping[str, object], name: str) -> str:
    value = payload.get(name)
    if not isinstance(value, str) or not value:
        raise Invalid(f"{name} is missing")
    return value
