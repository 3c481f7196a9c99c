"""The sequencer: every committed Event gets exactly one place, whatever order commits come in."""

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from compliance.log.proofs import Frontier
from compliance.log.sealing import seal_batch
from compliance.models import Checkpoint, Log, LogHead
from compliance.verifier.merkle import leaf_hash, root_of
from exchange.kernel.models import Event

NEW_YEAR = datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC)


def events_in_order() -> list[Event]:
    return list(Event.objects.exclude(leaf_index=None).order_by("leaf_index"))


@pytest.mark.django_db
def test_nothing_waits_nothing_is_sealed(now: datetime) -> None:
    assert seal_batch(now) == 0
    assert not Log.objects.exists()


@pytest.mark.django_db
def test_a_batch_gets_contiguous_places_and_a_head_over_its_leaves(
    story: Callable[..., Any], public_log: Any, now: datetime
) -> None:
    for _ in range(5):
        story().whole()
    assert public_log.seal() == 11  # ten, and that the log was opened
    sealed = events_in_order()
    assert [event.leaf_index for event in sealed] == list(range(11))
    head = LogHead.objects.get()
    assert head.size == 11
    assert bytes(head.root) == root_of(leaf_hash(bytes(event.leaf)) for event in sealed)
    assert Frontier.from_bytes(bytes(head.frontier)).root() == bytes(head.root)
    assert Log.objects.get().origin == "testserver/log/2026"


@pytest.mark.django_db
def test_batches_go_on_where_the_last_one_ended(story: Callable[..., Any], now: datetime) -> None:
    for _ in range(4):
        story().whole()
    sizes = []
    while count := seal_batch(now, at_most=4):
        sizes.append(count)
    assert sizes == [4, 4, 1]
    assert list(LogHead.objects.order_by("size").values_list("size", flat=True)) == [4, 8, 9]
    hashes = [leaf_hash(bytes(event.leaf)) for event in events_in_order()]
    for head in LogHead.objects.all():
        assert bytes(head.root) == root_of(hashes[: head.size])


@pytest.mark.django_db
def test_an_event_that_commits_late_is_sealed_though_later_ids_are(
    story: Callable[..., Any], public_log: Any
) -> None:
    late = story()
    early_id = late.row.pk  # made first, recorded last
    story().whole()
    public_log.seal()
    late.tell("started")
    assert Event.objects.filter(leaf_index=None).count() == 1
    assert public_log.seal() == 1
    assert Event.objects.get(subject=f"transfer:{early_id}").leaf_index == 3


@pytest.mark.django_db
def test_the_first_batch_of_a_year_opens_the_years_own_log(
    story: Callable[..., Any], public_log: Any, now: datetime
) -> None:
    story().whole()
    public_log.seal(now)
    last = LogHead.objects.get()
    story().whole()
    assert public_log.seal(NEW_YEAR) == 3
    old, new = Log.objects.order_by("name")
    assert (new.name, new.origin, new.first_index) == ("2027", "testserver/log/2027", 3)
    assert new.heads.get().size == 3
    opened = Event.objects.get(name="log.opened", subject="log:2027")
    assert opened.leaf_index in (3, 4, 5)
    assert f'"ended_root":"{bytes(last.root).hex()}"'.encode() in bytes(opened.leaf)
    story().whole()
    public_log.seal(now)  # a clock that goes back opens nothing
    assert Log.objects.count() == 2
    assert old.heads.count() == 1
    assert new.heads.order_by("-size").first().size == 5


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_refuses_to_change_what_was_sealed(
    story: Callable[..., Any], public_log: Any, verb: str
) -> None:
    story().whole()
    public_log.publish()
    changes = {
        Log: {"first_index": 7},
        LogHead: {"size": 7},
        Checkpoint: {"size": 7},
        Event: {"leaf_index": 99},
    }
    for model, change in changes.items():
        before = list(model.objects.order_by("pk").values())
        with pytest.raises(IntegrityError), transaction.atomic():
            rows = model._base_manager.all()
            rows.update(**change) if verb == "update" else rows._raw_delete(using="default")
        assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_a_name_that_no_key_can_have_stops_the_first_batch(
    story: Callable[..., Any], settings: Any, now: datetime
) -> None:
    settings.EXCHANGE_LOG_NAME = "our log"
    story().whole()
    with pytest.raises(RuntimeError, match="EXCHANGE_LOG_NAME"):
        seal_batch(now)
    assert not Log.objects.exists()
    assert Event.objects.filter(leaf_index=None).count() == 2


def test_writers_that_sleep_and_roll_back_and_rival_sequencers_lose_and_double_nothing(
    own_database: None, story: Callable[..., Any], now: datetime
) -> None:
    committed: set[Any] = set()
    rolled_back: set[Any] = set()
    failures: list[BaseException] = []
    is_over = threading.Event()

    def in_thread(work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as failure:
                failures.append(failure)
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def writer(seed: int) -> Callable[[], None]:
        def write() -> None:
            chance = random.Random(seed)
            for _ in range(30):
                keeps = chance.random() > 0.25
                with transaction.atomic():
                    event = story().tell("started")
                    time.sleep(chance.random() * 0.004)
                    if not keeps:
                        transaction.set_rollback(True)
                (committed if keeps else rolled_back).add(event.pk)

        return write

    def sequence() -> None:
        while not is_over.is_set():
            if not seal_batch(now, at_most=7):
                time.sleep(0.002)

    sequencers = [in_thread(sequence) for _ in range(2)]
    for thread in [in_thread(writer(seed)) for seed in range(6)]:
        thread.join()
    is_over.set()
    for thread in sequencers:
        thread.join()
    while seal_batch(now):
        pass

    assert not failures
    sealed = events_in_order()
    assert [event.leaf_index for event in sealed] == list(range(len(sealed)))
    assert {event.pk for event in sealed if event.name == "transfer.started"} == committed
    assert rolled_back
    hashes = [leaf_hash(bytes(event.leaf)) for event in sealed]
    for head in LogHead.objects.all():
        assert bytes(head.root) == root_of(hashes[: head.size])
    assert LogHead.objects.order_by("-size").first().size == len(sealed)


def test_a_full_batch_is_sealed_at_once(own_database: None, story: Callable[..., Any], now: datetime) -> None:
    told = story()
    with transaction.atomic():
        told.tell("started")
        for minute in range(2_499):
            told.tell("interrupted", minute, minutes=2 * minute + 1, code="idle")
            told.tell("resumed", minute, minutes=2 * minute + 2)
    seal_batch(now, at_most=1)
    assert seal_batch(now) >= 4_999
