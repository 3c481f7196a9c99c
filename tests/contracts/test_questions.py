"""“May I?”: each word and its reason, for each right, clause, country, recipient and moment; and nothing told to
those who are no party."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.decisions import questions
from contracts.decisions.questions import Answer, Question
from contracts.entitlements import entitlements
from contracts.models import Entitlement
from contracts.terms import rules
from datasets import datasets
from datasets.revisions import revisions
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Forbidden, Invalid
from exchange.kernel.models import Event, EventParty
from exchange.participants.models import Webhook
from exchange.participants.webhooks import webhooks
from tests import dataset_makers, makers, sales

REASON = "the buyer's report shows another purpose"


@pytest.fixture
def held(seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer)


def licensed(seller: Actor, buyer: Actor, *clauses: Any, **wish: Any) -> Entitlement:
    """A right by an offer of these clauses."""
    offer = sales.offer(dataset_makers.published(seller), seller, terms=list(clauses))
    return sales.sold(offer, buyer, seller, **wish)


def ask(held: Entitlement, by: Actor, **changes: Any) -> Answer:
    fields = {"dataset_id": held.dataset_id, "purpose": "research", "country": "DE", **changes}
    return questions.ask(Question(**fields), by=by)


def said(answer: Answer) -> tuple[str, str | None, str | None]:
    return answer.answer, answer.clause, answer.code


def leaf(answer: Answer) -> Any:
    return json.loads(bytes(Event.objects.get(pk=answer.decision_id).leaf))


def test_what_was_bought_may_be_used_as_agreed(held: Entitlement, buyer: Actor) -> None:
    answer = ask(held, buyer)
    assert said(answer) == ("yes", "purpose", None) and answer.standing == "evidenced"
    assert answer.agreement_id == held.agreement_id
    assert answer.until == held.ends_at


def test_another_purpose_is_refused_by_its_clause(held: Entitlement, buyer: Actor) -> None:
    assert said(ask(held, buyer, purpose="academic_research")) == ("yes", "purpose", None)
    refused = ask(held, buyer, purpose="marketing")
    assert said(refused) == ("no", "purpose", "purpose_not_allowed")
    assert refused.agreement_id == held.agreement_id and refused.until is None


def test_terms_without_a_purpose_hold_to_the_declared_one(seller: Actor, buyer: Actor) -> None:
    held = licensed(seller, buyer, purpose="service_improvement")
    assert said(ask(held, buyer, purpose="internal_analytics")) == ("yes", "purpose", None)
    assert said(ask(held, buyer, purpose="service_provision")) == ("no", "purpose", "purpose_not_allowed")


def test_training_is_refused_by_silence_and_left_to_people_where_it_has_a_condition(
    seller: Actor, buyer: Actor
) -> None:
    def training(*clauses: Any) -> tuple[str, str | None, str | None]:
        held = licensed(seller, buyer, *clauses)
        return said(ask(held, buyer, purpose="model_training"))

    open_to = {"kind": "purpose", "any_of": ["model_training", "research"]}
    assert training({"kind": "purpose", "any_of": ["research"]})[::2] == ("no", "purpose_not_allowed")
    assert training(open_to, {"kind": "model_training", "allowed": "yes"}) == ("yes", "model_training", None)
    conditional = training(open_to, {"kind": "model_training", "allowed": "non_commercial"})
    assert conditional == ("undecided", "model_training", "undecidable")


def test_the_country_asked_about_and_the_verified_one_both_count(seller: Actor, buyer: Actor) -> None:
    held = licensed(seller, buyer, {"kind": "country", "any_of": ["DE", "CH"]})
    assert said(ask(held, buyer, country="CH"))[0] == "yes"
    assert said(ask(held, buyer, country="FR")) == ("no", "country", "country_not_allowed")
    used = licensed(seller, buyer, {"kind": "use_country", "any_of": ["EEA"]})
    assert said(ask(used, buyer, country="FR"))[0] == "yes"
    assert said(ask(used, buyer, country="CH")) == ("no", "use_country", "use_country_not_allowed")


def test_clauses_on_delivery_say_nothing_of_use(seller: Actor, buyer: Actor) -> None:
    held = licensed(
        seller,
        buyer,
        {"kind": "copies", "max": 1},
        {"kind": "volume", "rows": 1},
        {"kind": "addresses", "any_of": ["198.51.100.0/24"]},
    )
    assert said(ask(held, buyer)) == ("yes", "purpose", None)


def test_another_organisation_may_have_it_only_by_a_permission_to_pass_it_on(
    seller: Actor, buyer: Actor, outsider: Actor
) -> None:
    closed = licensed(seller, buyer)
    assert said(ask(closed, buyer, recipient_id=buyer.participant_id))[0] == "yes"
    refused = ("no", "redistribution", "recipient_not_named")
    assert said(ask(closed, buyer, recipient_id=outsider.participant_id)) == refused
    assert said(ask(closed, buyer, recipient_id=uuid4())) == refused, "who exists is told to nobody"
    opened = licensed(seller, buyer, {"kind": "redistribution", "allowed": True})
    answer = ask(opened, buyer, recipient_id=outsider.participant_id)
    assert said(answer) == ("yes", "redistribution", None) and answer.standing == "promised"
    named = licensed(seller, buyer, {"kind": "recipients", "any_of": [str(buyer.participant_id)]})
    answer = ask(named, buyer, recipient_id=outsider.participant_id)
    assert said(answer) == ("no", "recipients", "recipient_not_named")
    group = licensed(seller, buyer, {"kind": "affiliates", "any_of": [str(outsider.participant_id)]})
    assert said(ask(group, buyer, recipient_id=outsider.participant_id)) == ("yes", "affiliates", None)
    assert said(ask(group, buyer, recipient_id=seller.participant_id)) == refused


def test_what_was_never_bought_is_no_whether_it_exists_or_not(
    held: Entitlement, outsider: Actor, buyer: Actor, seller: Actor
) -> None:
    hidden = dataset_makers.draft(seller)
    nothing = ("no", None, "no_agreement")
    assert said(ask(held, outsider)) == nothing
    assert said(ask(held, buyer, dataset_id=hidden.pk)) == nothing
    assert said(ask(held, buyer, dataset_id=uuid4())) == nothing
    assert said(ask(held, seller)) == nothing, "what it sells it has not bought"


def test_a_right_that_is_over_says_why(held: Entitlement, buyer: Actor, seller: Actor) -> None:
    entitlements.suspend(held, reason=REASON, by=seller)
    assert said(ask(held, buyer)) == ("no", None, "entitlement_suspended")
    tomorrow = f"{buyer.at + timedelta(days=1):%Y-%m-%d}"
    assert said(ask(held, buyer, at=tomorrow)) == ("undecided", None, "entitlement_suspended")
    later = f"{buyer.at + timedelta(days=900):%Y-%m-%d}"
    assert said(ask(held, buyer, at=later)) == ("no", None, "entitlement_expired")
    entitlements.revoke(held, reason=REASON, by=seller)
    assert said(ask(held, buyer)) == ("no", None, "entitlement_revoked")


def test_a_right_that_waits_for_its_payment_is_no_today(seller: Actor, buyer: Actor) -> None:
    from contracts.negotiations import negotiations

    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID))
    approved = negotiations.approve(sales.request(offer, buyer), by=seller)
    right = negotiations.accept(approved, by=buyer).agreement.entitlement
    assert said(ask(right, buyer)) == ("no", None, "entitlement_pending")


def test_the_term_ends_to_the_microsecond(held: Entitlement, buyer: Actor) -> None:
    assert held.ends_at is not None
    last = held.ends_at - timedelta(microseconds=1)
    assert said(ask(held, buyer, at=last.isoformat()))[0] == "yes"
    assert said(ask(held, buyer, at=held.ends_at.isoformat())) == ("no", "duration", "expired")
    assert said(ask(held, buyer, at=f"{held.ends_at:%Y-%m-%d}"))[0] == "no", "a day is the whole of it"
    assert said(ask(held, buyer, at=f"{held.ends_at - timedelta(days=1):%Y-%m-%d}"))[0] == "yes"


@pytest.mark.parametrize("last", ["2026-11-30", "2027-02-28", "2028-02-29", "2026-12-31"])
def test_an_end_date_is_the_whole_of_its_day_in_utc(last: str, seller: Actor, buyer: Actor) -> None:
    held = licensed(seller, buyer, {"kind": "end_date", "on": last})
    after = datetime.fromisoformat(f"{last}T00:00:00+00:00") + timedelta(days=1)
    assert said(ask(held, buyer, at=last))[0] == "yes"
    assert said(ask(held, buyer, at=f"{after:%Y-%m-%d}")) == ("no", "end_date", "expired")
    answer = ask(held, buyer, at=(after - timedelta(microseconds=1)).isoformat())
    assert answer.answer == "yes" and answer.until == after


def test_a_moment_counts_in_its_own_zone(seller: Actor, buyer: Actor) -> None:
    """On 28 March 2027 at 2:00 the clocks of Paris go forward; the moment is what its offset says."""
    held = licensed(seller, buyer, {"kind": "end_date", "on": "2027-03-28"})
    assert said(ask(held, buyer, at="2027-03-28T02:30:00+01:00"))[0] == "yes"
    assert said(ask(held, buyer, at="2027-03-29T01:59:59+02:00"))[0] == "yes"
    assert said(ask(held, buyer, at="2027-03-29T02:00:00+02:00"))[0] == "no"
    assert said(ask(held, buyer, at="2027-03-28T20:00:00-05:00"))[0] == "no"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"at": "2027-02-30"}, "moment_malformed"),
        ({"at": "2027-02-29"}, "moment_malformed"),
        ({"at": "2027-02-28T09:00:00"}, "moment_malformed"),
        ({"at": "soon"}, "moment_malformed"),
        ({"at": ""}, "moment_malformed"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "moment_malformed"),
        ({"at": "2026-11-21"}, "moment_past"),
        ({"at": "2020-01-01T00:00:00Z"}, "moment_past"),
        ({"country": "ZZ"}, "unknown_country"),
        ({"country": "EEA"}, "unknown_country"),
        ({"purpose": "conquest"}, "unknown_purpose"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    change: Any, code: str, held: Entitlement, buyer: Actor, refused: Any
) -> None:
    with refused(Invalid, code):
        ask(held, buyer, **change)


def test_the_last_day_there_is_can_be_asked_about(seller: Actor, buyer: Actor) -> None:
    assert said(ask(licensed(seller, buyer), buyer, at="9999-12-31"))[0] == "yes"


def test_who_takes_no_part_may_not_ask(held: Entitlement, buyer: Actor, refused: Any) -> None:
    with refused(Forbidden, "forbidden"):
        ask(held, Actor.system("tests", at=buyer.at))
    blind = makers.client(makers.participant_of(buyer), buyer.at, (Scope.BUY,))
    with refused(Forbidden, "scope_missing"):
        ask(held, blind)


def test_a_revoked_revision_and_a_suspended_buyer_are_for_people(
    held: Entitlement, buyer: Actor, seller: Actor, operator: Actor
) -> None:
    from exchange.participants.members import members

    revisions.revoke(held.revision, reason=REASON, by=seller)
    assert said(ask(held, buyer)) == ("undecided", None, "revision_revoked")
    members.suspend(makers.participant_of(buyer), reason=REASON, by=operator)
    assert said(ask(held, buyer)) == ("undecided", None, "participant_not_verified")


def test_personal_data_stays_where_the_law_lets_it_go(seller: Actor, buyer: Actor) -> None:
    dataset = dataset_makers.draft(seller)
    datasets.declare(dataset, **dataset_makers.PERSONAL, by=seller)
    dataset_makers.measured(dataset, seller)
    held = sales.sold(sales.offer(datasets.publish(dataset, by=seller), seller), buyer, seller)
    assert said(ask(held, buyer, country="FR"))[0] == "yes"
    assert said(ask(held, buyer, country="CH"))[0] == "yes", "a decision of adequacy covers it"
    assert said(ask(held, buyer, country="BY")) == ("no", "destination", "no_adequacy_decision")
    united_kingdom = ask(held, buyer, country="GB")
    assert united_kingdom.answer == "yes" and united_kingdom.until is not None
    [right] = leaf(ask(held, buyer, country="CH"))["facts"]["decided"]["rights"]
    assert right["class"] == "personal"


def test_data_without_persons_may_go_anywhere(held: Entitlement, buyer: Actor) -> None:
    assert said(ask(held, buyer, country="BY"))[0] == "yes"


def test_of_several_rights_one_yes_is_enough_and_the_longest_counts(seller: Actor, buyer: Actor) -> None:
    dataset = dataset_makers.published(seller)

    def bought(*clauses: Any) -> Entitlement:
        return sales.sold(sales.offer(dataset, seller, terms=list(clauses)), buyer, seller)

    short = bought({"kind": "end_date", "on": "2026-12-31"})
    long = bought({"kind": "end_date", "on": "2027-12-31"})
    narrow = bought({"kind": "purpose", "any_of": ["research"]}, {"kind": "country", "any_of": ["DE"]})
    assert ask(short, buyer).agreement_id == narrow.agreement_id, "it has no end"
    assert ask(short, buyer, country="FR").agreement_id == long.agreement_id
    entitlements.revoke(long, reason=REASON, by=seller)
    assert ask(short, buyer, country="FR").agreement_id == short.agreement_id
    entitlements.revoke(short, reason=REASON, by=seller)
    refused = ask(short, buyer, country="FR")
    assert said(refused) == ("no", "country", "country_not_allowed"), "the right in force says why"


def test_of_more_rights_than_are_read_the_rest_is_not_guessed(
    seller: Actor, buyer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "MOST_RIGHTS", 2)
    dataset = dataset_makers.published(seller)
    rights = [sales.sold(sales.offer(dataset, seller), buyer, seller) for _ in range(3)]
    assert said(ask(rights[0], buyer)) == ("yes", "purpose", None)
    assert said(ask(rights[0], buyer, purpose="marketing")) == ("undecided", None, "too_many_rights")
    entitlements.revoke(rights[2], reason=REASON, by=seller)
    assert said(ask(rights[0], buyer, purpose="marketing")) == ("no", "purpose", "purpose_not_allowed")
    entitlements.revoke(rights[1], reason=REASON, by=seller)
    assert said(ask(rights[0], buyer)) == ("yes", "purpose", None), "the oldest is found behind newer ones"


def test_an_answer_keeps_what_it_followed_from_and_only_the_buyer_sees_it(
    held: Entitlement, buyer: Actor, officer: Actor, seller: Actor, door: Any
) -> None:
    answer = ask(held, buyer, recipient_id=buyer.participant_id)
    kept = leaf(answer)
    assert kept["type"] == "may_i.answered" and kept["subject"] == f"participant:{buyer.participant_id}"
    facts = kept["facts"]
    assert facts["question"]["purpose"] == "research" and facts["question"]["country"] == "DE"
    assert facts["answer"]["answer"] == "yes" and facts["answer"]["agreement"] == str(held.agreement_id)
    assert (
        facts["decided"]["rules"] == rules.CURRENT and facts["decided"]["now"] == "2026-11-22T09:00:00.000000Z"
    )
    [right] = facts["decided"]["rights"]
    assert right["entitlement"] == str(held.pk) and len(right["terms"]) == 64
    parties = EventParty.objects.filter(event_id=answer.decision_id).values_list("participant_id", flat=True)
    assert list(parties) == [buyer.participant_id]


def test_the_usual_question_reads_once_and_writes_one_event(
    held: Entitlement, buyer: Actor, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ask(held, buyer)
    with CaptureQueriesContext(connection) as asked:
        ask(held, buyer)
    # The law is kept once for each database, at the first commit; here nothing is committed.
    kept_once = ("SAVEPOINT", "keptprofile")
    statements = [row["sql"].split()[0] for row in asked if not any(word in row["sql"] for word in kept_once)]
    assert statements.count("SELECT") == 1
    assert len(statements) <= 3, statements


def test_utc_is_what_a_day_is_in(held: Entitlement, buyer: Actor) -> None:
    facts = leaf(ask(held, buyer, at="2027-01-31"))["facts"]["question"]
    assert facts["first"] == "2027-01-31T00:00:00.000000Z" and facts["last"] == "2027-01-31T23:59:59.999999Z"
    today = leaf(ask(held, buyer, at=f"{buyer.at.astimezone(UTC):%Y-%m-%d}"))["facts"]["question"]
    assert today["first"] == "2026-11-22T09:00:00.000000Z", "of today, what is left"


def test_a_webhook_gets_answers_only_where_it_names_them() -> None:
    about = "participant:01900000-0000-7000-8000-000000000000"
    for names, wanted in (([], False), (["may_i.answered"], True), (["may_i.*"], True), (["offer.*"], False)):
        assert webhooks.wants(Webhook(names=names), "may_i.answered", about) is wanted
    assert webhooks.wants(Webhook(names=[]), "transfer.completed", about)


@pytest.mark.by_the_clock
def test_by_the_api_all_three_words_come_with_200(held: Entitlement, buyer: Actor, door: Any) -> None:
    body = {"dataset_id": str(held.dataset_id), "purpose": "research", "country": "DE"}
    answer = door(buyer).post("/api/v1/may-i", body)
    assert answer.status_code == 200
    assert answer.json()["answer"] == "yes" and answer.json()["agreement_id"] == str(held.agreement_id)
    assert set(answer.json()) == {
        *("answer", "clause", "agreement_id", "until", "code", "standing", "decision_id")
    }
    refused = door(buyer).post("/api/v1/may-i", {**body, "purpose": "marketing"})
    assert (refused.status_code, refused.json()["answer"]) == (200, "no")
    assert door(buyer).post("/api/v1/may-i", {**body, "at": "2020-01-01"}).status_code == 422
    assert door(buyer).post("/api/v1/may-i", {**body, "organisation": "x"}).status_code == 422
