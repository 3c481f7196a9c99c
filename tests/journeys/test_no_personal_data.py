"""No person, no address and no token in what the exchange writes for others: the leaves of its log, its exports, its
process logs, its index and its messages. Every file is searched byte by byte."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests import trades
from tests.servers import Exchange, eventually
from tests.trades import asked

pytestmark = [pytest.mark.server, pytest.mark.both_databases, pytest.mark.xdist_group("server")]

AGENT = "recognisable-reader/7.3 (of Ada Byron)"
NAME = "trams.csv"


def holders(needles: Iterable[str], files: Iterable[Path], *homes: str) -> list[tuple[str, str]]:
    """Which file holds which of these texts; the exchange's own addresses in `homes` are no find."""
    contents = {path: path.read_bytes() for path in files if path.is_file()}
    for home in homes:
        contents = {path: data.replace(home.encode(), b"") for path, data in contents.items()}
    return [(path.name, text) for path, data in contents.items() for text in needles if text.encode() in data]


@pytest.fixture(scope="module")
def taken(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A download by a reader who is easy to recognise, once the log is signed over it; and the officer's exports."""
    seller, buyer, officer = (exchange.client(name) for name in ("seller", "buyer", "officer"))
    right = trades.entitled(seller, buyer, {NAME: trades.table(1_000)})
    url = trades.link(buyer, right, asset=NAME)
    assert httpx.get(url, headers={"User-Agent": AGENT}, timeout=60).status_code == 200
    [row] = trades.transfers(buyer, right)
    folder = tmp_path_factory.mktemp("taken")
    trades.receipt(buyer, row["id"], folder / "receipt.json")
    for form in ("csv", "jsonl", "parquet"):
        made = asked(officer.post("/desk/exports", json={"format": form}))["id"]
        eventually(lambda made=made: asked(officer.get(f"/desk/exports/{made}"))["state"] == "ready", bool)
        answer = officer.get(f"/desk/exports/{made}/file")
        assert answer.status_code == 200
        (folder / f"export.{form}").write_bytes(answer.content)
    return {
        "folder": folder,
        "token": next(part for part in url.split("/") if part.count(".") == 2 and len(part) > 100),
        "url": url,
        "access": buyer.headers["Authorization"].split()[1],
        "transfer": row["id"],
    }


PERSON, WORDS = "ottoline@quillfeather.example", "What do you hold about my aunt Philippa Zwick?"


@pytest.fixture(scope="module")
def strangers(exchange: Exchange, taken: dict[str, Any]) -> list[str]:
    """What people typed who asked by the form, mistyped a password, or came with a link that opens nothing."""
    with httpx.Client(base_url=exchange.url, follow_redirects=True, timeout=60) as visitor:
        forms = {
            "/privacy/request": {
                "kind": "access",
                "name": "Ottoline Quillfeather",
                "email": PERSON,
                "words": WORDS,
            },
            "/accounts/login/": {"login": PERSON, "password": "correct-horse-quillfeather"},
            "/accounts/password/reset/": {"email": PERSON},
        }
        for path, typed in forms.items():
            assert visitor.get(path).status_code == 200, path
            sent = {**typed, "csrfmiddlewaretoken": visitor.cookies["csrftoken"]}
            assert visitor.post(path, data=sent, headers={"Referer": exchange.url}).status_code == 200, path
        forged = f"{taken['token']}x"
        for path in (
            "/privacy/request/quillfeather-token",
            "/invitations/quillfeather-token",
            f"/links/{forged}",
        ):
            assert visitor.get(path).status_code == 404
        assert visitor.get(urlsplit(taken["url"]).path.replace(taken["token"], forged)).status_code in (
            401,
            403,
            404,
        )
        assert visitor.get("/api/v1/offers", headers={"Authorization": f"Bearer {forged}"}).status_code == 401
    return [PERSON, WORDS, "uillfeather", "Zwick", forged]


@pytest.fixture(scope="module")
def people(exchange: Exchange) -> list[str]:
    """The addresses of the demo's people, and what opens their accounts."""
    logins = json.loads((exchange.var / "demo" / "logins.json").read_text())
    clients = json.loads((exchange.var / "demo" / "clients.json").read_text())
    return [
        *(login["email"] for login in logins),
        *(login["password"] for login in logins if login["password"]),
        *(client["client_secret"] for client in clients.values()),
    ]


def test_leaves_and_exports_hold_no_person_address_or_token(
    exchange: Exchange, taken: dict[str, Any], people: list[str]
) -> None:
    needles = [*people, AGENT, "127.0.0.1", taken["token"], taken["access"], "user:"]
    leaves = [path for path in (exchange.var / "log").rglob("*") if "entries" in path.parts]
    exports = [path for path in taken["folder"].iterdir() if path.name.startswith("export.")]
    assert leaves and len(exports) == 3
    assert holders([taken["transfer"]], exports[:1] + leaves), "the search finds what is there"
    # The log is named by where the exchange was when it began, which may be another port than now.
    homes = [where.read_text().split("/log/")[0] for where in (exchange.var / "log").glob("*/checkpoint")]
    files = [*leaves, *exports, taken["folder"] / "receipt.json"]
    assert holders(needles, files, *homes, urlsplit(exchange.url).netloc) == []


def test_process_logs_index_and_messages_hold_none_either(
    exchange: Exchange, taken: dict[str, Any], people: list[str], strangers: list[str]
) -> None:
    needles = [*people, *strangers, AGENT, taken["token"], taken["access"]]
    folders = ("logs", "access", "search", "broker", "log", "exports", "measuring")
    state = [path for name in folders for path in (exchange.var / name).rglob("*")]
    assert holders(["Application startup complete", "ready."], state), "the search finds what is there"
    assert holders(needles, state) == []
    assert holders(strangers, [exchange.log]) == [], "it prints the logins of its demo, and of nobody else"


def test_the_address_lies_nowhere_in_the_state_but_sealed(exchange: Exchange, taken: dict[str, Any]) -> None:
    everything = list(exchange.var.rglob("*"))
    assert holders([taken["transfer"]], everything), "the search finds what is there"
    assert holders([AGENT], everything) == []
