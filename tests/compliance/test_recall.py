"""The scan on a frozen fixture of labelled columns (`pii/`, made by rule, nobody real): what identifies somebody and
what is special is found, and what is neither is left alone. The fixture is ours, so it flatters: what counts is that no
change makes it worse."""

import csv
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from compliance.classification import national_ids
from compliance.classification.classification import Confidence, Finding, classify
from compliance.classification.identifiers import SHAPES

FOLDER = Path(__file__).with_name("pii")
RECALL, PRECISION = 0.95, 0.95


@cache
def labels() -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = json.loads((FOLDER / "labels.json").read_text())["files"]
    return found


@cache
def scanned(file: str) -> dict[str, Finding]:
    with (FOLDER / file).open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return classify({column: [row[column] for row in rows] for column in labels()[file]})


def columns() -> Iterator[tuple[str, str, dict[str, str], Finding | None]]:
    for file, known in labels().items():
        for column, label in known.items():
            found = scanned(file).get(column)
            counts = found is not None and found.confidence != Confidence.HINT
            yield file, column, label, found if counts else None


def test_every_file_of_the_fixture_is_labelled_whole() -> None:
    assert {path.name for path in FOLDER.glob("*.csv")} == set(labels())
    for file, known in labels().items():
        header = (FOLDER / file).read_text(encoding="utf-8").partition("\n")[0]
        assert next(csv.reader([header])) == list(known)
    counted = [label["class"] for known in labels().values() for label in known.values()]
    assert {name: counted.count(name) for name in set(counted)}.keys() == {
        "direct",
        "special",
        "pseudonymised",
        "quasi",
        "free_text",
        "none",
    }
    assert counted.count("direct") >= 60 and counted.count("special") >= 39 and counted.count("none") >= 60


@pytest.mark.parametrize("wanted", ["direct", "special"])
def test_direct_identifiers_and_special_categories_are_found(wanted: str) -> None:
    asked = [
        (file, column, label, found) for file, column, label, found in columns() if label["class"] == wanted
    ]
    missed = [
        (file, column)
        for file, column, label, found in asked
        if found is None or (found.data_class == "special") != (wanted == "special")
    ]
    assert 1 - len(missed) / len(asked) >= RECALL, missed
    wrong = [
        (column, found.kind) for _, column, label, found in asked if found and found.kind != label.get("kind")
    ]
    assert len(wrong) <= 0.05 * len(asked), wrong


def test_what_is_found_is_there() -> None:
    found = [
        (file, column, label["class"], one.kind) for file, column, label, one in columns() if one is not None
    ]
    false = [row for row in found if row[2] in ("none", "quasi", "free_text")]
    assert 1 - len(false) / len(found) >= PRECISION, false


def test_free_text_and_hashes_are_told_apart_from_identifiers() -> None:
    for file, known in labels().items():
        for column, label in known.items():
            found = scanned(file).get(column)
            if label["class"] == "free_text":
                assert found is not None and (found.kind, found.confidence) == ("free_text", Confidence.HINT)
            if label["class"] == "pseudonymised":
                assert found is not None and found.data_class == "pseudonymised"


NUMBERS: dict[str, tuple[Callable[[str], bool], tuple[str, ...], tuple[str, ...]]] = {
    "Spain": (national_ids.is_spanish_id, ("12345678Z", "X1234567L"), ("12345678A", "1234567Z", "x")),
    "Germany": (
        national_ids.is_german_tax_id,
        ("86095742719", "47036892816"),
        ("86095742718", "12345678901", ""),
    ),
    "Italy": (
        national_ids.is_italian_tax_code,
        ("RSSMRA80A01H501U",),
        ("RSSMRA80A01H501V", "RSSMRA80Z01H501U"),
    ),
    "Belgium": (national_ids.is_belgian_number, ("85.07.30-033 28",), ("85.07.30-033 29", "85.13.30-033 28")),
    "Poland": (national_ids.is_polish_number, ("44051401359",), ("44051401358", "44991401359")),
    "Switzerland": (national_ids.is_swiss_number, ("756.9217.0769.85",), ("756.9217.0769.84", "7559217076985")),
    "United Kingdom": (
        national_ids.is_british_number,
        ("AB 12 34 56 C",),
        ("BG123456A", "AB123456E", "AB12345C"),
    ),
}


@pytest.mark.parametrize("country", NUMBERS)
def test_a_number_of_a_person_has_its_check_digit(country: str) -> None:
    check, right, wrong = NUMBERS[country]
    assert all(check(value) for value in right)
    assert not any(check(value) for value in wrong)


def test_plain_numbers_of_the_same_length_are_no_numbers_of_persons() -> None:
    for length in (8, 9, 10, 11, 13):
        sample: list[Any] = [str(10 ** (length - 1) + number * 7_919) for number in range(200)]
        assert classify({"x": sample}) == {}, length
        for shape in SHAPES:
            if shape.kind == "national_id":
                assert sum(map(shape.has, sample)) < 0.3 * len(sample)
