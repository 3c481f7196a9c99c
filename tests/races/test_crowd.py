"""Many buyers at once, in threads of several processes: each buys what it wants once, and the ledger adds up."""

import multiprocessing
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from django.db import connections

from contracts import tasks
from contracts.models import Entitlement, Offer
from contracts.negotiations import negotiations
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event
from payments.checkouts import pretended_payments
from payments.inbox import inbox
from payments.ledger import ledger
from payments.models import Account, Charge, Hold, Posting, ProviderEvent
from tests import dataset_makers, makers, sales
from tests.payments.stories import owed

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database")]

PROCESSES = 2
HELD = 9_000


def buy(offer: Offer, buyer: Actor) -> str:
    """From the request to the active right, as the buyer's clicks and the worker do it; each click comes twice."""
    accepted = negotiations.accept(sales.request(offer, buyer), by=buyer)
    assert accepted.charge is not None
    for _ in range(2):
        pretended_payments.make(accepted.charge, by=buyer)
    event = ProviderEvent.objects.get(external_id=f"pay-{accepted.charge.pk}")
    for _ in range(2):
        inbox.act(event.pk, buyer.at)
        tasks.complete_sale(str(accepted.charge.pk), buyer.at)
    try:
        negotiations.accept(accepted.negotiation, by=buyer)
    except Conflict as refusal:
        return refusal.code
    return "bought twice"


def as_process(offer: Offer, buyers: Sequence[Actor], threads: int, start: Any, answers: Any) -> None:
    waiting = iter(buyers)

    def one_after_another(_: int) -> Counter[str]:
        try:
            return Counter(buy(offer, buyer) for buyer in waiting)
        finally:
            connections.close_all()

    start.wait(timeout=60)
    try:
        with ThreadPoolExecutor(threads) as crowd:
            answers.put(sum(crowd.map(one_after_another, range(threads)), Counter()))
    except Exception as error:  # the parent waits for a word
        answers.put(repr(error))


def all_at_once(offer: Offer, buyers: Sequence[Actor], threads: int) -> list[Any]:
    """What each process came to: outcomes and how often, or what broke it."""
    connections.close_all()  # no process may use another's connection
    fork = multiprocessing.get_context("fork")
    start, answers = fork.Barrier(PROCESSES), fork.Queue()
    crowd = [
        fork.Process(target=as_process, args=(offer, buyers[place::PROCESSES], threads, start, answers))
        for place in range(PROCESSES)
    ]
    for process in crowd:
        process.start()
    found = [answers.get(timeout=1_500) for _ in crowd]
    for process in crowd:
        process.join(timeout=60)
    assert [process.exitcode for process in crowd] == [0] * PROCESSES
    return found


def check(seller: Actor, now: datetime, buyers: int, threads: int) -> None:
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID), sale="instant")
    crowd = [makers.trader(f"Buyer {number}", "DE", now) for number in range(buyers)]
    half = {"wrong_state": buyers // PROCESSES}  # each bought once, and was refused the second time
    assert all_at_once(offer, crowd, threads) == [half] * PROCESSES
    for model, state in ((Charge, "paid"), (Hold, "open"), (Entitlement, "active")):
        assert Counter(model.objects.values_list("state", flat=True)) == {state: buyers}
    assert Posting.objects.count() == Event.objects.filter(name="charge.paid").count() == buyers
    assert owed(Account.Code.SELLER_HELD, makers.participant_of(seller).pk) == buyers * HELD
    assert ledger.trial_balance().is_sound


def test_60_buyers_at_once(operator: Actor, seller: Actor, now: datetime) -> None:
    check(seller, now, buyers=60, threads=8)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_1000_buyers_at_once(operator: Actor, seller: Actor, now: datetime) -> None:
    check(seller, now, buyers=1_000, threads=50)
