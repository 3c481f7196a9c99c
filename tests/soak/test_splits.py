"""The long form of tests/payments/test_splits.py: 100,000 random splits, and as many charges given back in pieces."""

from random import Random

import pytest

from tests.payments import random_splits

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

COUNT = 100_000


def test_all_random_splits_are_exact() -> None:
    chance = Random(20_261_123)
    for _ in range(COUNT):
        random_splits.shared_exactly(chance)


def test_all_random_refunds_are_exact() -> None:
    chance = Random(20_261_124)
    for _ in range(COUNT):
        random_splits.given_back_exactly(chance)
