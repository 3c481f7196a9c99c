"""The long form of tests/contracts/test_negotiation_stories.py: hundreds of stories, each of forty steps."""

from datetime import datetime

import pytest

from tests.contracts.negotiation_stories import told

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.mark.timeout(1_800)
def test_many_long_stories_keep_every_invariant(now: datetime) -> None:
    told(now, examples=300, steps=40)
