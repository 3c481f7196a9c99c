"""What follows an Event: once, again after a failure, and although messages get lost."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from celery import Celery
from django.conf import settings
from django.db import transaction

from exchange.kernel import events, tasks
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Unavailable
from exchange.kernel.models import Delivery, Event
from exchange.kernel.states import transition
from exchange.participants.models import Participant
from infra.celery import app
from tests.rivals import race

Register = Callable[..., None]


@pytest.fixture
def done(reactions: Register) -> SimpleNamespace:
    """What reactions to participant.verified did: the subjects they got, and how often they are to fail first."""
    seen = SimpleNamespace(subjects=[], failures=[], pause=0.0)

    def follow(subject_id: str, now: datetime) -> None:
        time.sleep(seen.pause)
        if seen.failures:
            raise seen.failures.pop(0)
        seen.subjects.append(subject_id)

    reactions({"participant.verified": [follow]})
    return seen


@pytest.fixture
def delivery(row: Participant, by: Actor, done: SimpleNamespace) -> Delivery:
    """A reaction that waits, because its message has not come."""
    with transaction.atomic():
        transition(row, "verify", by=by)
    return Delivery.objects.get()


@pytest.fixture
def queue() -> Iterator[Any]:
    """The broker's queue, empty, as a worker reads it."""
    with app.connection_for_read() as connection:
        waiting = connection.SimpleQueue(app.conf.task_default_queue)
        waiting.clear()
        yield waiting
        waiting.clear()
        waiting.close()


def messages(queue: Any) -> list[str]:
    """The deliveries that messages in the queue name."""
    found = []
    while queue.qsize():
        message = queue.get_nowait()
        message.ack()
        assert message.headers["task"] == events.REACT_TASK
        found += message.payload[0]
    return found


def test_a_reaction_runs_once_with_its_subject(
    delivery: Delivery, row: Participant, done: SimpleNamespace, now: datetime
) -> None:
    assert events.react(delivery.pk, now=now)
    assert not events.react(delivery.pk, now=now + timedelta(days=1))
    assert done.subjects == [str(row.pk)]
    delivery.refresh_from_db()
    assert (delivery.done_at, delivery.attempts) == (now, 1)


@pytest.mark.usefixtures("own_database")
def test_two_workers_with_the_same_message_run_it_once(
    delivery: Delivery, done: SimpleNamespace, now: datetime
) -> None:
    done.pause = 0.2
    assert sorted(race([lambda: events.react(delivery.pk, now=now)] * 4)) == [False, False, False, True]
    assert len(done.subjects) == 1


@pytest.mark.parametrize("failure", [RuntimeError("broken"), Unavailable("the provider does not answer")])
def test_a_reaction_that_fails_waits_and_succeeds_later(
    delivery: Delivery, done: SimpleNamespace, now: datetime, failure: Exception
) -> None:
    done.failures = [failure]
    assert not events.react(delivery.pk, now=now)
    delivery.refresh_from_db()
    assert delivery.done_at is None and delivery.due_at > now
    assert not events.react(delivery.pk, now=delivery.due_at - timedelta(seconds=1))
    assert done.subjects == []
    assert events.react(delivery.pk, now=delivery.due_at)
    assert len(done.subjects) == 1


def test_the_wait_grows_with_every_failure_up_to_an_hour(
    delivery: Delivery, done: SimpleNamespace, now: datetime
) -> None:
    waits = []
    for _ in range(14):
        done.failures = [RuntimeError("broken")]
        at = max(delivery.due_at, now)
        events.react(delivery.pk, now=at)
        delivery.refresh_from_db()
        waits.append((delivery.due_at - at).total_seconds())
    assert waits[:3] == [10, 20, 40] and waits == sorted(waits) and waits[-1] == 3600


def test_what_a_worker_took_and_never_finished_is_taken_again_after_its_lease(
    delivery: Delivery, done: SimpleNamespace, now: datetime
) -> None:
    done.failures = [KeyboardInterrupt()]  # as a worker that is killed: nothing is written afterwards
    with pytest.raises(KeyboardInterrupt):
        events.react(delivery.pk, now=now)
    lease = timedelta(seconds=settings.EXCHANGE_REACTION_LEASE_SECONDS)
    assert not events.react(delivery.pk, now=now + lease - timedelta(seconds=1))
    assert events.react(delivery.pk, now=now + lease)
    assert len(done.subjects) == 1


def test_a_reaction_that_the_table_no_longer_names_is_done_without_running(
    delivery: Delivery, done: SimpleNamespace, now: datetime, reactions: Register
) -> None:
    reactions({})
    assert events.react(delivery.pk, now=now)
    assert done.subjects == []


def test_one_reaction_that_fails_does_not_hold_up_another(
    row: Participant, by: Actor, now: datetime, reactions: Register
) -> None:
    seen = []

    def fails(subject_id: str, now: datetime) -> None:
        raise RuntimeError("broken")

    def works(subject_id: str, now: datetime) -> None:
        seen.append(subject_id)

    reactions({"participant.verified": [fails, works]})
    transition(row, "verify", by=by)
    answers = {d.reaction.rpartition(".")[2]: events.react(d.pk, now=now) for d in Delivery.objects.all()}
    assert answers == {"fails": False, "works": True}
    assert seen == [str(row.pk)]


def test_what_follows_together_is_followed_by_one_call_and_one_by_one_where_that_fails(
    row: Participant, by: Actor, now: datetime, reactions: Register
) -> None:
    together: list[list[str]] = []
    alone: list[str] = []

    def one(subject_id: str, now: datetime) -> None:
        many([Event(subject=f"participant:{subject_id}")], now)

    def many(found: Sequence[Event], now: datetime) -> None:
        together.append([event.subject_id for event in found])
        if str(other.pk) in together[-1]:
            raise RuntimeError("broken")

    def plain(subject_id: str, now: datetime) -> None:
        alone.append("plain")

    other = Participant.objects.create(name="Bob SA", country="FR", created_at=now)
    names = ("participant.seen", "participant.met", "participant.failed")
    reactions({name: [events.Gathered(one, many), plain] for name in names})
    told = events.record_many([events.Happening(name, row, by) for name in names[:2]])
    waiting = Delivery.objects.values_list("pk", flat=True)
    assert events.react_all(list(waiting.all()), now=now) == 4
    assert (together, alone) == ([[str(row.pk)] * 2], ["plain"] * 2)
    assert not Delivery.objects.filter(done_at=None).exists() and len(told) == 2
    events.record("participant.failed", other, by=by)
    events.record("participant.failed", row, by=by)
    assert events.react_all(list(waiting.all()), now=now) == 3
    assert together[1:] == [[str(other.pk), str(row.pk)], [str(other.pk)], [str(row.pk)]]
    assert alone == ["plain"] * 4
    left = Delivery.objects.get(done_at=None)
    assert left.event.subject == f"participant:{other.pk}" and left.attempts == 1 and left.due_at > now
    assert events.react_all(list(waiting.all()), now=now) == 0  # not yet


@pytest.mark.usefixtures("own_database")
def test_a_transaction_sends_one_message_but_for_what_takes_long(
    queue: Any, row: Participant, by: Actor, reactions: Register
) -> None:
    def quick(subject_id: str, now: datetime) -> None: ...

    def slow(subject_id: str, now: datetime) -> None: ...

    reactions({"participant.seen": [quick, slow], "participant.met": [quick]}, apart=[slow])
    with transaction.atomic():
        with suppress(RuntimeError), transaction.atomic():
            events.record("participant.seen", row, by=by)
            raise RuntimeError
        events.record("participant.seen", row, by=by)
        with transaction.atomic():
            events.record("participant.met", row, by=by)
    sent = []
    while queue.qsize():
        message = queue.get_nowait()
        message.ack()
        sent.append(message.payload[0])
    waiting = {str(one.pk): one.reaction.rpartition(".")[2] for one in Delivery.objects.all()}
    assert [[waiting[one] for one in message] for message in sent] == [["quick", "quick"], ["slow"]]


@pytest.mark.usefixtures("own_database")
def test_a_commit_sends_a_message_that_carries_only_an_id(queue: Any, delivery: Delivery) -> None:
    assert messages(queue) == [str(delivery.pk)]


@pytest.mark.usefixtures("own_database")
def test_a_rollback_sends_nothing(queue: Any, row: Participant, by: Actor, done: SimpleNamespace) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        transition(row, "verify", by=by)
        raise RuntimeError
    assert messages(queue) == [] and not Delivery.objects.exists()


@pytest.mark.usefixtures("own_database")
def test_a_lost_message_is_sent_again_by_the_sweep(
    queue: Any, delivery: Delivery, done: SimpleNamespace, now: datetime
) -> None:
    queue.clear()  # lost
    assert events.sweep(now=now) == 0  # not overdue yet
    assert events.sweep(now=now + timedelta(minutes=1)) == 1
    (sent,) = messages(queue)
    tasks.react(sent)
    assert len(done.subjects) == 1
    assert events.sweep(now=now + timedelta(minutes=2)) == 0


def test_the_sweep_takes_what_is_overdue_longest_first(
    queue: Any, row: Participant, by: Actor, done: SimpleNamespace, now: datetime
) -> None:
    for minute in (3, 1, 2):
        event = events.record("participant.verified", row, by=by.moved_to(now + timedelta(minutes=minute)))
        assert isinstance(event.pk, UUID)
    assert events.sweep(now=now + timedelta(hours=1), at_most=2) == 2
    oldest = Delivery.objects.order_by("due_at").values_list("pk", flat=True)[:2]
    assert messages(queue) == [str(pk) for pk in oldest]


@pytest.mark.usefixtures("own_database")
def test_a_broker_that_is_down_does_not_fail_the_verb(
    row: Participant, by: Actor, done: SimpleNamespace, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    down = Celery("down", set_as_current=False)
    down.config_from_object({**settings.CELERY, "broker_url": "redis://127.0.0.1:9/0"})
    down.set_current()
    try:
        with transaction.atomic():
            transition(row, "verify", by=by)  # a publisher that asked for ever would never come back
    finally:
        app.set_current()
        down.close()
    assert "OperationalError" in caplog.text  # it was tried
    row.refresh_from_db()
    assert row.state == "verified" and Event.objects.count() == 1
    assert events.react(Delivery.objects.get().pk, now=now)
    assert len(done.subjects) == 1
