"""The stories of money told in a thousand orders each (`make soak`)."""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings

from exchange.kernel.actors import Actor
from tests.payments.money_stories import STORIES, payable_account
from tests.payments.test_money_stories import ORDERS, Cast, told

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3_600)]


@pytest.fixture
def cast(operator: Actor, buyer: Actor, seller: Actor, now: datetime) -> Cast:
    payable_account(seller, now)
    return operator, buyer, seller, now


@pytest.mark.parametrize("story", STORIES)
@settings(max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=ORDERS)
def test_a_story_ends_the_same_in_a_thousand_orders(cast: Cast, story: str, order: list[list[int]]) -> None:
    assert told(cast, story, order) == told(cast, story, None)
