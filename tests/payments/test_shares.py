"""Who earns what part of a subject: accepted by every party before it counts, frozen on each sale."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from exchange.participants.models import Participant
from payments.charges import charges
from payments.ledger import ledger
from payments.models import Account, Share, Split
from payments.shares import shares
from tests import makers
from tests.payments import earnings, stories

CODE = Account.Code
REASON = "our part of the work was greater than this"


@pytest.fixture
def subject(db: None) -> str:
    return f"dataset:{new_id()}"


@pytest.fixture
def partner(db: None, now: Any) -> Actor:
    """A client of a second organisation that helped to make the data."""
    return makers.trader("Partner OÜ", "EE", now)


def proposed(subject: str, owner: Actor, parts: dict[Actor, int]) -> Split:
    return shares.propose(
        subject,
        owner=makers.participant_of(owner),
        basis_points={_of(party): points for party, points in parts.items()},
        by=owner,
    )


def _of(actor: Actor) -> UUID:
    assert actor.participant_id is not None
    return actor.participant_id


def sold(subject: str, seller: Actor, buyer: Actor, minor: int = 10_000) -> Any:
    return charges.create(
        reference=f"agreement:{new_id()}",
        subject=subject,
        payer=makers.participant_of(buyer),
        payee=makers.participant_of(seller),
        price=Money(minor, "EUR"),
        by=buyer,
    )


def test_a_split_counts_once_every_party_has_accepted(
    subject: str, seller: Actor, partner: Actor, outsider: Actor
) -> None:
    split = proposed(subject, seller, {seller: 5_000, partner: 3_000, outsider: 2_000})
    assert split.state == "proposed"
    assert shares.in_force(subject) is None
    assert shares.accept(split, by=partner).state == "proposed"
    assert shares.accept(split, by=outsider).state == "in_force"
    assert stories.event_names(split.pk) == ["split.proposed", "split.activated"]
    assert shares.parts_of(split) == {_of(seller): 5_000, _of(partner): 3_000, _of(outsider): 2_000}


def test_accepting_twice_changes_nothing(subject: str, seller: Actor, partner: Actor) -> None:
    split = shares.accept(proposed(subject, seller, {seller: 9_999, partner: 1}), by=partner)
    before = list(Share.objects.order_by("pk").values())
    assert shares.accept(split, by=partner).state == "in_force"
    assert list(Share.objects.order_by("pk").values()) == before


def test_a_sale_freezes_the_version_in_force_and_a_change_never_touches_it(
    subject: str, seller: Actor, buyer: Actor, partner: Actor
) -> None:
    alone = sold(subject, seller, buyer)
    assert alone.parts == []
    shares.accept(proposed(subject, seller, {seller: 6_667, partner: 3_333}), by=partner)
    shared = sold(subject, seller, buyer, 9_999)
    assert [
        (part["basis_points"], part["minor"]) for part in sorted(shared.parts, key=lambda p: p["minor"])
    ] == [
        (3_333, 2_999),
        (6_667, 6_000),
    ]
    shares.accept(proposed(subject, seller, {seller: 1, partner: 9_999}), by=partner)
    earnings.paid(shared, buyer.at)
    earnings.paid(alone, buyer.at)
    assert stories.owed(CODE.SELLER_HELD, _of(partner)) == 2_999
    assert stories.owed(CODE.SELLER_HELD, _of(seller)) == 6_000 + 9_000
    assert ledger.trial_balance().is_sound
    assert list(Split.objects.order_by("number").values_list("number", "state")) == [
        (1, "superseded"),
        (2, "in_force"),
    ]


def test_who_would_lose_its_part_has_to_agree_to_leave(
    subject: str, seller: Actor, partner: Actor, buyer: Actor
) -> None:
    shares.accept(proposed(subject, seller, {seller: 5_000, partner: 5_000}), by=partner)
    leaving = proposed(subject, seller, {seller: 10_000})
    assert leaving.state == "proposed"
    assert [part["basis_points"] for part in sold(subject, seller, buyer).parts] == [5_000, 5_000]
    assert shares.accept(leaving, by=partner).state == "in_force"
    assert [part["basis_points"] for part in sold(subject, seller, buyer).parts] == [10_000]


def test_one_party_declines_for_all(subject: str, seller: Actor, partner: Actor, outsider: Actor) -> None:
    split = proposed(subject, seller, {seller: 5_000, partner: 3_000, outsider: 2_000})
    assert shares.decline(split, reason=REASON, by=partner).state == "declined"
    with pytest.raises(Conflict):
        shares.accept(split, by=outsider)
    assert shares.in_force(subject) is None
    assert proposed(subject, seller, {seller: 8_000, partner: 2_000}).number == 2


def test_one_proposal_waits_at_a_time(subject: str, seller: Actor, partner: Actor) -> None:
    split = proposed(subject, seller, {seller: 5_000, partner: 5_000})
    with pytest.raises(Conflict) as refusal:
        proposed(subject, seller, {seller: 6_000, partner: 4_000})
    assert refusal.value.code == "split_already_proposed"
    assert Split.objects.count() == 1
    shares.withdraw(split, by=seller)
    assert proposed(subject, seller, {seller: 6_000, partner: 4_000}).state == "proposed"


@pytest.mark.parametrize("points", [[], [9_999], [10_001], [0, 10_000], [-1, 10_001], [5_000, 4_999]])
def test_parts_that_do_not_add_up_are_refused(
    subject: str, seller: Actor, partner: Actor, points: list[int]
) -> None:
    with pytest.raises(Invalid) as refusal:
        proposed(subject, seller, dict(zip([seller, partner], points, strict=False)))
    assert refusal.value.code == "shares_do_not_add_up"
    assert not Split.objects.exists()


def test_only_the_seller_proposes_and_only_parties_answer(
    subject: str, seller: Actor, partner: Actor, outsider: Actor
) -> None:
    with pytest.raises(Forbidden):
        shares.propose(
            subject, owner=makers.participant_of(seller), basis_points={_of(seller): 10_000}, by=outsider
        )
    split = proposed(subject, seller, {seller: 5_000, partner: 5_000})
    answers: list[Callable[[], Split]] = [
        lambda: shares.accept(split, by=outsider),
        lambda: shares.decline(split, reason=REASON, by=outsider),
        lambda: shares.withdraw(split, by=outsider),
    ]
    for answer in answers:
        with pytest.raises(ExchangeError):
            answer()
    split.refresh_from_db()
    assert split.state == "proposed"
    assert not shares.splits_visible_to(outsider).exists()
    assert shares.waiting(partner) == 1


def test_a_party_that_is_not_verified_is_refused(subject: str, seller: Actor, now: Any) -> None:
    applicant = makers.applicant("Not Yet SARL", "FR", now)
    with pytest.raises(Invalid) as refusal:
        shares.propose(
            subject,
            owner=makers.participant_of(seller),
            basis_points={_of(seller): 5_000, applicant.pk: 5_000},
            by=seller,
        )
    assert refusal.value.code == "unknown_party"


def test_a_closed_party_is_not_asked_to_leave(subject: str, seller: Actor, partner: Actor) -> None:
    shares.accept(proposed(subject, seller, {seller: 5_000, partner: 5_000}), by=partner)
    Participant.objects.filter(pk=partner.participant_id).update(state="closed")
    assert proposed(subject, seller, {seller: 10_000}).state == "in_force"


def test_parts_follow_what_each_has_contributed(subject: str, seller: Actor, partner: Actor) -> None:
    split = shares.propose_by_weights(
        subject,
        owner=makers.participant_of(seller),
        weights={_of(seller): 2_000_000, _of(partner): 1_000_000},
        measure="rows",
        by=seller,
    )
    kept = dict(Share.objects.filter(split=split).values_list("party_id", "weight"))
    assert kept == {_of(seller): 2_000_000, _of(partner): 1_000_000}
    assert shares.parts_of(split) == {_of(seller): 6_667, _of(partner): 3_333}
    assert split.measure == "rows"


@given(st.lists(st.integers(1, 10**15), min_size=1, max_size=50))
def test_weights_always_make_a_whole(weights: list[int]) -> None:
    points = shares.by_weights({UUID(int=index): weight for index, weight in enumerate(weights)})
    assert sum(points.values()) == 10_000
    total = sum(weights)
    for index, weight in enumerate(weights):
        assert abs(points[UUID(int=index)] * total - weight * 10_000) < total


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_split SET state = 'in_force'",
        "UPDATE payments_split SET subject = 'dataset:another'",
        "UPDATE payments_share SET basis_points = 1",
        "UPDATE payments_share SET accepted_at = NULL WHERE accepted_at IS NOT NULL",
        "DELETE FROM payments_share",
    ],
)
def test_the_database_keeps_what_was_proposed_and_accepted(
    subject: str, seller: Actor, partner: Actor, statement: str
) -> None:
    proposed(subject, seller, {seller: 5_000, partner: 5_000})
    with pytest.raises(IntegrityError):
        stories.sql(statement)
