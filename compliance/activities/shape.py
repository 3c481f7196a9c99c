"""What a register of processing says: activities with what was derived of each, what was added by hand, and what does
not agree. Plain values in codes; how they are called in a language is said in `words`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

Role: TypeAlias = Literal["controller", "processor"]
Kind: TypeAlias = Literal["provide", "use", "host", "publication", "accounts", "proof"]

CONTROLLER: Role = "controller"
PROCESSOR: Role = "processor"
ROLES: tuple[Role, ...] = (CONTROLLER, PROCESSOR)


@dataclass(frozen=True, order=True)
class Sent:
    """What went to one country under one mechanism."""

    country: str
    mechanism: str
    transfers: int
    sent_bytes: int


@dataclass(frozen=True, order=True)
class Kept:
    """How long something is kept: `months` or `days`, or until `until`; none of them where nobody said."""

    what: str
    months: int | None = None
    days: int | None = None


@dataclass(frozen=True)
class Origin:
    """From which leaf something was derived, about what, and when it was said."""

    subject: str
    leaf: int | None
    at: datetime | None

    @property
    def noun(self) -> str:
        return self.subject.partition(":")[0]

    @property
    def subject_id(self) -> str:
        return self.subject.partition(":")[2]


@dataclass(frozen=True)
class Warning:
    """What was declared and what was observed that do not agree, or what is missing; `about` names it in codes."""

    code: str
    about: tuple[str, ...] = ()
    dataset_id: UUID | None = None


@dataclass(frozen=True)
class Derived:
    """What follows from declarations, agreements and transfers alone; nobody types it here. `stated_purposes` and
    `stated_sources` are as the sellers wrote them in their declarations."""

    purposes: tuple[str, ...] = ()
    legal_bases: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    stated_purposes: tuple[str, ...] = ()
    stated_sources: tuple[str, ...] = ()
    dpias: tuple[str, ...] = ()
    counterparties: tuple[UUID, ...] = ()
    recipients: tuple[UUID, ...] = ()
    has_others: bool = False  # there are more recipients than are named
    datasets: tuple[UUID, ...] = ()
    sent: tuple[Sent, ...] = ()
    kept: tuple[Kept, ...] = ()
    agreements: int = 0
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True)
class Completed:
    """What was added by hand last: `number` counts its versions, 0 before the first. `is_shredded`: who can be asked
    was erased."""

    number: int = 0
    parts: Mapping[str, str] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None
    version_id: UUID | None = None
    is_shredded: bool = False


@dataclass(frozen=True)
class Reviewed:
    """When somebody looked at it last, and when it is to be looked at again."""

    at: datetime | None
    due_at: datetime | None
    is_stale: bool


@dataclass(frozen=True)
class Activity:
    """One processing of one organisation in one role. `key` names it within the register, for ever."""

    key: str
    kind: Kind
    role: Role
    derived: Derived
    since: datetime | None
    changed_at: datetime | None
    completed: Completed
    reviewed: Reviewed
    warnings: tuple[Warning, ...]


@dataclass(frozen=True)
class Register:
    """Both registers of one organisation: Art. 30(1) and 30(2)."""

    participant_id: UUID
    head: Completed
    activities: Sequence[Activity]

    def of(self, role: str) -> list[Activity]:
        """The activities in one role."""
        return [one for one in self.activities if one.role == role]
