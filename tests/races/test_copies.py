"""Rivals for copies: never one more than was licensed, and whoever loses is refused and recorded."""

from collections import Counter
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from contracts.models import CopyCount, Entitlement, Offer, Transfer
from contracts.transfers import transfers
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from tests import dataset_makers, makers, sales
from tests.rivals import race

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database"), pytest.mark.by_the_clock]

ROUNDS = 3
RIVALS = 16
RESEARCH = {"kind": "purpose", "any_of": ["research"]}


@pytest.fixture
def second(own_database: None, buyer: Actor) -> Actor:
    """Another API client of the same buyer."""
    return makers.client(makers.participant_of(buyer), buyer.at)


def offered(seller: Actor, copies: int) -> Offer:
    """An offer of so many copies, which the same buyer may take again and again."""
    terms = [RESEARCH, {"kind": "copies", "max": copies}]
    return sales.offer(dataset_makers.published(seller), seller, terms=terms)


def used(entitlement: Entitlement) -> int:
    return CopyCount.objects.get(entitlement=entitlement).used


def events(name: str, entitlement: Entitlement) -> int:
    """How many of these Events name the right, in their subject or their facts."""
    named = str(entitlement.pk).encode()
    return sum(named in bytes(leaf) for leaf in Event.objects.filter(name=name).values_list("leaf", flat=True))


def test_of_rivals_for_the_last_copy_exactly_one_gets_it(seller: Actor, buyer: Actor, second: Actor) -> None:
    offer = offered(seller, copies=1)
    for _ in range(ROUNDS):
        entitlement = sales.sold(offer, buyer, seller)
        links = [sales.link(entitlement, client) for client in (buyer, second) * (RIVALS // 2)]
        verdicts: list[Any] = race([lambda path=path: sales.start(path, buyer.at) for path in links])
        assert Counter(verdict.code for verdict in verdicts) == {None: 1, "copies_spent": RIVALS - 1}
        assert used(entitlement) == 1
        [transfer] = Transfer.objects.filter(entitlement=entitlement)
        assert [verdict.transfer_id for verdict in verdicts if verdict.code is None] == [transfer.pk]
        assert events("transfer.started", entitlement) == 1
        assert events("transfer.refused", entitlement) == RIVALS - 1


def test_one_token_used_by_eight_at_once_is_one_transfer_and_one_copy(seller: Actor, buyer: Actor) -> None:
    offer = offered(seller, copies=5)
    for _ in range(ROUNDS):
        entitlement = sales.sold(offer, buyer, seller)
        path = sales.link(entitlement, buyer)
        verdicts: list[Any] = race([lambda path=path: sales.start(path, buyer.at)] * 8)
        assert {verdict.code for verdict in verdicts} == {None}
        assert len({verdict.transfer_id for verdict in verdicts}) == 1
        assert Transfer.objects.filter(entitlement=entitlement).count() == used(entitlement) == 1
        assert events("transfer.started", entitlement) == 1


def test_the_parts_that_rivals_note_of_one_transfer_are_all_kept(seller: Actor, buyer: Actor) -> None:
    entitlement = sales.sold(offered(seller, copies=1), buyer, seller)
    size = sales.asset_of(entitlement).size_bytes or 0
    verdict = sales.start(sales.link(entitlement, buyer), buyer.at)
    assert verdict.transfer_id is not None
    transfer_id, parts = verdict.transfer_id, [(first, first + 1) for first in range(size)]
    rivals = [
        lambda mine=parts[place::4]: [transfers.progress(transfer_id, [p], now=buyer.at) for p in mine]
        for place in range(4)
    ]
    race(rivals)
    transfer = Transfer.objects.get(pk=transfer_id)
    assert (transfer.state, transfer.sent_ranges, transfer.spent_bytes) == ("completed", [[0, size]], size)
    assert events("transfer.completed", entitlement) == 1


def test_a_copy_that_the_sweep_gives_back_is_given_back_once(seller: Actor, buyer: Actor) -> None:
    offer = offered(seller, copies=2)
    for _ in range(ROUNDS):
        entitlement = sales.sold(offer, buyer, seller)
        for _ in range(2):
            assert sales.start(sales.link(entitlement, buyer), buyer.at).code is None
        [first, second] = Transfer.objects.filter(entitlement=entitlement)
        transfers.end_unsent(first.pk, now=buyer.at)
        transfers.progress(second.pk, [(0, 1)], now=buyer.at)
        later = buyer.at + timedelta(minutes=1)
        race([lambda at=later: transfers.sweep_idle(now=at)] * 4)
        assert used(entitlement) == 1
        states = dict(Transfer.objects.filter(entitlement=entitlement).values_list("pk", "state"))
        assert states == {first.pk: "aborted", second.pk: "interrupted"}


def test_two_groups_whose_clients_meet_crosswise_are_both_decided(seller: Actor, buyer: Actor) -> None:
    """Each group holds what its first attempt wrote while it decides the second."""
    offer = offered(seller, copies=1)
    for _ in range(2 * ROUNDS):
        clients = [makers.client(makers.participant_of(buyer), buyer.at) for _ in range(2)]
        groups = []
        for order in (clients, clients[::-1]):
            rights = [sales.sold(offer, buyer, seller) for _ in order]
            links = [sales.link(right, client) for right, client in zip(rights, order, strict=True)]
            groups.append([sales.attempt(path, buyer.at) for path in links])
        outcomes: list[Any] = race([lambda g=group: transfers.start_many(g, now=buyer.at) for group in groups])
        assert [[verdict.code for verdict in verdicts] for verdicts in outcomes] == [[None, None]] * 2


def test_the_sweep_and_those_who_go_on_wait_for_each_other_in_one_order(seller: Actor, buyer: Actor) -> None:
    offer = offered(seller, copies=50)
    for _ in range(2 * ROUNDS):
        entitlement = sales.sold(offer, buyer, seller)
        begun = [sales.link(entitlement, buyer) for _ in range(6)]
        for path in begun:
            transfers.end_unsent(cast(UUID, sales.start(path, buyer.at).transfer_id), now=buyer.at)
        later = buyer.at + timedelta(minutes=1)
        mixed = [path for old in begun for path in (sales.link(entitlement, buyer), old)]
        group = [sales.attempt(path, later) for path in mixed]
        verdicts, swept = race(
            [
                lambda group=group, at=later: transfers.start_many(group, now=at),
                lambda at=later: transfers.sweep_idle(now=at),
            ]
        )
        assert isinstance(verdicts, list) and isinstance(swept, int), (verdicts, swept)
        codes = [verdict.code for verdict in verdicts]
        assert codes[::2] == [None] * 6
        assert set(codes[1::2]) <= {None, "transfer_over"}
        assert codes.count("transfer_over") <= swept
        assert used(entitlement) == 12 - swept


def test_a_gateway_that_sends_and_one_that_goes_on_never_cut_each_other(seller: Actor, buyer: Actor) -> None:
    entitlement = sales.sold(offered(seller, copies=50), buyer, seller)
    begun = [sales.link(entitlement, buyer) for _ in range(12)]
    running = [sales.start(path, buyer.at).transfer_id for path in begun]
    group = [sales.attempt(path, buyer.at) for path in reversed(begun)]
    for _ in range(2 * ROUNDS):
        verdicts, _, failure = race(
            [
                lambda: transfers.start_many(group, now=buyer.at),
                lambda: [transfers.stopped_among(running, now=buyer.at) for _ in range(5)],
                lambda: [transfers.keep_active(running, now=buyer.at) for _ in range(20)] and None,
            ]
        )
        assert failure is None
        assert isinstance(verdicts, list), verdicts
        assert {verdict.code for verdict in verdicts} == {None}
