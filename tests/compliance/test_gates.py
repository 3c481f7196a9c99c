"""The gates: what contradicts its declaration waits for an officer, and nothing leaves on a guess."""

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from compliance import gates
from compliance.classification import classify
from compliance.destinations import PACKAGED
from compliance.models import Review
from exchange.kernel.errors import Conflict, Forbidden, Invalid, Unavailable
from exchange.kernel.models import Event, EventDetail

SUBJECT = "dataset:0192f0c1-7a3b-7c4d-8e5f-0123456789ab"
REASON = "checked with the seller: the codes are of machines"
PERSONAL = classify({"email": ["ada@example.org", "grace@example.org"] * 6, "speed": ["1", "2"]})


@pytest.fixture
def examine(seller: Any) -> Callable[..., Review | None]:
    def run(version: str = "r1/d1", declared: str = "none", findings: Any = PERSONAL) -> Review | None:
        return gates.examine(
            subject=SUBJECT,
            version=version,
            seller_id=seller.participant_id,
            declared={"email": declared},
            default="none",
            findings=findings,
            by=seller,
        )

    return run


def names() -> list[str]:
    return list(Event.objects.filter(name__startswith="review.").order_by("id").values_list("name", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize(("declared", "findings"), [("personal", PERSONAL), ("none", {})])
def test_a_declaration_that_says_it_all_needs_nobody(
    examine: Callable[..., Any], declared: str, findings: Any
) -> None:
    assert examine(declared=declared, findings=findings) is None
    gates.require_publishable(SUBJECT, "r1/d1")
    assert not Review.objects.exists()
    assert names() == []


@pytest.mark.django_db
def test_a_contradiction_holds_publication_and_names_column_and_kind(
    examine: Callable[..., Any], seller: Any, now: datetime
) -> None:
    review = examine()
    assert (review.state, review.seller_id, review.opened_at) == ("open", seller.participant_id, now)
    assert review.contradictions == [
        {"column": "email", "declared": "none", "found": "personal", "kind": "email"}
    ]
    with pytest.raises(Conflict, match="column “email” looks personal") as refusal:
        gates.require_publishable(SUBJECT, "r1/d1")
    assert refusal.value.code == "held_for_officer"
    assert examine().pk == review.pk  # a second scan of the same
    assert names() == ["review.opened"]
    leaf = bytes(Event.objects.get(name="review.opened").leaf)
    assert b"email" not in leaf and b"ada@" not in leaf


@pytest.mark.django_db
def test_an_officer_approves_one_version_and_no_other(
    examine: Callable[..., Any], officer: Any, now: datetime
) -> None:
    review = gates.approve(examine(), REASON, by=officer)
    assert (review.state, review.reason, review.decided_at) == ("approved", REASON, now)
    gates.require_publishable(SUBJECT, "r1/d1")
    examine("r2/d1")
    with pytest.raises(Conflict):
        gates.require_publishable(SUBJECT, "r2/d1")
    event = Event.objects.get(name="review.approved")
    assert REASON.encode() not in bytes(event.leaf)
    assert EventDetail.objects.get(event=event).body == {"reason": REASON}


@pytest.mark.django_db
def test_a_refusal_gives_the_officers_reason(examine: Callable[..., Any], officer: Any) -> None:
    gates.refuse(examine(), REASON, by=officer)
    with pytest.raises(Conflict, match=REASON) as refusal:
        gates.require_publishable(SUBJECT, "r1/d1")
    assert refusal.value.code == "refused_by_officer"


@pytest.mark.django_db
def test_a_decision_is_an_officers_needs_a_reason_and_stands(
    examine: Callable[..., Any], officer: Any, seller: Any, outsider: Any, operator: Any
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


@pytest.mark.django_db
@pytest.mark.parametrize("declared", ["none", "personal"])
def test_another_version_closes_the_open_review_of_the_older(
    examine: Callable[..., Any], declared: str
) -> None:
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


@pytest.mark.django_db
def test_the_database_keeps_what_was_reviewed(examine: Callable[..., Any]) -> None:
    review = examine()
    for change in ({"contradictions": []}, {"version": "r9/d9"}, {"seller_id": UUID(int=0)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.filter(pk=review.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.filter(pk=review.pk)._raw_delete(using="default")


def test_a_destination_follows_the_profile_that_ships(now: datetime) -> None:
    def answer(country: str | None, personal: str = "personal", certified: tuple[str, ...] = ()) -> Any:
        found = gates.destination(personal, country, certified, now.date())
        return found.mechanism if found.allowed else found.reason

    assert answer("DE") == "eea"
    assert answer("CH") == "adequacy"
    assert answer("US") == "condition_not_met:dpf"
    assert answer("US", certified=("dpf",)) == "adequacy"
    assert answer("IN") == "no_adequacy_decision"
    assert answer("IN", "none") == "not_personal"
    assert answer("IN", "a word nobody knows") == "no_adequacy_decision"
    assert answer(None) == "country_unknown"


def test_a_profile_that_changes_counts_at_once_and_one_that_breaks_lets_nothing_leave(
    tmp_path: Path, settings: Any, now: datetime
) -> None:
    file = tmp_path / "profile.json"
    profile = json.loads(PACKAGED.read_text())
    file.write_text(json.dumps(profile))
    settings.EXCHANGE_LEGAL_PROFILE = str(file)
    assert gates.destination("personal", "BR", (), now.date()).allowed
    profile["adequacy"] = [row for row in profile["adequacy"] if row["country"] != "BR"]
    profile["version"] = "without Brazil"
    file.write_text(json.dumps(profile))
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 1_000_000))
    found = gates.destination("personal", "BR", (), now.date())
    assert (found.allowed, found.profile_version) == (False, "without Brazil")
    for breakage in (lambda: file.write_text("{"), lambda: file.unlink()):
        breakage()
        with pytest.raises(Unavailable) as refusal:
            gates.destination("personal", "FR", (), now.date())
        assert refusal.value.code == "legal_profile_invalid"
