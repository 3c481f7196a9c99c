"""What an offer may begin with is good terms, and goes through the builder's form unchanged."""

from typing import Any
from uuid import UUID

import pytest
from django.utils.datastructures import MultiValueDict
from hypothesis import given, settings

from contracts.clauses import LIBRARY, licences
from contracts.clauses import parameters as types
from contracts.odrl import reading
from contracts.offers import clause_questions
from contracts.offers import initial as offer_initial
from contracts.offers.forms import OfferForm
from contracts.own_templates import templates_of_terms
from contracts.terms import terms as usage_terms
from contracts.terms.terms import Terms
from exchange.kernel.errors import NotFound
from tests.contracts import any_terms

ASKED_BY_HAND = {
    "purpose",
    "country",
    "addresses",
    "end_date",
    "duration",
    "copies",
    "combination",
    "model_training",
    "publication",
    "redistribution",
    "attribution",
    "deletion",
}


def test_the_builder_asks_about_every_kind_of_clause() -> None:
    assert {*clause_questions.QUESTIONS} | ASKED_BY_HAND == set(LIBRARY)
    for question in clause_questions.QUESTIONS.values():
        hidden = {"title"} if question.kind == "licence" else set()
        assert {*question.fields} | hidden == set(LIBRARY[question.kind].parameters), question.kind


@pytest.mark.parametrize("code", [*templates_of_terms.TEMPLATES, *licences.LICENCES])
def test_a_template_is_good_terms_and_goes_through_the_form(code: str) -> None:
    terms = templates_of_terms.terms_of(code, source="A dataset, Seller SA")
    assert said_by_the_form(terms) == reading.plain(terms)
    assert usage_terms.text(terms, "fr") != usage_terms.text(terms, "en")


def test_a_word_that_is_no_template_is_refused() -> None:
    with pytest.raises(NotFound):
        templates_of_terms.terms_of("whatever", source="x")


@pytest.mark.parametrize("spdx", ["CC-BY-NC-4.0", "CC-BY-NC-SA-4.0"])
def test_a_licence_for_no_commerce_permits_none(spdx: str) -> None:
    by_kind = {clause.kind: clause for clause in templates_of_terms.terms_of(spdx, source="x").clauses}
    assert "commercial_research" not in by_kind["purpose"].several("any_of")
    assert by_kind["model_training"].words("allowed") == "non_commercial"


@settings(max_examples=60, deadline=None)
@given(terms=any_terms.any_terms)
def test_any_terms_go_through_the_form_unchanged(terms: Terms) -> None:
    assert said_by_the_form(terms) == reading.plain(terms)


def said_by_the_form(terms: Terms) -> Terms:
    """The terms of the builder's form, sent as it stands when it begins with these."""
    fixed: Any = {
        "participants": [(UUID(one), one) for one in _named(terms)],
        "documents": _documents(terms),
        "may_be_instant": False,
    }
    page = OfferForm(initial=offer_initial.of_terms(terms), **fixed)
    typed: MultiValueDict[str, Any] = MultiValueDict()
    for bound in page:
        value = bound.field.prepare_value(bound.value())
        if value is not None and value is not False and value != "":
            typed.setlist(bound.name, list(map(str, value)) if isinstance(value, list) else [str(value)])
    form = OfferForm(typed, **fixed)
    form.is_valid()
    wrong = {name: errors for name, errors in form.errors.items() if name not in ("title", "amount")}
    assert not wrong
    return reading.plain(usage_terms.parse(form.clauses()))


def _named(terms: Terms) -> set[str]:
    return {
        one
        for clause in terms.clauses
        for name, parameter in LIBRARY[clause.kind].parameters.items()
        if isinstance(parameter, types.Several) and parameter.item is types.participant
        for one in clause.several(name)
    }


def _documents(terms: Terms) -> list[tuple[str, str]]:
    return [
        (clause.words("sha256"), clause.words("title"))
        for clause in terms.clauses
        if clause.kind == "licence" and clause.has("sha256")
    ]
