"""The desk's rows: what leaves alone say of transfers and refused attempts."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from compliance.models import TransferRecord
from compliance.transfers import records
from exchange.kernel.models import Event

pytestmark = pytest.mark.django_db


def row_of(told: Any) -> TransferRecord:
    return TransferRecord.objects.get(pk=told.row.pk)


def test_a_transfer_from_start_to_end_is_one_row(
    story: Callable[..., Any], public_log: Any, now: datetime
) -> None:
    told = story()
    told.tell("started")
    public_log.seal()
    row = row_of(told)
    assert (row.result, row.sent_bytes, row.size_bytes, row.first_leaf) == ("running", 0, 1_000, row.last_leaf)
    for noun in ("seller", "buyer", "dataset", "revision", "asset", "entitlement"):
        assert getattr(row, f"{noun}_id") == getattr(told.row, f"{noun}_id")
    assert row.agreement_id == told.agreement_id
    assert (row.personal_data, row.purpose, row.legal_basis) == ("personal", "research", "consent")
    assert (row.country_from, row.country_to, row.mechanism) == ("FR", "DE", "eea")
    assert row.started_at == row.last_at == now

    told.tell("interrupted", 400, minutes=1, code="idle")
    public_log.seal()
    row = row_of(told)
    assert (row.result, row.reason, row.sent_bytes) == ("interrupted", "idle", 400)

    told.tell("resumed", 400, minutes=2)
    public_log.seal()
    assert (row_of(told).result, row_of(told).reason) == ("running", "")

    told.tell("completed", 1_000, minutes=3)
    public_log.seal()
    row = row_of(told)
    assert (row.result, row.reason, row.sent_bytes) == ("completed", "", 1_000)
    assert (row.started_at, row.last_at) == (now, now + timedelta(minutes=3))
    assert row.last_leaf == Event.objects.get(name="transfer.completed").leaf_index
    assert TransferRecord.objects.count() == 1


@pytest.mark.parametrize(("name", "code"), [("aborted", "nothing_sent"), ("revoked", "entitlement_revoked")])
def test_an_end_has_its_reason(name: str, code: str, story: Callable[..., Any], public_log: Any) -> None:
    told = story()
    told.tell("started")
    told.tell(name, 10, minutes=1, code=code)
    public_log.seal()
    assert (row_of(told).result, row_of(told).reason) == (name, code)


def test_a_refused_attempt_is_a_row_under_the_id_of_its_event(
    story: Callable[..., Any], public_log: Any
) -> None:
    told = story()
    event = told.refused("copies_spent")
    public_log.seal()
    row = TransferRecord.objects.get()
    assert (row.pk, row.result, row.reason) == (event.pk, "refused", "copies_spent")
    assert (row.buyer_id, row.entitlement_id, row.asset_id) == (told.buyer_id, told.row.entitlement_id, None)


def test_leaves_out_of_their_order_come_to_the_same(
    story: Callable[..., Any], public_log: Any, now: datetime
) -> None:
    told = story()
    told.tell("completed", 1_000, minutes=3)
    public_log.seal()
    told.tell("interrupted", 300, minutes=1, code="idle")
    public_log.seal()
    told.tell("started")
    public_log.seal()
    row = row_of(told)
    assert (row.result, row.reason, row.sent_bytes) == ("completed", "", 1_000)
    assert (row.purpose, row.mechanism, row.agreement_id) == ("research", "eea", told.agreement_id)
    assert (row.started_at, row.last_at) == (now, now + timedelta(minutes=3))


def test_a_start_that_says_too_little_leaves_gaps_an_error_and_a_working_sequencer(
    story: Callable[..., Any], public_log: Any, caplog: pytest.LogCaptureFixture
) -> None:
    told = story(
        changed={
            "class": None,
            "purpose": "p" * 41,
            "country_to": "DEU",
            "agreement": "not an id",
            "mechanism": "nul\x00",
            "size_bytes": "9" * 30,
        }
    )
    with caplog.at_level(logging.ERROR, "exchange.records"):
        told.tell("started")
        story().whole()
        public_log.seal()
    row = row_of(told)
    assert (row.personal_data, row.purpose, row.country_to, row.mechanism) == ("", "", "", "")
    assert (row.agreement_id, row.size_bytes, row.country_from) == (None, 0, "FR")
    assert "lacks agreement, class, country_to, mechanism, purpose" in caplog.text
    assert TransferRecord.objects.filter(result="completed").count() == 1
    assert not Event.objects.filter(leaf_index=None).exists()


@pytest.mark.parametrize(
    "leaf",
    [
        b"\xff",
        b"[]",
        b'{"type":"transfer.started"}',
        b'{"facts":{},"id":"x","subject":"transfer:y","ts":"2026-11-22T09:00:00Z","type":"transfer.started"}',
        b'{"facts":[],"id":"0192f0c1-7a3b-7c4d-8e5f-0123456789ab","subject":"entitlement:y",'
        b'"ts":"2026-11-22T09:00:00Z","type":"transfer.refused"}',
        b'{"facts":{},"id":"0192f0c1-7a3b-7c4d-8e5f-0123456789ab","subject":"entitlement:y",'
        b'"ts":"2026-11-22T09:00:00","type":"transfer.refused"}',
        b'{"facts":{},"id":"0192f0c1-7a3b-7c4d-8e5f-0123456789ab","subject":"entitlement:y",'
        b'"ts":"2026-11-22T09:00:00Z","type":"transfer.teleported"}',
    ],
)
def test_a_leaf_that_cannot_be_read_is_passed_over(leaf: bytes, caplog: pytest.LogCaptureFixture) -> None:
    assert records.write([(0, leaf)]) == 0
    assert "leaf 0 cannot be read" in caplog.text
    assert not TransferRecord.objects.exists()
