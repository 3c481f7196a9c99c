"""Rivals for the last copy at a running exchange, by HTTP alone: exactly one of them reads the file."""

from collections import Counter
from functools import partial

import httpx
import pytest

from tests import trades
from tests.rivals import race
from tests.servers import Exchange, eventually
from tests.trades import asked

pytestmark = [pytest.mark.server, pytest.mark.both_databases, pytest.mark.xdist_group("server")]

NAME = "passages.csv"
CONTENT = trades.table(1_000)
RIVALS = 8
ROUNDS = 3


def test_of_eight_links_for_the_last_copy_exactly_one_opens(exchange: Exchange) -> None:
    seller, clients = exchange.client("seller"), [exchange.client("buyer"), second_client(exchange)]
    offer = trades.offered(seller, trades.published(seller, {NAME: CONTENT}), copies=1)
    for _ in range(ROUNDS):
        accepted = asked(clients[0].post(f"/negotiations/{trades.requested(clients[0], offer)}/accept"))
        right = accepted["entitlement_id"]
        links = [trades.link(clients[n % 2], right, asset=NAME) for n in range(RIVALS)]
        answers = race([lambda url=url: httpx.get(url, timeout=60) for url in links])
        assert Counter(answer.status_code for answer in answers) == {200: 1, 403: RIVALS - 1}
        for answer in answers:
            if answer.status_code == 200:
                assert answer.content == CONTENT
            else:
                assert trades.code_of(answer) == "copies_spent"
        [row] = eventually(
            lambda right=right: trades.transfers(clients[0], right),
            lambda rows: rows[0]["state"] == "completed",
        )
        assert row["sent_bytes"] == len(CONTENT)
        assert trades.copies_used(clients[1], right) == {NAME: 1}
        refused = [
            event
            for event in asked(seller.get("/events", params={"limit": "50"}))["items"]
            if event["name"] == "transfer.refused" and event["subject"] == f"entitlement:{right}"
        ]
        assert len(refused) == RIVALS - 1


def test_of_eight_buyers_requests_with_one_key_one_negotiation_comes(exchange: Exchange) -> None:
    seller, buyer = exchange.client("seller"), exchange.client("buyer")
    offer = trades.offered(seller, trades.published(seller, {NAME: CONTENT}), sale="validation")
    wish = {"offer_id": offer, "purpose": "research", "country": "DE", "use": trades.USE}
    headers = {**buyer.headers, "Idempotency-Key": f"rivals-{offer}"}
    ask = partial(httpx.post, f"{buyer.base_url}negotiations", json=wish, headers=headers, timeout=60)
    answers = race([ask] * RIVALS)
    assert Counter(answer.status_code for answer in answers) == {201: RIVALS}
    assert len({answer.json()["id"] for answer in answers}) == 1
    mine = [row for row in trades.items(buyer, "/negotiations") if row["offer_id"] == offer]
    assert len(mine) == 1


def second_client(exchange: Exchange) -> httpx.Client:
    """Another API client of the same buyer."""
    buyer = exchange.client("buyer")
    organisation = asked(buyer.get("/me"))["participant"]["id"]
    made = asked(
        buyer.post(f"/participants/{organisation}/clients", json={"name": "second", "scopes": ["read", "buy"]})
    )
    answer = httpx.post(
        f"{exchange.url}/api/v1/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(made["client_id"], made["client_secret"]),
    )
    return httpx.Client(
        base_url=f"{exchange.url}/api/v1",
        headers={"Authorization": f"Bearer {asked(answer)['access_token']}"},
        timeout=60,
    )
