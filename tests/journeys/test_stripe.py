"""A running exchange is moved from the demo provider to Stripe by one setting and two keys, and sells: its own worker
asks the fake, which loses an answer and tells everything twice and out of order. By HTTP alone."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import trades
from tests.fakes.stripe.deliveries import Weather
from tests.fakes.stripe.faults import Kind
from tests.fakes.stripe.serving import SECRET_KEY, THIN_SECRET, WEBHOOK_SECRET, Served
from tests.payments.stripe_calls import press_pay
from tests.servers import Demo, Exchange, eventually, running
from tests.trades import asked

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.xdist_group("server")]


def at_stripe(fake: Served) -> dict[str, str]:
    """The setting and the keys; and where the fake is."""
    return {
        "EXCHANGE_PAYMENT_PROVIDER": "stripe",
        "EXCHANGE_STRIPE_SECRET_KEY": SECRET_KEY,
        "EXCHANGE_STRIPE_WEBHOOK_SECRET": f"{WEBHOOK_SECRET},{THIN_SECRET}",
        "EXCHANGE_STRIPE_API_URL": fake.url,
    }


def test_an_exchange_moves_to_stripe_and_sells_and_gives_back(
    loaded_demo: Demo, tmp_path: Path, stripe_fake: Served
) -> None:
    with running(loaded_demo, tmp_path, **at_stripe(stripe_fake)) as exchange:
        stripe_fake.world.courier.weather = Weather(copies=2, is_shuffled=True)
        stripe_fake.send_to(f"{exchange.url}/api/v1/webhooks/stripe")
        stripe_fake.fail(Kind.RESET_AFTER, "/v1/checkout/sessions")
        stripe_fake.fail(Kind.ERROR_AFTER, "/v1/refunds")
        with stripe_fake.delivering():
            _sell_and_give_back(exchange, stripe_fake)


def _sell_and_give_back(exchange: Exchange, fake: Served) -> None:
    buyer, operator = exchange.client("buyer"), exchange.client("operator")
    before = {row["id"]: row["provider"] for row in trades.items(buyer, "/charges")}
    assert set(before.values()) == {"demo"}
    sale = _accepted(exchange.client("seller"), buyer)
    press_pay(eventually(lambda: _page_of(fake, sale["charge_id"])))
    _until(buyer, f"/entitlements/{sale['entitlement_id']}", "active")
    charge = asked(buyer.get(f"/charges/{sale['charge_id']}"))
    assert (charge["provider"], charge["state"], charge["hold"]["state"]) == ("stripe", "paid", "open")
    refund = asked(buyer.post(f"/charges/{sale['charge_id']}/refunds", json={"reason": "It was bought twice."}))
    _until(buyer, f"/refunds/{refund['id']}", "settled")
    _until(buyer, f"/entitlements/{sale['entitlement_id']}", "revoked")
    client = fake.client()
    assert [one.amount for one in client.v1.refunds.list().data] == [charge["gross"]["amount_minor"]]
    assert len(client.v1.checkout.sessions.list().data) == len(client.v1.charges.list().data) == 1
    eventually(lambda: fake.world.courier.waiting(), lambda left: not left)
    assert asked(operator.get("/ledger/trial-balance"))["is_sound"] is True
    assert before.items() <= {row["id"]: row["provider"] for row in trades.items(buyer, "/charges")}.items()


def _accepted(seller: httpx.Client, buyer: httpx.Client) -> Any:
    dataset = trades.published(seller, {"counters.csv": trades.table(100)})
    offer = trades.offered(seller, dataset, plan=trades.PAID)
    return asked(buyer.post(f"/negotiations/{trades.requested(buyer, offer)}/accept"))


def _page_of(fake: Served, charge: str) -> Any:
    found = fake.client().v1.checkout.sessions.list().data
    return next((one for one in found if one.client_reference_id == charge), None)


def _until(client: httpx.Client, path: str, state: str) -> None:
    eventually(lambda: asked(client.get(path))["state"], lambda found: found == state, 60)
