"""Many who want what few may have, at two gateways that are processes of their own: exactly so many get it."""

import asyncio
import multiprocessing
from collections import Counter
from typing import Any

import pytest
from django.db import connections

from contracts.gateway.gateway import Gateway
from contracts.models import CopyCount, Entitlement, Transfer
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from tests import makers, sales

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database"), pytest.mark.by_the_clock]

AT_ONCE = 64
RESEARCH = {"kind": "purpose", "any_of": ["research"]}


async def ask(links: list[str]) -> Counter[tuple[int, bool]]:
    """Ask one gateway for all of these, so many at once: status, and whether the refusal says that copies are spent."""
    gateway, waiting, found = Gateway(), iter(links), Counter[tuple[int, bool]]()

    async def client() -> None:
        for link in waiting:
            answer = await sales.exchange(gateway, "GET", link)
            found[answer.status, b"copies_spent" in answer.body] += 1

    await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    await gateway.close()
    return found


def as_process(links: list[str], start: Any, answers: Any) -> None:
    start.wait(timeout=60)
    answers.put(asyncio.run(ask(links)))
    connections.close_all()


def at_two_gateways(links: list[str]) -> Counter[tuple[int, bool]]:
    """Let two processes ask at the same moment, each for every other link."""
    connections.close_all()  # no process may use another's connection
    fork = multiprocessing.get_context("fork")
    start, answers = fork.Barrier(2), fork.Queue()
    gateways = [fork.Process(target=as_process, args=(links[place::2], start, answers)) for place in range(2)]
    for gateway in gateways:
        gateway.start()
    found = answers.get(timeout=250) + answers.get(timeout=250)
    for gateway in gateways:
        gateway.join(timeout=60)
    assert [gateway.exitcode for gateway in gateways] == [0, 0]
    return found


def check(seller: Actor, buyer: Actor, quota: int, requests: int) -> None:
    right = sales.entitled(seller, buyer, terms=[RESEARCH, {"kind": "copies", "max": quota}])
    clients = [buyer, makers.client(makers.participant_of(buyer), buyer.at)]
    links = [sales.link(right, clients[number % 2]) for number in range(requests)]
    assert at_two_gateways(links) == {(200, False): quota, (403, True): requests - quota}
    assert CopyCount.objects.get(entitlement=right).used == quota
    assert Transfer.objects.filter(entitlement=right, state=Transfer.State.COMPLETED).count() == quota
    counts = Counter(Event.objects.filter(name__startswith="transfer.").values_list("name", flat=True))
    refused = requests - quota
    assert counts == {"transfer.started": quota, "transfer.completed": quota, "transfer.refused": refused}
    assert Entitlement.objects.get(pk=right.pk).copies_max == quota


def test_of_200_requests_at_two_gateways_40_are_served(seller: Actor, buyer: Actor) -> None:
    check(seller, buyer, quota=40, requests=200)


@pytest.mark.slow
def test_of_5000_requests_at_two_gateways_1000_are_served(seller: Actor, buyer: Actor) -> None:
    check(seller, buyer, quota=1_000, requests=5_000)
