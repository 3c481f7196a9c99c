"""Rivals for the last of what a right may take in all, by different files: never one byte more than was licensed."""

from collections import Counter
from typing import Any

import pytest

from contracts.models import CopyCount
from exchange.kernel.actors import Actor
from tests import dataset_makers, sales
from tests.contracts.starters import BOOK, QUICK, door
from tests.rivals import race

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database"), pytest.mark.by_the_clock]

ROUNDS, RIVALS, ROOM = 2, 12, 5
DATA = dataset_makers.numbers(10)


def test_of_many_takers_exactly_as_many_get_a_copy_as_there_is_room_for(seller: Actor, buyer: Actor) -> None:
    files = {f"part-{number}.csv": DATA for number in range(4)}
    most = ROOM * len(DATA) + len(DATA) // 2
    terms = [{"kind": "volume", "bytes": most, "rows": 10 * RIVALS}]
    offer = sales.offer(dataset_makers.published(seller, files), seller, terms=terms)
    for _ in range(ROUNDS):
        right = sales.sold(offer, buyer, seller)
        assets = list(right.revision.assets.order_by("name"))
        links = [sales.link(right, buyer, asset=assets[rival % len(assets)]) for rival in range(RIVALS)]
        verdicts: list[Any] = race([lambda path=path: sales.start(path, buyer.at) for path in links])
        assert Counter(verdict.code for verdict in verdicts) == {None: ROOM, "volume_spent": RIVALS - ROOM}
        assert sum(CopyCount.objects.filter(entitlement=right).values_list("used", flat=True)) == ROOM


@pytest.mark.parametrize("way", [BOOK, QUICK])
def test_one_group_of_attempts_is_counted_one_after_the_other(way: str, seller: Actor, buyer: Actor) -> None:
    terms = [{"kind": "volume", "bytes": 2 * len(DATA)}]
    right = sales.entitled(seller, buyer, files={"part.csv": DATA}, terms=terms)
    attempts = [sales.attempt(sales.link(right, buyer), buyer.at) for _ in range(4)]
    with door(way) as found:
        codes = Counter(verdict.code for verdict in found.decide(*attempts))
    assert codes == {None: 2, "volume_spent": 2}
