"""Whatever a provider tells of one sale, in any order, however late and often, ends in the same ledger and states."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.kernel.actors import Actor
from payments.ledger import ledger
from tests.payments.money_stories import STORIES, Scene, payable_account
from tests.payments.stories import new_charge

Cast = tuple[Actor, Actor, Actor, datetime]
ORDERS = st.lists(st.lists(st.integers(0, 11), max_size=3), min_size=8, max_size=8)
"""What arrives after each happening: of what is on its way, by its place."""
ENDS: dict[str, tuple[object, ...]] = {}
"""How each story ends whose news arrives as it happens."""


@pytest.fixture
def cast(operator: Actor, buyer: Actor, seller: Actor, now: datetime) -> Cast:
    payable_account(seller, now)
    return operator, buyer, seller, now


def told(cast: Cast, story: str, order: Sequence[Sequence[int]] | None) -> tuple[object, ...]:
    """How a story ends whose news arrives in this order; without one, as it happens. Nothing of it is kept."""
    operator, buyer, seller, now = cast
    with transaction.atomic():
        scene = Scene(new_charge(buyer, seller, 9_999), seller, operator, payable_account(seller, now), now)
        for number, what in enumerate(STORIES[story]):
            scene.happen(what)
            if order is None:
                scene.hear_the_rest()
            for index in (order or {number: ()})[number]:
                scene.hear(index)
        found = scene.end()
        assert ledger.trial_balance().is_sound
        transaction.set_rollback(True)
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.sampled_from(sorted(STORIES)), order=ORDERS)
def test_a_story_ends_the_same_in_whatever_order_it_is_told(
    cast: Cast, story: str, order: list[list[int]]
) -> None:
    if story not in ENDS:
        ENDS[story] = told(cast, story, None)
    assert told(cast, story, order) == ENDS[story]


def test_the_stories_end_as_they_should(cast: Cast) -> None:
    sale = {"clearing": -9_999, "platform_fee": 1_000}
    given_3333 = {"clearing": -6_666, "platform_fee": 667}
    ends = {story: told(cast, story, None) for story in STORIES}
    assert ends["sold"][0] == sale | {"seller_payable": 8_999}
    assert ends["given back whole"][0] == ends["given again"][0] == ends["disputed and lost"][0] == {}
    assert ends["given back in part"][0] == given_3333 | {"seller_payable": 5_999}
    assert ends["came back late"][0] == sale | {"seller_payable": 8_999}
    assert ends["paid out"][0] == {"clearing": -1_000, "platform_fee": 1_000}
    assert ends["payout came back"][0] == sale | {"seller_payable": 8_999}
    assert ends["owed after the payout"][0] == {"clearing": 8_999, "seller_receivable": -8_999}
    assert ends["lost after the payout"][0] == {"clearing": 8_999, "seller_receivable": -8_999}
    assert ends["disputed after a refund"][0] == {"clearing": 2_500, "dispute_cost": -2_500}
