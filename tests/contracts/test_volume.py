"""A limit of rows and bytes over the life of a right: every copy of every file counts once, whole, and no longer than
it is kept."""

import json
from typing import Any

import pytest

from contracts.clauses import LIBRARY
from contracts.decisions import replays
from contracts.entitlements import volumes
from contracts.models import Entitlement, Transfer
from contracts.negotiations import negotiations
from contracts.renewals import amendments, renewals
from contracts.terms.terms import parse, text
from contracts.transfers import copies, transfers
from contracts.transfers.ranges import Wish
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Forbidden, Invalid
from exchange.kernel.models import Event
from tests import dataset_makers, sales

pytestmark = pytest.mark.django_db

TEN, FIVE = dataset_makers.numbers(10), dataset_makers.numbers(5)
FILES = {"ten.csv": TEN, "five.csv": FIVE, "scan.bin": b"\x00\x01\x02"}
Raw = dict[str, Any]


def entitled(seller: Actor, buyer: Actor, **limits: int) -> Entitlement:
    return sales.entitled(seller, buyer, files=FILES, terms=[{"kind": "volume", **limits}])


def take(right: Entitlement, buyer: Actor, name: str) -> Any:
    """A copy that arrived whole."""
    asset = right.revision.assets.get(name=name)
    verdict = sales.start(sales.link(right, buyer, asset=asset), buyer.at)
    assert verdict.transfer_id is not None
    return transfers.progress(verdict.transfer_id, [(0, asset.size_bytes or 0)], now=buyer.at)


def refusal(right: Entitlement, buyer: Actor, name: str) -> Forbidden:
    before = Transfer.objects.count()
    with pytest.raises(Forbidden) as refused:
        sales.link(right, buyer, asset=right.revision.assets.get(name=name))
    assert Transfer.objects.count() == before
    return refused.value


def test_bytes_of_all_files_and_copies_add_up_and_the_refusal_says_what_is_left(
    seller: Actor, buyer: Actor
) -> None:
    most = len(TEN) + 2 * len(FIVE)
    right = entitled(seller, buyer, bytes=most)
    for name in ("five.csv", "ten.csv"):
        take(right, buyer, name)
    said = refusal(right, buyer, "ten.csv")
    assert (said.code, dict(said.more)) == ("volume_spent", {"clause": "volume"})
    assert said.detail == (
        "refused by the clause volume: this copy would take more than the terms permit "
        f"({len(FIVE)} of {most} bytes are left, and this file has {len(TEN)})"
    )
    take(right, buyer, "five.csv")
    assert refusal(right, buyer, "scan.bin").code == "volume_spent"


def test_the_gateway_says_what_is_left_and_keeps_what_it_decided_by(seller: Actor, buyer: Actor) -> None:
    right = entitled(seller, buyer, rows=14)
    early = sales.link(right, buyer, asset=right.revision.assets.get(name="five.csv"))
    take(right, buyer, "ten.csv")
    verdict = sales.start(early, buyer.at)
    assert (verdict.code, verdict.clause) == ("volume_spent", "volume")
    assert verdict.left == "4 of 14 rows are left, and this file has 5"
    refused = Event.objects.get(name="transfer.refused")
    decided = json.loads(bytes(refused.leaf))["facts"]["decided"]
    told = {name: decided[name] for name in volumes.FACTS}
    assert told == {"rows_taken": 10, "asset_rows": 5, "bytes_taken": len(TEN), "asset_bytes": len(FIVE)}
    for event in (refused, Event.objects.get(name="transfer.started")):
        assert replays.replay(event.pk, by=buyer).outcome == "same"


def test_a_file_whose_rows_were_not_counted_is_refused_under_a_limit_of_rows_alone(
    seller: Actor, buyer: Actor
) -> None:
    said = refusal(entitled(seller, buyer, rows=1_000_000), buyer, "scan.bin")
    assert (said.code, dict(said.more)) == ("rows_unknown", {"clause": "volume"})
    take(entitled(seller, buyer, bytes=3), buyer, "scan.bin")


def test_what_goes_on_was_counted_when_it_began(seller: Actor, buyer: Actor) -> None:
    right = entitled(seller, buyer, bytes=len(TEN), rows=10)
    path = sales.link(right, buyer, asset=right.revision.assets.get(name="ten.csv"))
    for first in (0, 0, 5):
        assert sales.start(path, buyer.at, Wish(range=f"bytes={first}-")).code is None
    begun = Transfer.objects.get()
    transfers.stop(begun.pk, "storage_lost", now=buyer.at)
    assert sales.start(sales.link(right, buyer, transfer=begun), buyer.at).transfer_id == begun.pk
    assert refusal(right, buyer, "five.csv").code == "volume_spent"


def test_a_copy_that_comes_back_is_not_counted_any_more(seller: Actor, buyer: Actor) -> None:
    right = entitled(seller, buyer, bytes=len(TEN), rows=10)
    for back in ("given", "swept"):
        taken = sales.start(sales.link(right, buyer, asset=right.revision.assets.get(name="ten.csv")), buyer.at)
        assert taken.transfer_id is not None
        assert refusal(right, buyer, "five.csv").code == "volume_spent"
        if back == "given":
            transfers.progress(taken.transfer_id, [(0, len(TEN))], now=buyer.at)
            copies.give_back(Transfer.objects.get(pk=taken.transfer_id), reason="Their disk broke.", by=seller)
        else:
            transfers.end_unsent(taken.transfer_id, now=buyer.at)
            transfers.sweep_idle(now=sales.later(buyer.at, minutes=1))
    take(right, buyer, "ten.csv")


def test_a_limit_that_an_amendment_sets_counts_what_was_taken_before(seller: Actor, buyer: Actor) -> None:
    right = sales.entitled(seller, buyer, files=FILES, terms=[])
    take(right, buyer, "ten.csv")
    changes = [{"kind": "volume", "set": {"rows": 14}}]
    talk = negotiations.approve(amendments.propose(right.agreement, changes=changes, by=buyer), by=seller)
    renewals.consent(talk, ["volume"], shown=talk.proposal, by=buyer)
    accepted = negotiations.accept(talk, shown=talk.proposal, by=buyer)
    amended = Entitlement.objects.get(agreement=accepted.agreement)
    assert refusal(amended, buyer, "five.csv").code == "volume_spent"


@pytest.mark.parametrize("raw", [{}, {"rows": 0}, {"bytes": 2**53}, {"bytes": 1.5}, {"rows": True}])
def test_a_limit_of_nothing_is_refused_when_it_is_written(raw: Raw) -> None:
    with pytest.raises(Invalid, match=r"Clause 1 \(volume\): "):
        parse([{"kind": "volume", **raw}])


def test_the_text_says_how_much_and_how_it_is_counted() -> None:
    def said(language: Any, **limits: int) -> str:
        rows = text(parse([{"kind": "volume", **limits}]), language)
        return next(row["text"] for row in rows if row["kind"] == "volume")

    assert said("en", rows=1, bytes=12_000).startswith(
        "You may download at most 1 row and at most 12,000 bytes in all."
    )
    assert "12\u202f000\u00a0octets en tout" in said("fr", bytes=12_000)
    assert "rows were not counted is refused" in said("en", rows=5)
    assert "refused" not in said("en", bytes=5)
    (clause,) = parse([{"kind": "volume", "rows": 5}]).clauses
    assert LIBRARY["volume"].right(clause).title.en == "Download 5 rows in all"
