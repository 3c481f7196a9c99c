"""What holds of all terms, whatever clauses they have: evaluation is total and fails closed, one restriction more
never permits more, and text, ODRL and evaluation say the same."""

import json
from dataclasses import fields
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft201909Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT201909

from contracts.clauses import LIBRARY
from contracts.clauses.declaration import Facts, Reason, Standing, nothing_against
from contracts.odrl import activation, reading
from contracts.odrl.activation import Asked
from contracts.odrl.policies import written
from contracts.terms import terms as usage_terms
from contracts.terms.terms import Terms, evaluate, in_force, permissions, text
from tests.contracts import any_terms
from tests.contracts.any_terms import BUYER, NOW, OTHER, kept_by, permits, raw_clause, terms_and_facts, world_of

RANK = {"no": 0, "if": 1, "yes": 2}
DECIDED = [kind for kind, declared in LIBRARY.items() if declared.against is not nothing_against]
DATASET = "urn:uuid:0190aaaa-0000-7000-8000-00000000000d"
garbage = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([BUYER, "FR", "research", "192.0.2.7", "fe80::1%eth0", "gateway"])
    | st.datetimes()
    | st.datetimes(timezones=st.just(UTC))
    | st.lists(st.none(), max_size=1)
    | st.dictionaries(st.just("EEA"), st.none(), max_size=1)
)


def policy(terms: Terms, *, assignee: str | None = None) -> dict[str, Any]:
    """What anybody gets over the wire."""
    made = written(terms, uid="urn:uuid:1", assigner=f"urn:uuid:{OTHER}", assignee=assignee, target=DATASET)
    sent: dict[str, Any] = json.loads(json.dumps(made))
    return sent


def without(terms: Terms, kind: str) -> Terms:
    return Terms(tuple(clause for clause in terms.clauses if clause.kind != kind))


@pytest.mark.parametrize("kind", LIBRARY)
@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_each_kind_comes_back_from_its_wire_form_and_from_odrl(kind: str, data: st.DataObject) -> None:
    raw = data.draw(raw_clause(kind))
    (clause,) = usage_terms.thaw([raw]).clauses
    alone = Terms((clause,))
    assert usage_terms.thaw(alone.to_list()) == alone
    try:
        usage_terms.parse([raw])
    except usage_terms.Invalid:
        return
    assert reading.read(policy(alone)).terms == reading.plain(alone)


@settings(deadline=None, max_examples=60)
@given(any_terms.any_terms, st.booleans())
def test_odrl_out_and_in_is_the_identity(terms: Terms, is_agreement: bool) -> None:
    read = reading.read(policy(terms, assignee=f"urn:uuid:{BUYER}" if is_agreement else None))
    assert read.terms == reading.plain(terms)
    assert in_force(read.terms) == in_force(terms)
    assert (read.uid, read.assigner, read.target) == ("urn:uuid:1", f"urn:uuid:{OTHER}", DATASET)
    assert read.assignee == (f"urn:uuid:{BUYER}" if is_agreement else None)


@settings(deadline=None, max_examples=60)
@given(any_terms.any_terms, any_terms.any_terms)
def test_terms_that_differ_have_odrl_that_differs(one: Terms, other: Terms) -> None:
    assert (policy(one) == policy(other)) == (in_force(one) == in_force(other))


@settings(deadline=None, max_examples=60)
@given(any_terms.any_terms, st.fixed_dictionaries({field.name: garbage for field in fields(Facts)}))
def test_evaluation_is_total(terms: Terms, given_facts: dict[str, Any]) -> None:
    for verdict in evaluate(terms, Facts(**given_facts)):
        assert verdict.ok == (verdict.reason is None)


@settings(deadline=None, max_examples=60)
@given(any_terms.any_terms)
def test_without_facts_every_clause_that_needs_one_refuses(terms: Terms) -> None:
    reasons = {verdict.kind: verdict.reason for verdict in evaluate(terms, Facts(now=NOW))}
    for clause in terms.clauses:
        declared = LIBRARY[clause.kind]
        if declared.needs and declared.standing_of(clause) != Standing.PROMISED:
            assert reasons[clause.kind] == Reason.UNDECIDABLE


@settings(deadline=None, max_examples=60)
@given(any_terms.any_terms)
def test_facts_that_keep_every_clause_are_permitted(terms: Terms) -> None:
    assert [verdict for verdict in evaluate(terms, kept_by(terms)) if not verdict.ok] == []


@settings(deadline=None, max_examples=60)
@given(terms_and_facts)
def test_a_restriction_more_never_permits_more(drawn: tuple[Terms, Facts]) -> None:
    terms, facts = drawn
    for clause in terms.clauses:
        if not LIBRARY[clause.kind].is_grant:
            fewer = without(terms, clause.kind)
            assert permits(fewer, facts) or not permits(terms, facts)
            more, less = permissions(fewer), permissions(terms)
            assert all(RANK[less[name]] <= RANK[more[name]] for name in more)


@settings(deadline=None, max_examples=60)
@given(terms_and_facts)
def test_a_grant_written_down_replaces_the_no_of_silence_and_is_no_addition(drawn: tuple[Terms, Facts]) -> None:
    terms, facts = drawn
    for clause in terms.clauses:
        silence = LIBRARY[clause.kind].when_silent
        assert (silence is not None) == LIBRARY[clause.kind].is_grant
        if silence is not None:
            silent = without(terms, clause.kind)
            said = Terms(tuple(silence if one.kind == clause.kind else one for one in terms.clauses))
            assert policy(silent) == policy(said)
            assert text(silent, "en") == text(said, "en") and text(silent, "fr") == text(said, "fr")
            assert permits(silent, facts) == permits(said, facts)
            assert permits(terms, facts) or not permits(silent, facts)


@settings(deadline=None, max_examples=60)
@given(any_terms.any_terms)
def test_text_and_odrl_speak_of_the_same_clauses(terms: Terms) -> None:
    spoken = [clause["kind"] for clause in text(terms, "en")]
    assert spoken == [clause["kind"] for clause in text(terms, "fr")]
    of_odrl = in_force(reading.read(policy(terms)).terms)
    assert [kind for kind in spoken if kind in {clause.kind for clause in of_odrl}] == [
        clause.kind for clause in of_odrl
    ]
    assert set(spoken) - {clause.kind for clause in of_odrl} <= {"use", "purpose", "silence"}


@settings(deadline=None, max_examples=60)
@given(terms_and_facts)
def test_odrl_permits_a_copy_exactly_where_evaluation_does(drawn: tuple[Terms, Facts]) -> None:
    agree(*drawn)


@pytest.mark.parametrize("kind", DECIDED)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_odrl_and_evaluation_agree_about_each_kind_that_is_decided(kind: str, data: st.DataObject) -> None:
    terms = usage_terms.thaw([data.draw(raw_clause(kind))])
    agree(terms, data.draw(any_terms.facts_near(terms, LIBRARY[kind].needs | {"now"})))


def agree(terms: Terms, facts: Facts) -> None:
    """That ODRL permits a copy exactly where evaluation does."""
    made, world = policy(terms), world_of(facts)
    actions = ["reproduce"]
    if facts.purpose == "model_training":
        actions.append(any_terms.TRAINING)
    by_odrl = all(activation.permits(made, Asked(action, BUYER, DATASET), world) for action in actions)
    # Every request declares a purpose; the text says so where no clause names one, and ODRL after it.
    assert by_odrl == (permits(terms, facts) and facts.purpose is not None)


@cache
def schema(vectors: Path, name: str) -> Draft201909Validator:
    published = json.loads((vectors / "dataspace-protocol/negotiation/contract-schema.json").read_text("utf-8"))
    registry: Registry[Any] = Registry().with_resource(
        published["$id"], Resource.from_contents(published, default_specification=DRAFT201909)
    )
    return Draft201909Validator({"$ref": f"{published['$id']}#/definitions/{name}"}, registry=registry)


@settings(deadline=None, max_examples=40)
@given(terms=any_terms.any_terms)
def test_offers_and_agreements_validate_against_the_dataspace_protocol(vectors: Path, terms: Terms) -> None:
    schema(vectors, "Offer").validate(policy(terms))
    schema(vectors, "Agreement").validate(policy(terms, assignee=f"urn:uuid:{BUYER}"))
    assert not schema(vectors, "Agreement").is_valid(policy(terms))
