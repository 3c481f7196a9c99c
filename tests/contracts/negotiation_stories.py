"""Random stories of a seller, a buyer and the clock about one offer, and what must hold after each step."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from contracts.models import Agreement, Negotiation, Offer, Round, Signature
from contracts.negotiations import negotiations, rounds
from contracts.offers import offers
from exchange.kernel.actors import Actor
from exchange.kernel.errors import ExchangeError
from exchange.participants.actors.actors import actor_of_member
from exchange.participants.members import members
from payments.models import Charge
from tests import dataset_makers, makers, sales

OPEN = ("requested", "offered", "approved")
EXPECTED = {
    *("wrong_state", "stale_round", "digest_missing", "deadline_passed", "already_requested"),
    *(
        "offer_not_published",
        "empty_change",
        "same_member",
        "second_member_needed",
        "same_rule",
        "offer_lapsed",
    ),
}
copies = st.integers(1, 3)
days = st.sampled_from([0, 1, 20, 30, 45])
who = st.integers(0, 2)


class Story(RuleBasedStateMachine):
    """Two traders and a program on either side; every verb may be tried at any time, with an old digest or a new."""

    make: ClassVar[Callable[[], tuple[Actor, Actor]]]

    @initialize(is_paid=st.booleans())
    def begin(self, is_paid: bool) -> None:
        self.seller, self.buyer = type(self).make()
        self.sides = {"seller": self.people(self.seller), "buyer": self.people(self.buyer)}
        plan = dict(sales.PAID if is_paid else sales.FREE)
        self.offer = sales.offer(dataset_makers.published(self.seller), self.seller, plan=plan)
        self.now = self.seller.at
        self.old: list[str] = []

    def people(self, machine: Actor) -> list[Actor]:
        own = makers.participant_of(machine)
        return [
            machine,
            *(actor_of_member(makers.member(own, "trader", machine.at), machine.at) for _ in range(2)),
        ]

    def by(self, side: str, person: int) -> Actor:
        return self.sides[side][person].moved_to(self.now)

    def talk(self) -> Negotiation | None:
        return Negotiation.objects.filter(offer=self.offer).order_by("pk").last()

    def tries(self, act: Callable[[], Any]) -> None:
        """A refusal must be one of those that a story can lead to."""
        try:
            act()
        except ExchangeError as refusal:
            assert refusal.code in EXPECTED, (refusal.code, refusal.detail)

    def digest(self, found: Negotiation, is_old: bool) -> str:
        return self.old[0] if is_old and self.old else found.proposal

    @rule(person=who)
    def request(self, person: int) -> None:
        offer = Offer.objects.get(pk=self.offer.pk)
        self.tries(lambda: sales.request(offer, self.by("buyer", person)))

    @rule(side=st.sampled_from(["seller", "buyer"]), person=who, most=copies, is_old=st.booleans())
    def redline(self, side: str, person: int, most: int, is_old: bool) -> None:
        if (found := self.talk()) is None:
            return
        before, changes = found.proposal, [{"kind": "copies", "set": {"max": most}}]
        on = self.digest(found, is_old)
        self.tries(lambda: negotiations.counter(found, on=on, changes=changes, by=self.by(side, person)))
        self.old.append(before)

    @rule(person=who, is_old=st.booleans())
    def approve(self, person: int, is_old: bool) -> None:
        if (found := self.talk()) is not None:
            shown = self.digest(found, is_old)
            self.tries(lambda: negotiations.approve(found, shown=shown, by=self.by("seller", person)))

    @rule(person=who, is_old=st.booleans())
    def accept(self, person: int, is_old: bool) -> None:
        if (found := self.talk()) is not None:
            shown = self.digest(found, is_old)
            self.tries(lambda: negotiations.accept(found, shown=shown, by=self.by("buyer", person)))

    @rule(side=st.sampled_from(["seller", "buyer"]), person=who)
    def end(self, side: str, person: int) -> None:
        if (found := self.talk()) is not None:
            verb = negotiations.refuse if side == "seller" else negotiations.terminate
            self.tries(lambda: verb(found, reason="", by=self.by(side, person)))

    @rule()
    def withdraw(self) -> None:
        offer = Offer.objects.get(pk=self.offer.pk)
        self.tries(lambda: offers.withdraw(offer, by=self.by("seller", 0)))

    @rule(side=st.sampled_from(["seller", "buyer"]), wanted=st.booleans())
    def change_the_rule(self, side: str, wanted: bool) -> None:
        by = self.by(side, 0)
        own = makers.participant_of(by)
        self.tries(lambda: members.ask_for_second_member(own, wanted=wanted, by=by))

    @rule(passed=days, is_swept=st.booleans())
    def wait(self, passed: int, is_swept: bool) -> None:
        if self.now - self.seller.at > timedelta(days=200):
            return
        self.now += timedelta(days=passed)
        if is_swept:
            negotiations.lapse_due(now=self.now)

    @invariant()
    def one_talk_is_open(self) -> None:
        assert Negotiation.objects.filter(offer=self.offer, state__in=OPEN).count() <= 1

    @invariant()
    def rounds_are_unbroken(self) -> None:
        for found in Negotiation.objects.filter(offer=self.offer):
            rows = rounds.of(found)
            assert rounds.is_unbroken(rows) and rows[-1].number == found.round
            assert (rows[-1].sha256, rows[-1].terms, rows[-1].plan) == (found.proposal, found.terms, found.plan)

    @invariant()
    def what_is_agreed_was_signed_by_both_in_time(self) -> None:
        for found in Negotiation.objects.filter(offer=self.offer):
            signed = Signature.objects.filter(negotiation=found, proposal=found.proposal)
            whole = {one.side for one in signed if one.place == one.needed}
            agreements = Agreement.objects.filter(negotiation=found)
            assert agreements.count() == (found.state in ("agreed", "finalized"))
            if found.state in ("approved", "offered"):
                assert "seller" in whole and "buyer" not in whole
            for agreement in agreements:
                assert whole == {"seller", "buyer"}
                assert found.accept_by is not None and agreement.signed_at < found.accept_by
                assert agreement.entitlement.terms == found.terms
                people = [one.member.user_id for one in signed if one.member]
                assert len(people) == len(set(people))
                charges = Charge.objects.filter(reference=f"agreement:{agreement.pk}").count()
                assert charges == (found.plan["kind"] != "free")

    @invariant()
    def nothing_signed_has_a_later_round(self) -> None:
        for agreement in Agreement.objects.filter(negotiation__offer=self.offer):
            assert not Round.objects.filter(
                negotiation=agreement.negotiation, made_at__gt=agreement.signed_at
            ).exists()


def told(now: datetime, examples: int, steps: int) -> None:
    """So many stories of so many steps, each undone when it has ended."""

    class Told(Story):
        @staticmethod
        def make() -> tuple[Actor, Actor]:
            return makers.trader("Seller SA", "FR", now), makers.trader("Buyer GmbH", "DE", now)

        def __init__(self) -> None:
            super().__init__()
            self.undo = transaction.atomic()
            self.undo.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    wanted = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Told, settings=wanted)
