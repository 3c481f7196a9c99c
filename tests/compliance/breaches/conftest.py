"""A breach, opened an hour after somebody noticed it, and three transfers that it may reach."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from compliance.breaches import register
from compliance.breaches.register import Found
from compliance.models import Breach
from exchange.kernel.actors import Actor

HOUR = timedelta(hours=1)
WHAT = "A laptop with a copy of the files was stolen from an office."


def found(at: datetime, **more: Any) -> Found:
    known: dict[str, Any] = {
        "kinds": ["confidentiality"],
        "what": WHAT,
        "reported_by": "participant",
        "detected_at": at - 2 * HOUR,
        "became_aware_at": at - HOUR,
    }
    return Found(**{**known, **more})


@pytest.fixture
def breach(officer: Actor) -> Breach:
    return register.open_breach(found(officer.at), by=officer)


@dataclass
class Left:
    """What has left: two transfers of one dataset to two buyers, and another dataset's to a third."""

    one: Any
    two: Any
    other: Any


@pytest.fixture
def left(public_log: Any, story: Callable[..., Any], seller: Actor, buyer: Actor) -> Left:
    one = story(seller.participant_id, buyer.participant_id)
    two, other = story(seller.participant_id), story()
    two.row.dataset_id, two.row.revision_id = one.row.dataset_id, one.row.revision_id
    one.whole()
    two.tell("started")
    two.tell("aborted", 400, minutes=2)
    other.whole()
    public_log.publish()
    return Left(one, two, other)
