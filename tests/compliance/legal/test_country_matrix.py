"""May personal data go there? The matrix that a lawyer can read, row by row, of single answers; those between a$
purchase and its download are in `test_purchases`."""

import csv
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from compliance import legal
from compliance.destinations.destinations import Basis, Destination, decide

ROWS = list(csv.DictReader((Path(__file__).parent / "countries.csv").open(encoding="utf-8")))
_DAY = r"\d{4}-\d\d-\d\d"

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"].replace(" ", "_"))
def test_each_row_of_the_matrix_is_answered_as_it_says(row: dict[str, str]) -> None:
    found = answer(row)
    carries = found.mechanism if found.allowed else found.reason
    said = ("may go" if found.allowed else "refused", carries, found.decision or "")
    assert said == (row["answer"], row["mechanism or reason"], row["rests on"])


def test_what_a_basis_carries_names_it_and_ends_with_the_first_that_ends() -> None:
    (row,) = [row for row in ROWS if row["case"] == "standard clauses with an assessment"]
    found = answer(row)
    assert found.basis is not None and found.basis.detail == "1"
    assert found.valid_to == date(2027, 6, 1)


def test_a_derogation_is_taken_last_and_what_the_newest_basis_lacks_is_said() -> None:
    first = basis("scc 1 confirmed assessed until 2027-06-01", "IN")
    derogation = basis("derogation 49(1)(a) confirmed", "IN")
    waiting = basis("scc 1 recorded assessed until 2027-06-01", "IN")
    for bases in ([derogation, first], [first, derogation], [waiting, derogation, first]):
        assert _to_india(bases).mechanism == "scc"
    assert _to_india([waiting, derogation]).mechanism == "derogation"
    assert _to_india([waiting, replace(derogation, state="spent")]).reason == "basis_not_confirmed"
    assert _to_india([replace(first, state="a word of tomorrow")]).reason == "basis_unusable"


def test_the_matrix_has_a_row_for_every_reason_of_the_gate() -> None:
    reasons = {row["mechanism or reason"] for row in ROWS if row["answer"] == "refused"}
    assert reasons >= {
        *("country_unknown", "country_split", "no_adequacy_decision", "decision_not_in_force"),
        *("condition_not_met:dpf", "condition_not_met:pipeda", "basis_not_confirmed", "basis_not_begun"),
        *("basis_ended", "safeguard_not_in_force", "assessment_missing", "assessment_overdue"),
        "derogation_spent",
    }


def answer(row: dict[str, str]) -> Destination:
    """What the gate says to a row, by the law that ships."""
    country = row["importer established in"]
    return decide(
        legal.load(),
        country=country or None,
        personal_data=row["class of data"],  # type: ignore[arg-type]
        certifications=frozenset(row["importer has shown"].split()),
        on=date.fromisoformat(row["on the day"]),
        bases=[basis(row["transfer basis"], country)] if row["transfer basis"] else [],
    )


def basis(words: str, country: str) -> Basis:
    """A transfer basis from words such as “scc 1 confirmed assessed until 2027-06-01 from 2026-01-01 for BR”."""
    mechanism, *rest = words.split()
    detail = rest.pop(0) if mechanism != "bcr" else ""

    def day(after: str) -> date | None:
        found = re.search(rf"\b{after} ({_DAY})", words)
        return date.fromisoformat(found[1]) if found else None

    place = re.search(r"\bfor ([A-Z]{2})$", words)
    return Basis(
        id=f"a {mechanism}",
        mechanism=mechanism,
        country=place[1] if place else country,
        detail=detail,
        state=rest[0],
        valid_from=day("from") or date(2020, 1, 1),
        valid_to=day("to"),
        review_due=day("assessed until"),
    )


def _to_india(bases: list[Basis]) -> Destination:
    return decide(
        legal.load(),
        country="IN",
        personal_data="personal",
        certifications=frozenset(),
        on=date(2026, 11, 22),
        bases=bases,
    )
