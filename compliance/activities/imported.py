"""What a file says of a register, and what taking it over would change. Derived parts are compared, never taken: the
log says them, whatever a file claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from compliance.activities import codes, completions, parts
from compliance.activities.shape import Completed, Register
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Invalid

LARGEST_BYTES = 10_000_000


@dataclass(frozen=True)
class Entry:
    """What a file says of one activity, or of the whole register where `activity` is empty."""

    activity: str
    parts: Mapping[str, str]
    contacts: Mapping[str, str]
    derived: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """A part that the file says otherwise than the register: what was, and what would be."""

    activity: str
    part: str
    before: str
    after: str


@dataclass(frozen=True)
class Mismatch:
    """A derived field that the log says otherwise than the file."""

    activity: str
    field: str
    in_log: Sequence[str]
    in_file: Sequence[str]


@dataclass(frozen=True)
class Preview:
    """What taking a file over would do. `unknown`: activities that the log does not know; nothing of them is taken."""

    changes: Sequence[Change]
    mismatches: Sequence[Mismatch]
    unknown: Sequence[str]
    missing: Sequence[str]


def unreadable(why: str) -> Invalid:
    """The refusal of a file."""
    return Invalid(f"this file is not a register that was exported here: {why}", code="register_unreadable")


def preview(entries: Sequence[Entry], register: Register) -> Preview:
    """What the file would change, what it says otherwise than the log, and what it does not know."""
    known = codes.by_key(register)
    seen = [one.activity for one in entries]
    if len(set(seen)) < len(seen):
        raise unreadable("it names an activity twice")
    derived = {one.key: codes.of_derived(one.derived) for one in register.activities}
    changes, mismatches = [], []
    for entry in entries:
        if entry.activity not in known:
            continue
        _require_known_parts(entry)
        changes += _changes(entry, known[entry.activity])
        for name, in_file in entry.derived.items():
            in_log = derived.get(entry.activity, {}).get(name, [])
            if list(in_file) != in_log:
                mismatches.append(Mismatch(entry.activity, name, in_log, list(in_file)))
    return Preview(
        changes,
        mismatches,
        unknown=[one for one in seen if one not in known],
        missing=[key for key in known if key not in seen],
    )


@transaction.atomic
def take_over(entries: Sequence[Entry], register: Register, *, by: Actor) -> Preview:
    """Add by hand what the file says, where the register says otherwise; answers what it did."""
    found = preview(entries, register)
    changed = {one.activity for one in found.changes}
    for entry in entries:
        if entry.activity in changed:
            completions.complete(
                entry.activity,
                {name: entry.parts.get(name, "") for name in parts.parts_of(entry.activity)},
                {name: entry.contacts.get(name, "") for name in parts.contacts_of(entry.activity)},
                by=by,
            )
    return found


def _changes(entry: Entry, before: Completed) -> list[Change]:
    names = (*parts.parts_of(entry.activity), *parts.contacts_of(entry.activity))
    was, says = {**before.parts, **before.contacts}, {**entry.parts, **entry.contacts}
    return [
        Change(entry.activity, name, was.get(name, ""), says.get(name, ""))
        for name in names
        if was.get(name, "") != says.get(name, "")
    ]


def _require_known_parts(entry: Entry) -> None:
    """What is said in the file must be what can be said of this entry."""
    parts.clean(entry.parts, parts.parts_of(entry.activity))
    parts.clean(entry.contacts, parts.contacts_of(entry.activity))
