"""What a change of terms means for the buyer: weighed clause by clause, and never called better when it is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.clauses import LIBRARY
from contracts.clauses.declaration import Clause, Facts
from contracts.terms import comparison
from contracts.terms.comparison import Direction
from contracts.terms.terms import Terms, evaluate, parse, thaw
from exchange.kernel.money import Money
from payments.plans.plans import Plan
from payments.plans.refund_policies import Policy

BETTER, SAME, WORSE, OTHER = Direction.BETTER, Direction.SAME, Direction.WORSE, Direction.OTHER
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ONE, TWO = "0190aaaa-0000-7000-8000-000000000001", "0190aaaa-0000-7000-8000-000000000002"

PLACES = {"any_of": ["FR"], "is_checked": False}
HOURS = {"days": ["mon"], "start": "08:00", "end": "18:00", "zone": "Europe/Paris"}
NAMED = {"allowed": "named", "names": ["A"]}
AUDIT = {"notice_days": 14, "times_a_year": 1}
WARRANTY = {"rows_percent": 90, "filled_percent": 90}

CASES: list[tuple[str, dict[str, Any] | None, dict[str, Any] | None, Direction]] = [
    ("purpose", {"any_of": ["academic_research"]}, {"any_of": ["research"]}, BETTER),
    ("purpose", {"any_of": ["research"]}, {"any_of": ["academic_research"]}, WORSE),
    ("purpose", {"any_of": ["research"]}, {"any_of": ["marketing"]}, OTHER),
    ("purpose", {"any_of": ["research"]}, {"any_of": ["academic_research", "research"]}, SAME),
    ("purpose", {"any_of": ["research"]}, None, BETTER),
    ("country", {"any_of": ["FR"]}, {"any_of": ["DE", "FR"]}, BETTER),
    ("country", {"any_of": ["EEA"]}, {"any_of": ["FR"]}, OTHER),
    ("country", None, {"any_of": ["FR"]}, WORSE),
    ("recipients", {"any_of": [ONE, TWO]}, {"any_of": [ONE]}, WORSE),
    ("addresses", {"any_of": ["192.0.2.0/28"]}, {"any_of": ["192.0.2.0/24"]}, BETTER),
    ("addresses", {"any_of": ["192.0.2.0/24"]}, {"any_of": ["2001:db8::/32"]}, OTHER),
    ("end_date", {"on": "2027-06-30"}, {"on": "2027-07-01"}, BETTER),
    ("end_date", {"on": "2028-02-29"}, {"on": "2028-02-28"}, WORSE),
    ("duration", {"days": 365}, {"days": 364}, WORSE),
    ("duration", {"days": 365}, None, BETTER),
    ("copies", {"max": 2}, {"max": 3}, BETTER),
    ("volume", {"rows": 100}, {"rows": 99}, WORSE),
    ("volume", {"rows": 100, "bytes": 9}, {"rows": 100}, BETTER),
    ("volume", {"rows": 100}, {"bytes": 100}, OTHER),
    ("sector", {"any_of": ["C"]}, {"any_of": ["C", "L"]}, BETTER),
    ("combination", {"allowed": True}, None, WORSE),
    ("combination", None, {"allowed": False}, SAME),
    ("model_training", {"allowed": "yes"}, {"allowed": "non_commercial"}, WORSE),
    ("model_training", None, {"allowed": "non_commercial"}, BETTER),
    ("publication", None, {"allowed": True}, BETTER),
    ("redistribution", {"allowed": False}, {"allowed": True}, BETTER),
    ("attribution", {"text": "Source: A"}, {"text": "Source: B"}, OTHER),
    ("attribution", None, {"text": "Source: A"}, WORSE),
    ("deletion", {"days": 30}, {"days": 10}, WORSE),
    ("use_country", {"any_of": ["FR"]}, None, BETTER),
    ("address_country", PLACES, {**PLACES, "is_checked": True}, OTHER),
    ("address_country", PLACES, {**PLACES, "any_of": ["DE", "FR"]}, BETTER),
    ("affiliates", {"any_of": [ONE]}, None, WORSE),
    ("hours", HOURS, {**HOURS, "end": "20:00"}, OTHER),
    ("delivery", {"any_of": ["gateway"]}, {"any_of": ["bucket", "gateway"]}, BETTER),
    ("derived_works", {"allowed": "yes"}, {"allowed": "yes", "licence": "CC-BY-4.0"}, WORSE),
    ("derived_works", {"allowed": "internal"}, {"allowed": "yes", "licence": "CC-BY-4.0"}, OTHER),
    ("sub_processors", NAMED, {"allowed": "any"}, BETTER),
    ("sub_processors", NAMED, {**NAMED, "names": ["B"]}, OTHER),
    ("confidentiality", {"years": 5}, {}, WORSE),
    ("confidentiality", {"years": 5}, {"years": 3}, BETTER),
    ("audit", AUDIT, {"notice_days": 20, "times_a_year": 2}, OTHER),
    ("audit", AUDIT, {"notice_days": 10, "times_a_year": 1}, WORSE),
    ("licence", {"spdx": "CC-BY-4.0"}, {"spdx": "CC0-1.0"}, OTHER),
    ("warranty", None, WARRANTY, BETTER),
    ("warranty", WARRANTY, {**WARRANTY, "rows_percent": 95}, BETTER),
    ("liability", None, {"amount_minor": 100, "currency": "EUR"}, OTHER),
    ("governing_law", {"law": "FR"}, {"law": "DE"}, OTHER),
    ("revisions", None, {"last": 3, "includes_future": False}, OTHER),
]


def terms_of(kind: str, values: dict[str, Any] | None) -> Terms:
    return parse([{"kind": kind, **values}] if values is not None else [])


@pytest.mark.parametrize(("kind", "was", "now", "direction"), CASES)
def test_a_change_is_weighed_for_the_buyer(
    kind: str, was: dict[str, Any] | None, now: dict[str, Any] | None, direction: Direction
) -> None:
    changes = comparison.compare(terms_of(kind, was), terms_of(kind, now))
    assert {one.kind: one.direction for one in changes if one.kind == kind} == {kind: direction}
    assert all(one.direction == SAME for one in changes if one.kind != kind)
    assert comparison.worse(changes) == ((kind,) if direction in (WORSE, OTHER) else ())


def plan(minor: int = 0, currency: str = "EUR") -> Plan:
    return Plan("one_off", Money(minor, currency)) if minor else Plan("free")


@pytest.mark.parametrize(
    ("was", "now", "direction"),
    [
        (plan(100), plan(100), SAME),
        (plan(100), plan(99), BETTER),
        (plan(100), plan(101), WORSE),
        (plan(100), plan(), BETTER),
        (plan(), plan(1), WORSE),
        (plan(100), plan(50, "USD"), WORSE),
    ],
)
def test_a_dearer_price_and_another_currency_are_worse(was: Plan, now: Plan, direction: Direction) -> None:
    assert comparison.of_plans(was, now).direction == direction


@pytest.mark.parametrize(
    ("was", "now", "direction"),
    [
        (Policy("unused", 14), Policy("any", 14), BETTER),
        (Policy("unused", 14), Policy("unused", 30), BETTER),
        (Policy("any", 14), Policy("unused", 14), WORSE),
        (Policy("any", 14), Policy("none"), WORSE),
        (Policy("unused", 30), Policy("any", 14), OTHER),
        (None, Policy("any", 14), OTHER),
    ],
)
def test_less_to_ask_back_is_worse(was: Policy | None, now: Policy, direction: Direction) -> None:
    before, after = replace(plan(100), refund=was), replace(plan(100), refund=now)
    assert comparison.of_plans(before, after).direction == direction
    assert comparison.of_plans(before, replace(plan(101), refund=was)).direction == WORSE


def test_what_this_version_cannot_weigh_counts_as_worse() -> None:
    unknown = Terms((Clause("telepathy", (("allowed", True),)),))
    odd = Terms((Clause("copies", (("max", "many"),)),))
    assert comparison.worse(comparison.compare(unknown, unknown)) == ("telepathy",)
    assert comparison.worse(comparison.compare(parse([]), unknown)) == ("telepathy",)
    assert comparison.worse(comparison.compare(odd, terms_of("copies", {"max": 2}))) == ("copies",)


_values: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "purpose": st.lists(
        st.sampled_from(["research", "academic_research", "marketing"]), min_size=1, unique=True
    ).map(lambda several: {"any_of": several}),
    "country": st.lists(st.sampled_from(["FR", "DE", "EEA"]), min_size=1, unique=True).map(
        lambda several: {"any_of": several}
    ),
    "recipients": st.lists(st.sampled_from([ONE, TWO]), min_size=1, unique=True).map(
        lambda several: {"any_of": several}
    ),
    "addresses": st.lists(
        st.sampled_from(["192.0.2.0/24", "192.0.2.0/30", "198.51.100.0/24"]), min_size=1, unique=True
    ).map(lambda several: {"any_of": several}),
    "end_date": st.sampled_from(["2026-11-21", "2026-11-22", "2026-11-23"]).map(lambda day: {"on": day}),
    "duration": st.integers(1, 3).map(lambda days: {"days": days}),
    "copies": st.integers(1, 3).map(lambda most: {"max": most}),
    "combination": st.booleans().map(lambda allowed: {"allowed": allowed}),
    "model_training": st.sampled_from(["no", "non_commercial", "yes"]).map(
        lambda allowed: {"allowed": allowed}
    ),
    "deletion": st.integers(1, 3).map(lambda days: {"days": days}),
    "use_country": st.sampled_from([["FR"], ["DE", "FR"]]).map(lambda several: {"any_of": several}),
    "sector": st.sampled_from([["C"], ["C", "L"], ["L"]]).map(lambda several: {"any_of": several}),
    "volume": st.sampled_from([{"rows": 1}, {"rows": 2}, {"bytes": 1}, {"rows": 2, "bytes": 1}]),
    "delivery": st.sampled_from([["gateway"], ["bucket", "gateway"]]).map(lambda several: {"any_of": several}),
    "affiliates": st.sampled_from([[ONE], [ONE, TWO]]).map(lambda several: {"any_of": several}),
}
_terms = st.fixed_dictionaries({}, optional=_values).map(
    lambda clauses: thaw([{"kind": kind, **values} for kind, values in clauses.items()])
)
_facts = st.builds(
    Facts,
    now=st.sampled_from([NOW + timedelta(days=days) for days in (-1, 0, 1, 2)]),
    purpose=st.sampled_from(["research", "academic_research", "marketing", "model_training", None]),
    buyer_country=st.sampled_from(["FR", "DE", "US", None]),
    recipient_id=st.sampled_from([ONE, TWO, None]),
    address=st.sampled_from(["192.0.2.1", "192.0.2.77", "198.51.100.1", None]),
    use_country=st.sampled_from(["FR", "DE"]),
    sector=st.sampled_from(["C", "L", ""]),
    bytes_taken=st.integers(0, 1),
    rows_taken=st.integers(0, 1),
    asset_bytes=st.just(1),
    asset_rows=st.just(1),
    delivery=st.sampled_from(["gateway", "bucket"]),
    copies_used=st.integers(0, 3),
    active_since=st.just(NOW - timedelta(days=2)),
    groups=st.just({"EEA": frozenset({"FR", "DE"}), "ADEQUATE": frozenset()}),
)


def permits(terms: Terms, facts: Facts) -> bool:
    return all(verdict.ok for verdict in evaluate(terms, facts))


@settings(max_examples=300, deadline=None)
@given(_terms, _terms, _facts)
def test_where_nothing_is_worse_all_that_was_permitted_still_is(
    before: Terms, after: Terms, facts: Facts
) -> None:
    if not comparison.worse(comparison.compare(before, after)) and permits(before, facts):
        assert permits(after, facts)


@settings(max_examples=100, deadline=None)
@given(_terms, st.data(), _facts)
def test_the_same_holds_where_one_clause_changes(before: Terms, data: st.DataObject, facts: Facts) -> None:
    """Of random terms few are nowhere worse, so most of what the law is about is met here."""
    kind = data.draw(st.sampled_from(sorted(_values)))
    rest = [clause for clause in before.to_list() if clause["kind"] != kind]
    after = thaw([*rest, *([{"kind": kind, **data.draw(_values[kind])}] if data.draw(st.booleans()) else [])])
    easy = replace(
        facts, purpose="academic_research", buyer_country="FR", recipient_id=ONE, address="192.0.2.1"
    )
    for known in (facts, easy):
        if not comparison.worse(comparison.compare(before, after)) and permits(before, known):
            assert permits(after, known)


@settings(max_examples=100, deadline=None)
@given(_terms, _terms)
def test_nothing_is_worse_than_itself_and_what_is_better_one_way_is_worse_the_other(
    one: Terms, other: Terms
) -> None:
    assert {change.direction for change in comparison.compare(one, one)} <= {SAME}
    turned = {BETTER: WORSE, WORSE: BETTER, SAME: SAME, OTHER: OTHER}
    there = {change.kind: change.direction for change in comparison.compare(one, other)}
    back = {change.kind: change.direction for change in comparison.compare(other, one)}
    assert back == {kind: turned[direction] for kind, direction in there.items()}


@settings(max_examples=100, deadline=None)
@given(_terms)
def test_a_clause_that_only_restricts_is_never_better_when_it_is_added(terms: Terms) -> None:
    for clause in terms.clauses:
        if not LIBRARY[clause.kind].is_grant:
            without = Terms(tuple(one for one in terms.clauses if one != clause))
            assert comparison.worse(comparison.compare(without, terms)) == (clause.kind,)
