"""What is in a dataset: the files of its current revision, and of one of them the pictures, fields and sample rows, as
far as the declaration and the scan let them be shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compliance.words import CLASSES
from datasets import charts, contents, queries
from datasets.declarations.declarations import class_of
from datasets.gate import findings
from datasets.models import Asset, Declaration, PersonalData, Profile, Revision
from datasets.profiles import profiles
from datasets.profiles.measures import ColumnMeasure, Shown
from datasets.words import KINDS, type_words

MOST_CHOICES = 80
"""Fields that the chooser of pictures offers."""

Words = str | Promise


@dataclass(frozen=True)
class FileTab:
    """One file; `is_chosen` is the one looked at."""

    asset: Asset
    kind: Words
    is_measured: bool
    is_chosen: bool


@dataclass(frozen=True)
class Field:
    """A field's line, and how personal it is declared, where it is. `is_drawn` says whether a picture can be asked."""

    line: charts.FieldLine
    type: Words
    personal_data: Words
    is_drawn: bool


@dataclass(frozen=True)
class Rows:
    """A few rows, each name and each value with whether its column holds numbers, which stand at the right."""

    columns: list[tuple[str, bool]]
    rows: list[list[tuple[str | None, bool]]]


@dataclass(frozen=True)
class Contents:
    """What may be shown of one measured file. A field that is asked for takes the place of the most telling one of its
    kind. Pictures are None where there is nothing to draw; `withheld` says why no row is shown."""

    asset: Asset
    profile: Profile
    heat: charts.HeatMap | None
    tree: charts.TreeMap | None
    bars: charts.Histogram | None
    column: str
    fields: list[Field]
    by: str
    sample: Rows | None
    withheld: Words

    @property
    def choices(self) -> list[str]:
        """The fields of which a picture can be asked."""
        return [field.line.name for field in self.fields if field.is_drawn][:MOST_CHOICES]


@dataclass(frozen=True)
class Files:
    """`contents` is None where the file looked at has no table that could be measured."""

    tabs: list[FileTab]
    chosen: Asset | None
    contents: Contents | None
    problem: str
    is_tabular: bool


def files(
    revision: Revision | None, declaration: Declaration | None, wanted: str = "", column: str = ""
) -> Files:
    """The files, and the one that is `wanted` by its name; else the largest table. One query."""
    assets = [asset for asset in queries.assets_of(revision) if asset.is_received] if revision else []
    found = {asset.pk: profile for asset in assets if (profile := queries.profile_of(asset))}
    chosen = next((asset for asset in assets if asset.name == wanted), None)
    chosen = chosen or max(assets, key=lambda asset: _weight(asset, found.get(asset.pk)), default=None)
    tabs = [
        FileTab(asset, KINDS.get(asset.media_type, asset.media_type), asset.pk in found, asset is chosen)
        for asset in assets
    ]
    profile = found.get(chosen.pk) if chosen else None
    is_readable = profile is not None and profile.is_readable
    return Files(
        tabs=tabs,
        chosen=chosen,
        contents=_contents(chosen, profile, list(found.values()), declaration, column)
        if chosen and profile and is_readable
        else None,
        problem=profile.problem if profile and not is_readable else "",
        is_tabular=chosen is not None and chosen.media_type in contents.TABULAR,
    )


def _weight(asset: Asset, profile: Profile | None) -> tuple[bool, int, int]:
    rows = profile.row_count if profile and profile.row_count else 0
    return bool(profile and profile.is_readable), rows, -ord(asset.name[0])


def _contents(
    asset: Asset,
    profile: Profile,
    all_profiles: Sequence[Profile],
    declaration: Declaration | None,
    column: str,
) -> Contents:
    shown = profiles.shown(profile, declaration)
    drawn = {one["name"] for one in shown.columns if _is_drawn(shown, one)}
    asked = next((one for one in shown.columns if one["name"] == column and column in drawn), None)
    alone = replace(shown, columns=[asked]) if asked else shown
    return Contents(
        asset=asset,
        profile=profile,
        heat=charts.heat_map(shown),
        tree=charts.tree_map(alone) or charts.tree_map(shown),
        bars=charts.histogram(alone) or charts.histogram(shown),
        column=column if asked else "",
        fields=[
            Field(line, type_words(line.type), _declared(line.name, declaration), line.name in drawn)
            for line in charts.field_lines(shown)
        ],
        by=shown.segments["by"] if shown.segments else "",
        sample=_rows(shown),
        withheld="" if shown.sample else _why_no_sample(all_profiles, declaration),
    )


def _rows(shown: Shown) -> Rows | None:
    if shown.sample is None:
        return None
    numbers = {column["name"] for column in shown.columns if column["kind"] == "number"}
    are_numbers = [name in numbers for name in shown.sample["columns"]]
    return Rows(
        columns=list(zip(shown.sample["columns"], are_numbers, strict=True)),
        rows=[list(zip(row, are_numbers, strict=True)) for row in shown.sample["rows"]],
    )


def _is_drawn(shown: Shown, column: ColumnMeasure) -> bool:
    """Whether a picture of this field alone can be drawn."""
    if not (column["histogram"] or column["top_values"]):
        return False
    alone = replace(shown, columns=[column])
    return charts.histogram(alone) is not None or charts.tree_map(alone) is not None


def _declared(column: str, declaration: Declaration | None) -> Words:
    if declaration is None:
        return ""
    word = class_of(column, declaration.columns, declaration.personal_data)
    return "" if word == PersonalData.NONE else CLASSES.get(word, word)


def _why_no_sample(all_profiles: Sequence[Profile], declaration: Declaration | None) -> Words:
    declared = {declaration.personal_data, *declaration.columns.values()} if declaration else set()
    if not declared:
        return _("The seller has not declared yet whether the data is about people, so no row is shown.")
    if declared != {PersonalData.NONE}:
        return _(
            "The seller declares personal data. No row and no value of a person is shown before a contract."
        )
    if any(_has_finding(profile) for profile in all_profiles):
        return _("The scan found what may be personal data, so no row is shown before a contract.")
    return _("The table is too short for a sample: six rows are shown of sixty or more.")


def _has_finding(profile: Profile) -> bool:
    return any(findings.is_personal(findings.from_stored(stored)) for stored in profile.findings.values())
