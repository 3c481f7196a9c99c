"""Random stories by two actors keep every invariant; the long form is in tests/soak."""

from datetime import datetime

import pytest

from tests.contracts.negotiation_stories import told

pytestmark = pytest.mark.django_db


def test_random_stories_by_two_actors_keep_every_invariant(now: datetime) -> None:
    told(now, examples=12, steps=15)
