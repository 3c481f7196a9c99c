"""What is true of a payment at Stripe: of the page where it is made, and of the intent behind it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import stripe

from exchange.kernel.money import Money
from payments.providers import news
from payments.providers.news import News
from payments.providers.stripe import amounts
from payments.providers.stripe.client import in_words
from payments.providers.stripe.objects import Object, id_of, ours, plain

_EXPANDED = ["latest_charge.balance_transaction", "payment_method"]
_LABEL = 80


def of_page(client: stripe.StripeClient, session_id: str) -> Sequence[News]:
    """A page that is still open, or that nobody used, means nothing."""
    expand = [f"payment_intent.{name}" for name in _EXPANDED] + ["setup_intent.payment_method"]
    page = plain(client.v1.checkout.sessions.retrieve(session_id, {"expand": expand}))
    if page["status"] != "complete":
        return []
    if page["mode"] == "setup":
        setup = page.get("setup_intent")
        return _of_kept(setup) if isinstance(setup, dict) else []
    charge_id, intent = ours(page, "charge"), page.get("payment_intent")
    if charge_id is None or not isinstance(intent, dict):
        return []
    if page["payment_status"] == "paid":
        return [*_of_kept(intent), *_of_paid(intent, charge_id)]
    if intent["status"] == "processing":
        return [news.Expected(charge_id, session_id)]
    return [news.Declined(charge_id, session_id, _reason(intent))]


def of_intent(client: stripe.StripeClient, intent_id: str) -> Sequence[News]:
    """Money that arrived counts however it was asked for. What has not is told by its page, unless there was none."""
    intent = plain(client.v1.payment_intents.retrieve(intent_id, {"expand": _EXPANDED}))
    charge_id = ours(intent, "charge")
    if charge_id is None:
        return []
    if intent["status"] == "succeeded":
        return [*_of_kept(intent), *_of_paid(intent, charge_id)]
    if intent["metadata"].get("way") != "collect":
        return []
    if intent["status"] == "processing":
        return [news.Expected(charge_id, intent_id)]
    return [news.Declined(charge_id, intent_id, _reason(intent))]


def of_setup(client: stripe.StripeClient, setup_id: str) -> Sequence[News]:
    """A way to pay that a payer gave to be kept."""
    setup = plain(client.v1.setup_intents.retrieve(setup_id, {"expand": ["payment_method"]}))
    return _of_kept(setup) if setup["status"] == "succeeded" else []


def money(minor: int, currency: str) -> Money:
    return amounts.here(minor, currency)


def amount_of(found: Mapping[str, Any]) -> Money:
    """The amount that an object is about."""
    return amounts.here(found["amount"], found["currency"])


def _of_paid(intent: Object, charge_id: UUID) -> list[News]:
    """The payment is known by its charge there: refunds, disputes, transfers and the balance all name that."""
    collected = intent["latest_charge"]
    amount = amounts.here(intent["amount_received"], intent["currency"])
    return [news.Paid(charge_id, amount, collected["id"], _cost(collected))]


def _cost(collected: Object) -> Money | None:
    """What Stripe kept; it may learn that a moment after the payment."""
    line = collected.get("balance_transaction")
    return amounts.here(line["fee"], line["currency"]) if isinstance(line, dict) else None


def _of_kept(intent: Object) -> list[News]:
    """The way to pay behind an intent, where its payer agreed to have it kept."""
    payer_id, method, customer = (
        ours(intent, "keeper"),
        intent.get("payment_method"),
        id_of(intent.get("customer")),
    )
    if payer_id is None or not isinstance(method, dict) or customer is None:
        return []
    return [news.MethodKept(payer_id, customer, method["id"], _label(method))]


def _label(method: Object) -> str:
    """What its holder knows it by: "Visa ···· 4242"."""
    kind = str(method["type"])
    detail = method.get(kind) or {}
    name = str(detail.get("brand") or kind).replace("_", " ")
    last = detail.get("last4")
    return (f"{name.capitalize()} ···· {last}" if last else name.capitalize())[:_LABEL]


def _reason(intent: Object) -> str:
    error = intent.get("last_payment_error")
    if not error:
        return in_words(
            "authentication_required" if intent["status"] == "requires_action" else intent["status"]
        )
    return in_words(error.get("code"), error.get("decline_code"))
