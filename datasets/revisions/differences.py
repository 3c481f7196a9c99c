"""How the files of a measured revision differ from those of the sealed revision before it: files that are new or gone,
and in each file columns that are new, gone, or of another type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from datasets import queries
from datasets.models import Asset, Profile, Revision
from datasets.words import type_words
from exchange.look import formats

MOST_NAMED = 12
"""Columns that one line names; the others are counted."""


@dataclass(frozen=True)
class Part:
    """One thing that differs: in words, with the columns that it is about."""

    words: str
    names: list[str] = field(default_factory=list)

    @property
    def shown(self) -> list[str]:
        """The columns that are named."""
        return self.names[:MOST_NAMED]

    @property
    def more(self) -> int:
        """How many are not named."""
        return len(self.names) - len(self.shown)


@dataclass(frozen=True)
class Difference:
    """One file against the file of its name before; `has_changed` when its columns have, or when it is new or gone."""

    name: str
    parts: list[Part]
    has_changed: bool = True


def against(before: Revision, assets: Sequence[Asset]) -> list[Difference]:
    """Every file of a revision by name, then those that only the revision before has."""
    former = {asset.name: asset for asset in queries.assets_of(before)}
    found = [_of_file(former.pop(asset.name, None), asset) for asset in assets]
    gone = [Part(_("Not in this revision any more."))]
    return found + [Difference(name, gone) for name in sorted(former)]


def _of_file(before: Asset | None, now: Asset) -> Difference:
    if before is None:
        return Difference(now.name, [Part(_("A new file."))])
    if before.sha256 == now.sha256:
        return Difference(now.name, [Part(_("The same file, byte by byte."))], has_changed=False)
    first, second = queries.profile_of(before), queries.profile_of(now)
    if not (first and second and first.is_readable and second.is_readable):
        return Difference(now.name, [Part(_("Another content. It is not compared column by column."))])
    parts = _of_columns(_types(first), _types(second))
    same = [] if parts else [Part(_("The same columns."))]
    return Difference(now.name, [*parts, *same, _rows(first, second)], has_changed=bool(parts))


def _of_columns(before: Mapping[str, str], now: Mapping[str, str]) -> list[Part]:
    new = [name for name in now if name not in before]
    gone = [name for name in before if name not in now]
    other = [name for name in now if name in before and before[name] != now[name]]
    parts = [
        (new, ngettext("%(count)s new column:", "%(count)s new columns:", len(new))),
        (gone, ngettext("%(count)s column is gone:", "%(count)s columns are gone:", len(gone))),
        (
            other,
            ngettext("%(count)s column has another type:", "%(count)s columns have another type:", len(other)),
        ),
    ]
    said = {name: f"{name} {_change(before[name], now[name])}" for name in other}
    return [
        Part(words % {"count": formats.number(len(names))}, [said.get(name, name) for name in names])
        for names, words in parts
        if names
    ]


def _change(before: str, now: str) -> str:
    words = type_words(before), type_words(now)
    first, second = words if str(words[0]) != str(words[1]) else (before, now)
    return f"{first} → {second}"


def _rows(before: Profile, now: Profile) -> Part:
    counts = {"now": formats.number(now.row_count or 0), "before": formats.number(before.row_count or 0)}
    return Part(_("Rows: %(now)s, %(before)s before.") % counts)


def _types(profile: Profile) -> dict[str, str]:
    return {column["name"]: column["type"] for column in profile.columns}
