"""What people do with a register of processing: look at it, take it along, take a file over. Each look and each export
of an officer is an Event."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import transaction
from django.utils import translation

from compliance.activities import (
    as_csv,
    as_jsonld,
    as_paper,
    as_xlsx,
    completions,
    imported,
    queries,
    words,
)
from compliance.activities.imported import LARGEST_BYTES, Entry, Preview
from compliance.activities.shape import Activity, Register
from compliance.activities.words import Called
from compliance.desk import note
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact

Form = Literal["csv", "jsonld", "xlsx", "cnil", "pdf"]
FORMS: tuple[Form, ...] = ("csv", "jsonld", "xlsx", "cnil", "pdf")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class File:
    """A register in one form."""

    name: str
    media_type: str
    content: bytes


_Writer = Callable[[Register, Called, datetime], bytes]
_WRITERS: dict[Form, tuple[str, str, _Writer]] = {
    "csv": ("csv", "text/csv; charset=utf-8", lambda found, names, at: as_csv.write(found)),
    "jsonld": (
        "jsonld",
        "application/ld+json",
        lambda found, names, at: as_jsonld.write(found, names, at=at),
    ),
    "xlsx": ("xlsx", _XLSX, lambda found, names, at: as_xlsx.write(found, names, at=at)),
    "cnil": ("xlsx", _XLSX, lambda found, names, at: as_xlsx.write(found, names, at=at)),
    "pdf": ("pdf", "application/pdf", lambda found, names, at: as_paper.write(found, names, at=at)),
}


@transaction.atomic
def look(*, by: Actor) -> tuple[Register, Called]:
    """Both registers of the actor's organisation, with the names of what they mention."""
    found = queries.register_visible_to(by)
    _note("officer.viewed", {"what": "activities"}, by)
    return found, words.called(found, by=by)


@transaction.atomic
def open_activity(key: str, *, by: Actor) -> tuple[Activity, Register, Called]:
    """One activity of the actor's organisation."""
    found = queries.register_visible_to(by)
    activity = queries.activity_of(found, key)
    _note("officer.viewed", {"what": "activity", "activity": key}, by)
    return activity, found, words.called(found, by=by)


def export(form: Form, *, by: Actor) -> File:
    """The registers as a file; the CNIL's sheet is in French whoever asks. Drawn outside the transaction: a PDF takes
    its time."""
    with transaction.atomic():
        found = queries.register_visible_to(by)
        names = words.called(found, by=by)
        count = len(found.activities)
        _note("officer.exported", {"what": "activities", "form": form, "activities": count}, by)
    ending, media_type, write = _WRITERS[form]
    language = "fr" if form == "cnil" else translation.get_language() or "en"
    with translation.override(language):
        content = write(found, names, by.at)
    return File(f"records-of-processing-{by.at:%Y-%m-%d}.{ending}", media_type, content)


def read(content: bytes) -> Sequence[Entry]:
    """What a file says that was exported here, as CSV or JSON-LD; Invalid where it cannot be read."""
    if len(content) > LARGEST_BYTES:
        raise imported.unreadable(f"it has more than {LARGEST_BYTES} bytes")
    is_json = content.lstrip()[:1] == b"{"
    return as_jsonld.read(content) if is_json else as_csv.read(content)


def preview(content: bytes, *, by: Actor) -> Preview:
    """What taking this file over would change; nothing is changed."""
    completions.require_own_register(by)
    return imported.preview(read(content), queries.register_visible_to(by))


@transaction.atomic
def take_over(content: bytes, *, by: Actor) -> Preview:
    """Take over what was added by hand, as a file says it; answers what it changed and what it did not."""
    completions.require_own_register(by)
    return imported.take_over(read(content), queries.register_visible_to(by), by=by)


def _note(name: str, facts: Mapping[str, Fact], by: Actor) -> None:
    """An organisation that looks at its own register leaves no trace."""
    if by.can(Scope.AUDIT):
        note(name, by, facts)
