"""Policies that others wrote: what they say in other words is read as ours, and what no clause says is refused by
name, all of it and not the first part alone."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.odrl import reading
from contracts.odrl.policies import PROFILE
from exchange.kernel.errors import Invalid

ODRL = "http://www.w3.org/ns/odrl/2/"
XSD = "http://www.w3.org/2001/XMLSchema#"
DPV = "https://w3id.org/dpv#"
END = {"leftOperand": "dateTime", "operator": "lt", "rightOperand": "2027-07-01T00:00:00Z"}
RESEARCH = {"leftOperand": "purpose", "operator": "eq", "rightOperand": f"{DPV}AcademicResearch"}
OFFER: dict[str, Any] = {
    "@context": "http://www.w3.org/ns/odrl.jsonld",
    "@type": "Offer",
    "@id": "urn:uuid:1",
    "permission": [{"action": "use", "constraint": [RESEARCH, END]}],
}
READ = [{"kind": "purpose", "any_of": ["academic_research"]}, {"kind": "end_date", "on": "2027-06-30"}]


def refusal(policy: object) -> str:
    with pytest.raises(Invalid) as refused:
        reading.read(policy)
    assert refused.value.code == "unsupported_odrl"
    refused.value.detail.encode()
    return refused.value.detail


def changed(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (copy.deepcopy(OFFER) | changes).items() if value is not None}


def use(*constraints: Any, **more: Any) -> list[dict[str, Any]]:
    return [{"action": "use", "constraint": list(constraints), **more}]


@pytest.mark.parametrize(
    "policy",
    [
        OFFER,
        changed(**{"@context": None}),
        changed(**{"@context": ["https://w3id.org/dspace/2025/1/context.jsonld", {"odrl": ODRL}]}),
        changed(**{"@id": None, "uid": "urn:uuid:1", "@type": None, "type": "odrl:Set"}),
        changed(profile=PROFILE, conflict={"@id": "odrl:prohibit"}),
        changed(permission={"action": {"@id": "odrl:use"}, "constraint": [END, RESEARCH]}),
        {f"odrl:{name}" if name[0] != "@" else name: value for name, value in OFFER.items()},
        json.loads(
            json.dumps(OFFER)
            .replace('"permission"', f'"{ODRL}permission"')
            .replace('"action": "use"', f'"{ODRL}action": [{{"@id": "{ODRL}use"}}]')
            .replace('"dateTime"', f'{{"@id": "{ODRL}dateTime"}}')
        ),
        changed(
            permission=use(
                {**RESEARCH, "operator": "isAnyOf", "rightOperand": [{"@id": f"{DPV}AcademicResearch"}]},
                {**END, "rightOperand": {"@value": "2027-07-01T02:00:00+02:00", "@type": "xsd:dateTime"}},
                **{"@type": "Permission"},
            )
        ),
        changed(
            permission=[
                *use(
                    {**END, "rightOperand": {"@value": "2027-07-01T00:00:00Z", "@type": f"{XSD}dateTime"}},
                    RESEARCH,
                ),
            ],
            prohibition=[{"action": "distribute"}, {"action": f"{PROFILE}#trainModels"}],
            conflict="prohibit",
        ),
    ],
)
def test_what_says_the_same_in_other_words_is_read_as_the_same_terms(policy: dict[str, Any]) -> None:
    found = reading.read(policy)
    assert found.terms.to_list() == READ
    assert found.uid == "urn:uuid:1"


@pytest.mark.parametrize(
    ("policy", "named"),
    [
        (
            changed(**{"@context": "https://example.org/own.jsonld"}),
            '@context[0]: "https://example.org/own.jsonld"',
        ),
        (changed(**{"@context": [{"@vocab": "https://example.org/"}]}), "@context[0]: {"),
        (changed(**{"@type": "Assertion"}), '@type: "Assertion"'),
        (changed(**{"@graph": []}), "policy.@graph"),
        (changed(inheritFrom="urn:uuid:2"), "policy.inheritFrom"),
        (changed(profile="https://example.org/profile"), 'profile[0]: "https://example.org/profile"'),
        (changed(conflict="perm"), 'conflict: "perm"'),
        (changed(prohibition=[{"action": "distribute"}]), 'conflict: it must be "prohibit"'),
        (changed(**{"odrl:permission": []}), "policy.permission: said twice"),
        (
            changed(permission=None, prohibition=[{"action": "use"}]),
            'permission: none permits the action "use"',
        ),
        (changed(permission=[*OFFER["permission"], *use(RESEARCH, END)]), 'permission[1]: action "use"'),
        (changed(permission=[{"action": "use"}, {"action": "sell"}]), 'permission[1]: action "sell"'),
        (changed(permission=[{"constraint": [END]}]), "permission[0]: action is missing"),
        (changed(permission=use(END, duty=[{"action": "compensate"}])), "permission[0].duty"),
        (
            changed(permission=[{"action": {"rdf:value": {"@id": "odrl:use"}, "refinement": [END]}}]),
            "permission[0].action.refinement",
        ),
        (
            changed(permission=[{"action": ["use", "distribute"]}]),
            'permission[0].action: ["use", "distribute"]',
        ),
        (
            changed(permission=[*use(END), {"action": "distribute"}]),
            'permission[1]: it is not bound by dateTime lt "2027-07-01T00:00:00Z", as the use is',
        ),
        (
            changed(permission=use(END, {"or": [RESEARCH, RESEARCH]})),
            "permission[0].constraint[1].or",
        ),
        (changed(permission=use({**END, "unit": "day"})), "permission[0].constraint[0].unit"),
        (
            changed(permission=use({"leftOperand": "dateTime"})),
            "permission[0].constraint[0]: operator is missing",
        ),
        (
            changed(permission=use({**END, "rightOperand": True})),
            "permission[0].constraint[0].rightOperand: true",
        ),
        (
            changed(permission=use({**END, "rightOperand": 1.5})),
            "permission[0].constraint[0].rightOperand: 1.5",
        ),
        (
            changed(permission=use({**END, "operator": "lteq"})),
            'permission[0].constraint[0]: dateTime lteq "2027',
        ),
        (
            changed(permission=use({**END, "rightOperand": "2027-07-01T00:00:01Z"})),
            'permission[0].constraint[0]: dateTime lt "2027-07-01T00:00:01Z"',
        ),
        (
            changed(permission=use({**END, "rightOperand": "2027-07-01T00:00:00"})),
            'permission[0].constraint[0]: dateTime lt "2027-07-01T00:00:00"',
        ),
        (
            changed(permission=use(END, {**END, "rightOperand": "2028-01-01T00:00:00Z"})),
            'permission[0].constraint[1]: dateTime lt "2028-01-01T00:00:00Z"',
        ),
        (
            changed(permission=use(END, END)),
            'permission[0].constraint[1]: dateTime lt "2027-07-01T00:00:00Z" (said',
        ),
        (
            changed(permission=use({**RESEARCH, "rightOperand": f"{DPV}Gaming"})),
            f'permission[0].constraint[0]: purpose eq "{DPV}Gaming"',
        ),
        (
            changed(permission=use({"leftOperand": "partner", "operator": "eq", "rightOperand": "gold"})),
            'permission[0].constraint[0]: partner eq "gold"',
        ),
        (
            changed(obligation=[{"action": "delete"}]),
            'obligation[0]: action "delete"',
        ),
        (changed(assigner={"@id": "urn:a", "name": "A"}), "assigner.name"),
        (changed(assigner="urn:a", permission=use(END, assigner="urn:b")), "permission[0].assigner"),
        (changed(target="urn:t", permission=use(END, target="urn:u")), "permission[0].target"),
        (
            changed(permission=[*use(target="urn:t"), {"action": "distribute"}]),
            "permission[1]: target is missing",
        ),
        ([OFFER], "A policy is a JSON object"),
        ("offer", "A policy is a JSON object"),
        (None, "A policy is a JSON object"),
    ],
)
def test_what_no_clause_says_is_refused_by_place_and_name(policy: object, named: str) -> None:
    assert named in refusal(policy)


def test_all_that_is_not_read_is_named_and_not_the_first_alone() -> None:
    told = refusal(
        changed(
            inheritFrom="urn:uuid:2",
            permission=[
                *use(END, {"leftOperand": "partner", "operator": "eq", "rightOperand": 1}, duty={}),
                {},
            ],
            obligation={"action": "compensate"},
        )
    )
    for part in (
        "policy.inheritFrom",
        "permission[0].duty",
        "permission[1]: action",
        "partner eq",
        "compensate",
    ):
        assert part in told


def test_more_than_twenty_parts_are_counted() -> None:
    told = refusal(changed(permission=[*use(), *({"action": f"urn:{number}"} for number in range(25))]))
    assert 'permission[20]: action "urn:19"' in told and "urn:20" not in told
    assert told.endswith("; and 5 more.")


def deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        (changed(permission=use({**END, "rightOperand": deep(10_000)})), "12 levels deep at most"),
        (changed(permission=[{"action": "use"}] * 501), "500 rules at most; given 501"),
        (changed(permission=use({**END, "rightOperand": ["x"] * 60_000})), "50,000 values at most"),
    ],
)
def test_a_policy_without_measure_is_refused_unread(policy: object, says: str) -> None:
    assert says in refusal(policy)


@pytest.mark.parametrize(
    ("message", "member", "named"),
    [
        ("contract-offer-message", "offer", 'dateTime lteq "2023-12-31T06:00:00Z"'),
        ("contract-request-message", "offer", 'dateTime lteq "2023-12-31T06:00:00Z"'),
        ("contract-agreement-message-full", "agreement", "permission[6].constraint[0].or"),
    ],
)
def test_the_published_examples_are_refused_for_what_they_say_beyond_our_clauses(
    vectors: Path, message: str, member: str, named: str
) -> None:
    example = (vectors / f"dataspace-protocol/negotiation/example/{message}.json").read_text("utf-8")
    assert named in refusal(json.loads(example)[member])


def test_a_published_example_is_read_once_its_end_is_the_end_of_a_day(vectors: Path) -> None:
    example = vectors / "dataspace-protocol/negotiation/example/contract-offer-message.json"
    told = example.read_text("utf-8").replace("2023-12-31T06:00Z", "2024-01-01T00:00Z").replace("lteq", "lt")
    found = reading.read(json.loads(told)["offer"])
    assert found.terms.to_list() == [{"kind": "end_date", "on": "2023-12-31"}]
    assert found.target == "urn:uuid:3dd1add8-4d2d-569e-d634-8394a8836a88"


def test_terms_that_contradict_each_other_are_refused_as_such() -> None:
    with pytest.raises(Invalid) as refused:
        reading.read(changed(permission=use({**RESEARCH, "rightOperand": f"{PROFILE}#modelTraining"})))
    assert refused.value.code == "contradictory_clauses"


_names = st.sampled_from(
    "@id @type @context @value action odrl:action constraint leftOperand operator rightOperand permission "
    "prohibition obligation duty target use profile conflict".split()
)
garbage = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | _names | st.just("lt"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_names | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=15,
)


@settings(deadline=None)
@given(garbage, st.sampled_from(["permission", "conflict", "@context", "assigner", "prohibition", "profile"]))
def test_whatever_is_given_is_read_or_refused_as_invalid(given_value: Any, at: str) -> None:
    read_or_refused: list[Callable[[], object]] = [
        lambda: reading.read(given_value),
        lambda: reading.read(changed(**{at: given_value})),
        lambda: reading.read(changed(permission=use(END, given_value))),
    ]
    for attempt in read_or_refused:
        try:
            attempt()
        except Invalid as refused:
            refused.detail.encode()
