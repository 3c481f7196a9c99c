"""Webhooks of the fake: signed as the SDK wants it, and repeated, shuffled, late or lost as a test sets the weather."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
import stripe

from tests.fakes.stripe.deliveries import Weather
from tests.fakes.stripe.serving import THIN_SECRET, WEBHOOK_SECRET, Served
from tests.payments.stripe_calls import DAY, browser, control, paid, recipient, told
from tests.servers import eventually


class Shop:
    """A server that webhooks go to: what came, and what it answers."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.answers: list[int] = []
        shop = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = stripe.Webhook.construct_event(body, self.headers["Stripe-Signature"], WEBHOOK_SECRET)
                shop.heard.append(event.type)
                self.send_response(shop.answers.pop(0) if shop.answers else 200)
                self.end_headers()

            def log_message(self, *told: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Door)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/webhooks/stripe"


@pytest.fixture
def shop(stripe_fake: Served) -> Iterator[Shop]:
    found = Shop()
    Thread(target=found.server.serve_forever, daemon=True).start()
    stripe_fake.send_to(found.url)
    yield found
    found.server.shutdown()
    found.server.server_close()


PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.updated"]


def test_events_arrive_in_order_signed_as_the_sdk_wants_it(stripe_fake: Served, shop: Shop) -> None:
    paid(stripe_fake.client())
    assert stripe_fake.world.courier.send_all() == [200] * 4
    assert shop.heard == PAID
    assert stripe_fake.world.courier.send_all() == []


def test_events_are_sent_again_until_they_are_taken(stripe_fake: Served, shop: Shop) -> None:
    shop.answers = [500, 503]
    client = stripe_fake.client()
    client.v1.customers.create({})
    [event] = client.v1.events.list({"delivery_success": False}).data
    courier = stripe_fake.world.courier
    assert courier.send_all() == [500] and courier.send_all() == []
    stripe_fake.world.advance(5)
    assert courier.send_all() == [503]
    stripe_fake.world.advance(60)
    assert courier.send_all() == [200]
    assert client.v1.events.list({"delivery_success": False}).data == []
    assert [one.id for one in client.v1.events.list({"delivery_success": True}).data] == [event.id]


def test_weather_repeats_shuffles_and_delays(stripe_fake: Served, shop: Shop) -> None:
    courier = stripe_fake.world.courier
    courier.weather = Weather(copies=2, is_shuffled=True, delay_seconds=30)
    paid(stripe_fake.client())
    assert courier.send_all() == []
    stripe_fake.world.advance(41)
    assert courier.send_all() == [200] * 8
    assert sorted(shop.heard) == sorted(PAID * 2) and shop.heard != [one for one in PAID for _ in range(2)]


def test_what_is_lost_stands_in_the_list_of_events_for_thirty_days(stripe_fake: Served, shop: Shop) -> None:
    control(stripe_fake, "weather", lost_types=["payment_intent.succeeded"])
    client = stripe_fake.client()
    paid(client)
    stripe_fake.world.courier.send_all()
    assert "payment_intent.succeeded" not in shop.heard and len(shop.heard) == 3
    [lost] = client.v1.events.list({"delivery_success": False, "types": ["payment_intent.*"]}).data
    assert lost.type == "payment_intent.succeeded" and lost.data.object["status"] == "succeeded"
    stripe_fake.world.advance(30 * DAY)
    assert client.v1.events.list().data == []


def test_a_share_of_all_events_may_be_lost_the_same_one_for_the_same_seed(stripe_fake: Served) -> None:
    def lost() -> list[bool]:
        stripe_fake.begin(5).courier.weather = Weather(lost=0.5)
        stripe_fake.keep_webhooks()
        for _ in range(3):
            paid(stripe_fake.client())
        return [one.is_lost for one in stripe_fake.world.courier.deliveries]

    first = lost()
    assert first == lost() and 0 < sum(first) < len(first)


def test_a_round_sends_by_itself(stripe_fake: Served, shop: Shop) -> None:
    def answers() -> list[int]:
        found: list[int] = browser.get(f"{stripe_fake.url}/_fake/deliveries").json()["deliveries"][0]["answers"]
        return found

    stripe_fake.client().v1.customers.create({})
    with stripe_fake.delivering():
        assert eventually(answers) == [200]
    assert shop.heard == ["customer.created"]


def test_an_event_shows_its_object_as_it_was_and_who_asked(stripe_fake: Served) -> None:
    stripe_fake.keep_webhooks()
    client = stripe_fake.client()
    intent = paid(client, key="operation-1")
    client.v1.refunds.create({"payment_intent": intent.id})
    bodies = [json.loads(body) for _, body, _ in stripe_fake.waiting()]
    by_type = {one["type"]: one for one in bodies}
    succeeded = by_type["charge.succeeded"]
    assert succeeded["api_version"] == stripe_fake.world.spec.version
    assert succeeded["request"]["idempotency_key"] == "operation-1"
    assert succeeded["data"]["object"]["balance_transaction"] is None
    assert by_type["charge.updated"]["data"]["object"]["balance_transaction"].startswith("txn_")
    assert by_type["charge.refunded"]["data"]["object"]["refunded"] is True


def test_thin_events_name_an_account_and_are_read_by_the_sdk(stripe_fake: Served) -> None:
    stripe_fake.keep_webhooks()
    client = stripe_fake.client()
    account = recipient(client, stripe_fake)
    thin = [(body, headers) for one, body, headers in stripe_fake.waiting() if one.endpoint.is_thin]
    assert len(thin) == 3
    for body, headers in thin:
        notice: Any = client.parse_event_notification(body, headers["Stripe-Signature"], THIN_SECRET)
        assert notice.related_object.id == account.id and "data" not in json.loads(body)
        assert client.v2.core.events.retrieve(notice.id).type == notice.type
        with pytest.raises(stripe.SignatureVerificationError):
            client.parse_event_notification(body, headers["Stripe-Signature"], WEBHOOK_SECRET)
    listed = client.v2.core.events.list({"limit": 2, "object_id": account.id})
    assert [one.type for one in listed.auto_paging_iter()] == told(stripe_fake)[::-1]
