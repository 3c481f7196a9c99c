"""One contract for both ways of deciding: by the book, and quickly (PostgreSQL). Whatever happened to a right since it
was last seen, both answer and write the same; and what is good is really started quickly."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from compliance import legal
from compliance.legal import in_force
from compliance.models import KeptProfile
from contracts.decisions import replays
from contracts.entitlements import entitlements
from contracts.models import CopyCount, Entitlement, Transfer
from contracts.transfers import admission, completions, copies, judgements, standings, starts, transfers
from contracts.transfers.ranges import Wish
from contracts.transfers.transfers import Attempt, Verdict
from datasets import datasets
from datasets.revisions import revisions
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from exchange.participants import vault
from exchange.participants.members import members
from exchange.participants.models import VaultRecord
from tests import makers, sales
from tests.compliance.legal import laws
from tests.contracts import starters
from tests.contracts.starters import BOOK, QUICK, Door

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database"), pytest.mark.by_the_clock]

REASON = "the buyer's report shows another purpose"
TERMS = [
    {"kind": "purpose", "any_of": ["research"]},
    {"kind": "country", "any_of": ["DE", "FR"]},
    {"kind": "addresses", "any_of": ["192.0.2.0/24"]},
    {"kind": "duration", "days": 365},
    {"kind": "copies", "max": 5},
]


@dataclass
class Sale:
    """A right of its own for each way, with everybody who can do something to it."""

    door: Door
    seller: Actor
    buyer: Actor
    right: Entitlement
    operator: Actor
    officer: Actor

    def attempt(self, wish: Wish | None = None, **more: Any) -> Attempt:
        return sales.attempt(self.link(), timezone.now(), wish, **more)

    def link(self, **which: Any) -> str:
        return sales.link(self.right, self.by(self.buyer), **which)

    def by(self, actor: Actor) -> Actor:
        return actor.moved_to(timezone.now())

    def start(self, *attempts: Attempt) -> list[Verdict]:
        return self.door.decide(*(attempts or [self.attempt()]))

    def participant(self, actor: Actor) -> Any:
        return makers.participant_of(actor)


Act = Callable[[Sale], object]


@pytest.fixture
def sale(operator: Actor, officer: Actor, now: Any) -> Iterator[Callable[[str], Sale]]:
    with ExitStack() as until:

        def make(way: str) -> Sale:
            seller, buyer = makers.trader(f"Seller {way}", "FR", now), makers.trader(f"Buyer {way}", "DE", now)
            right = sales.entitled(seller, buyer, terms=TERMS)
            return Sale(until.enter_context(starters.door(way)), seller, buyer, right, operator, officer)

        yield make


def both(sale: Callable[[str], Sale], act: Callable[[Sale], list[Verdict]]) -> tuple[Any, list[str | None]]:
    """Do the same in both ways, show that they wrote the same, and answer that with the last codes."""
    found = []
    for way in (BOOK, QUICK):
        one = sale(way)
        codes = [verdict.code for verdict in act(one)]
        found.append((codes, starters.written(one.right, one.buyer)))
    assert found[0] == found[1]
    return found[1][1], found[1][0]


def test_what_is_good_starts_and_completes(sale: Callable[[str], Sale]) -> None:
    def act(one: Sale) -> list[Verdict]:
        verdicts = one.start(*(one.attempt() for _ in range(3)))
        notes = one.door.complete(verdicts[0])
        if notes == [False]:
            transfers.progress(verdicts[0].transfer_id, [(0, verdicts[0].asset.size_bytes)], now=timezone.now())  # type: ignore[arg-type, union-attr, list-item]
        else:
            assert (one.door.starting.written, one.door.completing.written) == (3, 1)
        return verdicts

    wrote, codes = both(sale, act)
    assert codes == [None, None, None] and wrote["used"] == [3]
    assert sorted(row["state"] for row in wrote["transfers"]) == ["completed", "started", "started"]
    assert [event["type"] for event in wrote["events"]].count("transfer.started") == 3


def test_what_either_way_started_is_decided_again_and_a_new_law_is_read_first(
    sale: Callable[[str], Sale], settings: Any, tmp_path: Path
) -> None:
    for way in (BOOK, QUICK):
        one = sale(way)
        (verdict,) = one.start()
        event = Event.objects.get(name="transfer.started", subject=f"transfer:{verdict.transfer_id}")
        found = replays.replay(event.pk, by=one.by(one.buyer))
        assert (found.outcome, found.why, found.as_recorded) == ("same", None, ("copies",))
    (tmp_path / "law.json").write_bytes(legal.PACKAGED.read_bytes() + b"\n")
    settings.EXCHANGE_LEGAL_PROFILE = str(tmp_path / "law.json")
    quickly = one.door.starting.written
    assert one.start()[0].code is None and one.door.starting.written == quickly
    assert one.start()[0].code is None
    assert one.door.starting.written == quickly + starters.has_quick_way()
    assert KeptProfile.objects.count() == 2


def test_the_quick_way_follows_the_table_of_transitions() -> None:
    sources, target, event = Transfer.TRANSITIONS["complete"]
    assert Transfer.State.STARTED in sources
    assert f"IS NOT DISTINCT FROM '{Transfer.State.STARTED}'" in completions.STATEMENT
    assert f"SET state = '{target}'" in completions.STATEMENT and f"'{event}'" in completions.STATEMENT
    assert f"'{Transfer.State.STARTED}'" in starts.STATEMENT and "'transfer.started'" in starts.STATEMENT


def test_the_quick_way_is_taken_where_there_is_one(sale: Callable[[str], Sale]) -> None:
    one = sale(QUICK)
    verdicts = [one.start()[0] for _ in range(2)]
    assert one.door.starting.written == (2 if starters.has_quick_way() else 0)
    assert one.door.complete(*verdicts) == [starters.has_quick_way()] * 2
    assert one.door.complete(verdicts[0]) == [False]  # it was told once


CHANGES: dict[str, tuple[Act, str | None]] = {
    "nothing": (lambda one: None, None),
    "suspended": (
        lambda one: entitlements.suspend(one.right, reason=REASON, by=one.seller),
        "entitlement_suspended",
    ),
    "revoked": (
        lambda one: entitlements.revoke(one.right, reason=REASON, by=one.seller),
        "entitlement_revoked",
    ),
    "ended": (
        lambda one: Entitlement.objects.filter(pk=one.right.pk).update(ends_at=timezone.now()),
        "entitlement_expired",
    ),
    "shortened": (
        lambda one: Entitlement.objects.filter(pk=one.right.pk).update(
            ends_at=timezone.now() + timedelta(days=1)
        ),
        None,
    ),
    "buyer suspended": (
        lambda one: members.suspend(one.participant(one.buyer), reason=REASON, by=one.operator),
        "participant_not_verified",
    ),
    "seller suspended": (
        lambda one: members.suspend(one.participant(one.seller), reason=REASON, by=one.operator),
        "participant_not_verified",
    ),
    "buyer moved away": (
        lambda one: members.amend(one.participant(one.buyer), country="IN", evidence=REASON, by=one.operator),
        "country_not_allowed",
    ),
    "buyer moved within": (
        lambda one: members.amend(one.participant(one.buyer), country="FR", evidence=REASON, by=one.operator),
        None,
    ),
    "buyer certified": (
        lambda one: members.amend(
            one.participant(one.buyer), country="DE", evidence=REASON, certifications=["dpf"], by=one.operator
        ),
        None,
    ),
    "seller moved": (
        lambda one: members.amend(one.participant(one.seller), country="BE", evidence=REASON, by=one.operator),
        None,
    ),
    "revision revoked": (
        lambda one: revisions.revoke(one.right.revision, REASON, one.seller),
        "revision_revoked",
    ),
    "declared personal": (
        lambda one: datasets.declare(one.right.dataset, **sales.dataset_makers.PERSONAL, by=one.seller),
        None,
    ),
    "declared again": (
        lambda one: datasets.declare(one.right.dataset, personal_data="none", by=one.seller),
        None,
    ),
    "origin shredded": (lambda one: vault.shred(one.buyer.name, REASON, one.by(one.officer)), None),
    "copies spent": (
        lambda one: CopyCount.objects.filter(entitlement=one.right).update(used=5),
        "copies_spent",
    ),
    "one copy left": (lambda one: CopyCount.objects.filter(entitlement=one.right).update(used=4), None),
}


@pytest.mark.parametrize("part", range(3))
def test_a_change_since_the_right_was_last_seen_counts(sale: Callable[[str], Sale], part: int) -> None:
    for change in [*CHANGES][part::3]:
        _a_change_counts(sale, change)


def _a_change_counts(sale: Callable[[str], Sale], change: str) -> None:
    act, code = CHANGES[change]

    def change_and_ask(one: Sale) -> list[Verdict]:
        attempts = [one.attempt() for _ in range(2)]  # links are taken before
        assert one.start()[0].code is None
        act(one)
        return [one.start(attempt)[0] for attempt in attempts]

    wrote, codes = both(sale, change_and_ask)
    assert codes == ([None, "copies_spent"] if change == "one copy left" else [code, code]), change
    assert len(wrote["transfers"]) == 1 + codes.count(None)
    refusals = [event for event in wrote["events"] if event["type"] == "transfer.refused"]
    assert len(refusals) == 2 - codes.count(None)


@pytest.mark.parametrize(
    ("terms", "after", "code"),
    [
        ([{"kind": "duration", "days": 1}], timedelta(days=1), "expired"),
        ([{"kind": "end_date", "on": "{today}"}], timedelta(days=1), "expired"),
        ([{"kind": "addresses", "any_of": ["192.0.2.0/24"]}], timedelta(days=1), None),
    ],
)
def test_a_judgement_that_is_kept_is_the_one_that_would_be_made(
    seller: Actor, buyer: Actor, now: Any, terms: Any, after: timedelta, code: str | None
) -> None:
    terms = [{key: now.date().isoformat() if value == "{today}" else value for key, value in terms[0].items()}]
    right = sales.entitled(seller, buyer, terms=terms)
    [standing] = standings.read([(right.pk, sales.asset_of(right).pk)], now=now).values()
    for address in ("192.0.2.7", "203.0.113.9"):
        for step in range(25):
            at = now + after * step / 24
            known = admission.known_of(standing.case, at, address=address, copies_used=0)
            fresh = judgements.judged(known, legal.current)
            assert standing.judge(address, at) == fresh
    assert standing.judge("192.0.2.7", now + after).code == code


WISHES = {
    "HEAD": Wish(method="HEAD"),
    "nothing new": Wish(if_none_match="*"),
    "another file": Wish(if_match='"other"'),
    "beyond the end": Wish(range="bytes=999999-"),
    "a part": Wish(range="bytes=3-9"),
    "the rest": Wish(range="bytes=3-"),
}


def test_every_wish_is_answered_alike(sale: Callable[[str], Sale]) -> None:
    for wish in WISHES.values():

        def ask(one: Sale, wish: Wish = wish) -> list[Verdict]:
            verdicts = one.start(one.attempt(wish), one.attempt())
            assert verdicts[0].plan is not None
            assert (verdicts[0].transfer_id is not None) == verdicts[0].plan.sends_bytes
            return verdicts

        wrote, codes = both(sale, ask)
        assert codes == [None, None] and wrote["used"] in ([1], [2])


def test_who_asks_wrongly_is_refused_alike_and_hurts_no_other(sale: Callable[[str], Sale], now: Any) -> None:
    def ask(one: Sale) -> list[Verdict]:
        other = sales.attempt(one.link(), sales.later(now, hours=1))
        named = sales.attempt(one.link().replace("cities.csv", "other.csv"), timezone.now())
        far = one.attempt(address="203.0.113.9")
        good = [one.attempt() for _ in range(3)]
        return one.start(good[0], other, named, good[1], far, good[2])

    wrote, codes = both(sale, ask)
    assert codes == [None, "token_expired", "not_found", None, "address_not_allowed", None]
    assert wrote["used"] == [3] and len(wrote["transfers"]) == 3


def test_the_same_link_is_one_transfer_however_often_it_comes(sale: Callable[[str], Sale]) -> None:
    def ask(one: Sale) -> list[Verdict]:
        attempt = one.attempt()
        together = one.start(attempt, attempt, attempt)
        again = one.start(attempt)
        assert len({verdict.transfer_id for verdict in together + again}) == 1
        return together + again

    wrote, codes = both(sale, ask)
    assert codes == [None] * 4 and wrote["used"] == [1] and len(wrote["events"]) == 1


def test_going_on_is_free_in_both_ways(sale: Callable[[str], Sale]) -> None:
    def ask(one: Sale) -> list[Verdict]:
        [first] = one.start()
        assert first.transfer_id is not None
        transfers.end_unsent(first.transfer_id, now=timezone.now())
        transfer = Transfer.objects.get(pk=first.transfer_id)
        onward = sales.attempt(one.link(transfer=transfer), timezone.now(), Wish(range="bytes=5-"))
        return [first, *one.start(onward)]

    wrote, codes = both(sale, ask)
    assert codes == [None, None] and wrote["used"] == [1]
    assert {event["type"] for event in wrote["events"]} == {
        "transfer.started",
        "transfer.interrupted",
        "transfer.resumed",
    }


def test_a_copy_that_the_seller_gave_back_may_be_taken_again(sale: Callable[[str], Sale]) -> None:
    def ask(one: Sale) -> list[Verdict]:
        attempts = [one.attempt() for _ in range(7)]
        started = [one.start(attempt)[0] for attempt in attempts[:6]]
        assert started[0].transfer_id is not None
        transfers.end_unsent(started[0].transfer_id, now=timezone.now())
        copies.give_back(Transfer.objects.get(pk=started[0].transfer_id), reason=REASON, by=one.by(one.seller))
        return [*started, *one.start(attempts[6])]

    wrote, codes = both(sale, ask)
    assert codes == [None] * 5 + ["copies_spent", None] and wrote["used"] == [5]


def test_a_group_larger_than_what_is_left_takes_the_last_copies_exactly(sale: Callable[[str], Sale]) -> None:
    def ask(one: Sale) -> list[Verdict]:
        one.start()
        links = [one.attempt() for _ in range(9)]
        return sorted(one.start(*links), key=lambda verdict: verdict.code or "")

    wrote, codes = both(sale, ask)
    assert codes == [None] * 4 + ["copies_spent"] * 5 and wrote["used"] == [5]


def test_a_seal_of_the_origin_is_shared_for_minutes_and_never_after_it_was_shredded(
    sale: Callable[[str], Sale],
) -> None:
    one = sale(QUICK)
    one.start(one.attempt(), one.attempt())
    before = set(VaultRecord.objects.values_list("pk", flat=True))
    assert len(before) == (1 if starters.has_quick_way() else 2)
    vault.shred(one.buyer.name, REASON, one.by(one.officer))
    for _ in range(2):
        assert one.start()[0].code is None
        leaf = bytes(Event.objects.filter(name="transfer.started").latest("id").leaf).decode()
        fresh = VaultRecord.objects.exclude(pk__in=before).exclude(sealed=None)
        assert any(str(record.pk) in leaf for record in fresh)
        assert not any(str(record) in leaf for record in before)


def test_a_law_that_was_installed_stops_the_quick_way_until_it_is_read(
    sale: Callable[[str], Sale], officer: Actor, settings: Any
) -> None:
    settings.EXCHANGE_LEGAL_PROFILE_KEY = laws.trusted()
    one = sale(QUICK)
    assert one.start()[0].code is None
    laws.install(officer)
    in_force.believe_that_none_is_installed()  # as another process does, for a second
    quickly = one.door.starting.written
    assert one.start()[0].code is None and one.door.starting.written == quickly
    in_force.forget()
    assert [one.start()[0].code for _ in range(2)] == [None, None]
    assert one.door.starting.written == quickly + 2 * starters.has_quick_way()
    started = Event.objects.filter(name="transfer.started").order_by("at").last()
    assert started is not None
    assert json.loads(bytes(started.leaf))["facts"]["legal_profile"] == "a law of tests, number 2"
