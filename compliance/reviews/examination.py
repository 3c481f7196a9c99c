"""Declared against found, column by column and without values, and what of it waits for an officer. Pure: what is
undecided waits."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from compliance.classification.classification import STRICTNESS, Confidence, Finding, contradicts

Standing: TypeAlias = Literal["more_found", "agrees", "less_found", "hint", "clear", "not_there"]
Cause: TypeAlias = Literal["mismatch", "special", "criminal"]

CRIMINAL = "criminal"
_ORDER: Mapping[str, int] = {
    word: place
    for place, word in enumerate(("more_found", "agrees", "hint", "less_found", "not_there", "clear"))
}


@dataclass(frozen=True)
class ColumnLine:
    """One column: what is declared, what was found in how many of the sampled values, and how the two stand.
    `found` is empty where the scan found nothing."""

    column: str
    declared: str
    found: str
    kind: str
    confidence: str
    method: str
    matched: int
    sampled: int
    standing: Standing

    def to_dict(self) -> dict[str, Any]:
        """As a review keeps it."""
        return asdict(self)

    @property
    def weighs(self) -> bool:
        """Whether something was found that counts."""
        return bool(self.found) and self.confidence != Confidence.HINT


def compare(
    declared: Mapping[str, str], default: str, findings: Mapping[str, Finding], columns: Iterable[str] = ()
) -> list[ColumnLine]:
    """Every column that was looked at, declared or found, the graver first; `columns` are those that were looked at."""
    seen = dict.fromkeys(columns)
    names = [*seen, *(name for name in (*findings, *declared) if name not in seen)]
    is_known = bool(seen)
    lines = [
        _line(name, declared.get(name, default), findings.get(name), is_there=not is_known or name in seen)
        for name in dict.fromkeys(names)
    ]
    return sorted(lines, key=lambda line: (_ORDER[line.standing], -STRICTNESS.get(line.found, 0)))


def causes(declared: Mapping[str, str], default: str, findings: Mapping[str, Finding]) -> list[Cause]:
    """Why an officer has to look; none where nobody has to."""
    found: list[Cause] = ["mismatch"] if contradicts(declared, default, findings) else []
    sure = [one for one in findings.values() if one.confidence != Confidence.HINT]
    if "special" in (default, *declared.values()) or any(
        one.data_class == "special" and one.kind != CRIMINAL for one in sure
    ):
        found.append("special")
    if any(one.kind == CRIMINAL for one in sure):
        found.append("criminal")
    return found


def fingerprint(lines: Iterable[ColumnLine]) -> str:
    """What an approval is of: the columns by name, the class declared for each, and what was found that counts. How
    many values matched may differ from revision to revision."""
    seen = sorted(
        [one.column, one.declared, one.found, one.kind] if one.weighs else [one.column, one.declared, "", ""]
        for one in lines
    )
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def _line(name: str, declared: str, finding: Finding | None, *, is_there: bool) -> ColumnLine:
    if finding is None:
        standing: Standing = "not_there" if not is_there else "clear" if declared == "none" else "less_found"
        return ColumnLine(name, declared, "", "", "", "", 0, 0, standing)
    return ColumnLine(
        name,
        declared,
        finding.data_class,
        finding.kind,
        str(finding.confidence),
        finding.method,
        finding.evidence.matched,
        finding.evidence.sampled,
        _standing(declared, finding),
    )


def _standing(declared: str, finding: Finding) -> Standing:
    if finding.confidence == Confidence.HINT:
        return "hint"
    found, said = STRICTNESS[finding.data_class], STRICTNESS.get(declared, 0)
    return "more_found" if found > said else "agrees" if found == said else "less_found"
