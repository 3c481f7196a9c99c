"""The two ways in which an attempt is decided, side by side, and what each of them wrote in words that do not depend on
which row it was."""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from contracts.models import CopyCount, Entitlement, Transfer
from contracts.transfers.completions import Completions
from contracts.transfers.direct import Direct, connection_of_its_own
from contracts.transfers.starts import Starts
from contracts.transfers.transfers import Attempt, Verdict
from exchange.kernel import canonical
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event, EventParty
from tests import sales

BOOK, QUICK = "by the book", "quickly"
_ALWAYS_NEW = {"id", "salt", "ts"}
_OF_ITS_MOMENT = {"now", "ended_at", "copies_used"}
"""What a refusal keeps of when it was decided, and after which others."""
_MOMENTS = {"active_since", "ends_at"}
"""Of a right of its own for each way, which a test may move."""
_BY_BUYER = {"transfer.started", "transfer.refused", "transfer.resumed"}


class Counting(Direct):
    """The direct connection, which counts what it wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.written = 0

    async def write(self, statement: str, *columns: object) -> list[tuple[Any, ...]] | None:
        rows = await super().write(statement, *columns)
        self.written += len(rows or ())
        return rows


class Door:
    """One process's attempts and completions, asked from a test that is not asynchronous."""

    def __init__(self, runner: asyncio.Runner, *, is_quick: bool) -> None:
        self._runner = runner
        self.starting, self.completing = Counting(), Counting()
        self.completions = Completions(self.completing if is_quick else None)
        self.starts = Starts(self.completions, self.starting if is_quick else None)

    def decide(self, *attempts: Attempt) -> list[Verdict]:
        """Decide all of these at once."""

        async def all_of_them() -> list[Verdict]:
            return list(await asyncio.gather(*(self.starts.submit(attempt) for attempt in attempts)))

        return self._runner.run(all_of_them())

    def complete(self, *verdicts: Verdict) -> list[bool]:
        """Say of all of these at once that they left whole."""

        async def all_of_them() -> list[bool]:
            return list(await asyncio.gather(*(self._complete(verdict) for verdict in verdicts)))

        return self._runner.run(all_of_them())

    async def _complete(self, verdict: Verdict) -> bool:
        assert verdict.asset is not None and verdict.transfer_id is not None
        return await self.completions.complete(verdict.transfer_id, [(0, verdict.asset.size_bytes or 0)])

    def close(self) -> None:
        self._runner.run(self.starts.close())
        self._runner.run(self.completions.close())


def has_quick_way() -> bool:
    """Whether this database has one."""
    return connection_of_its_own() is not None


@contextmanager
def door(way: str = QUICK) -> Iterator[Door]:
    with asyncio.Runner() as runner:
        found = Door(runner, is_quick=way == QUICK and has_quick_way())
        yield found
        found.close()


def written(entitlement: Entitlement, buyer: Actor) -> Any:
    """All that attempts on this right have left: Events with their parties, transfers and the count."""
    names = _names(entitlement, buyer)
    events = [_event(event, names, buyer) for event in _events(entitlement)]
    rows = [_transfer(row) for row in Transfer.objects.filter(entitlement=entitlement)]
    used = CopyCount.objects.filter(entitlement=entitlement, used__gt=0).values_list("used", flat=True)
    # Ids of one moment stand in no order.
    return {"events": sorted(events, key=json.dumps), "transfers": sorted(rows, key=str), "used": list(used)}


def _events(entitlement: Entitlement) -> Sequence[Event]:
    named = str(entitlement.pk).encode()
    rows = Event.objects.filter(name__startswith="transfer.").order_by("id")
    return [event for event in rows if named in bytes(event.leaf)]


def _names(entitlement: Entitlement, buyer: Actor) -> dict[str, str]:
    asset = sales.asset_of(entitlement)
    return {
        str(entitlement.pk): "right",
        str(entitlement.agreement_id): "agreement",
        str(entitlement.dataset_id): "dataset",
        str(entitlement.revision_id): "revision",
        str(entitlement.seller_id): "seller",
        str(entitlement.buyer_id): "buyer",
        str(asset.pk): "asset",
    }


def _event(event: Event, names: dict[str, str], buyer: Actor) -> Any:
    text = bytes(event.leaf).decode()
    assert canonical.encode(json.loads(text)) == bytes(event.leaf)
    for own, name in names.items():
        text = text.replace(own, name)
    leaf = json.loads(text)
    assert leaf["id"] == str(event.pk) and leaf["type"] == event.name and leaf["ts"] and leaf["salt"]
    assert hashlib.sha256(b"\0" + bytes(event.leaf)).digest() == bytes(event.leaf_hash)
    assert (leaf["actor"] == buyer.name) == (event.name in _BY_BUYER)
    if event.name in ("transfer.started", "transfer.completed"):
        assert event.subject == f"transfer:{leaf['facts']['transfer']}"
    for name in _ALWAYS_NEW:
        leaf.pop(name)
    leaf["actor"] = leaf["actor"].partition("_")[0]
    if leaf["subject"].startswith("transfer:"):
        leaf["subject"] = "transfer"
    if "transfer" in leaf["facts"]:
        leaf["facts"]["transfer"] = "transfer"
    decided = leaf["facts"].get("decided", {})
    decided |= dict.fromkeys(_MOMENTS & decided.keys(), "a moment")
    for name in _OF_ITS_MOMENT:
        decided.pop(name, None)
    if "sealed" in leaf["facts"]:
        leaf["facts"]["sealed"] = sorted(leaf["facts"]["sealed"])
    parties = EventParty.objects.filter(event=event).values_list("participant_id", flat=True)
    leaf["parties"] = sorted(names[str(party)] for party in parties)
    return leaf


def _transfer(row: Transfer) -> Any:
    own = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    days = own.pop("resumable_until") - row.started_at
    for name in ("id", "token_id", "entitlement_id", "asset_id", "dataset_id", "revision_id"):
        assert own.pop(name)
    ended, active = own.pop("ended_at"), own.pop("active_at")
    parties = (own.pop("seller_id"), own.pop("buyer_id"))
    assert parties == (row.entitlement.seller_id, row.entitlement.buyer_id)
    assert active >= own.pop("started_at")
    came_back = own.pop("copy_given_back_at")
    return own | {"days": days.days, "is_ended": ended is not None, "came_back": came_back is not None}
