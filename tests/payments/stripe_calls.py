"""Calls of Stripe's API that several tests of the fake make, by the real SDK."""

from typing import Any

import httpx
import stripe

from tests.fakes.stripe.serving import Served

GOOD = "4242424242424242"
SEPA = "FR1420041010050500013M02606"
SEPA_FAILS = "FR8420041010050500013M02607"
DAY = 86_400
browser = httpx.Client()
"""One for all: to make one takes longer than a page."""


def page(client: stripe.StripeClient, amount: int = 12_345, currency: str = "eur", **more: Any) -> Any:
    """A hosted page for one payment."""
    product = {"name": "Cities of France"}
    line = {"quantity": 1, "price_data": {"currency": currency, "unit_amount": amount, "product_data": product}}
    told: dict[str, Any] = {
        "mode": "payment",
        "line_items": [line],
        "success_url": "http://shop.test/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://shop.test/basket",
    }
    return client.v1.checkout.sessions.create(told | more)  # type: ignore[arg-type]


def press_pay(session: Any, number: str = GOOD) -> httpx.Response:
    """The buyer fills the page in and presses the button."""
    kind = (
        {"method": "card", "card": number} if number[0].isdigit() else {"method": "sepa_debit", "iban": number}
    )
    return browser.post(session.url, data=kind | {"email": "buyer@example.org", "name": "A Buyer"})


def paid(
    client: stripe.StripeClient, amount: int = 10_000, method: str = "pm_card_visa", key: str = "", **more: Any
) -> Any:
    """A payment that was collected at once."""
    told = {"amount": amount, "currency": "eur", "payment_method": method, "confirm": True, "off_session": True}
    return client.v1.payment_intents.create(told | more, _under(key))  # type: ignore[arg-type]


def recipient(
    client: stripe.StripeClient, fake: Served, state: str = "active", key: str = "", **more: Any
) -> Any:
    """A connected account that may receive transfers, or not yet."""
    wanted = {"stripe_balance": {"stripe_transfers": {"requested": True}}}
    told: dict[str, Any] = {
        "contact_email": "seller@example.org",
        "dashboard": "express",
        "identity": {"country": "fr"},
        "configuration": {"recipient": {"capabilities": wanted}},
        "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
    }
    account = client.v2.core.accounts.create(told | more, _under(key))  # type: ignore[arg-type]
    if state != "new":
        control(fake, "accounts/move", account=account.id, status=state)
    return account


def control(fake: Served, path: str, **given: Any) -> Any:
    """What the fake does on order, as a test beside it would ask."""
    answer = browser.post(f"{fake.url}/_fake/{path}", json=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _under(key: str) -> Any:
    return {"idempotency_key": key} if key else {}


def told(fake: Served) -> list[str]:
    """The kinds of all events so far, oldest first."""
    kinds = ("event", "v2.core.event")
    return [one["type"] for one in fake.world.objects.values() if one["object"] in kinds]
