"""Flows always come to what the records say, whatever order leaves came in; a migration counts as the follower does."""

import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib import import_module
from uuid import UUID, uuid4

import pytest
from django.apps import apps

from compliance.flows import counts
from compliance.models import Flow, RecordsMark, TransferRecord
from compliance.recipients import recipients
from compliance.transfers import records
from exchange.kernel.text import timestamp

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 31, 22, tzinfo=UTC)  # an hour before November in the zone of the exchange
NAMES = ("started", "interrupted", "resumed", "reconciled", "completed", "aborted", "revoked")
Sums = Counter[tuple[object, ...]]


def leaf(transfer: UUID, name: str, chance: random.Random, ids: dict[str, str]) -> bytes:
    facts: dict[str, object] = {
        **ids,
        "size_bytes": "1000",
        "sent_bytes": str(chance.choice((0, 0, 300, 1_000))),
    }
    if name == "started":
        facts |= {
            "class": "personal",
            "country_from": "FR",
            "country_to": chance.choice(("DE", "BR")),
            "mechanism": chance.choice(("eea", "adequacy")),
            "purpose": "research",
        }
    body = {
        "id": str(uuid4()),
        "type": f"transfer.{name}",
        "ts": timestamp(AT + timedelta(minutes=chance.randrange(240))),
        "subject": f"transfer:{transfer}",
        "facts": facts,
    }
    return json.dumps(body).encode()


def of_rows() -> Sums:
    found: Sums = Counter()
    for row in Flow.objects.filter(transfers__gt=0):
        found[(row.month, row.dataset_id, row.country_to, row.mechanism, row.purpose)] += row.transfers
    return found


def of_records() -> Sums:
    found: Sums = Counter()
    for row in TransferRecord.objects.all():
        if recipients.counted(row) != recipients.NOWHERE:
            month = counts.counted(row).about[0]
            found[(month, row.dataset_id, row.country_to, row.mechanism, row.purpose)] += 1
    return found


@pytest.mark.parametrize("seed", range(4))
def test_flows_come_to_what_the_records_say_in_every_order(seed: int) -> None:
    chance = random.Random(seed)
    nouns = ("seller", "buyer", "dataset", "revision", "asset", "entitlement", "agreement")
    leaves = []
    for _ in range(25):
        transfer, ids = uuid4(), {noun: str(UUID(int=chance.randrange(3))) for noun in nouns}
        leaves += [leaf(transfer, name, chance, ids) for name in ("started", *chance.sample(NAMES[1:], 3))]
    chance.shuffle(leaves)
    index = 0
    while index < len(leaves):
        size = chance.randrange(1, 12)
        records.write(list(enumerate(leaves[index : index + size], start=index)))
        index += size
        assert of_rows() == of_records()
    sent = {row.pk: row.sent_bytes for row in Flow.objects.filter(transfers__gt=0)}
    Flow.objects.all().delete()
    migration = import_module("compliance.migrations.0017_records_of_processing")
    migration.sum_up_flows(apps, None)
    assert of_rows() == of_records()
    assert {row.pk: row.sent_bytes for row in Flow.objects.all()} == sent
    assert RecordsMark.objects.get().leaves == 0, "the follower reads the log anew for what was declared"
