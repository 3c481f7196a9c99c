"""A row that Events can be about, and a table of reactions of the test's own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import pytest

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
