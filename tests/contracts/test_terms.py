"""Terms as a whole: reading, the canonical form, permissions, limits, ODRL against the published schema, and an
evaluation that is total and refuses what it cannot decide."""

import json
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft201909Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT201909

from compliance import legal
from compliance.destinations import destinations
from contracts.clauses import LIBRARY
from contracts.clauses.declaration import Clause, Facts, Reason, Standing, nothing_against
from contracts.odrl.policies import written
from contracts.terms import terms
from contracts.terms.terms import Limits, Terms, evaluate, parse, permissions, request_allowed, text
from exchange.kernel import canonical
from exchange.kernel.errors import Invalid
from tests.contracts.any_terms import raw_terms

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BUYER = "0190aaaa-0000-7000-8000-000000000001"
OTHER = "0190aaaa-0000-7000-8000-000000000002"
GROUPS = destinations.groups(legal.load(), NOW.date())
EVERY_KIND: list[dict[str, Any]] = [
    {"kind": "purpose", "any_of": ["academic_research", "marketing"]},
    {"kind": "country", "any_of": ["EEA", "JP"]},
    {"kind": "recipients", "any_of": [BUYER]},
    {"kind": "addresses", "any_of": ["192.0.2.0/24", "2001:db8::/32"]},
    {"kind": "end_date", "on": "2027-06-30"},
    {"kind": "duration", "days": 365},
    {"kind": "copies", "max": 2},
    {"kind": "volume", "rows": 1_000_000, "bytes": 5_000_000_000},
    {"kind": "revisions", "last": 3, "includes_future": True},
    {"kind": "sector", "any_of": ["C", "L"]},
    {"kind": "use_country", "any_of": ["CH", "EEA"]},
    {"kind": "address_country", "any_of": ["EEA"], "is_checked": True},
    {"kind": "affiliates", "any_of": [OTHER]},
    {"kind": "hours", "days": ["mon", "sun"], "start": "08:00", "end": "18:30", "zone": "Europe/Paris"},
    {"kind": "delivery", "any_of": ["bucket", "gateway"]},
    {"kind": "combination", "allowed": True},
    {"kind": "model_training", "allowed": "non_commercial"},
    {"kind": "publication", "allowed": True},
    {"kind": "redistribution", "allowed": False},
    {"kind": "attribution", "text": "Source: Port-Libre, 2026"},
    {"kind": "deletion", "days": 30},
    {"kind": "derived_works", "allowed": "yes", "licence": "CC-BY-4.0"},
    {"kind": "sub_processors", "allowed": "named", "names": ["Atelier des nombres"]},
    {"kind": "confidentiality", "years": 5},
    {"kind": "audit", "notice_days": 30, "times_a_year": 1},
    {"kind": "licence", "sha256": "ab" * 32, "title": "Framework agreement, 2026"},
    {"kind": "warranty", "rows_percent": 95, "filled_percent": 98},
    {"kind": "liability", "amount_minor": 1_000_000, "currency": "EUR"},
    {"kind": "governing_law", "law": "FR", "court": "Tribunal des activités économiques de Paris"},
]
GOOD_FACTS = Facts(
    now=NOW,
    purpose="academic_research",
    buyer_country="FR",
    recipient_id=BUYER,
    address="192.0.2.7",
    address_country="FR",
    copies_used=1,
    active_since=NOW - timedelta(days=10),
    groups=GROUPS,
    use_country="FR",
    delivery="gateway",
    revision_number=5,
    revision_sealed_at=NOW,
    agreed_number=4,
    sector="L",
    bytes_taken=4_000_000_000,
    rows_taken=0,
    asset_bytes=1_000_000_000,
    asset_rows=1_000_000,
)

_words = st.text(max_size=8)
json_garbage = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _words | st.sampled_from(sorted(LIBRARY)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(_words | st.sampled_from(["kind", "any_of", "max"]), inner)
    ),
    max_leaves=12,
)
almost_terms = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(sorted(LIBRARY))},
        optional=dict.fromkeys(("any_of", "max", "days", "on", "allowed", "text", "also"), json_garbage),
    ),
    max_size=4,
)


def schema(vectors: Path, name: str) -> Draft201909Validator:
    published = json.loads((vectors / "dataspace-protocol/negotiation/contract-schema.json").read_text("utf-8"))
    registry: Registry[Any] = Registry().with_resource(
        published["$id"], Resource.from_contents(published, default_specification=DRAFT201909)
    )
    return Draft201909Validator({"$ref": f"{published['$id']}#/definitions/{name}"}, registry=registry)


def policy(raw: list[dict[str, Any]], *, assignee: str | None = None) -> dict[str, Any]:
    return written(
        parse(raw), uid="urn:uuid:1", assigner=f"urn:uuid:{OTHER}", assignee=assignee, target="urn:uuid:dataset"
    )


@given(raw_terms)
def test_terms_come_back_from_their_canonical_list_unchanged(raw: list[dict[str, Any]]) -> None:
    read = parse(raw)
    assert parse(read.to_list()) == read
    assert [clause["kind"] for clause in read.to_list()] == [
        kind for kind in LIBRARY if any(c["kind"] == kind for c in raw)
    ]
    canonical.encode(read.to_list())


def test_every_kind_is_listed_in_one_order_whatever_order_it_was_given_in() -> None:
    assert parse(EVERY_KIND[::-1]).to_list() == EVERY_KIND
    assert [clause["kind"] for clause in EVERY_KIND] == list(LIBRARY)


@given(json_garbage | almost_terms)
def test_whatever_is_given_is_read_or_refused_as_invalid(raw: object) -> None:
    try:
        read = parse(raw)
    except Invalid as refusal:
        refusal.detail.encode()
        return
    assert parse(read.to_list()) == read


@pytest.mark.parametrize("raw", [None, {}, "copies", 3, math.nan, {"kind": "copies", "max": 1}])
def test_terms_that_are_no_list_are_refused(raw: object) -> None:
    with pytest.raises(Invalid, match="Terms must be a list of clauses") as refusal:
        parse(raw)
    assert refusal.value.code == "invalid_terms"


@pytest.mark.parametrize(
    ("clause", "code", "says"),
    [
        (None, "invalid_terms", "Clause 2 must be an object"),
        ({"max": 1}, "invalid_terms", "Clause 2 must be an object"),
        ({"kind": 4}, "invalid_terms", "Clause 2 must be an object"),
        ({"kind": "colour"}, "unknown_clause", 'Clause 2: there is no kind "colour"'),
        ({"kind": "copies"}, "missing_parameter", r"Clause 2 \(copies\): max is missing"),
        (
            {"kind": "copies", "max": 1, "min": 0},
            "unknown_parameter",
            r'Clause 2 \(copies\): there is no parameter "min"',
        ),
        ({"kind": "deletion", "days": 1}, "duplicate_clause", r"Clause 2 \(deletion\): there is already"),
    ],
)
def test_a_clause_that_is_none_is_refused_by_number_and_kind(clause: object, code: str, says: str) -> None:
    with pytest.raises(Invalid, match=says) as refusal:
        parse([{"kind": "deletion", "days": 30}, clause])
    assert refusal.value.code == code


def test_more_than_sixty_four_clauses_are_refused_unread() -> None:
    with pytest.raises(Invalid, match="64 clauses at most; given 500") as refusal:
        parse([{"kind": "colour"}] * 500)
    assert refusal.value.code == "too_many_clauses"


@pytest.mark.parametrize("training", [[], [{"kind": "model_training", "allowed": "no"}]])
def test_a_purpose_that_the_terms_forbid_elsewhere_is_refused_with_both_clauses_named(
    training: list[dict[str, Any]],
) -> None:
    with pytest.raises(Invalid, match="purpose and model_training contradict") as refusal:
        parse([{"kind": "purpose", "any_of": ["model_training"]}, *training])
    assert refusal.value.code == "contradictory_clauses"


def test_facts_that_satisfy_every_clause_meet_no_refusal() -> None:
    verdicts = evaluate(parse(EVERY_KIND), GOOD_FACTS)
    assert [(verdict.kind, verdict.ok, verdict.reason) for verdict in verdicts] == [
        (kind, True, None) for kind in LIBRARY
    ]


@pytest.mark.parametrize(
    "clause",
    [
        Clause("colour", ()),
        Clause("copies", ()),
        Clause("copies", (("max", True),)),
        Clause("copies", (("max", "2"),)),
        Clause("addresses", (("any_of", ("nowhere",)),)),
        Clause("end_date", (("on", "soon"),)),
    ],
)
def test_a_clause_that_cannot_be_understood_refuses(clause: Clause) -> None:
    (verdict,) = evaluate(Terms((clause,)), GOOD_FACTS)
    assert (verdict.kind, verdict.ok, verdict.reason) == (clause.kind, False, Reason.UNDECIDABLE)


def test_a_moment_without_time_zone_decides_nothing() -> None:
    facts = replace(GOOD_FACTS, now=NOW.replace(tzinfo=None), active_since=NOW.replace(tzinfo=None))
    for clause in ({"kind": "end_date", "on": "2027-06-30"}, {"kind": "duration", "days": 365}):
        (verdict,) = evaluate(parse([clause]), facts)
        assert verdict.reason == Reason.UNDECIDABLE


@pytest.mark.parametrize("raw", [None, 4, {"kind": "copies"}, [{"kind": "colour"}], [[]]])
def test_frozen_terms_that_can_no_longer_be_read_permit_nothing(raw: object) -> None:
    assert not any(verdict.ok for verdict in evaluate(terms.thaw(raw), GOOD_FACTS))
    with pytest.raises(Invalid):
        text(terms.thaw(raw), "en")


def test_frozen_terms_are_read_back_as_they_were() -> None:
    assert terms.thaw(parse(EVERY_KIND).to_list()) == parse(EVERY_KIND)


def test_a_request_is_checked_for_purpose_country_and_buyer_alone() -> None:
    verdicts = request_allowed(
        parse(EVERY_KIND), "commercial_research", "CN", OTHER, use_country="CN", sector="A", groups=GROUPS
    )
    assert {verdict.kind: verdict.reason for verdict in verdicts if not verdict.ok} == {
        "purpose": Reason.PURPOSE_NOT_ALLOWED,
        "country": Reason.COUNTRY_NOT_ALLOWED,
        "recipients": Reason.RECIPIENT_NOT_NAMED,
        "sector": Reason.SECTOR_NOT_ALLOWED,
        "use_country": Reason.USE_COUNTRY_NOT_ALLOWED,
    }
    assert all(
        verdict.ok
        for verdict in request_allowed(
            parse(EVERY_KIND), "marketing", "JP", BUYER.upper(), use_country="CH", sector="C"
        )
    )
    assert request_allowed(parse([]), "marketing", "CN", OTHER) == []


def test_training_that_the_terms_do_not_mention_cannot_be_requested() -> None:
    (refused,) = request_allowed(parse([]), "model_training", "FR", BUYER)
    assert (refused.kind, refused.reason) == ("model_training", Reason.PURPOSE_NOT_ALLOWED)
    assert all(
        v.ok
        for v in request_allowed(
            parse([{"kind": "model_training", "allowed": "yes"}]), "model_training", "FR", BUYER
        )
    )


def test_silence_permits_analysis_and_nothing_else() -> None:
    assert permissions(parse([])) == {
        "analyse": "yes",
        "combine": "no",
        "train_models": "no",
        "publish_results": "no",
        "pass_on": "no",
    }


def test_a_condition_makes_a_permission_an_if() -> None:
    assert list(permissions(parse(EVERY_KIND)).items()) == [
        ("analyse", "if"),
        ("combine", "yes"),
        ("train_models", "if"),
        ("publish_results", "if"),
        ("pass_on", "no"),
    ]


def test_limits_are_what_an_entitlement_freezes() -> None:
    assert terms.limits(parse(EVERY_KIND)) == Limits(2, 365, date(2027, 6, 30), 30)
    assert terms.limits(parse([])) == Limits(None, None, None, None)


@given(raw_terms)
def test_text_odrl_and_permissions_agree(raw: list[dict[str, Any]]) -> None:
    read = parse(raw)
    answers = permissions(read)
    made = written(read, uid="urn:uuid:1", assigner="urn:a", assignee=None, target="urn:t")
    permitted = {rule["action"].rpartition("#")[2] for rule in made["permission"]}
    prohibited = {rule["action"].rpartition("#")[2] for rule in made.get("prohibition", [])}
    sentences = {clause["kind"]: clause["text"] for clause in text(read, "en")}
    for answer, action, kind in (
        ("combine", "aggregate", "combination"),
        ("train_models", "trainModels", "model_training"),
        ("publish_results", "publishResults", "publication"),
        ("pass_on", "distribute", "redistribution"),
    ):
        refused = answers[answer] == "no"
        assert (action in prohibited, action in permitted) == (refused, not refused)
        assert sentences[kind].startswith("You may not " if refused else "You may ")


@pytest.mark.parametrize("raw", [[], EVERY_KIND, *[[clause] for clause in EVERY_KIND]])
def test_offers_and_agreements_validate_against_the_dataspace_protocol(
    vectors: Path, raw: list[dict[str, Any]]
) -> None:
    schema(vectors, "Offer").validate(policy(raw))
    schema(vectors, "Agreement").validate(policy(raw, assignee=f"urn:uuid:{BUYER}"))
    assert not schema(vectors, "Agreement").is_valid(policy(raw))


def test_an_offer_names_its_target_in_each_rule_and_an_agreement_once() -> None:
    offer = policy(EVERY_KIND)
    rules = [*offer["permission"], *offer["prohibition"], *offer["obligation"]]
    assert "target" not in offer and all(rule["target"] == "urn:uuid:dataset" for rule in rules)
    agreement = policy(EVERY_KIND, assignee=f"urn:uuid:{BUYER}")
    assert (agreement["@type"], agreement["target"]) == ("Agreement", "urn:uuid:dataset")
    assert agreement["assignee"] == f"urn:uuid:{BUYER}"


def test_every_permission_is_bound_by_every_limit_of_access() -> None:
    for rule in policy(EVERY_KIND)["permission"]:
        operands = [constraint["leftOperand"].rpartition("#")[2] for constraint in rule["constraint"]]
        assert operands[:6] == [
            "purpose",
            "buyerCountry",
            "recipient",
            "virtualLocation",
            "dateTime",
            "elapsedTime",
        ]


def test_standing_is_never_more_than_is_true() -> None:
    for clause in parse(EVERY_KIND).clauses:
        declaration = LIBRARY[clause.kind]
        is_decided = declaration.against is not nothing_against
        standing = declaration.standing_of(clause)
        assert is_decided or standing != Standing.ENFORCED, clause.kind
        # A grant that promises may still rule out a purpose that is declared against it.
        assert not is_decided or declaration.is_grant or standing != Standing.PROMISED, clause.kind
