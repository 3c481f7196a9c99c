"""Redlines: single clauses are changed by what `parse` allows, and the difference leads from one text to the other."""

from typing import Any

import pytest

from contracts.negotiations import redlines
from contracts.terms import terms as usage_terms
from exchange.kernel.errors import Invalid

BEFORE = usage_terms.parse(
    [
        {"kind": "purpose", "any_of": ["research"]},
        {"kind": "copies", "max": 2},
        {"kind": "duration", "days": 365},
        {"kind": "combination", "allowed": True},
    ]
)


def changed(*changes: dict[str, Any]) -> usage_terms.Terms:
    return redlines.apply(BEFORE, list(changes))


def test_a_clause_is_set_added_or_removed_and_the_others_stay() -> None:
    after = changed(
        {"kind": "copies", "set": {"max": 1}},
        {"kind": "deletion", "set": {"days": 30}},
        {"kind": "duration", "remove": True},
    )
    assert after.to_list() == [
        {"kind": "purpose", "any_of": ["research"]},
        {"kind": "copies", "max": 1},
        {"kind": "combination", "allowed": True},
        {"kind": "deletion", "days": 30},
    ]


@pytest.mark.parametrize(
    ("changes", "code", "named"),
    [
        ([], "invalid_change", "one or more"),
        ("copies", "invalid_change", "a list"),
        ([{"kind": "copies"}], "invalid_change", "change 1 (copies)"),
        ([{"kind": "copies", "set": {"max": 1}, "remove": True}], "invalid_change", "change 1 (copies)"),
        ([{"kind": "copies", "remove": False}], "invalid_change", "change 1 (copies)"),
        ([{"kind": "copies", "set": {"kind": "country"}}], "invalid_change", "change 1 (copies)"),
        ([{"kind": "country", "remove": True}], "invalid_change", "no such clause"),
        (
            [{"kind": "copies", "set": {"max": 1}}, {"kind": "copies", "remove": True}],
            "invalid_change",
            "changed twice",
        ),
        ([{"kind": "moon", "set": {}}], "unknown_clause", '"moon"'),
        ([{"kind": "copies", "set": {}}], "missing_parameter", "max is missing"),
        ([{"kind": "copies", "set": {"max": 0}}], "invalid_terms", "(copies): max"),
        ([{"kind": "copies", "set": {"max": 2}}], "empty_change", "as it is"),
        ([{"kind": "purpose", "set": {"any_of": ["model_training"]}}], "contradictory_clauses", "purpose and"),
        ([{"kind": "copies", "remove": True}] * 65, "invalid_change", "64 changes"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused_by_name(changes: Any, code: str, named: str) -> None:
    with pytest.raises(Invalid) as refusal:
        redlines.apply(BEFORE, changes)
    assert refusal.value.code == code and named in refusal.value.detail, refusal.value.detail


def test_the_difference_names_every_clause_that_reads_otherwise() -> None:
    after = changed(
        {"kind": "copies", "set": {"max": 1}},
        {"kind": "combination", "remove": True},
        {"kind": "duration", "remove": True},
        {"kind": "deletion", "set": {"days": 30}},
    )
    found = {one.kind: one for one in redlines.difference(BEFORE, after, "en")}
    statuses = {kind: one.status for kind, one in found.items() if one.status != "same"}
    assert statuses == {
        "copies": "changed",
        "combination": "changed",  # silence forbids it
        "duration": "removed",
        "deletion": "added",
    }
    assert "may not combine" in found["combination"].after
    assert found["duration"].after == "" and found["deletion"].before == ""


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_marked_words_are_both_sentences(language: Any) -> None:
    after = changed({"kind": "copies", "set": {"max": 7}}, {"kind": "purpose", "remove": True})
    for one in redlines.difference(BEFORE, after, language):
        assert "".join(part.words for part in one.parts if part.mark != "now") == one.before
        assert "".join(part.words for part in one.parts if part.mark != "was") == one.after


def test_nothing_differs_from_itself() -> None:
    assert {one.status for one in redlines.difference(BEFORE, BEFORE, "en")} == {"same"}


def test_sentences_too_long_to_be_compared_stand_one_after_the_other() -> None:
    parts = redlines.marked("word " * 1_500, "another " * 1_500)
    assert [part.mark for part in parts] == ["was", "now"]
