"""The columns of a revision as pages show them: type, gaps, what is declared and what the scan found in each."""

from collections.abc import Sequence
from dataclasses import dataclass

from compliance.words import CLASSES, KINDS, Words
from datasets import queries, words
from datasets.declarations.declarations import class_of
from datasets.gate import findings
from datasets.models import Asset, Declaration, Profile, Revision
from datasets.revisions import arrivals
from datasets.revisions.arrivals import Kept
from datasets.words import type_words


@dataclass(frozen=True)
class ColumnLine:
    """One column of a file; `found` is empty where the scan found nothing that counts."""

    name: str
    type: Words
    fill_rate: float
    declared: Words
    found: Words
    found_kind: Words
    is_contradicted: bool


@dataclass(frozen=True)
class FileLine:
    """One file of a revision; what was measured stands in `asset.profile`, where anything was. `kept` is what has
    come of an upload that is not whole."""

    asset: Asset
    columns: list[ColumnLine]
    fill_rate: float
    kept: Kept | None = None

    @property
    def problem(self) -> Words:
        """Why the file cannot be read, in the reader's language; empty where it can."""
        profile = queries.profile_of(self.asset)
        return words.problem(profile.problem) if profile else ""

    @property
    def found(self) -> int:
        """In how many columns more was found than is declared."""
        return sum(column.is_contradicted for column in self.columns)


def files_of(assets: Sequence[Asset], declaration: Declaration | None) -> list[FileLine]:
    """The files of a revision, each with its columns where it was measured."""
    lines = []
    for asset in assets:
        profile = queries.profile_of(asset)
        columns = _lines(profile, declaration) if profile else []
        fill_rate = sum(column.fill_rate for column in columns) / len(columns) if columns else 0.0
        kept = None if asset.is_received else arrivals.kept(asset.pk)
        lines.append(FileLine(asset, columns, fill_rate, kept))
    return lines


def known(revision: Revision | None) -> dict[str, tuple[str, str, str]]:
    """The columns of all files by name: type, and the class and the kind of what was found."""
    found: dict[str, tuple[str, str, str]] = {}
    for asset in queries.assets_of(revision) if revision else []:
        profile = queries.profile_of(asset)
        for column in profile.columns if profile else []:
            said = _found(profile.findings.get(column["name"])) if profile else ("", "")
            if column["name"] not in found or said[0]:
                found[column["name"]] = (str(type_words(column["type"])), str(said[0]), str(said[1]))
    return found


def _lines(profile: Profile, declaration: Declaration | None) -> list[ColumnLine]:
    return [
        _line(column, profile.row_count or 0, profile.findings.get(column["name"]), declaration)
        for column in profile.columns
    ]


def _line(
    column: dict[str, object], rows: int, stored: dict[str, object] | None, declaration: Declaration | None
) -> ColumnLine:
    name = str(column["name"])
    declared = class_of(name, declaration.columns, declaration.personal_data) if declaration else ""
    found, kind = _found(stored)
    return ColumnLine(
        name=name,
        type=type_words(str(column["type"])),
        fill_rate=int(str(column["filled"])) / rows if rows else 0.0,
        declared=CLASSES.get(declared, ""),
        found=found,
        found_kind=kind,
        is_contradicted=bool(found) and declared == "none",
    )


def _found(stored: dict[str, object] | None) -> tuple[Words, Words]:
    finding = findings.from_stored(stored) if stored else None
    if finding is None or not findings.is_personal(finding):
        return "", ""
    return CLASSES.get(finding.data_class, finding.data_class), KINDS.get(finding.kind, finding.kind)
