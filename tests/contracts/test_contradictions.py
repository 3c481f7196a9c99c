"""Clauses that cannot both be kept are refused when they are written, with both named; each pair with the nearest terms
that hold together."""

from typing import Any

import pytest

from contracts.terms.contradictions import found
from contracts.terms.terms import parse, thaw
from exchange.kernel.errors import Invalid

BUYER = "0190aaaa-0000-7000-8000-000000000001"
Raw = dict[str, Any]

PASSED_ON: Raw = {"kind": "redistribution", "allowed": True}
LINKS: Raw = {"kind": "delivery", "any_of": ["bucket"]}
PAIRS: list[tuple[Raw, Raw, Raw]] = [
    (
        {"kind": "purpose", "any_of": ["model_training"]},
        {"kind": "model_training", "allowed": "no"},
        {"kind": "model_training", "allowed": "yes"},
    ),
    (
        {"kind": "purpose", "any_of": ["advertising", "marketing"]},
        {"kind": "model_training", "allowed": "non_commercial"},
        {"kind": "model_training", "allowed": "yes"},
    ),
    (PASSED_ON, {"kind": "confidentiality"}, {"kind": "audit", "notice_days": 1, "times_a_year": 1}),
    (PASSED_ON, {"kind": "recipients", "any_of": [BUYER]}, {"kind": "country", "any_of": ["FR"]}),
    (LINKS, {"kind": "copies", "max": 1}, {"kind": "duration", "days": 1}),
    (LINKS, {"kind": "volume", "bytes": 1}, {"kind": "sector", "any_of": ["C"]}),
    (LINKS, {"kind": "addresses", "any_of": ["192.0.2.0/24"]}, {"kind": "country", "any_of": ["FR"]}),
    (
        {"kind": "licence", "spdx": "CC-BY-NC-4.0"},
        {"kind": "purpose", "any_of": ["marketing"]},
        {"kind": "purpose", "any_of": ["marketing", "research"]},
    ),
    (
        {"kind": "licence", "spdx": "CC-BY-ND-4.0"},
        {"kind": "derived_works", "allowed": "yes"},
        {"kind": "derived_works", "allowed": "internal"},
    ),
    (
        {"kind": "licence", "spdx": "CC0-1.0"},
        {"kind": "attribution", "text": "Port-Libre"},
        {"kind": "duration", "days": 1},
    ),
    ({"kind": "licence", "spdx": "CC-BY-4.0"}, {"kind": "redistribution", "allowed": False}, PASSED_ON),
    (
        {"kind": "licence", "spdx": "CC-BY-4.0"},
        {"kind": "confidentiality", "years": 1},
        {"kind": "combination", "allowed": True},
    ),
    (
        {"kind": "licence", "spdx": "CC-BY-4.0"},
        {"kind": "recipients", "any_of": [BUYER]},
        {"kind": "country", "any_of": ["FR"]},
    ),
]


@pytest.mark.parametrize(("one", "other", "instead"), PAIRS)
def test_a_pair_that_cannot_be_kept_is_refused_with_both_named(one: Raw, other: Raw, instead: Raw) -> None:
    for raw in ([one, other], [other, one]):
        with pytest.raises(Invalid) as refusal:
            parse(raw)
        assert refusal.value.code == "contradictory_clauses"
        assert set(refusal.value.more.values()) == {one["kind"], other["kind"]}
        assert (
            f"The clauses {one['kind']} and {other['kind']} contradict each other" in refusal.value.detail
            or (f"The clauses {other['kind']} and {one['kind']} contradict each other" in refusal.value.detail)
        )
    assert len(parse([one, instead]).clauses) == 2


def test_what_was_signed_stays_readable_whatever_is_found_later() -> None:
    for one, other, _instead in PAIRS:
        assert {clause.kind for clause in thaw([one, other]).clauses} == {one["kind"], other["kind"]}


def test_silence_about_training_contradicts_the_purpose_of_training() -> None:
    clauses = {
        clause.kind: clause for clause in thaw([{"kind": "purpose", "any_of": ["model_training"]}]).clauses
    }
    assert [(one.one, one.other) for one in found(clauses)] == [("purpose", "model_training")]


def test_every_contradiction_is_found_not_the_first_alone() -> None:
    raw = [{"kind": "licence", "spdx": "CC-BY-4.0"}, *(other for _, other, _ in PAIRS[-3:])]
    clauses = {clause.kind: clause for clause in thaw(raw).clauses}
    assert {one.other for one in found(clauses)} == {"redistribution", "confidentiality", "recipients"}
