"""What was signed stays readable: the terms that contracts have held since the first of them, each with the words and
the ODRL that it had then. This data is only ever added to."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.clauses import LIBRARY
from contracts.odrl import policies
from contracts.terms.terms import Language, Terms, in_force, parse, text, thaw

SIGNED: list[dict[str, Any]] = json.loads(Path(__file__).with_name("signed_terms.json").read_text("utf-8"))


@pytest.mark.parametrize("number", range(len(SIGNED)))
def test_signed_terms_read_as_they_did_when_they_were_signed(number: int) -> None:
    signed = SIGNED[number]
    terms = thaw(signed["terms"])
    assert terms == parse(signed["terms"])
    assert terms.to_list() == signed["terms"]
    assert said(terms, "en", signed) == signed["en"]
    assert said(terms, "fr", signed) == signed["fr"]
    policy = policies.written(
        terms, uid="urn:uuid:1", assigner="urn:uuid:2", assignee=None, target="urn:uuid:3"
    )
    for rules in ("permission", "prohibition", "obligation"):
        for rule in signed["odrl"].get(rules, []):
            assert without_gate(rule) in [without_gate(one) for one in policy.get(rules, [])]


def said(terms: Terms, language: Language, signed: dict[str, Any]) -> list[Any]:
    """The sentences of the kinds that were kept: kinds that came later may add what silence says of them."""
    kept = {row["kind"] for row in signed[language]}
    rows = [row for row in text(terms, language) if row["kind"] in kept]
    numbers = [row["number"] for row in signed[language]]
    return [{**row, "number": number} for row, number in zip(rows, numbers, strict=True)]


def without_gate(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule by its action and target: the gate that binds every permission may have grown."""
    return {name: value for name, value in rule.items() if name != "constraint"}


def test_every_kind_that_can_be_signed_is_among_them() -> None:
    kinds = {clause["kind"] for signed in SIGNED for clause in signed["terms"]}
    assert kinds == set(LIBRARY)
    assert kinds <= {clause.kind for signed in SIGNED for clause in in_force(thaw(signed["terms"]))}
