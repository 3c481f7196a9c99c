"""What personal data is in these columns? Headers and sampled values are looked at and forgotten: a finding
holds counts, never a value. A clean scan is no proof of anonymity."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, TypeAlias

from compliance.classification import header_words, identifiers

DataClass: TypeAlias = Literal["none", "pseudonymised", "personal", "special"]
Method: TypeAlias = Literal["header", "values", "header+values"]

STRICTNESS: Mapping[str, int] = {"none": 0, "pseudonymised": 1, "personal": 2, "special": 3}
_EMPTY = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})
# Below this many values, a header is believed even if none of them has its shape.
_ENOUGH_VALUES = 10
_WORDS_OF_A_SENTENCE = 6
# What stands in the place of an identifier once it is hashed, encrypted or replaced.
_CODE = re.compile(r"[0-9A-Fa-f-]{16,512}|[A-Za-z0-9+/_=.-]{20,512}")
# The others, such as phone numbers, are written in too many ways to disbelieve the header.
_SHAPE_IS_CERTAIN = frozenset({"email", "bank_account", "payment_card", "network_address"})


class Confidence(StrEnum):
    """How far a finding carries: a hint contradicts nobody."""

    HINT = "hint"
    LIKELY = "likely"
    SURE = "sure"


@dataclass(frozen=True)
class Evidence:
    """How many of the sampled values had the shape of the kind."""

    matched: int
    sampled: int


@dataclass(frozen=True)
class Finding:
    """Personal data in one column: its kind, its class and how it was found."""

    kind: str
    data_class: DataClass
    confidence: Confidence
    evidence: Evidence
    method: Method


@dataclass(frozen=True)
class Contradiction:
    """A column that holds more than was declared for it."""

    column: str
    declared: str
    found: DataClass
    kind: str


def classify(columns: Mapping[str, Sequence[str | None]]) -> dict[str, Finding]:
    """Look at sampled columns and answer the findings by column; columns without one are left out.

    A word that is personal only in company, such as "name", is a hint until another column is personal.
    """
    findings: dict[str, Finding] = {}
    promotable: set[str] = set()
    for column, values in columns.items():
        header = header_words.match(column)
        finding = _look(header, values)
        if finding is not None:
            findings[column] = finding
            if header is not None and header.is_ambiguous:
                promotable.add(column)
    if any(finding.confidence != Confidence.HINT for finding in findings.values()):
        for column in promotable:
            if findings[column].confidence == Confidence.HINT:
                findings[column] = replace(findings[column], confidence=Confidence.LIKELY)
    return findings


def contradicts(
    declared: Mapping[str, str], default: str, findings: Mapping[str, Finding]
) -> list[Contradiction]:
    """The columns found to be of a stricter class than declared; `default` holds for columns not declared."""
    contradictions = []
    for column, finding in findings.items():
        said = declared.get(column, default)
        if finding.confidence == Confidence.HINT:
            continue
        if STRICTNESS[finding.data_class] > STRICTNESS.get(said, 0):
            contradictions.append(Contradiction(column, said, finding.data_class, finding.kind))
    return contradictions


def _look(header: header_words.HeaderMatch | None, values: Sequence[str | None]) -> Finding | None:
    sample = [value for value in values if value is not None and value.strip().casefold() not in _EMPTY]
    counted = [(shape, sum(map(shape.has, sample))) for shape in identifiers.SHAPES]
    shaped = [
        (count, shape.kind) for shape, count in counted if count and count >= shape.threshold * len(sample)
    ]
    if shaped:
        count, kind = max(shaped, key=lambda pair: pair[0])
        if header is None or header.kind not in header_words.SPECIAL:
            method: Method = "header+values" if header is not None and header.kind == kind else "values"
            return Finding(kind, "personal", Confidence.SURE, Evidence(count, len(sample)), method)
    if header is not None:
        matched = max((count for shape, count in counted if shape.kind == header.kind), default=0)
        return _by_header(header, sample, Evidence(matched, len(sample)))
    return _free_text(sample)


def _free_text(sample: Sequence[str]) -> Finding | None:
    """A column in which people write sentences: a hint, for nobody can tell what they wrote."""
    written = sum(len(value.split()) >= _WORDS_OF_A_SENTENCE for value in sample)
    if len(sample) < _ENOUGH_VALUES or 2 * written < len(sample) or 2 * len(set(sample)) < len(sample):
        return None
    return Finding("free_text", "personal", Confidence.HINT, Evidence(written, len(sample)), "values")


def _by_header(header: header_words.HeaderMatch, sample: Sequence[str], evidence: Evidence) -> Finding:
    data_class: DataClass = "special" if header.kind in header_words.SPECIAL else "personal"
    confidence = Confidence.HINT if header.is_ambiguous else Confidence.LIKELY
    is_unlike = (
        header.kind in _SHAPE_IS_CERTAIN and evidence.sampled >= _ENOUGH_VALUES and evidence.matched == 0
    )
    coded = sum(1 for value in sample if _CODE.fullmatch(value.strip()))
    if data_class == "personal" and (header.is_disguised or (is_unlike and 2 * coded >= len(sample))):
        data_class = "pseudonymised"
    elif is_unlike:
        confidence = Confidence.HINT
    return Finding(header.kind, data_class, confidence, evidence, "header")
