"""What a declaration must say, what it may not, and what follows from it."""

from collections.abc import Callable
from typing import Any

import pytest

from compliance import gates
from compliance.models import Review
from datasets import datasets
from datasets.models import Declaration
from datasets.revisions import revisions
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Invalid
from exchange.kernel.models import Event
from tests import dataset_makers as make

pytestmark = pytest.mark.django_db
Refused = Callable[..., Any]

CONTEXT = {"purposes": ["research"], "source": "a survey of 2025"}
PEOPLE = b"id,contact\n" + b"".join(f"{n},person{n}@example.org\n".encode() for n in range(20))


def test_declarations_are_numbered_and_the_last_one_stands(seller: Actor) -> None:
    dataset = make.draft(seller)
    first = make.declare_free(dataset, seller)
    second = datasets.declare(
        dataset, **{**make.PERSONAL, "columns": {" Contact ": "personal", "city": "none"}}, by=seller
    )
    assert (first.number, second.number) == (1, 2)
    assert datasets.current_declaration(dataset) == second
    assert second.columns == {"Contact": "personal", "city": "none"}
    assert dataset.personal_data == "personal"
    assert Declaration.objects.get(pk=first.pk).personal_data == "none"


def test_the_event_says_class_counts_and_basis_and_hides_what_was_typed(seller: Actor) -> None:
    dataset = make.draft(seller)
    datasets.declare(dataset, **{**make.PERSONAL, "columns": {"Contact": "personal"}}, by=seller)
    event = Event.objects.get(name="dataset.declared")
    leaf = bytes(event.leaf).decode()
    assert '"class":"personal"' in leaf
    assert '"columns":{"personal":1}' in leaf
    assert '"legal_basis":"6.1.a"' in leaf
    assert "Contact" not in leaf
    assert "newsletter" not in leaf
    assert event.detail.body["purposes"] == "newsletter"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"personal_data": "secret"}, "unknown_class"),
        ({"personal_data": ""}, "unknown_class"),
        ({"personal_data": "none", "columns": {"a": "secret"}}, "unknown_class"),
        ({"personal_data": "none", "columns": {"a": "pseudonymised"}}, "stricter_column"),
        ({"personal_data": "none", "columns": {"": "none"}}, "invalid"),
        ({"personal_data": "none", "columns": {"a": "none", " a": "none"}}, "invalid"),
        ({"personal_data": "none", "columns": {f"c{n}": "none" for n in range(2_001)}}, "invalid"),
        ({"personal_data": "none", "legal_basis": "6.1.a"}, "needless_basis"),
        ({"personal_data": "none", "article_9_ground": "9.2.a"}, "needless_basis"),
        ({"personal_data": "none", "purposes": [f"purpose {n}" for n in range(11)]}, "invalid"),
        ({"personal_data": "pseudonymised", "source": "a survey"}, "purposes_missing"),
        ({"personal_data": "pseudonymised", "purposes": ["research"]}, "source_missing"),
        ({"personal_data": "pseudonymised", "legal_basis": "6.2", **CONTEXT}, "unknown_legal_basis"),
        ({"personal_data": "pseudonymised", "article_9_ground": "9.2.j", **CONTEXT}, "needless_basis"),
        ({"personal_data": "personal", **CONTEXT}, "legal_basis_missing"),
        ({"personal_data": "personal", "legal_basis": "6.1.g", **CONTEXT}, "unknown_legal_basis"),
        ({"personal_data": "personal", "legal_basis": "6.1.f"}, "purposes_missing"),
        ({"personal_data": "special", **CONTEXT}, "legal_basis_missing"),
        ({"personal_data": "special", "legal_basis": "6.1.a", **CONTEXT}, "article_9_ground_missing"),
        (
            {"personal_data": "special", "legal_basis": "6.1.a", "article_9_ground": "9.2.k", **CONTEXT},
            "unknown_article_9_ground",
        ),
    ],
)
def test_a_declaration_that_says_too_little_or_contradicts_itself_is_refused(
    seller: Actor, refused: Refused, given: dict[str, Any], code: str
) -> None:
    dataset = make.draft(seller)
    with refused(Invalid, code):
        datasets.declare(dataset, **given, by=seller)


@pytest.mark.parametrize(
    "given",
    [
        {"personal_data": "none"},
        {"personal_data": "none", **CONTEXT},
        {"personal_data": "pseudonymised", **CONTEXT},
        {"personal_data": "personal", "legal_basis": "6.1.f", **CONTEXT},
        {"personal_data": "special", "legal_basis": "6.1.a", "article_9_ground": "9.2.j", **CONTEXT},
    ],
)
def test_a_declaration_that_says_enough_is_taken(seller: Actor, given: dict[str, Any]) -> None:
    declaration = datasets.declare(make.draft(seller), **given, by=seller)
    assert declaration.personal_data == given["personal_data"]


def test_found_personal_data_holds_publication_until_an_officer_approves(
    seller: Actor, officer: Actor, refused: Refused
) -> None:
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    revision = make.measured(dataset, seller, {"people.csv": PEOPLE})
    review = Review.objects.get()
    assert review.subject == f"dataset:{dataset.pk}"
    assert review.version == f"{revision.pk}:1"
    assert review.seller_id == seller.participant_id
    assert [found["column"] for found in review.contradictions] == ["contact"]
    assert "example.org" not in str(review.contradictions)
    with refused(Conflict, "held_for_officer"):
        datasets.publish(dataset, seller)
    gates.approve(review, "these addresses are all invented", officer)
    assert datasets.publish(dataset, seller).is_published


def test_what_an_officer_refused_is_not_published(seller: Actor, officer: Actor, refused: Refused) -> None:
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    make.measured(dataset, seller, {"people.csv": PEOPLE})
    gates.refuse(Review.objects.get(), "declare the contact column", officer)
    with refused(Conflict, "refused_by_officer"):
        datasets.publish(dataset, seller)


def test_an_honest_declaration_after_measuring_closes_the_review(seller: Actor) -> None:
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    make.measured(dataset, seller, {"people.csv": PEOPLE})
    datasets.declare(dataset, **{**make.PERSONAL, "columns": {"id": "none"}}, by=seller)
    assert Review.objects.get().state == "closed"
    assert datasets.publish(dataset, seller).is_published


def test_a_first_declaration_after_measuring_is_examined_at_once(seller: Actor, refused: Refused) -> None:
    dataset = make.draft(seller)
    make.measured(dataset, seller, {"people.csv": PEOPLE})
    assert not Review.objects.exists()
    make.declare_free(dataset, seller)
    assert Review.objects.get().state == "open"
    with refused(Conflict, "held_for_officer"):
        datasets.publish(dataset, seller)


def test_a_new_declaration_is_a_new_version_for_the_officer(
    seller: Actor, officer: Actor, refused: Refused
) -> None:
    dataset = make.draft(seller)
    make.declare_free(dataset, seller)
    make.measured(dataset, seller, {"people.csv": PEOPLE})
    gates.approve(Review.objects.get(), "these addresses are all invented", officer)
    make.declare_free(dataset, seller)
    assert Review.objects.filter(state="open").count() == 1
    with refused(Conflict, "held_for_officer"):
        datasets.publish(dataset, seller)


def test_a_revocation_puts_the_revision_before_it_through_the_gate(seller: Actor, refused: Refused) -> None:
    dataset = make.draft(seller)
    make.measured(dataset, seller, {"people.csv": PEOPLE})
    second = make.measured(dataset, seller)
    make.declare_free(dataset, seller)
    assert not Review.objects.exists()
    revisions.revoke(second, "the first one was right", seller)
    assert Review.objects.get().state == "open"
    with refused(Conflict, "held_for_officer"):
        datasets.publish(dataset, seller)


def test_a_new_revision_of_a_published_dataset_goes_through_the_gate_too(
    seller: Actor, refused: Refused
) -> None:
    dataset = make.published(seller)
    make.sealed(dataset, seller, {"people.csv": PEOPLE})
    with refused(Conflict, "not_measured"):
        datasets.require_publishable(dataset)
    make.measured(dataset, seller, {"people.csv": PEOPLE})
    with refused(Conflict, "held_for_officer"):
        datasets.require_publishable(dataset)
