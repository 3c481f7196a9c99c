"""The follower: the desk's rows say all that the log holds up to its mark, and nothing beyond it."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

from compliance.follower import Follower, follow
from compliance.log.sealing import seal_batch
from compliance.models import Recipient, RecordsMark, TransferRecord
from compliance.queries import Filters, followed
from compliance.transfers import desk as transfers_desk
from exchange.kernel.errors import Conflict
from tests.rivals import race


@pytest.mark.django_db
def test_rows_come_after_sealing_and_never_before(story: Callable[..., Any], now: datetime) -> None:
    told = story().whole()
    assert (follow(), followed()) == (0, 0)
    assert seal_batch(now) == 3  # with the Event that opens the log
    assert not TransferRecord.objects.exists()
    assert (follow(at_most=2), followed()) == (2, 2)
    assert (follow(), followed(), follow()) == (1, 3, 0)
    assert TransferRecord.objects.get(pk=told.row.pk).result == "completed"


@pytest.mark.django_db
def test_what_a_crash_undoes_is_followed_again(story: Callable[..., Any], now: datetime) -> None:
    told = story().whole()
    seal_batch(now)
    with transaction.atomic():
        follow()
        transaction.set_rollback(True)
    assert followed() == 0 and not TransferRecord.objects.exists()
    follow()
    assert followed() == 3 and Recipient.objects.get().transfers == 1
    assert TransferRecord.objects.get().pk == told.row.pk


def test_rivals_follow_each_leaf_once_and_none_is_left_out(
    own_database: None, story: Callable[..., Any], now: datetime
) -> None:
    for _ in range(20):
        story().whole()
    count = seal_batch(now)

    def run() -> int:
        done = 0
        while followed() < count:
            done += follow(at_most=3)
        return done

    assert (sum(race([run] * 3)), followed()) == (count, count)
    assert TransferRecord.objects.filter(result="completed").count() == 20
    assert sum(Recipient.objects.values_list("transfers", flat=True)) == 20


def test_an_idle_follower_waits_for_no_writer(own_database: None, now: datetime) -> None:
    answers: list[int] = []

    def run() -> None:
        answers.append(follow())
        connection.close()

    with transaction.atomic():
        RecordsMark.objects.update(leaves=0)
        thread = threading.Thread(target=run)
        thread.start()
        thread.join(timeout=60)
        assert answers == [0]


@pytest.mark.django_db
def test_a_follower_that_fails_rests_and_stops_nobody(
    story: Callable[..., Any], now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    story().whole()
    seal_batch(now)
    RecordsMark.objects.all().delete()
    follower = Follower()
    with caplog.at_level(logging.ERROR, "exchange.records"):
        assert follower.step() is False
    assert "do not follow the log" in caplog.text
    RecordsMark.objects.create(leaves=0)
    assert (follower.step(), followed()) == (False, 0)
    assert (Follower().step(), followed()) == (False, 3)


@pytest.mark.django_db
def test_an_export_names_a_head_of_which_the_rows_say_everything(
    story: Callable[..., Any], public_log: Any, officer: Any, now: datetime
) -> None:
    first = story().whole()
    seal_batch(now)
    public_log.signer().run_once(now)
    with pytest.raises(Conflict, match="no checkpoint yet"):
        transfers_desk.export(Filters(), form="csv", by=officer)
    public_log.publish(now)
    sealed = followed()
    story().whole()
    seal_batch(now)
    public_log.signer().run_once(now)
    export = transfers_desk.export(Filters(), form="csv", by=officer)
    assert export.coverage.leaves < sealed + 2 and str(first.row.pk).encode() in b"".join(export.pieces)
    public_log.publish(now)
    assert transfers_desk.export(Filters(), form="csv", by=officer).coverage.leaves == followed()


@pytest.mark.django_db
def test_the_migration_starts_where_the_rows_are(
    story: Callable[..., Any], public_log: Any, now: datetime
) -> None:
    start = import_module("compliance.migrations.0007_records_follow_the_log").start_where_the_records_are
    RecordsMark.objects.all().delete()
    start(apps, None)
    assert followed() == 0
    story().whole()
    public_log.seal(now)
    public_log.seal(datetime(2027, 1, 1, tzinfo=now.tzinfo))
    story().whole()
    public_log.seal(datetime(2027, 1, 1, tzinfo=now.tzinfo))
    reached = followed()
    RecordsMark.objects.all().delete()
    start(apps, None)
    assert followed() == reached == 6
