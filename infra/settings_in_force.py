"""The settings that this process runs with, beside their defaults. A secret is never shown: only whether it is set."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from infra import environment
from infra.environment import Setting

_GROUPS = {
    "EXCHANGE_VAR_DIR": _("This exchange"),
    "EXCHANGE_STORAGE": _("Storage and search"),
    "EXCHANGE_UPLOAD_LARGEST_BYTES": _("Uploads and downloads"),
    "EXCHANGE_PAYMENT_PROVIDER": _("Payments"),
    "EXCHANGE_LOG_NAME": _("Log"),
    "EXCHANGE_ADDRESS_COUNTRIES": _("Law and compliance"),
    "EXCHANGE_EMAIL_URL": _("Mail"),
}
"""The first setting of each group, in the order of `infra/settings.py`."""
_CREDENTIALS = re.compile(r"(?<=//)[^/@\s]+(?=@)")


@dataclass(frozen=True)
class Row:
    """`parts` is the meaning, cut where it names values: pairs of text and whether it is such a name."""

    name: str
    parts: list[tuple[str, bool]]
    options: tuple[str, ...]
    value: str
    default: str
    is_secret: bool
    is_set: bool


@dataclass(frozen=True)
class Group:
    title: str | Promise
    rows: list[Row]

    @property
    def set_count(self) -> int:
        return sum(row.is_set for row in self.rows)


def groups(*, only_set: bool = False) -> list[Group]:
    """Every setting in its group; or those alone that the environment gives."""
    found: list[Group] = []
    for setting in environment.KNOWN.values():
        if setting.name in _GROUPS or not found:
            found.append(Group(_GROUPS.get(setting.name, _("This exchange")), []))
        row = _row(setting)
        if row.is_set or not only_set:
            found[-1].rows.append(row)
    return [group for group in found if group.rows]


def _row(setting: Setting) -> Row:
    value = getattr(settings, setting.name, None)
    is_set = environment.is_set(setting.name)
    return Row(
        name=setting.name,
        parts=list(_parts(gettext(setting.meaning))),
        options=setting.options,
        value="" if setting.is_secret else _shown(value),
        default="" if setting.is_secret else setting.default,
        is_secret=setting.is_secret,
        is_set=is_set or (setting.is_secret and bool(value)),
    )


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    written = str(value) if isinstance(value, Path | str | int) else ""
    return _CREDENTIALS.sub("…", written)


def _parts(meaning: str) -> Iterator[tuple[str, bool]]:
    for position, part in enumerate(meaning.split("`")):
        if part:
            yield part, position % 2 == 1
