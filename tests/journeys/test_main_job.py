"""The main job by HTTP alone: a dataset is sold, and the officer shows what left, to whom, and why."""

import csv
import hashlib
import io
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import trades
from tests.servers import ROOT, Exchange, eventually
from tests.trades import asked

pytestmark = [pytest.mark.server, pytest.mark.both_databases, pytest.mark.xdist_group("server")]

CONTENT = trades.table(700_000)  # more than the sockets between gateway and reader hold
NAME = "passages.csv"


@dataclass
class Sale:
    """One sale, step by step, and what each step answered."""

    exchange: Exchange
    folder: Path
    seller: httpx.Client
    buyer: httpx.Client
    officer: httpx.Client
    ids: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)

    def verify(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the verifier as somebody would who has nothing but it, and no network."""
        command = [sys.executable, "-m", "compliance.verifier", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env={}, capture_output=True, text=True, timeout=60, check=False
        )

    def vkey(self) -> str:
        year = self.answers["transfer"]["started_at"][:4]
        return httpx.get(f"{self.exchange.url}/log/{year}/vkey").text.strip()


@pytest.fixture(scope="module")
def sale(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Sale:
    """The job is done once; the tests look at it from each side."""
    clients = {name: exchange.client(name) for name in ("seller", "buyer", "officer")}
    made = Sale(exchange, tmp_path_factory.mktemp("sale"), **clients)
    _publish(made)
    _agree(made)
    _pay(made)
    _download(made)
    return made


def _publish(sale: Sale) -> None:
    seller, ids = sale.seller, sale.ids
    ids["dataset"] = trades.declared(seller, title="Trams of Lyon", keywords=["trams"])
    early = seller.post(f"/datasets/{ids['dataset']}/publish")
    assert early.status_code == 409, "nothing is sealed yet"
    ids["revision"] = trades.sealed(seller, ids["dataset"], {NAME: CONTENT})
    sale.answers["revision"] = trades.measured(seller, ids["revision"])
    asked(seller.post(f"/datasets/{ids['dataset']}/publish"))
    ids["offer"] = trades.offered(seller, ids["dataset"], copies=2, plan=trades.PAID, sale="validation")


def _agree(sale: Sale) -> None:
    buyer, ids = sale.buyer, sale.ids
    found = eventually(lambda: asked(buyer.get("/datasets", params={"q": "trams"}))["items"], bool)
    assert [row["id"] for row in found] == [ids["dataset"]]
    page = asked(buyer.get(f"/datasets/{ids['dataset']}"))
    assert [offer["id"] for offer in page["offers"]] == [ids["offer"]]
    ids["negotiation"] = trades.requested(buyer, ids["offer"])
    early = buyer.post(f"/negotiations/{ids['negotiation']}/accept")
    assert (early.status_code, trades.code_of(early)) == (409, "wrong_state")
    asked(sale.seller.post(f"/negotiations/{ids['negotiation']}/approve"))
    accepted = asked(buyer.post(f"/negotiations/{ids['negotiation']}/accept"))
    ids |= {noun: accepted[f"{noun}_id"] for noun in ("agreement", "entitlement", "charge")}


def _pay(sale: Sale) -> None:
    buyer, ids = sale.buyer, sale.ids
    early = buyer.post(f"/entitlements/{ids['entitlement']}/tokens", json={"asset": NAME})
    assert (early.status_code, trades.code_of(early)) == (409, "entitlement_pending")
    asked(buyer.post(f"/charges/{ids['charge']}/pay"))
    path = f"/entitlements/{ids['entitlement']}"
    sale.answers["entitlement"] = eventually(
        lambda: asked(buyer.get(path)), lambda row: row["state"] == "active"
    )


def _download(sale: Sale) -> None:
    """Read nothing but the head of the answer, look at the record, then read on."""
    url = trades.link(sale.buyer, sale.ids["entitlement"], asset=NAME)
    with httpx.stream("GET", url, timeout=60) as answer:
        assert answer.status_code == 200
        sale.answers["record when the head came"] = trades.transfers(sale.buyer, sale.ids["entitlement"])
        events = asked(sale.buyer.get("/events"))["items"]
        sale.answers["events when the head came"] = [event["name"] for event in events]
        (sale.folder / NAME).write_bytes(answer.read())
    [row] = eventually(
        lambda: trades.transfers(sale.buyer, sale.ids["entitlement"]),
        lambda rows: rows[0]["state"] == "completed",
    )
    sale.answers["transfer"], sale.ids["transfer"] = row, row["id"]
    trades.receipt(sale.buyer, row["id"], sale.folder / "receipt.json")


def test_what_arrives_is_what_was_sealed(sale: Sale) -> None:
    assert (sale.folder / NAME).read_bytes() == CONTENT
    transfer = sale.answers["transfer"]
    assert transfer["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert (transfer["sent_bytes"], transfer["sent_ranges"]) == (len(CONTENT), [[0, len(CONTENT)]])
    assert trades.copies_used(sale.buyer, sale.ids["entitlement"]) == {NAME: 1}
    [asset] = sale.answers["revision"]["assets"]
    assert asset["profile"]["row_count"] == 700_000


def test_the_transfer_was_recorded_before_its_first_byte(sale: Sale) -> None:
    [row] = sale.answers["record when the head came"]
    assert row["id"] == sale.ids["transfer"]
    assert row["state"] == "started" and row["sent_bytes"] < len(CONTENT)
    assert "transfer.started" in sale.answers["events when the head came"]


def test_the_agreement_is_frozen_and_intact(sale: Sale) -> None:
    for side in (sale.seller, sale.buyer):
        agreement = asked(side.get(f"/agreements/{sale.ids['agreement']}"))
        assert agreement["is_intact"] is True
        assert agreement["document"]["purpose"] == "research"


def test_the_receipt_verifies_offline_with_the_file(sale: Sale) -> None:
    receipt, file = str(sale.folder / "receipt.json"), str(sale.folder / NAME)
    done = sale.verify("receipt", receipt, "--vkey", sale.vkey(), "--asset", file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "transfer.started" in done.stdout and "transfer.completed" in done.stdout
    assert sale.ids["transfer"] in done.stdout


def test_another_file_a_changed_receipt_or_another_key_does_not_verify(sale: Sale) -> None:
    other = sale.folder / "other.csv"
    other.write_bytes(CONTENT[:-1] + b"9")
    receipt, changed = sale.folder / "receipt.json", sale.folder / "changed.json"
    text = receipt.read_text()
    place = text.index('"transfer.completed') if '"transfer.completed' in text else len(text) // 2
    changed.write_text(text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :])
    vkey = sale.vkey()
    swapped = f"{vkey[:-4]}{'AAA' if vkey[-4:-1] != 'AAA' else 'BBB'}{vkey[-1]}"
    assert sale.verify("receipt", str(receipt), "--vkey", vkey, "--asset", str(other)).returncode == 1
    assert sale.verify("receipt", str(changed), "--vkey", vkey).returncode != 0
    assert sale.verify("receipt", str(receipt), "--vkey", swapped).returncode != 0


def test_the_officer_sees_and_opens_it(sale: Sale) -> None:
    listed = asked(sale.officer.get("/desk/transfers", params={"dataset": sale.ids["dataset"]}))["items"]
    assert [row["id"] for row in listed] == [sale.ids["transfer"]]
    opened = asked(sale.officer.get(f"/desk/transfers/{sale.ids['transfer']}"))
    assert [event["name"] for event in opened["events"]] == ["transfer.started", "transfer.completed"]
    assert {event["proof"] for event in opened["events"]} == {"checkpointed"}
    assert opened["agreement_id"] == sale.ids["agreement"]
    assert {clause["kind"]: clause["ok"] for clause in opened["clauses"]} == {"purpose": True, "copies": True}
    record = opened["record"]
    assert (record["result"], record["country_from"], record["country_to"]) == ("completed", "FR", "DE")
    assert opened["sealed"]["record"], "the network address is in the vault"
    assert "127.0.0.1" not in json.dumps(opened)


def test_the_officer_takes_the_proof_along(sale: Sale) -> None:
    taken = asked(sale.officer.get(f"/desk/transfers/{sale.ids['transfer']}/receipt"))
    file = sale.folder / "officers.json"
    file.write_text(json.dumps(taken))
    assert sale.verify("receipt", str(file), "--vkey", sale.vkey()).returncode == 0


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_the_officer_exports_it(sale: Sale, form: str) -> None:
    query = {"format": form, "dataset": sale.ids["dataset"]}
    answer = sale.officer.get("/desk/transfers/export", params=query)
    assert answer.status_code == 200
    origin, size, _ = answer.headers["comptoir-checkpoint"].split()
    assert origin.startswith(sale.vkey().split("+")[0]) and int(size) > 0
    if form == "csv":
        [row] = csv.DictReader(io.StringIO(answer.text))
        assert (row["sent_bytes"], row["country_to"]) == (str(len(CONTENT)), "DE")
    else:
        meta, row, end = [json.loads(line) for line in answer.text.splitlines()]
        assert (meta["meta"]["format"], end) == ("comptoir.transfers/1", {"end": {"rows": 1}})
        assert (row["sent_bytes"], row["country_to"]) == (len(CONTENT), "DE")
    assert sale.ids["transfer"] in answer.text


def test_each_look_and_export_of_the_officer_is_an_event(sale: Sale) -> None:
    asked(sale.officer.get(f"/desk/transfers/{sale.ids['transfer']}"))
    sale.officer.get("/desk/transfers/export", params={"format": "csv"})
    names = [event["name"] for event in asked(sale.officer.get("/events", params={"limit": "2"}))["items"]]
    assert names == ["officer.exported", "officer.viewed"]


def test_an_outsider_finds_nothing_of_it(sale: Sale) -> None:
    outsider = sale.exchange.client("outsider")
    for path in (
        f"/revisions/{sale.ids['revision']}",
        f"/negotiations/{sale.ids['negotiation']}",
        f"/agreements/{sale.ids['agreement']}",
        f"/entitlements/{sale.ids['entitlement']}",
        f"/charges/{sale.ids['charge']}",
        f"/transfers/{sale.ids['transfer']}",
        f"/transfers/{sale.ids['transfer']}/receipt",
    ):
        assert outsider.get(path).status_code == 404, path
    assert outsider.get("/desk/transfers").status_code == 403
    assert trades.transfers(outsider, sale.ids["entitlement"]) == []


def test_the_seller_is_paid_once_the_buyer_confirms(sale: Sale) -> None:
    held = asked(sale.buyer.post(f"/agreements/{sale.ids['agreement']}/confirm"))
    assert held["state"] == "released"
    again = sale.buyer.post(f"/agreements/{sale.ids['agreement']}/confirm")
    assert again.status_code == 409
    charge = asked(sale.seller.get(f"/charges/{sale.ids['charge']}"))
    assert charge["state"] == "paid"
