"""Data requests: who finds them, what they say, who answers with what, and how they end."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.data_requests import data_requests, fitting
from contracts.data_requests import queries as reads
from contracts.models import DataRequest, DataRequestAnswer
from contracts.negotiations import negotiations
from contracts.offers import offers
from exchange.kernel import events
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.models import Event
from exchange.kernel.money import Money
from exchange.participants.members import members
from tests import dataset_makers, makers, sales, wishes

pytestmark = pytest.mark.by_the_clock

EUR_50 = Money(5_000, "EUR")


def found_by(actor: Any) -> bool:
    return reads.data_requests_visible_to(actor).exists()


def test_every_verified_seller_finds_an_open_one_and_nobody_else(
    seller: Any, buyer: Any, outsider: Any, officer: Any, operator: Any
) -> None:
    asked = wishes.published(buyer)
    assert all(found_by(actor) for actor in (seller, outsider, officer, buyer))
    reader = makers.client(makers.participant_of(seller), seller.at, ["read", "buy"])
    assert not found_by(reader)
    members.suspend(makers.participant_of(outsider), reason="Its register entry is gone.", by=operator)
    assert not found_by(outsider)
    with pytest.raises(NotFound):
        reads.data_request_visible_to(outsider, asked.pk)
    data_requests.close(asked, outcome="not_found", by=buyer)
    assert (found_by(seller), found_by(buyer), found_by(officer)) == (False, True, True)


def test_one_for_named_sellers_is_nowhere_for_others(
    seller: Any, buyer: Any, outsider: Any, door: Any, refused: Any
) -> None:
    asked = wishes.published(buyer, named=[seller.participant_id])
    assert found_by(seller) and not found_by(outsider)
    offer = sales.offer(dataset_makers.published(outsider), outsider)
    with refused(NotFound, "not_found"):
        data_requests.answer(asked, offer, by=outsider)
    for path in ("", f"/{asked.pk}", f"/{asked.pk}/answers"):
        answer = door(outsider).get(f"/api/v1/requests{path}")
        assert str(asked.pk) not in answer.content.decode() and "Bicycle" not in answer.content.decode()
    assert makers.participant_of(seller).pk in asked.event_parties()


def test_a_suspended_buyer_looks_for_nothing(seller: Any, buyer: Any, operator: Any, refused: Any) -> None:
    wishes.published(buyer)
    members.suspend(makers.participant_of(buyer), reason="Its register entry is gone.", by=operator)
    assert not found_by(seller)
    with refused(Forbidden, "participant_not_verified"):
        wishes.published(buyer)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "Abc"}, "invalid"),
        ({"title": "Bicycle \u202ecounters"}, "invalid"),
        ({"wanted": "Bicycles."}, "invalid"),
        ({"wanted": "x" * 4_001}, "invalid"),
        ({"themes": []}, "unknown_theme"),
        ({"themes": ["TRAN", "ENVI", "SOCI", "TECH"]}, "unknown_theme"),
        ({"themes": ["BIKE"]}, "unknown_theme"),
        ({"purpose": "anything"}, "unknown_purpose"),
        ({"country": "XX"}, "unknown_country"),
    ],
)
def test_what_cannot_be_read_is_refused(buyer: Any, refused: Any, changes: Any, code: str) -> None:
    with refused(Invalid, code):
        wishes.published(buyer, **changes)


@pytest.mark.parametrize("away", [timedelta(0), timedelta(seconds=-1), timedelta(days=365, seconds=1)])
def test_it_ends_ahead_and_within_a_year(buyer: Any, refused: Any, away: timedelta) -> None:
    with refused(Invalid, "invalid_deadline"):
        wishes.published(buyer, closes_at=buyer.at + away)


def test_a_buyer_has_twenty_open_and_publishes_twenty_a_day(
    buyer: Any, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_requests, "MOST", 2)
    first, _ = (wishes.published(buyer) for _ in range(2))
    with refused(Conflict, "too_many_data_requests"):
        wishes.published(buyer)
    data_requests.close(first, outcome="found", by=buyer)
    with refused(Conflict, "too_many_data_requests"):
        wishes.published(buyer)
    wishes.published(buyer.moved_to(buyer.at + timedelta(days=1, seconds=1)))


def test_it_names_no_more_than_others(buyer: Any, refused: Any) -> None:
    for named in ([], [buyer.participant_id]):
        with refused(Invalid, "invalid"):
            wishes.published(buyer, named=named)


def test_a_budget_may_be_kept_from_sellers(seller: Any, buyer: Any, officer: Any, door: Any) -> None:
    hidden = wishes.published(buyer, budget=EUR_50)
    shown = wishes.published(buyer, budget=EUR_50, shows_budget=True)
    seen = {
        (actor.name, str(row.pk)): door(actor).get(f"/api/v1/requests/{row.pk}").json()["budget"]
        for actor in (seller, buyer, officer)
        for row in (hidden, shown)
    }
    assert [one for one, budget in seen.items() if budget is None] == [(seller.name, str(hidden.pk))]
    given = wishes.answered(hidden, seller, plan=dict(sales.PAID))
    fits = door(seller).get(f"/api/v1/requests/{hidden.pk}/answers").json()["items"][0]["fits"]
    assert "budget" not in {one["about"] for one in fits}, "that would tell it"
    [own] = door(buyer).get(f"/api/v1/requests/{hidden.pk}/answers").json()["items"]
    assert own["id"] == str(given.pk)
    assert {"about": "budget", "is_met": False, "reason": "over_budget", "clause": ""} in own["fits"]


def test_leaves_hold_nothing_that_was_typed(buyer: Any, seller: Any) -> None:
    asked = wishes.published(buyer, budget=EUR_50)
    wishes.answered(asked, seller)
    leaves = b"".join(bytes(one.leaf) for one in Event.objects.filter(name__startswith="datarequest"))
    assert b"Bicycle" not in leaves and b"passages" not in leaves
    assert b":5000" not in leaves and b'"5000"' not in leaves


def test_it_changes_until_somebody_has_answered(seller: Any, buyer: Any, outsider: Any, refused: Any) -> None:
    asked = wishes.published(buyer)
    changed = data_requests.change(asked, wishes.wish(buyer, title="Bicycle counts"), edition=1, by=buyer)
    assert (changed.title, changed.edition) == ("Bicycle counts", 2)
    with refused(Conflict, "stale_data_request"):
        data_requests.change(asked, wishes.wish(buyer), edition=1, by=buyer)
    offer = sales.offer(dataset_makers.published(seller), seller)
    with refused(Conflict, "stale_data_request"):
        data_requests.answer(asked, offer, edition=1, by=seller)
    with refused(Forbidden, "forbidden"):
        data_requests.change(asked, wishes.wish(buyer), by=outsider)
    data_requests.withdraw_answer(data_requests.answer(asked, offer, edition=2, by=seller), by=seller)
    with refused(Conflict, "data_request_answered"):
        data_requests.change(asked, wishes.wish(buyer), by=buyer)


def test_an_answer_is_an_offer_that_the_buyer_can_ask_for(
    seller: Any, buyer: Any, outsider: Any, refused: Any
) -> None:
    asked = wishes.published(buyer)
    dataset = dataset_makers.published(seller)
    draft = offers.draft(dataset, title="A", terms=[], plan=dict(sales.FREE), by=seller)
    private = sales.offer(dataset, seller, named=[outsider.participant_id])
    for offer in (draft, private):
        with refused(Conflict, "offer_not_for_buyer"):
            data_requests.answer(asked, offer, by=seller)
    mine = sales.offer(dataset, seller, named=[buyer.participant_id])
    with refused(Forbidden, "forbidden"):
        data_requests.answer(asked, mine, by=outsider)
    own = sales.offer(dataset_makers.published(buyer), buyer)
    with refused(Conflict, "own_data_request"):
        data_requests.answer(asked, own, by=buyer)
    assert reads.offers_for(seller, asked).get() == mine
    given = data_requests.answer(asked, mine, note="Made for you.", by=seller)
    assert not reads.offers_for(seller, asked).exists()
    with refused(Conflict, "already_answered"):
        data_requests.answer(asked, mine, by=seller)
    talk = sales.request(given.offer, buyer)
    assert negotiations.approve(talk, by=seller).state == "approved"


def test_each_side_sees_its_own_answers(seller: Any, buyer: Any, outsider: Any, officer: Any) -> None:
    asked = wishes.published(buyer)
    one, two = wishes.answered(asked, seller), wishes.answered(asked, outsider)
    seen = {actor.name: set(reads.answers_visible_to(actor, asked.pk)) for actor in (seller, outsider)}
    assert seen == {seller.name: {one}, outsider.name: {two}}
    assert all(set(reads.answers_visible_to(actor, asked.pk)) == {one, two} for actor in (buyer, officer))
    with pytest.raises(NotFound):
        reads.answer_visible_to(outsider, one.pk)


def test_a_seller_answers_five_times_at_most(
    seller: Any, buyer: Any, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_requests, "MOST_ANSWERS", 1)
    asked = wishes.published(buyer)
    data_requests.withdraw_answer(wishes.answered(asked, seller), by=seller)
    offer = sales.offer(dataset_makers.published(seller), seller)
    with refused(Conflict, "too_many_answers"):
        data_requests.answer(asked, offer, by=seller)


def test_an_answer_is_withdrawn_or_declined_once(seller: Any, buyer: Any, outsider: Any, refused: Any) -> None:
    asked = wishes.published(buyer)
    kept, gone = wishes.answered(asked, seller), wishes.answered(asked, seller)
    for verb, by in ((data_requests.withdraw_answer, buyer), (data_requests.decline, outsider)):
        with refused(Forbidden, "forbidden"):
            verb(gone, by=by)
    assert data_requests.withdraw_answer(gone, by=seller).state == DataRequestAnswer.State.WITHDRAWN
    declined = data_requests.decline(kept, word="Too dear for us.", by=buyer)
    assert (declined.state, declined.word) == (DataRequestAnswer.State.DECLINED, "Too dear for us.")
    with refused(Conflict, "wrong_state"):
        data_requests.withdraw_answer(kept, by=seller)
    with refused(Conflict, "already_answered"):
        data_requests.answer(asked, kept.offer, by=seller)


def test_it_closes_once_and_not_over_an_answer_that_was_not_read(seller: Any, buyer: Any, refused: Any) -> None:
    asked = wishes.published(buyer)
    wishes.answered(asked, seller)
    with refused(Conflict, "unseen_answer"):
        data_requests.close(asked, outcome="not_found", seen=0, by=buyer)
    with refused(Forbidden, "forbidden"):
        data_requests.close(asked, outcome="found", by=seller)
    with refused(Invalid, "invalid"):
        data_requests.close(asked, outcome="lapsed", by=buyer)
    closed = data_requests.close(asked, outcome="found", seen=1, by=buyer)
    assert (closed.state, closed.outcome, closed.closed_at) == ("closed", "found", buyer.at)
    with refused(Conflict, "data_request_closed"):
        data_requests.close(asked, outcome="found", by=buyer)
    with refused(Conflict, "data_request_closed"):
        wishes_again(asked, seller)
    assert found_by(seller), "who has answered sees how it ended"


def wishes_again(asked: DataRequest, seller: Any) -> None:
    data_requests.answer(asked, asked.answers.get().offer, by=seller)


def test_the_clock_closes_it_and_the_verbs_do_not_wait_for_the_sweep(
    seller: Any, buyer: Any, refused: Any
) -> None:
    asked = wishes.published(buyer)
    offer, end = sales.offer(dataset_makers.published(seller), seller), asked.closes_at
    for by in (seller.moved_to(end), seller.moved_to(end + timedelta(days=1))):
        with refused((Conflict, NotFound), "data_request_closed"):
            data_requests.answer(asked, offer, by=by)
    assert data_requests.lapse_due(now=end - timedelta(seconds=1)) == 0
    assert data_requests.lapse_due(now=end) == 1 and data_requests.lapse_due(now=end) == 0
    asked.refresh_from_db()
    assert (asked.state, asked.outcome) == ("closed", "lapsed")


def test_an_officer_withdraws_it_with_a_reason(buyer: Any, seller: Any, officer: Any, refused: Any) -> None:
    asked = wishes.published(buyer)
    with refused(Forbidden, "scope_missing"):
        data_requests.withdraw(asked, reason="It asks for names of people.", by=seller)
    with refused(Invalid, "invalid"):
        data_requests.withdraw(asked, reason="No.", by=officer)
    gone = data_requests.withdraw(asked, reason="It asks for names of people.", by=officer)
    assert (gone.outcome, gone.reason) == ("withdrawn", "It asks for names of people.")
    assert not found_by(seller) and found_by(buyer)


def test_how_an_offer_fits_is_held_against_its_terms_price_and_data(
    seller: Any, buyer: Any, operator: Any
) -> None:
    asked = wishes.published(buyer, budget=EUR_50)

    def fits(**changes: Any) -> dict[str, tuple[Any, str]]:
        offer = sales.offer(dataset_makers.published(seller), seller, **changes)
        found = fitting.of(offer, asked, at=buyer.at, with_budget=True)
        return {one.clause or one.about: (one.is_met, one.reason) for one in found.fits}

    assert fits() == {"purpose": (True, ""), "country": (True, ""), "budget": (True, "")}
    found = fits(
        terms=[
            {"kind": "purpose", "any_of": ["marketing"]},
            {"kind": "country", "any_of": ["FR"]},
            {"kind": "recipients", "any_of": [str(seller.participant_id)]},
        ],
        plan=dict(sales.PAID),
    )
    assert found == {
        "purpose": (False, "purpose_not_allowed"),
        "country": (False, "country_not_allowed"),
        "recipients": (False, "recipient_not_named"),
        "budget": (False, "over_budget"),
    }
    rows = [
        {"terms": [{"kind": "purpose", "any_of": [code]}], "plan": plan}
        for code, plan in (("marketing", sales.FREE), ("research", sales.PAID))
    ]
    several = sales.offer(dataset_makers.published(seller), seller, terms=[], plan=None, choices=rows)
    best = fitting.of(several, asked, at=buyer.at, with_budget=False)
    assert (best.choice.number, {one.is_met for one in best.fits}) == (2, {True}), "the one that permits it"
    dollars = {"kind": "one_off", "price": {"amount_minor": 1, "currency": "USD"}}
    assert fits(plan=dollars)["budget"] == (None, "other_currency")


def test_an_answer_whose_offer_has_left_the_market_says_so(seller: Any, buyer: Any) -> None:
    asked = wishes.published(buyer)
    given = wishes.answered(asked, seller)
    offers.withdraw(given.offer, by=seller)
    found = fitting.of(given.offer, asked, at=buyer.at, with_budget=False)
    assert [one.reason for one in found.fits if one.about == "market"] == ["offer_not_published"]


def test_sellers_search_by_words_and_theme(seller: Any, buyer: Any) -> None:
    bicycles = wishes.published(buyer)
    wishes.published(
        buyer, title="Air quality", wanted="Fine dust by station and hour.", themes=["ENVI", "HEAL"]
    )
    rows = reads.unanswered(seller)
    assert [row.title for row in reads.narrowed(rows, theme="HEAL")] == ["Air quality"]
    assert reads.narrowed(rows, words="passages BICYCLE").get() == bicycles
    assert not reads.narrowed(rows, words="100% _").exists()
    assert reads.waiting(seller) == 2
    wishes.answered(bicycles, seller)
    assert reads.waiting(seller) == 1
    assert reads.answered(seller).get() == bicycles


def test_a_tailor_made_offer_finds_the_data_request_that_it_could_answer(
    seller: Any, buyer: Any, outsider: Any
) -> None:
    asked = wishes.published(buyer)
    wishes.published(outsider)
    made = sales.offer(dataset_makers.published(seller), seller, named=[buyer.participant_id])
    assert list(reads.answerable_with(seller, made)) == [asked]
    data_requests.answer(asked, made, by=seller)
    assert not reads.answerable_with(seller, made).exists()


def test_no_event_is_told_to_who_may_not_know(seller: Any, buyer: Any, outsider: Any) -> None:
    asked = wishes.published(buyer, named=[seller.participant_id])
    given = wishes.answered(asked, seller)
    data_requests.decline(given, by=buyer)
    data_requests.close(asked, outcome="found", by=buyer)
    told = Event.objects.filter(name__startswith="datarequest")
    assert told.count() == 4
    parties = set(told.values_list("parties__participant_id", flat=True))
    assert parties == {seller.participant_id, buyer.participant_id}
    assert events.subject_of(asked) == f"datarequest:{asked.pk}"
