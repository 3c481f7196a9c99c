"""Offers for a time: they begin and end by the clock and at each use. And the signed offer: tailor-made for one buyer,
until a moment, so that its acceptance is all that is missing."""

from datetime import timedelta
from typing import Any

import pytest

from compliance import gates
from compliance.models import Review
from contracts import queries
from contracts.agreements import agreements
from contracts.catalogue import catalogue, indexing
from contracts.catalogue.catalogue import Search
from contracts.negotiations import negotiations
from contracts.offers import offers
from datasets import datasets
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.participants.members import members
from exchange.participants.models import Notice
from exchange.participants.notices import rows as notice_rows
from tests import dataset_makers, makers, sales

MOMENT = timedelta(microseconds=1)
WEEK = timedelta(days=7)
EVIDENCE = {"ground_evidence": "file 7", "ground_sha256": "cd" * 32}
GROUND = {"article_9_ground": "9.2.a", "statement": {**dataset_makers.STATED, **EVIDENCE}}


@pytest.fixture
def dataset(seller: Any) -> Any:
    return dataset_makers.published(seller)


def signed(dataset: Any, seller: Any, buyer: Any, **changes: Any) -> Any:
    """A signed offer for the buyer, for a week."""
    fields = {"named": [buyer.participant_id], "sale": "signed", "valid_until": seller.at + WEEK, **changes}
    return sales.offer(dataset, seller, **fields)


def found_by(actor: Any, offer: Any) -> set[str]:
    """By which ways the actor finds an offer, or its dataset."""
    dataset, ways = offer.dataset, set()
    if queries.offers_visible_to(actor).filter(pk=offer.pk).exists():
        ways.add("offers")
    if catalogue.datasets_visible_to(actor).exists():
        ways.add("list")
    found = catalogue.search(actor, Search(q="cities"), with_facets=True)
    if found.items or found.total:
        ways.add("search")
    if any(found.facets.values() if found.facets else ()):
        ways.add("facets")
    try:
        catalogue.dataset_visible_to(actor, dataset.pk)
        ways.add("page")
    except NotFound:
        pass
    return ways


EVERYWHERE = {"offers", "list", "search", "facets", "page"}


def test_an_offer_begins_and_ends_by_the_clock_everywhere(
    dataset: Any, seller: Any, buyer: Any, now: Any
) -> None:
    begins, ends = now + WEEK, now + 2 * WEEK
    offer = sales.offer(dataset, seller, valid_from=begins, valid_until=ends)
    assert offer.state == "scheduled" and offer.published_at is None
    indexing.rebuild()
    assert found_by(buyer, offer) == set()
    assert offers.move_due(now=begins - MOMENT) == 0 and offers.move_due(now=begins) == 1
    offer.refresh_from_db()
    assert (offer.state, offer.published_at) == ("published", begins)
    indexing.rebuild()
    assert found_by(buyer.moved_to(begins), offer) == EVERYWHERE
    assert found_by(buyer.moved_to(ends - MOMENT), offer) == EVERYWHERE
    assert found_by(buyer.moved_to(ends), offer) <= {"search", "facets"}, "the index waits for the sweep"
    assert offers.move_due(now=ends) == 1
    indexing.rebuild()
    assert found_by(buyer.moved_to(ends), offer) == set()
    offer.refresh_from_db()
    assert offer.state == "withdrawn"


def test_a_late_sweep_sells_nothing(dataset: Any, seller: Any, buyer: Any, refused: Any, now: Any) -> None:
    offer = sales.offer(dataset, seller, valid_until=now + WEEK)
    with refused(Conflict, "offer_lapsed"):
        sales.request(offer, buyer.moved_to(now + WEEK))
    offers.move_due(now=now + WEEK)
    with refused(Conflict, "offer_lapsed"):
        sales.request(offer, buyer.moved_to(now + WEEK))
    other = sales.offer(dataset, seller, valid_from=now + WEEK)
    with refused(Conflict, "offer_not_published"):
        sales.request(other, buyer)


def test_what_was_asked_in_time_is_answered_afterwards(dataset: Any, seller: Any, buyer: Any, now: Any) -> None:
    offer = sales.offer(dataset, seller, valid_until=now + WEEK)
    asked = sales.request(offer, buyer.moved_to(now + WEEK - MOMENT))
    offers.move_due(now=now + WEEK)
    approved = negotiations.approve(asked, by=seller.moved_to(now + WEEK))
    assert negotiations.accept(approved, by=buyer.moved_to(now + WEEK)).agreement is not None


@pytest.mark.parametrize(
    ("days", "code"),
    [((5, 5), "invalid_validity"), ((5, 4), "invalid_validity"), ((None, 0), "invalid_validity")],
)
def test_a_time_that_never_is_is_refused(
    days: Any, code: str, dataset: Any, seller: Any, refused: Any, now: Any
) -> None:
    since, until = (None if one is None else now + timedelta(days=one) for one in days)
    with refused(Invalid, code):
        sales.offer(dataset, seller, valid_from=since, valid_until=until)


def test_a_draft_that_grew_too_old_is_not_published(dataset: Any, seller: Any, refused: Any, now: Any) -> None:
    fields = {"title": "Late", "terms": list(sales.TERMS), "plan": sales.FREE, "by": seller}
    old = offers.draft(dataset, **fields, valid_until=now + WEEK)
    with refused(Conflict, "offer_lapsed"):
        offers.publish(old, by=seller.moved_to(now + WEEK))
    past = [{"kind": "end_date", "on": f"{now:%Y-%m-%d}"}]
    ended = offers.draft(dataset, **{**fields, "terms": past})
    with refused(Conflict, "end_passed"):
        offers.publish(ended, by=seller.moved_to(now + timedelta(days=1)))
    assert offers.publish(ended, by=seller).is_published, "that whole day, in UTC"


def test_the_buyer_alone_finds_what_was_made_for_it(
    dataset: Any, seller: Any, buyer: Any, outsider: Any
) -> None:
    offer = signed(dataset, seller, buyer)
    indexing.rebuild()
    assert found_by(buyer, offer) == EVERYWHERE and found_by(outsider, offer) == set()


def test_acceptance_is_all_that_a_signed_offer_waits_for(dataset: Any, seller: Any, buyer: Any) -> None:
    member = makers.member(makers.participant_of(seller), "trader", seller.at)
    from exchange.participants.actors.actors import actor_of_member

    person = actor_of_member(member, seller.at)
    fields = {"title": "For you", "terms": list(sales.TERMS), "plan": sales.FREE, "sale": "signed"}
    draft = offers.draft(
        dataset, **fields, named=[buyer.participant_id], valid_until=seller.at + WEEK, by=seller
    )
    offer = offers.publish(draft, by=person)
    approved = sales.request(offer, buyer)
    assert (approved.state, approved.accept_by) == ("approved", offer.valid_until)
    accepted = negotiations.accept(approved, shown=approved.proposal, by=buyer)
    assert accepted.agreement is not None
    by_side = {one["side"]: one["actor"] for one in agreements.document(accepted.agreement)["signatures"]}
    assert by_side == {"seller": person.name, "buyer": buyer.name}


def test_a_signed_offer_may_be_for_personal_data_and_asks_again_where_it_became_more_personal(
    seller: Any, buyer: Any, officer: Any
) -> None:
    dataset = dataset_makers.draft(seller)
    datasets.declare(dataset, **dataset_makers.PERSONAL, by=seller)
    dataset_makers.measured(dataset, seller)
    dataset = datasets.publish(dataset, by=seller)
    offer = signed(dataset, seller, buyer)
    assert offer.published_class == "personal"
    assert sales.request(offer, buyer).state == "approved"
    other = signed(dataset, seller, buyer)
    datasets.declare(dataset, **{**dataset_makers.PERSONAL, "personal_data": "special", **GROUND}, by=seller)
    gates.approve(Review.objects.get(state="open"), "The forms of consent were seen.", officer)
    assert sales.request(other, buyer).state == "requested", "a member looks at it again"


@pytest.mark.parametrize("how", ["withdrawn", "lapsed", "lapsed, and swept"])
def test_a_signature_in_advance_ends_with_its_offer(
    how: str, dataset: Any, seller: Any, buyer: Any, refused: Any, now: Any
) -> None:
    offer = signed(dataset, seller, buyer)
    approved = sales.request(offer, buyer)
    late = buyer
    if how == "withdrawn":
        offers.withdraw(offer, by=seller)
    else:
        late = buyer.moved_to(now + WEEK)
        if how.endswith("swept"):
            offers.move_due(now=late.at)
    code = "offer_not_published" if how == "withdrawn" else "deadline_passed"
    with refused(Conflict, code):
        negotiations.accept(approved, by=late)


@pytest.mark.parametrize("wrong", [{"named": None}, {"valid_until": None}, {"named": ["buyer", "outsider"]}])
def test_a_signature_in_advance_is_for_one_and_for_a_time(
    wrong: Any, dataset: Any, seller: Any, buyer: Any, outsider: Any, refused: Any
) -> None:
    actors = {"buyer": buyer, "outsider": outsider}
    if wrong.get("named"):
        wrong = {"named": [actors[name].participant_id for name in wrong["named"]]}
    with refused(Invalid, "signed_for_one"):
        signed(dataset, seller, buyer, **wrong)


def test_where_two_members_sign_nobody_signs_in_advance(
    dataset: Any, seller: Any, buyer: Any, refused: Any
) -> None:
    before = signed(dataset, seller, buyer)
    organisation = makers.participant_of(seller)
    members.ask_for_second_member(organisation, wanted=True, by=seller)
    assert sales.request(before, buyer).state == "requested"
    fields = {"title": "For you", "terms": list(sales.TERMS), "plan": sales.FREE, "sale": "signed"}
    draft = offers.draft(
        dataset, **fields, named=[buyer.participant_id], valid_until=seller.at + WEEK, by=seller
    )
    with refused(Forbidden, "second_member_needed"):
        offers.publish(draft, by=seller)


def test_the_api_offers_for_a_time(dataset: Any, seller: Any, buyer: Any, door: Any, now: Any) -> None:
    body = {
        "dataset_id": str(dataset.pk),
        "title": "For you, for a time",
        "terms": list(sales.TERMS),
        "plan": dict(sales.FREE),
        "audience": {"participants": [str(buyer.participant_id)]},
        "sale": "signed",
        "valid_until": "2099-03-28T23:30:00+01:00",
    }
    made = door(seller).post("/api/v1/offers", body)
    assert made.status_code == 201 and made.json()["valid_until"] == "2099-03-28T22:30:00Z"
    assert (
        door(seller).post("/api/v1/offers", {**body, "valid_until": "2099-03-28T23:30:00"}).status_code == 422
    )
    assert door(seller).post("/api/v1/offers", {**body, "valid_until": None}).status_code == 422


def test_its_buyer_is_told_of_a_signed_offer_and_nobody_of_others(
    dataset: Any, seller: Any, buyer: Any, outsider: Any, react: Any, now: Any
) -> None:
    people = [makers.member(makers.participant_of(one), "trader", now) for one in (buyer, outsider)]
    sales.offer(dataset, seller, named=[buyer.participant_id])
    signed(dataset, seller, buyer)
    signed(dataset, seller, buyer, valid_from=now + timedelta(days=1))
    react()
    told = Notice.objects.filter(news__startswith="offer.", member__in=people)
    assert [(one.news, one.member) for one in told] == [("offer.published/buyer", people[0])]
    [row] = notice_rows.rows_of(list(told))
    assert "…" not in row.title and "request" in str(notice_rows.place_of(told[0]))
    offers.move_due(now=now + timedelta(days=1))
    react()
    assert told.filter(news="offer.opened/buyer").count() == 1
