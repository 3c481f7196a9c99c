"""The ledger under savepoints: what is rolled back was never booked, and what stays is whole."""

from datetime import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.money import Money
from payments.ledger import ledger
from payments.ledger.posting_rules import Line
from payments.models import Account, Posting, Seal
from tests.payments.stories import everything

Code = Account.Code


class Undone(Exception):
    """Rolls a savepoint back."""


def earn(seller: Actor, key: str, minor: int, at: datetime) -> Posting:
    """Book so much as held for the seller; taken back where it is below zero."""
    lines = [
        Line(Code.CLEARING, None, Money(minor, "EUR"), "demo"),
        Line(Code.SELLER_HELD, seller.participant_id, Money(-minor, "EUR")),
    ]
    return ledger.post("charge.paid", key, lines, reference="", at=at)


def held(seller: Actor) -> int:
    return -ledger.balance(Code.SELLER_HELD, seller.participant_id, "EUR").minor


def test_what_a_savepoint_took_back_can_be_booked_again(seller: Actor, now: datetime) -> None:
    with transaction.atomic():
        earn(seller, "outer", 100, now)
        with pytest.raises(Undone), transaction.atomic():
            earn(seller, "inner", 20, now)
            raise Undone
        assert held(seller) == 100
        earn(seller, "inner", 30, now)  # the key is free again, also for other entries
    assert held(seller) == 130
    assert ledger.trial_balance().is_sound


def test_a_refusal_in_a_savepoint_leaves_what_was_booked_before(seller: Actor, now: datetime) -> None:
    with transaction.atomic():
        earn(seller, "outer", 100, now)
        before = everything()
        with pytest.raises(Conflict) as refusal:
            earn(seller, "too much", -101, now)
        assert refusal.value.code == "overdrawn"
        assert everything() == before
        earn(seller, "all of it", -100, now)
    assert held(seller) == 0
    assert ledger.trial_balance().is_sound


STEPS = st.recursive(
    st.integers(-50, 200),
    lambda inner: st.tuples(st.booleans(), st.lists(inner, max_size=3)),
    max_leaves=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=4))
def test_any_nesting_of_savepoints_leaves_exactly_what_was_kept(
    seller: Actor, now: datetime, steps: list[object]
) -> None:
    """A number is booked where it can be; a pair is a savepoint with steps of its own, kept or rolled back."""
    count = 0

    def walk(tree: list[object], stands: int) -> int:
        nonlocal count
        for step in tree:
            if isinstance(step, tuple):
                stands = inside(step[0], step[1], stands)
            elif isinstance(step, int) and step and stands + step >= 0:
                count += 1
                earn(seller, f"step {count}", step, now)
                stands += step
            elif isinstance(step, int) and step:
                with pytest.raises(Conflict):
                    earn(seller, f"step {count} refused", step, now)
        return stands

    def inside(is_kept: bool, tree: list[object], stands: int) -> int:
        try:
            with transaction.atomic():
                after = walk(tree, stands)
                if not is_kept:
                    raise Undone
        except Undone:
            return stands
        return after

    with transaction.atomic():
        stands = walk(steps, 0)
        assert held(seller) == stands
        assert Seal.objects.count() == Posting.objects.count()
        assert ledger.trial_balance().is_sound
        transaction.set_rollback(True)
