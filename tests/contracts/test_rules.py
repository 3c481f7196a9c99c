"""Rules have a version: whoever changes how something is decided takes a new one and keeps the old, or a test fails by
name; and what was decided by a version is decided so for ever."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts.clauses import LIBRARY
from contracts.decisions import replays
from contracts.decisions.replays import Replayed, Sources
from contracts.terms import rules
from contracts.terms import terms as usage_terms
from tests.contracts import golden, ruled


def test_what_decides_has_not_changed_without_a_new_version() -> None:
    now, then = ruled.digests(), ruled.recorded()[str(rules.CURRENT)]
    changed = sorted(name for name in then if now.get(name) != then[name])
    assert changed == [], (
        "these decide otherwise than their version did: raise rules.CURRENT, keep how it was decided (`earlier` of a "
        "clause), and record the new version with tests.contracts.ruled.write()"
    )
    added = sorted(now.keys() - then.keys())
    assert added == [], "these decide something new: record them with tests.contracts.ruled.write()"


def test_every_version_up_to_the_current_one_is_recorded_and_can_be_asked() -> None:
    assert sorted(ruled.recorded(), key=int) == [str(number) for number in range(1, rules.CURRENT + 1)]
    for declaration in LIBRARY.values():
        assert all(0 < last < rules.CURRENT for last in declaration.earlier)
        for version in range(1, rules.CURRENT + 1):
            assert callable(declaration.by_rules_of(version))


@pytest.mark.parametrize("file", sorted(golden.FOLDER.glob("v*.jsonl")), ids=lambda file: file.stem)
def test_what_was_decided_is_decided_so_for_ever(file: Path) -> None:
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    wrong = [
        (line["name"], found.outcome, found.why) for line in lines if (found := _again(line)).outcome != "same"
    ]
    assert wrong == []
    assert len(lines) >= 40
    told = {line["leaf"]["facts"].get("code") for line in lines}
    assert {*golden.CODES, None} <= told


def test_another_answer_is_seen_in_every_one_of_them() -> None:
    for line in map(json.loads, (golden.FOLDER / "v1.jsonl").read_text().splitlines()):
        facts = line["leaf"]["facts"]
        if line["leaf"]["type"] == replays.ANSWERED:
            facts["answer"]["answer"] = "no" if facts["answer"]["answer"] == "yes" else "yes"
        elif line["leaf"]["type"] in replays.GATES:
            facts["decided"]["is_approved"] = not facts["decided"]["is_approved"]
        elif line["leaf"]["type"] == replays.REFUSED:
            facts["code"] = "another"
        else:
            line["leaf"]["type"], facts["code"] = replays.REFUSED, "copies_spent"
        assert _again(line).outcome != "same", line["name"]


def _again(line: Mapping[str, Any]) -> Replayed:
    """Replay a decision from its file alone."""
    sources = Sources(
        terms=lambda agreement, digest: usage_terms.thaw(line["terms"]),
        law=lambda sha256: golden.LAWS[sha256],
        origin=lambda record_id: line["origin"],
        beside=lambda event_id, name: line["beside"],
    )
    return replays.again(replays.read(UUID(int=0), line["leaf"]), sources)
