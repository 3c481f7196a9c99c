"""A register as pages and papers show it: every field in words, with where it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compliance.activities import parts, words
from compliance.activities.shape import ROLES, Activity, Completed, Origin, Register, Reviewed, Sent
from compliance.activities.words import FIELDS, PARTS, Called
from compliance.words import Words

_MOST_ORIGINS = 50
_MOST_VALUES = 100
_MOST_PLACES = 6


@dataclass(frozen=True)
class Derived:
    """A field that was derived, and what it says."""

    name: str
    label: Words
    values: Sequence[str]

    @property
    def first(self) -> Sequence[str]:
        """As many as a page shows; the files hold all of them."""
        return self.values[:_MOST_VALUES]

    @property
    def more(self) -> int:
        return max(0, len(self.values) - _MOST_VALUES)


@dataclass(frozen=True)
class Added:
    """A part that was added by hand, or that could be."""

    name: str
    label: Words
    value: str


@dataclass(frozen=True)
class ShownActivity:
    activity: Activity
    title: str
    derived: Sequence[Derived]
    added: Sequence[Added]
    warnings: Sequence[str]
    origins: Sequence[Origin]
    more_origins: int
    reviewed: Reviewed
    places: Sequence[str]

    @property
    def first_places(self) -> Sequence[str]:
        """As many countries as stand in a row of the register."""
        return self.places[:_MOST_PLACES]

    @property
    def more_places(self) -> int:
        return max(0, len(self.places) - _MOST_PLACES)


@dataclass(frozen=True)
class ShownRole:
    """One of the two registers."""

    role: str
    label: Words
    activities: Sequence[ShownActivity]


@dataclass(frozen=True)
class ShownRegister:
    name: str
    head: Completed
    contacts: Sequence[Added]
    added: Sequence[Added]
    missing: Sequence[Words]
    roles: Sequence[ShownRole]
    warnings: int
    stale: int


def register(found: Register, names: Called) -> ShownRegister:
    """Both registers of an organisation."""
    roles = [
        ShownRole(role, words.ROLES[role], [activity(one, names) for one in found.of(role)]) for role in ROLES
    ]
    said = {**found.head.parts, **found.head.contacts}
    return ShownRegister(
        name=names.organisation(found.participant_id),
        head=found.head,
        contacts=_added(found.head.contacts, parts.CONTACTS_OF_REGISTER),
        added=_added(found.head.parts, parts.OF_REGISTER),
        missing=[PARTS[name] for name in parts.ASKED_OF_CONTROLLER if not said.get(name)],
        roles=roles,
        warnings=sum(bool(one.warnings) for one in found.activities),
        stale=sum(one.reviewed.is_stale for one in found.activities),
    )


def activity(found: Activity, names: Called) -> ShownActivity:
    """One activity: what was derived, then what was added."""
    values = words.values(found, names)
    said = {**found.completed.parts, **found.completed.contacts}
    return ShownActivity(
        activity=found,
        title=words.title(found, names),
        derived=[Derived(name, label, values[name]) for name, label in FIELDS.items() if values[name]],
        added=_added(said, {**parts.OF_ACTIVITY, **parts.CONTACTS_OF_ACTIVITY}),
        warnings=[words.warning(one, names) for one in found.warnings],
        origins=found.derived.origins[:_MOST_ORIGINS],
        more_origins=max(0, len(found.derived.origins) - _MOST_ORIGINS),
        reviewed=found.reviewed,
        places=list(dict.fromkeys(one.country for one in _most_first(found.derived.sent))),
    )


def _most_first(sent: Sequence[Sent]) -> Sequence[Sent]:
    return sorted(sent, key=lambda one: -one.transfers)


def _added(said: Mapping[str, str], known: Mapping[str, int]) -> list[Added]:
    return [Added(name, PARTS[name], said.get(name, "")) for name in known]
