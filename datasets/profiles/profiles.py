"""Measures a sealed revision: columns, counts, and, where nothing personal is declared or found, values: ranges,
top values, histograms and a few rows. A scan of sampled values looks for undeclared personal data."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from compliance.classification import quasi_identifiers
from compliance.classification.classification import Finding, classify
from datasets import contents, datasets, queries
from datasets.declarations.declarations import class_of
from datasets.gate import findings
from datasets.models import Asset, Dataset, Declaration, PersonalData, Profile, Revision
from datasets.profiles import bins, samples, segments, tables
from datasets.profiles.measures import ColumnMeasure, Histogram, Shown
from datasets.profiles.tables import Column, Counts, Table, Unreadable
from datasets.storage import full, storage
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Unavailable

SAMPLED_VALUES = 1_000
SECONDS_PER_ASSET = 600.0
MOST_HISTOGRAMS = 200
IDENTIFIER_SHARE = 0.9
"""Whole numbers from 0 on of which this share or more are different are taken for numbering."""

_FETCH_BYTES = 8 * 1024 * 1024


def measure(revision_id: str, now: datetime) -> None:
    """Measure every tabular asset of a sealed revision and have the findings examined; once per revision.

    Files are read outside transactions; what was found is written in one.
    """
    revision = queries.revision(revision_id)
    if not revision.is_sealed or revision.measured_at is not None:
        return
    declaration = datasets.current_declaration(revision.dataset)
    with _private_folder(revision_id) as folder:
        profiles = [
            _profile(asset, declaration, folder, now)
            for asset in queries.assets_of(revision)
            if asset.media_type in contents.TABULAR
        ]
    if any(_has_findings(profile) for profile in profiles):
        # Rows of one table may be about the people in another.
        for profile in profiles:
            profile.sample = None
    _keep(revision, profiles, now)


def may_show_values(column: str, declaration: Declaration | None, finding: Finding | None) -> bool:
    """Whether ranges and top values of a column may be shown: it is declared free of personal data, and
    nothing else was found in it."""
    if declaration is None or findings.is_personal(finding):
        return False
    whole = declaration.personal_data
    return whole == PersonalData.NONE == class_of(column, declaration.columns, whole)


def may_show_stored_values(column: str, profile: Profile, declaration: Declaration | None) -> bool:
    """The same of a column that was measured before; what is declared may have changed since."""
    stored = profile.findings.get(column)
    return may_show_values(column, declaration, findings.from_stored(stored) if stored else None)


def shown(profile: Profile, declaration: Declaration | None) -> Shown:
    """What may be shown of a profile under `declaration`, which may have changed since it was measured."""
    columns = [_cut(column, profile, declaration) for column in profile.columns]
    parts, sample = profile.segments, profile.sample
    if parts and parts["column"] and not may_show_stored_values(parts["column"], profile, declaration):
        parts = None
        columns = [{**column, "fills": None} for column in columns]
    if not all(may_show_stored_values(column["name"], profile, declaration) for column in columns):
        sample = None
    return Shown(row_count=profile.row_count or 0, columns=columns, segments=parts, sample=sample)


def _cut(column: ColumnMeasure, profile: Profile, declaration: Declaration | None) -> ColumnMeasure:
    if may_show_stored_values(column["name"], profile, declaration):
        return column
    return {**column, "minimum": None, "maximum": None, "top_values": None, "histogram": None}


def _has_findings(profile: Profile) -> bool:
    return any(findings.is_personal(findings.from_stored(stored)) for stored in profile.findings.values())


def _profile(asset: Asset, declaration: Declaration | None, folder: Path, now: datetime) -> Profile:
    """What can be said of one asset; not saved yet."""
    own_folder = folder / asset.pk.hex
    own_folder.mkdir(mode=0o700)
    file = own_folder / "table"
    profile = Profile(asset=asset, is_readable=True, measured_at=now)
    try:
        _fetch(asset, file)
        with tables.open_table(
            file, asset.media_type, memory=settings.EXCHANGE_PROFILE_MEMORY, seconds=SECONDS_PER_ASSET
        ) as table:
            _measure(table, profile, declaration)
    except Unreadable as unreadable:
        profile = Profile(asset=asset, is_readable=False, problem=unreadable.reason, measured_at=now)
    shutil.rmtree(own_folder)
    return profile


def _measure(table: Table, profile: Profile, declaration: Declaration | None) -> None:
    counts, found = table.counts(), _scan(table)
    names = [column.name for column in table.columns]
    is_open = [may_show_values(name, declaration, found.get(name)) for name in names]
    opened = [index for index, may in enumerate(is_open) if may]
    parts = segments.measure(table, counts, opened)
    histograms = _histograms(table, counts, opened[:MOST_HISTOGRAMS])
    profile.row_count = table.row_count
    profile.findings = {name: findings.to_stored(finding) for name, finding in found.items()}
    profile.columns = [
        _column(table, index, counts[index], is_open=is_open[index])
        | {
            "fills": [part.fills[index] for part in parts[1]] if parts else None,
            "histogram": histograms.get(index),
        }
        for index in range(len(names))
    ]
    profile.segments = parts[0] if parts else None
    profile.sample = samples.draw(table) if all(is_open) else None


def _scan(table: Table) -> dict[str, Finding]:
    found = classify(
        {column.name: table.sample(index, SAMPLED_VALUES) for index, column in enumerate(table.columns)}
    )
    names = [column.name for column in table.columns]
    among = quasi_identifiers.among(names)
    if len(among) > 1:
        rare = table.rare([names.index(name) for name in among], quasi_identifiers.SMALLEST_GROUP)
        hints = quasi_identifiers.hints(among, rare, table.row_count)
        found = {**hints, **found}
    return found


def _column(table: Table, index: int, counts: Counts, *, is_open: bool) -> dict[str, object]:
    column = table.columns[index]
    span = table.span(index) if is_open else None
    has_top = is_open and column.kind == "text" and 0 < counts.distinct <= tables.MOST_DISTINCT_FOR_TOP
    return {
        "name": column.name,
        "type": column.type,
        "kind": column.kind,
        "filled": counts.filled,
        "distinct": counts.distinct,
        "minimum": span[0] if span else None,
        "maximum": span[1] if span else None,
        "top_values": [[value, count] for value, count in table.top(index)] if has_top else None,
    }


def _histograms(table: Table, counts: list[Counts], opened: list[int]) -> dict[int, Histogram]:
    """By the column's place; none where all values are one, or cannot be put in order."""
    found: dict[int, Histogram] = {}
    in_order = table.in_order(opened)
    for index in opened:
        column, spread = table.columns[index], table.spread(index) if counts[index].distinct > 1 else None
        edges = _edges(column, spread) if spread else None
        if spread is None or edges is None:
            continue
        inside, below, above = table.placed(index, edges.values)
        is_unlike = counts[index].distinct >= IDENTIFIER_SHARE * counts[index].filled
        found[index] = {
            "edges": edges.labels,
            "counts": inside,
            "below": below,
            "above": above,
            "is_whole": column.is_whole,
            "is_identifier": column.is_whole and spread.low >= 0 and (is_unlike or index in in_order),
        }
    return found


def _edges(column: Column, spread: bins.Spread) -> bins.Edges | None:
    if column.kind == "number":
        return bins.of_numbers(spread, is_whole=column.is_whole)
    return bins.of_dates(spread) if column.is_dated else bins.of_times(spread)


@transaction.atomic
def _keep(revision: Revision, profiles: list[Profile], now: datetime) -> None:
    datasets.lock(revision.dataset)
    unmeasured = Revision.objects.filter(pk=revision.pk, state=Revision.State.SEALED, measured_at=None)
    if not unmeasured.update(measured_at=now):
        return
    Profile.objects.bulk_create(profiles)
    revision.refresh_from_db()
    by = Actor.system("measure", at=now)
    events.record(
        "revision.measured",
        revision,
        by=by,
        facts={
            "tables": len(profiles),
            "unreadable": sum(not profile.is_readable for profile in profiles),
            "rows": str(sum(profile.row_count or 0 for profile in profiles)),
            "columns": sum(len(profile.columns) for profile in profiles),
            "findings": sum(len(profile.findings) for profile in profiles),
            "kinds": findings.kinds(profiles),
        },
    )
    datasets.examine(Dataset.objects.get(pk=revision.dataset_id), by)


def _fetch(asset: Asset, file: Path) -> None:
    """Copy the asset out of storage and check it against its digest."""
    digest, offset, store = hashlib.sha256(), 0, storage()
    try:
        with file.open("wb") as copy:
            while data := store.read(asset.storage_key, offset, _FETCH_BYTES):
                digest.update(data)
                copy.write(data)
                offset += len(data)
    except OSError:
        raise full() from None
    if digest.hexdigest() != asset.sha256:
        raise Unavailable("the bytes in storage are not those that were received", code="storage_damaged")


@contextmanager
def _private_folder(revision_id: str) -> Iterator[Path]:
    """A folder for one measurement, gone afterwards; a second one of the same revision has to wait.

    A reaction that takes longer than its lease is sent again, and must not take memory twice.
    """
    folder = Path(settings.EXCHANGE_VAR_DIR) / "measuring" / revision_id
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable("this revision is being measured", code="being_measured") from None
        try:
            _clear(folder)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(held)


def _clear(folder: Path) -> None:
    """A worker that was killed in the middle has left its files."""
    for entry in folder.iterdir():
        shutil.rmtree(entry)
