"""Receipts by every way, from a running exchange: the webhook that comes by itself, the proof and the evidence that are
fetched, and a monitor that looks on."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from tests import receivers, trades
from tests.receivers import Delivered, Receiver
from tests.servers import ROOT, Exchange, eventually
from tests.trades import asked

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("server")]

NAME = "n.csv"
ROUNDS = int(os.environ.get("COMPTOIR_RECEIPT_ROUNDS", "3"))


@dataclass
class Told:
    """Downloads whose Events both parties were told of; `seconds` from each last byte to both messages."""

    exchange: Exchange
    buyer: httpx.Client
    receiver: Receiver
    secrets: list[str]
    transfers: list[str]
    seconds: list[float]

    @property
    def vkey(self) -> str:
        year = time.gmtime().tm_year
        return httpx.get(f"{self.exchange.url}/log/{year}/vkey").text.strip()

    def of(self, transfer: str, name: str) -> list[Delivered]:
        wanted = (name, f"transfer:{transfer}")
        return [one for one in self.receiver.delivered if _what(one) == wanted]


def _what(one: Delivered) -> tuple[str, str]:
    body = json.loads(one.body)
    return body["type"], body["data"]["subject"]


@pytest.fixture(scope="module")
def told(exchange: Exchange) -> Iterator[Told]:
    seller, buyer = exchange.client("seller"), exchange.client("buyer")
    with receivers.listening() as receiver:
        secrets, made = [], []
        for client in (seller, buyer):
            own = asked(client.get("/me"))["participant"]["id"]
            body = {"url": receiver.url, "events": ["transfer.*"]}
            webhook = asked(client.post(f"/participants/{own}/webhooks", json=body))
            secrets.append(webhook["secret"])
            made.append((client, webhook["id"]))
        found = Told(exchange, buyer, receiver, secrets, [], [])
        entitlement = trades.entitled(seller, buyer, {NAME: trades.table(200)})
        for _ in range(ROUNDS):
            _download(found, entitlement)
        yield found
        for client, webhook_id in made:
            asked(client.post(f"/webhooks/{webhook_id}/delete"))


def _download(found: Told, entitlement: str) -> None:
    link = trades.link(found.buyer, entitlement, asset=NAME)
    assert httpx.get(link).status_code == 200
    ended = time.monotonic()
    known = set(found.transfers)
    (fresh,) = {str(one["id"]) for one in trades.transfers(found.buyer, entitlement)} - known
    eventually(lambda: len(found.of(fresh, "transfer.completed")) == 2)
    found.transfers.append(fresh)
    found.seconds.append(max(one.at for one in found.of(fresh, "transfer.completed")) - ended)


def run(module: str, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_both_parties_are_told_of_every_transfer_by_a_message_that_is_signed(told: Told) -> None:
    for transfer in told.transfers:
        for name in ("transfer.started", "transfer.completed"):
            assert len(told.of(transfer, name)) == 2
    for one in told.receiver.delivered:
        assert sum(_is_signed(secret, one) for secret in told.secrets) == 1
    print("seconds from the last byte to both receipts:", sorted(round(s, 2) for s in told.seconds))


def _is_signed(secret: str, one: Delivered) -> bool:
    try:
        Webhook(secret).verify(one.body.decode(), one.headers)
    except Exception:
        return False
    return True


def test_the_message_is_a_receipt_that_holds_offline(told: Told, tmp_path: Path) -> None:
    one = told.of(told.transfers[0], "transfer.completed")[0]
    file = tmp_path / "receipt.tlog-proof"
    file.write_text(json.loads(one.body)["data"]["proof"])
    done = run("compliance.verifier", "proof", str(file), "--vkey", told.vkey)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "transfer.completed" in done.stdout


def test_the_proof_of_an_event_and_the_evidence_of_a_transfer_are_files(told: Told, tmp_path: Path) -> None:
    event = json.loads(told.of(told.transfers[0], "transfer.started")[0].body)["data"]["id"]
    for path, file, check in (
        (f"/events/{event}/proof", tmp_path / "a.tlog-proof", "proof"),
        (f"/transfers/{told.transfers[0]}/evidence", tmp_path / "a.zip", "bundle"),
    ):
        answer = told.buyer.get(path)
        assert answer.status_code == 200, answer.text
        file.write_bytes(answer.content)
        done = run("compliance.verifier", check, str(file), "--vkey", told.vkey)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_tries_are_listed_for_their_owner(told: Told) -> None:
    (webhook,) = asked(told.buyer.get("/webhooks"))["items"]
    count = 2 * len(told.transfers)
    tries = eventually(
        lambda: asked(told.buyer.get(f"/webhooks/{webhook['id']}/attempts"))["items"],
        lambda found: len(found) == count,  # the last is written down after it was received
    )
    assert {(one["status"], one["code"]) for one in tries} == {(204, "")}


def test_a_monitor_finds_the_running_log_well_entries_and_all(told: Told, tmp_path: Path) -> None:
    officer: Any = json.loads((told.exchange.var / "demo" / "clients.json").read_text())["officer"]
    year = time.gmtime().tm_year
    arguments = [f"{told.exchange.url}/log/{year}", "--vkey", told.vkey, "--state", str(tmp_path / "state")]
    done = run(
        "compliance.monitor",
        *arguments,
        "--once",
        "--entries",
        "--verbose",
        COMPTOIR_CLIENT_ID=officer["client_id"],
        COMPTOIR_CLIENT_SECRET=officer["client_secret"],
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "leaves, and all of them hold" in done.stdout
