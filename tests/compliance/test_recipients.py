"""Who received what, by the log alone: the sums always come to what the records say, whatever order leaves came in."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db.models import Count, Max, Q

from compliance.models import Recipient, TransferRecord
from compliance.recipients import recipients
from compliance.transfers import records
from exchange.kernel.errors import Forbidden
from exchange.kernel.text import timestamp

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
SIZE = 1_000
NAMES = ("started", "interrupted", "resumed", "reconciled", "completed", "aborted", "revoked")
DATASET = uuid4()


def leaf(transfer: UUID, name: str, sent: int, seconds: int, ids: dict[str, UUID]) -> bytes:
    """A leaf as the log holds it, as far as records read it."""
    body = {
        "id": str(uuid4()),
        "type": f"transfer.{name}",
        "ts": timestamp(AT + timedelta(seconds=seconds)),
        "subject": f"transfer:{transfer}",
        "facts": {
            **{noun: str(one) for noun, one in ids.items()},
            "size_bytes": str(SIZE),
            "sent_bytes": str(sent),
        },
    }
    return json.dumps(body).encode()


def story(dice: random.Random) -> Iterator[bytes]:
    """One transfer of one of a few buyers, files and revisions: some leaves, in any order, each perhaps twice."""
    transfer = UUID(int=dice.getrandbits(128))
    ids = {"buyer": UUID(int=dice.randint(1, 4)), "dataset": DATASET, "revision": UUID(int=dice.randint(1, 2))}
    ids["asset"] = UUID(int=10 * ids["revision"].int + dice.randint(1, 2))
    told = ["started", *dice.choices(NAMES[1:], k=dice.randint(0, 4))]
    dice.shuffle(told)
    for number, name in enumerate(told):
        sent = 0 if name in ("started", "aborted") else dice.choice([0, 300, SIZE])
        yield leaf(transfer, name, sent, dice.randint(0, 99) + number, ids)


def counted_anew() -> dict[Any, tuple[int, int, int]]:
    """The same question, asked of every record."""
    left = Q(sent_bytes__gt=0) | Q(size_bytes=0, result="completed") | Q(result="running")
    rows = TransferRecord.objects.filter(left).exclude(buyer_id=None).order_by()
    summed = rows.values("buyer_id", "revision_id", "asset_id").annotate(
        count=Count("pk"), running=Count("pk", filter=Q(result="running")), most=Max("sent_bytes")
    )
    return {
        (row["buyer_id"], row["revision_id"], row["asset_id"]): (row["count"], row["running"], row["most"])
        for row in summed
    }


def kept() -> dict[Any, tuple[int, int, int]]:
    return {
        (row.buyer_id, row.revision_id, row.asset_id): (row.transfers, row.running, row.sent_bytes)
        for row in Recipient.objects.filter(transfers__gt=0)
    }


@pytest.mark.parametrize("seed", range(4))
def test_the_sums_are_what_the_records_come_to(seed: int, officer: Any) -> None:
    dice = random.Random(seed)
    leaves = [one for _ in range(60) for one in story(dice)]
    dice.shuffle(leaves)
    entries = list(enumerate(leaves))
    while entries:
        size = dice.randint(1, 25)
        some, entries = entries[:size], entries[size:]
        records.write(some)
        assert kept() == counted_anew()
    whole = {(row.buyer_id, one.asset_id) for row in of(officer) for one in row.files if one.is_whole}
    assert whole == {
        (buyer, asset) for (buyer, _, asset), (_, _, most) in counted_anew().items() if most == SIZE
    }
    assert {row.buyer_id for row in of(officer)} == {buyer for buyer, _, _ in counted_anew()}


def of(officer: Any, revision: UUID | None = None) -> list[recipients.Received]:
    return recipients.of(DATASET, revision, visible_to=officer)


def test_leaves_that_are_written_twice_count_once(officer: Any) -> None:
    dice = random.Random(7)
    entries = list(enumerate([one for _ in range(20) for one in story(dice)]))
    records.write(entries)
    before = kept()
    records.write(entries)
    assert kept() == before == counted_anew()


def test_the_migration_sums_up_what_was_recorded_before() -> None:
    dice = random.Random(11)
    records.write(enumerate([one for _ in range(40) for one in story(dice)]))
    rows = {
        row.pk: (row.transfers, row.running, row.sent_bytes)
        for row in Recipient.objects.filter(transfers__gt=0)
    }
    Recipient.objects.all().delete()
    import_module("compliance.migrations.0005_recipients").sum_up(apps, None)
    found = Recipient.objects.all()
    assert {row.pk: (row.transfers, row.running, row.sent_bytes) for row in found} == rows and rows


def test_a_revision_is_asked_apart_and_only_by_officers(officer: Any, seller: Any) -> None:
    ids = {"buyer": UUID(int=1), "dataset": DATASET, "revision": UUID(int=1), "asset": UUID(int=11)}
    later = ids | {"buyer": UUID(int=2), "revision": UUID(int=2), "asset": UUID(int=21)}
    records.write(
        [(0, leaf(uuid4(), "interrupted", 4, 0, ids)), (1, leaf(uuid4(), "completed", SIZE, 9, later))]
    )
    assert [(row.buyer_id, row.is_whole) for row in of(officer)] == [(UUID(int=2), True), (UUID(int=1), False)]
    assert [row.buyer_id for row in of(officer, UUID(int=1))] == [UUID(int=1)]
    assert recipients.of(uuid4(), visible_to=officer) == []
    with pytest.raises(Forbidden):
        of(seller)
