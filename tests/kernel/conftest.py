"""A row that Events can be about, and a table of reactions of the test's own."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.participants.models import Participant


@pytest.fixture
def by(now: datetime) -> Actor:
    return Actor.system("test", at=now)


@pytest.fixture
def row(database: None, now: datetime) -> Participant:
    """A participant that has applied: any row with a state would do."""
    return Participant.objects.create(name="Ada SA", country="FR", created_at=now)


@pytest.fixture
def reactions() -> Iterator[Callable[[Mapping[str, Sequence[events.Reaction]]], None]]:
    """Take a table of reactions for the length of the test."""
    before = events.reactions()
    yield events.register
    events.register(before)


@pytest.fixture
def rivals() -> Callable[..., list[Any]]:
    """Call a function in several threads at once, each with a connection of its own; answers what each answered
    or raised."""

    def race(act: Callable[[], Any], count: int = 2) -> list[Any]:
        barrier, answers = threading.Barrier(count), []

        def run() -> None:
            try:
                barrier.wait(timeout=20)
                answers.append(act())
            except Exception as error:
                answers.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert len(answers) == count
        return answers

    return race
