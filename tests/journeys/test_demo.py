"""What a new user finds: real datasets, invented people who are said to be invented, a sale and a request."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import trades
from tests.servers import ROOT, Demo, Exchange
from tests.trades import asked

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("server")]

FLIGHTS = "Flights departing New York City, 2013"
PENGUINS = "Palmer penguins"
PEOPLE = "Loyalty customers (500 invented people)"


@pytest.fixture
def buyer(exchange: Exchange) -> httpx.Client:
    return exchange.client("buyer")


@pytest.fixture
def seller(exchange: Exchange) -> httpx.Client:
    return exchange.client("seller")


def page_of(client: httpx.Client, title: str) -> Any:
    """The page of the one dataset of that title."""
    [found] = [row for row in trades.items(client, "/datasets") if row["title"] == title]
    return asked(client.get(f"/datasets/{found['id']}"))


def rows_of(page: Any) -> dict[str, int]:
    """How many rows were measured in each file."""
    return {asset["name"]: asset["profile"]["row_count"] for asset in page["current_revision"]["assets"]}


def test_the_first_start_says_where_everything_is(loaded_demo: Demo) -> None:
    for words in (
        "Loading the demo",
        "Comptoir is at http://127.0.0.1:",
        "its payment provider moves no money",
        "seller@demo.example",
        "officer@demo.example",
        "second factor (TOTP secret)",
        "demo/clients.json",
        "Ctrl-C stops everything.",
        "Stopping.",
    ):
        assert words in loaded_demo.said, words
    clients = json.loads((loaded_demo.var / "demo" / "clients.json").read_text())
    assert set(clients) == {"seller", "buyer", "outsider", "officer", "operator"}
    assert all(set(client) == {"client_id", "client_secret"} for client in clients.values())
    assert (loaded_demo.var / "demo" / "clients.json").stat().st_mode & 0o077 == 0


def test_every_flight_was_measured(buyer: httpx.Client) -> None:
    page = page_of(buyer, FLIGHTS)
    assert rows_of(page) == {
        "flights.csv": 336_776,
        "airlines.csv": 16,
        "airports.csv": 1_458,
        "planes.csv": 3_322,
        "weather.csv": 26_115,
    }
    assert page["personal_data"] == "none"
    assert len(page["offers"]) >= 3, "free, paid, and one named for this buyer"


def test_an_offer_for_one_buyer_exists_for_nobody_else(exchange: Exchange, buyer: httpx.Client) -> None:
    mine = {offer["title"] for offer in page_of(buyer, FLIGHTS)["offers"]}
    others = {offer["title"] for offer in page_of(exchange.client("outsider"), FLIGHTS)["offers"]}
    assert mine - others == {"Partner licence for Nordwind"}


def test_penguins_are_there_from_another_country(buyer: httpx.Client) -> None:
    page = page_of(buyer, PENGUINS)
    assert rows_of(page) == {"penguins.csv": 344, "penguins-raw.csv": 344}
    assert page["seller"] == "Polar Station Institute (demo)"


def test_a_dataset_in_french_is_found_without_its_accents(buyer: httpx.Client) -> None:
    [found] = asked(buyer.get("/datasets", params={"q": "aeroports des etats-unis"}))["items"]
    assert (found["title"], found["language"]) == ("Aéroports des États-Unis", "fr")
    assert rows_of(asked(buyer.get(f"/datasets/{found['id']}"))) == {"airports.csv": 1_458}


def test_invented_people_are_declared_personal_and_show_no_values(buyer: httpx.Client) -> None:
    page = page_of(buyer, PEOPLE)
    assert "invented" in page["description"]
    assert page["personal_data"] == "personal"
    [asset] = page["current_revision"]["assets"]
    assert asset["profile"]["row_count"] == 500
    for column in asset["profile"]["columns"]:
        assert (column["minimum"], column["maximum"], column["top_values"]) == (None, None, None)
    assert "invented.example" not in json.dumps(page)


def test_personal_data_does_not_leave_for_a_country_without_a_decision(exchange: Exchange) -> None:
    outsider = exchange.client("outsider")
    [offer] = page_of(outsider, PEOPLE)["offers"]
    wish = {"offer_id": offer["id"], "purpose": "internal_analytics", "country": "BR", "use": trades.USE}
    answer = outsider.post("/negotiations", json=wish)
    assert answer.status_code == 403
    assert trades.code_of(answer) == "country_not_allowed"


def test_a_request_waits_for_the_seller(seller: httpx.Client) -> None:
    waiting = [row for row in trades.items(seller, "/negotiations") if row["state"] == "requested"]
    assert ("DK", "internal_analytics") in [(row["country"], row["purpose"]) for row in waiting]


def test_what_is_paid_over_time_and_by_use_runs(buyer: httpx.Client) -> None:
    running = {row["kind"]: row for row in trades.items(buyer, "/subscriptions")}
    assert (running["subscription"]["state"], running["metered"]["state"]) == ("trialing", "active")
    assert running["subscription"]["renewal_agreed_at"] and not running["metered"]["renewal_agreed_at"]
    used = asked(buyer.get(f"/subscriptions/{running['metered']['id']}/consumption"))
    assert used["usage"]["rows"] == 3 * 3_322 and used["total"]["amount_minor"] == 3_293


def test_a_finished_sale_has_its_transfer_and_a_receipt_that_verifies(
    exchange: Exchange, buyer: httpx.Client, tmp_path: Path
) -> None:
    done = [row for row in trades.items(buyer, "/transfers") if row["asset_name"] == "planes.csv"]
    assert {row["state"] for row in done} == {"completed"}
    receipt = trades.receipt(buyer, done[-1]["id"], tmp_path / "receipt.json")
    vkey = httpx.get(f"{exchange.url}/log/{done[-1]['started_at'][:4]}/vkey").text.strip()
    command = [sys.executable, "-m", "compliance.verifier", "receipt", str(receipt), "--vkey", vkey]
    checked = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "transfer.completed" in checked.stdout


def test_the_demo_is_real_money_to_nobody(buyer: httpx.Client) -> None:
    charges = list(trades.items(buyer, "/charges"))
    assert {charge["provider"] for charge in charges} == {"demo"}


def test_the_api_is_described_at_its_address(exchange: Exchange) -> None:
    description = httpx.get(f"{exchange.url}/api/v1/openapi.json").json()
    assert "/api/v1/entitlements/{entitlement_id}/tokens" in description["paths"]
    assert httpx.get(f"{exchange.url}/api/v1/docs").status_code == 200


def test_a_buyer_looks_for_data_and_one_seller_has_answered(seller: httpx.Client, buyer: httpx.Client) -> None:
    [wanted] = trades.items(seller, "/requests", state="open")
    assert wanted["title"].endswith("(demo)") and wanted["budget"] is None
    assert list(trades.items(seller, f"/requests/{wanted['id']}/answers")) == [], "another seller has"
    [given] = trades.items(buyer, f"/requests/{wanted['id']}/answers")
    assert all(one["is_met"] for one in given["fits"])


def test_an_officer_finds_cases_at_work(exchange: Exchange, buyer: httpx.Client) -> None:
    officer, dataset = exchange.client("officer"), page_of(buyer, PEOPLE)["id"]
    found = {row["kind"]: row["state"] for row in trades.items(officer, "/compliance/requests")}
    assert found == {"access": "answered", "rectification": "in_progress", "erasure": "received"}
    assert [row["state"] for row in trades.items(officer, "/compliance/breaches")] == ["closed"]
    [hold] = trades.items(officer, "/compliance/holds")
    assert hold["state"] == "placed" and hold["review_on"]
    [notice] = trades.items(officer, "/compliance/notices")
    assert (notice["state"], notice["dataset_id"]) == ("open", dataset)
    rows = list(trades.items(officer, f"/compliance/notices/{notice['id']}/recipients"))
    assert [row["answers"][-1]["action"] for row in rows if row["state"] == "done"] == ["corrected"]
    [silent] = [row for row in rows if row["state"] != "done"]
    assert silent["reminders"] == 2 and silent["escalated_at"] and silent["answers"] == []
    received = list(trades.items(officer, "/compliance/recipients", dataset=dataset))
    assert {row["id"] for row in received} == {row["buyer_id"] for row in rows} and len(rows) == 2


def test_what_the_demo_tells_of_the_past_is_in_order(exchange: Exchange) -> None:
    taken = list(trades.items(exchange.client("officer"), "/desk/transfers"))
    moments = [row["started_at"] for row in taken]
    assert len(moments) >= 3 and moments == sorted(moments, reverse=True), "newest first, by its own time too"
