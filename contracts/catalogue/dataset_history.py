"""A dataset's revisions as buyers see them: state, files, digest, leaf in the log, and what changed in their fields."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from compliance.proofs import leaves
from compliance.proofs.leaves import Leaf
from compliance.words import Mark
from datasets.models import Asset, Dataset, Revision
from datasets.words import REVISIONS
from exchange.look import formats

MOST_REVISIONS = 20
_MOST_NAMED = 4

Schema = Mapping[str, tuple[int | None, Mapping[str, str]]]
"""Of each file by name: its rows, and the type of each of its fields; empty where it was not measured."""


@dataclass(frozen=True)
class RevisionLine:
    """`rows` is None where no table was measured; `leaf` is None where its Event is not there."""

    revision: Revision
    mark: Mark
    files: int
    rows: int | None
    changes: list[str]
    leaf: Leaf | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class History:
    """The newest revisions first; `earlier` is how many more there are."""

    lines: list[RevisionLine]
    earlier: int


def history(dataset: Dataset) -> History:
    """The sealed and revoked revisions. Five queries, however many there are."""
    sealed = Revision.objects.filter(dataset=dataset).exclude(sealed_at=None).defer("manifest")
    found = list(sealed.order_by("-number")[: MOST_REVISIONS + 1])
    schemas = _schemas([row.pk for row in found])
    known = {
        (leaf.name, leaf.subject): leaf
        for leaf in leaves.of_subjects(
            [f"revision:{row.pk}" for row in found], ["revision.sealed", "revision.revoked"]
        )
    }
    lines = []
    for place, row in enumerate(found[:MOST_REVISIONS]):
        subject = f"revision:{row.pk}"
        schema = schemas.get(row.pk, {})
        before = schemas.get(found[place + 1].pk, {}) if place + 1 < len(found) else None
        revoked = known.get(("revision.revoked", subject))
        lines.append(
            RevisionLine(
                revision=row,
                mark=REVISIONS[row.state],
                files=len(schema),
                rows=_rows(schema),
                changes=[_("First revision")] if before is None else changes(before, schema),
                leaf=known.get(("revision.sealed", subject)),
                revoked_at=revoked.at if revoked else None,
            )
        )
    earlier = sealed.count() - MOST_REVISIONS if len(found) > MOST_REVISIONS else 0
    return History(lines, earlier)


def changes(before: Schema, after: Schema) -> list[str]:
    """What differs in files and fields, in sentences; said plainly where nothing does."""
    said = []
    if new := [name for name in after if name not in before]:
        said.append(_("New files: %(names)s") % {"names": _named(new)})
    if gone := [name for name in before if name not in after]:
        said.append(_("Files no longer there: %(names)s") % {"names": _named(gone)})
    added, removed, retyped = [], [], []
    for name in after:
        old, now = before.get(name, (None, {}))[1], after[name][1]
        if old and now:
            added += [column for column in now if column not in old]
            removed += [column for column in old if column not in now]
            retyped += [column for column in now if column in old and old[column] != now[column]]
    if added:
        said.append(_("Fields added: %(names)s") % {"names": _named(added)})
    if removed:
        said.append(_("Fields removed: %(names)s") % {"names": _named(removed)})
    if retyped:
        said.append(_("Fields of another type: %(names)s") % {"names": _named(retyped)})
    return said or [_("Same files, same fields")]


def _named(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return (
        shown
        if more <= 0
        else _("%(names)s and %(count)s more")
        % {
            "names": shown,
            "count": formats.number(more),
        }
    )


def _schemas(revision_ids: list[UUID]) -> dict[UUID, dict[str, tuple[int | None, dict[str, str]]]]:
    rows = Asset.objects.filter(revision__in=revision_ids).exclude(received_at=None).order_by("name")
    found: dict[UUID, dict[str, tuple[int | None, dict[str, str]]]] = defaultdict(dict)
    for revision_id, name, count, columns in rows.values_list(
        "revision_id", "name", "profile__row_count", "profile__columns"
    ):
        found[revision_id][name] = count, {str(one["name"]): str(one["type"]) for one in columns or []}
    return found


def _rows(schema: Schema) -> int | None:
    counted = [count for count, _fields in schema.values() if count is not None]
    return sum(counted) if counted else None
