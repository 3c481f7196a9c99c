"""Rounds: each is hashed together with the one before it, a signature names one of them, and who has read another
signs nothing."""

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from contracts.models import Negotiation, Round, Signature
from contracts.negotiations import negotiations, rounds
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.models import Event
from tests import dataset_makers, sales

ONE_COPY = [{"kind": "copies", "set": {"max": 1}}]


@pytest.fixture
def asked(seller: Any, buyer: Any) -> Negotiation:
    return sales.request(sales.offer(dataset_makers.published(seller), seller), buyer)


def leaf_of(negotiation: Negotiation, name: str) -> dict[str, Any]:
    event = Event.objects.filter(name=name, subject=f"negotiation:{negotiation.pk}").latest("id")
    found: dict[str, Any] = json.loads(bytes(event.leaf))
    return found


def test_every_round_is_kept_and_names_the_one_before_it(asked: Negotiation, seller: Any, buyer: Any) -> None:
    first = asked.proposal
    negotiations.counter(asked, on=first, changes=ONE_COPY, note="One is all we can give.", by=seller)
    negotiations.counter(asked, on=asked.proposal, plan=sales.PAID, terms=list(sales.TERMS), by=buyer)
    rows = rounds.of(asked)
    assert [(row.number, row.side) for row in rows] == [(1, "buyer"), (2, "seller"), (3, "buyer")]
    assert [row.previous_sha256 for row in rows] == ["", first, rows[1].sha256]
    assert rounds.is_unbroken(rows) and rounds.head(asked).sha256 == asked.proposal
    assert leaf_of(asked, "negotiation.redlined")["facts"]["proposal"] == rows[2].sha256
    assert leaf_of(asked, "negotiation.countered")["facts"]["round"] == 2
    assert "One is all" not in json.dumps(leaf_of(asked, "negotiation.countered"))


@pytest.mark.parametrize(
    "column", ["terms", "plan", "side", "made_at", "accept_by", "previous_sha256", "number"]
)
def test_a_round_that_was_changed_breaks_the_chain(column: str, asked: Negotiation, seller: Any) -> None:
    negotiations.counter(asked, changes=ONE_COPY, by=seller)
    rows = rounds.of(asked)
    others: dict[str, Any] = {
        "terms": [{"kind": "copies", "max": 9}],
        "plan": dict(sales.PAID),
        "side": "buyer",
        "made_at": sales.later(seller.at, seconds=1),
        "accept_by": None,
        "previous_sha256": "0" * 64,
        "number": 3,
    }
    setattr(rows[1], column, others[column])
    assert not rounds.is_unbroken(rows)
    assert not rounds.is_unbroken(rounds.of(asked)[1:]), "a chain without its beginning proves nothing"


def test_the_database_keeps_rounds_and_signatures_as_they_are(
    asked: Negotiation, seller: Any, buyer: Any
) -> None:
    negotiations.approve(asked, by=seller)
    for model, change in ((Round, {"note": "another"}), (Signature, {"place": 2}), (Round, {"plan": {}})):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.all()._raw_delete(model.objects.db)
    for change in ({"use": "another use"}, {"purpose": "marketing"}, {"affiliates": ["x"]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Negotiation.objects.update(**change)


def test_the_log_holds_the_digest_that_each_side_signed(asked: Negotiation, seller: Any, buyer: Any) -> None:
    negotiations.counter(asked, changes=ONE_COPY, by=seller)
    accepted = negotiations.accept(asked, shown=asked.proposal, by=buyer)
    assert accepted.agreement is not None
    signed = Signature.objects.filter(proposal=asked.proposal)
    assert {one.side for one in signed} == {"seller", "buyer"}
    for one in signed:
        event = Event.objects.get(pk=one.event_id)
        assert event.leaf_hash.hex() == one.leaf_sha256
        assert json.loads(bytes(event.leaf))["facts"]["proposal"] == asked.proposal
    for name in ("negotiation.countered", "negotiation.accepted", "negotiation.finalized"):
        assert leaf_of(asked, name)["facts"]["proposal"] == asked.proposal


def test_who_read_an_older_round_signs_nothing(
    asked: Negotiation, seller: Any, buyer: Any, refused: Any
) -> None:
    first = asked.proposal
    negotiations.counter(asked, changes=ONE_COPY, by=seller)
    with refused(Conflict, "stale_round"):
        negotiations.accept(asked, shown=first, by=buyer)
    with refused(Invalid, "digest_missing"):
        negotiations.accept(asked, by=buyer)
    with refused(Conflict, "stale_round"):
        negotiations.counter(asked, on=first, plan=sales.PAID, by=buyer)
    negotiations.counter(asked, on=asked.proposal, terms=list(sales.TERMS), by=buyer)
    with refused(Conflict, "stale_round"):
        negotiations.approve(asked, shown=first, by=seller)


def test_a_copy_of_the_row_from_before_a_round_signs_nothing(
    asked: Negotiation, seller: Any, buyer: Any, refused: Any
) -> None:
    stale = Negotiation.objects.get(pk=asked.pk)
    negotiations.counter(asked, changes=ONE_COPY, by=seller)
    with refused(Conflict, "stale_round"):
        negotiations.accept(stale, shown=rounds.of(asked)[0].sha256, by=buyer)


def test_a_buyers_redline_takes_the_sellers_approval_away(
    asked: Negotiation, seller: Any, buyer: Any, refused: Any
) -> None:
    negotiations.approve(asked, by=seller)
    negotiations.counter(asked, changes=[{"kind": "copies", "set": {"max": 5}}], by=buyer)
    assert (asked.state, asked.approved_by, asked.approved_at) == ("requested", "", None)
    with refused(Conflict, "wrong_state"):
        negotiations.accept(asked, shown=asked.proposal, by=buyer)
    negotiations.approve(asked, shown=asked.proposal, by=seller)
    accepted = negotiations.accept(asked, shown=asked.proposal, by=buyer)
    assert accepted.agreement is not None and accepted.agreement.entitlement.copies_max == 5


@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        ({"terms": list(sales.TERMS)}, Invalid, "empty_change"),
        ({}, Invalid, "empty_change"),
        ({"plan": sales.FREE}, Invalid, "empty_change"),
        ({"changes": ONE_COPY, "terms": []}, Invalid, "invalid_change"),
        ({"changes": [{"kind": "country", "set": {"any_of": ["FR"]}}]}, Forbidden, "country_not_allowed"),
        ({"changes": [{"kind": "end_date", "set": {"on": "2026-11-21"}}]}, Conflict, "end_passed"),
        ({"plan": {"kind": "monthly"}}, Invalid, "invalid_plan"),
    ],
)
def test_a_round_that_could_not_be_signed_is_not_made(
    change: dict[str, Any], kind: Any, code: str, asked: Negotiation, seller: Any, buyer: Any, refused: Any
) -> None:
    for side in (seller, buyer):
        with refused(kind, code):
            negotiations.counter(asked, **change, by=side)


def test_nobody_else_talks(asked: Negotiation, outsider: Any, refused: Any) -> None:
    with refused(Forbidden, "forbidden"):
        negotiations.counter(asked, changes=ONE_COPY, by=outsider)


def test_affiliates_are_named_once_each_and_frozen(
    seller: Any, buyer: Any, outsider: Any, refused: Any
) -> None:
    offer = sales.offer(dataset_makers.published(seller), seller)
    one, own = outsider.participant_id, buyer.participant_id
    for wrong in ([one, one], [own], [one] * 51):
        with refused(Invalid, "affiliate_malformed"):
            sales.request(offer, buyer, affiliates=wrong)
    asked = sales.request(offer, buyer, affiliates=[one, seller.participant_id])
    assert asked.affiliates == sorted([str(one), str(seller.participant_id)])
    first = rounds.head(asked)
    first.negotiation.affiliates = []
    assert not rounds.is_unbroken([first])
