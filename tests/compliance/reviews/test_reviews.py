"""The publish gate: what contradicts its declaration, special categories and criminal data wait for an officer; what is
undecided is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from compliance import gates, legal, queries
from compliance.classification.classification import classify
from compliance.models import KeptProfile, Review, Verdict
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.models import Event, EventDetail
from exchange.participants.actors.actors import actor_of_member
from tests import makers

pytestmark = pytest.mark.django_db
Refused = Callable[..., Any]
Examine = Callable[..., Any]

SUBJECT = "dataset:0192f0c1-7a3b-7c4d-8e5f-0123456789ab"
REASON = "checked with the seller: the codes are of machines"
PERSONAL = classify({"email": ["ada@example.org", "grace@example.org"] * 6, "speed": ["1", "2"]})
HEALTH = classify({"diagnosis": ["J45", "E11"] * 6, "speed": ["1", "2"]})
CRIMES = classify({"casier_judiciaire": ["oui", "non"] * 6})


@pytest.fixture
def examine(seller: Any) -> Examine:
    def run(version: str = "r1/d1", declared: str = "none", findings: Any = PERSONAL, **more: Any) -> Any:
        return gates.examine(
            subject=SUBJECT,
            version=version,
            seller_id=seller.participant_id,
            declared={"email": declared},
            default="none",
            findings=findings,
            by=seller,
            **more,
        )

    return run


@pytest.fixture
def persons(now: datetime) -> list[Any]:
    """Two officers of the operator, signed in."""
    house = makers.operators_organisation(now)
    found = [
        actor_of_member(makers.member(house, "officer", now), now, has_second_factor=True) for _ in range(2)
    ]
    assert found[0].name != found[1].name
    return found


def names() -> list[str]:
    return list(Event.objects.filter(name__startswith="review.").order_by("id").values_list("name", flat=True))


@pytest.mark.parametrize(("declared", "findings"), [("personal", PERSONAL), ("none", {})])
def test_a_declaration_that_says_it_all_needs_nobody(examine: Examine, declared: str, findings: Any) -> None:
    assert examine(declared=declared, findings=findings) is None
    gates.require_publishable(SUBJECT, "r1/d1")
    assert not Review.objects.exists()
    assert names() == []


def test_a_contradiction_holds_publication_and_keeps_every_column_and_no_value(
    examine: Examine, seller: Any, now: datetime, refused: Refused
) -> None:
    review = examine(columns=["email", "speed", "city"], stated={"personal_data": "none"})
    assert (review.state, review.seller_id, review.opened_at) == ("open", seller.participant_id, now)
    assert review.causes == ["mismatch"]
    assert review.contradictions == [
        {"column": "email", "declared": "none", "found": "personal", "kind": "email"}
    ]
    assert [(one["column"], one["standing"]) for one in review.columns] == [
        ("email", "more_found"),
        ("speed", "clear"),
        ("city", "clear"),
    ]
    found = review.columns[0]
    assert (found["matched"], found["sampled"], found["method"], found["confidence"]) == (
        12,
        12,
        "header+values",
        "sure",
    )
    with pytest.raises(Conflict, match="column “email” looks personal") as refusal:
        gates.require_publishable(SUBJECT, "r1/d1")
    assert refusal.value.code == "held_for_officer"
    assert examine().pk == review.pk  # a second scan of the same
    assert names() == ["review.opened"]
    leaf = bytes(Event.objects.get(name="review.opened").leaf)
    assert b"email" not in leaf and b"ada@" not in leaf and b'"causes":["mismatch"]' in leaf
    assert "ada@" not in str(review.columns)


@pytest.mark.parametrize(
    ("declared", "findings", "causes"),
    [
        ("special", {}, ["special"]),
        ("special", HEALTH, ["mismatch", "special"]),
        ("none", HEALTH, ["mismatch", "special"]),
        ("special", CRIMES, ["mismatch", "special", "criminal"]),
        ("personal", CRIMES, ["mismatch", "criminal"]),
    ],
)
def test_special_categories_and_criminal_data_wait_also_where_they_are_declared(
    examine: Examine, declared: str, findings: Any, causes: list[str], refused: Refused
) -> None:
    assert examine(declared=declared, findings=findings).causes == causes
    with refused(Conflict, "held_for_officer"):
        gates.require_publishable(SUBJECT, "r1/d1")


def test_an_officer_approves_one_version_and_no_other_by_the_law_in_force(
    examine: Examine, officer: Any, now: datetime
) -> None:
    review = gates.approve(examine(), REASON, by=officer)
    assert (review.state, review.reason, review.decided_at) == ("approved", REASON, now)
    gates.require_publishable(SUBJECT, "r1/d1")
    profile = legal.current()
    verdict = Verdict.objects.get()
    assert (verdict.review_id, verdict.profile_version, verdict.profile_sha256) == (
        review.pk,
        profile.version,
        profile.sha256,
    )
    assert KeptProfile.objects.filter(pk=profile.sha256).exists()
    examine("r2/d1")
    with pytest.raises(Conflict):
        gates.require_publishable(SUBJECT, "r2/d1")
    event = Event.objects.get(name="review.approved")
    assert REASON.encode() not in bytes(event.leaf)
    assert profile.sha256.encode() in bytes(event.leaf)
    assert EventDetail.objects.get(event=event).body == {"reason": REASON}


def test_what_was_approved_is_taken_over_by_a_revision_that_is_the_same_under_the_same_declaration(
    examine: Examine, officer: Any, refused: Refused
) -> None:
    first = gates.approve(examine("r1/d1", declaration="d1", columns=["email", "speed"]), REASON, by=officer)
    fewer = classify({"email": ["ada@example.org"] * 9 + ["no", "no", "no"], "speed": ["1"]})
    second = examine("r2/d1", declaration="d1", findings=fewer, columns=["email", "speed"])
    assert (second.state, second.taken_from_id) == ("approved", first.pk)
    assert second.columns != first.columns  # other counts, kept as they were
    gates.require_publishable(SUBJECT, "r2/d1")
    third = examine("r3/d1", declaration="d1", columns=["email", "speed"])
    assert third.taken_from_id == first.pk  # always from what officers decided themselves
    assert names()[1:] == ["review.approved", "review.inherited", "review.inherited"]
    others: dict[str, dict[str, Any]] = {
        "another declaration": {"declaration": "d2", "columns": ["email", "speed"]},
        "another column": {"declaration": "d1", "columns": ["email", "speed", "city"]},
        "another finding": {
            "declaration": "d1",
            "columns": ["email", "speed"],
            "findings": {"email": replace(PERSONAL["email"], kind="phone")},
        },
    }
    for number, (name, changes) in enumerate(others.items(), start=4):
        assert examine(f"r{number}/d1", **changes).state == "open", name


def test_nothing_is_taken_over_past_a_refusal_or_from_fewer_officers_than_must_approve_now(
    examine: Examine, officer: Any, settings: Any
) -> None:
    gates.approve(examine("r1/d1", declaration="d1"), REASON, by=officer)
    settings.EXCHANGE_REVIEWERS = 2
    assert examine("r2/d1", declaration="d1").state == "open"
    settings.EXCHANGE_REVIEWERS = 1
    gates.refuse(Review.objects.get(version="r2/d1"), REASON, by=officer)
    assert examine("r3/d1", declaration="d1").state == "open"


def test_two_officers_approve_where_two_must_and_one_refusal_is_enough(
    examine: Examine, persons: list[Any], officer: Any, settings: Any, refused: Refused
) -> None:
    settings.EXCHANGE_REVIEWERS = 2
    first, second = persons
    review = examine()
    with refused(Forbidden, "person_needed"):
        gates.approve(review, REASON, by=officer)
    assert gates.approve(review, REASON, by=first).state == "open"
    with refused(Conflict, "held_for_officer"):
        gates.require_publishable(SUBJECT, "r1/d1")
    with refused(Conflict, "same_person"):
        gates.approve(review, REASON, by=first)
    assert gates.approve(review, REASON, by=second).state == "approved"
    assert names() == ["review.opened", "review.endorsed", "review.approved"]
    other = examine("r2/d2")
    gates.approve(other, REASON, by=first)
    assert gates.refuse(other, REASON, by=second).state == "refused"
    with refused(Conflict, "refused_by_officer"):
        gates.require_publishable(SUBJECT, "r2/d2")
    third = examine("r3/d3")
    gates.approve(third, REASON, by=first)
    assert gates.refuse(third, "I looked once more: these are real people.", by=first).state == "refused"


def test_nobody_reviews_what_an_organisation_of_their_own_sells(
    examine: Examine, officer: Any, persons: list[Any], now: datetime, refused: Refused
) -> None:
    own = replace(officer, participant_id=examine().seller_id)
    review = Review.objects.get()
    for act in (gates.approve, gates.refuse):
        with refused(Forbidden, "own_organisation"):
            act(review, REASON, by=own)
    assert names() == ["review.opened"] and not Verdict.objects.exists()


def test_a_refusal_gives_the_officers_reason(examine: Examine, officer: Any) -> None:
    gates.refuse(examine(), REASON, by=officer)
    with pytest.raises(Conflict, match=REASON) as refusal:
        gates.require_publishable(SUBJECT, "r1/d1")
    assert refusal.value.code == "refused_by_officer"


def test_a_decision_is_an_officers_needs_a_reason_and_stands(
    examine: Examine, officer: Any, seller: Any, outsider: Any, operator: Any
) -> None:
    review = examine()
    for actor in (seller, outsider, operator):
        with pytest.raises(Forbidden) as refusal:
            gates.approve(review, REASON, by=actor)
        assert refusal.value.code == "scope_missing"
    for reason in ("", "fine", "x" * 513):
        with pytest.raises(Invalid):
            gates.approve(review, reason, by=officer)
    assert Review.objects.get().state == "open"
    assert names() == ["review.opened"]
    gates.refuse(review, REASON, by=officer)
    with pytest.raises(Conflict):
        gates.approve(review, REASON, by=officer)
    assert Review.objects.get().state == "refused"
    assert Verdict.objects.count() == 1


@pytest.mark.parametrize("declared", ["none", "personal"])
def test_another_version_closes_the_open_review_of_the_older(examine: Examine, declared: str) -> None:
    older = examine("r1/d1")
    newer = examine("r1/d2", declared=declared)
    older.refresh_from_db()
    assert older.state == "closed"
    assert (newer is None) == (declared == "personal")
    with pytest.raises(Conflict) as refusal:  # closed is not approved
        gates.require_publishable(SUBJECT, "r1/d1")
    assert refusal.value.code == "held_for_officer"
    again = examine("r1/d1")
    assert (again.pk, again.state) == (older.pk, "open")
    assert names()[-1] == "review.reopened"


def test_the_database_keeps_what_was_reviewed_and_said(examine: Examine, officer: Any) -> None:
    review = gates.approve(examine(), REASON, by=officer)
    changes: tuple[dict[str, Any], ...] = (
        {"contradictions": []},
        {"version": "r9/d9"},
        {"columns": []},
        {"stated": {"x": 1}},
        {"why": ""},
    )
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.filter(pk=review.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Verdict.objects.update(is_approval=False)
    for model in (Verdict, Review):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.all()._raw_delete(using="default")


def test_a_decision_of_before_is_made_again_by_the_rules_of_then() -> None:
    declared_health = gates.examined({"diagnosis": "special"}, "special", HEALTH)
    assert not gates.holds(declared_health, is_approved=False, version=1)
    assert gates.holds(declared_health, is_approved=False)
    assert not gates.holds(declared_health, is_approved=True)


def test_reviews_are_seen_by_officers_and_by_their_own_seller(
    examine: Examine, officer: Any, seller: Any, outsider: Any
) -> None:
    review = examine()
    for actor, count in ((officer, 1), (seller, 1), (outsider, 0)):
        assert queries.reviews_visible_to(actor).filter(pk=review.pk).count() == count
