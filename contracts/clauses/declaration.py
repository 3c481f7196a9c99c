"""What a clause is, and what a declaration of a clause kind must say: heading, parameters, words in two languages, ODRL
form, evaluation and standing, all in one place so that they cannot disagree."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

from contracts.clauses.parameters import Parameter, Value

Names: TypeAlias = Mapping[str, str]
Constraint: TypeAlias = dict[str, Any]
Rule: TypeAlias = dict[str, Any]
Raw: TypeAlias = Mapping[str, object]

_T = TypeVar("_T")


class Standing(StrEnum):
    """What holds a clause up: the gateway, a declaration or proof that stays, or the buyer's word."""

    ENFORCED = "enforced"
    EVIDENCED = "evidenced"
    PROMISED = "promised"


class Reason(StrEnum):
    """Why a clause refuses."""

    USE_COUNTRY_NOT_ALLOWED = "use_country_not_allowed"
    OUT_OF_HOURS = "out_of_hours"
    REVISION_NOT_INCLUDED = "revision_not_included"
    VOLUME_SPENT = "volume_spent"
    ROWS_UNKNOWN = "rows_unknown"
    DELIVERY_NOT_ALLOWED = "delivery_not_allowed"
    COPIES_SPENT = "copies_spent"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    SECTOR_NOT_ALLOWED = "sector_not_allowed"
    SECTOR_UNKNOWN = "sector_unknown"
    ADDRESS_COUNTRY_NOT_ALLOWED = "address_country_not_allowed"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    EXPIRED = "expired"
    PURPOSE_NOT_ALLOWED = "purpose_not_allowed"
    RECIPIENT_NOT_NAMED = "recipient_not_named"
    UNDECIDABLE = "undecidable"


UNDECIDED = frozenset({Reason.UNDECIDABLE, Reason.SECTOR_UNKNOWN, Reason.ROWS_UNKNOWN})
"""The reasons that say that a fact is missing, and nothing against the facts that are known."""


class Side(StrEnum):
    """Which of the three lists a clause stands in: what the buyer may, must and may not do."""

    MAY = "may"
    MUST = "must"
    MAY_NOT = "may_not"


@dataclass(frozen=True)
class Clause:
    """One clause with its parameters in canonical form."""

    kind: str
    values: tuple[tuple[str, Value], ...]

    def several(self, name: str) -> tuple[str, ...]:
        """A parameter that is a list; TypeError when it is not, or is absent."""
        return self._typed(name, tuple)

    def number(self, name: str) -> int:
        """A parameter that is a whole number."""
        return self._typed(name, int)

    def flag(self, name: str) -> bool:
        """A parameter that is yes or no."""
        return self._typed(name, bool)

    def words(self, name: str) -> str:
        """A parameter that is text."""
        return self._typed(name, str)

    def has(self, name: str) -> bool:
        """Whether a parameter that may be left out is there."""
        return any(name == given for given, _ in self.values)

    def _typed(self, name: str, wanted: type[_T]) -> _T:
        value = dict(self.values).get(name)
        # A boolean is an int to isinstance.
        if isinstance(value, wanted) and type(value) is wanted:
            return value
        raise TypeError(f"{self.kind}.{name} is not {wanted.__name__}")


@dataclass(frozen=True)
class Facts:
    """What is known when a decision is made; None is "not known", and a clause that needs it then refuses.

    `copies_used` counts the copies of this file already taken, without the one being decided; `groups` says who
    belongs to the groups of countries on that day; `delivery` is the channel by which the bytes would leave.
    `agreed_number` is that of the revision that the contract names, the other two are of the one asked for.
    `bytes_taken` and `rows_taken` are of all copies under the right, without the one being decided, which would take
    `asset_bytes` and `asset_rows` more. `sector` is what the operator has seen of the buyer, empty where nothing.
    """

    now: datetime
    purpose: str | None = None
    use_country: str | None = None
    buyer_country: str | None = None
    sector: str | None = None
    recipient_id: str | None = None
    address: str | None = None
    address_country: str | None = None
    copies_used: int | None = None
    active_since: datetime | None = None
    groups: Mapping[str, frozenset[str]] | None = None
    delivery: str | None = None
    revision_number: int | None = None
    revision_sealed_at: datetime | None = None
    agreed_number: int | None = None
    bytes_taken: int | None = None
    rows_taken: int | None = None
    asset_bytes: int | None = None
    asset_rows: int | None = None


@dataclass(frozen=True)
class Sentence:
    """The same whole sentence in both languages."""

    en: str
    fr: str


@dataclass(frozen=True)
class Rules:
    """A clause in ODRL: constraints that bind every permission, and rules of its own."""

    gate: tuple[Constraint, ...] = ()
    permissions: tuple[Rule, ...] = ()
    prohibitions: tuple[Rule, ...] = ()
    obligations: tuple[Rule, ...] = ()


def nothing_against(clause: Clause, facts: Facts) -> Reason | None:
    """The evaluation of a clause about conduct after delivery: the gateway has nothing to hold against it."""
    return None


def no_fault(clause: Clause) -> str | None:
    """Parameters that go together whatever they are."""
    return None


def never(clause: Clause, facts: Facts) -> datetime | None:
    """The answer of a clause that time alone does not change."""
    return None


@dataclass(frozen=True)
class InBrief:
    """A clause as a line of a list: what it is, and what is to be known of it. Without a note of its own, that is
    the clause's sentence."""

    side: Side
    title: Sentence
    note: Sentence | None = None


def listed(side: Side, title: Sentence) -> Callable[[Clause], InBrief]:
    """The line of every clause of a kind whose sentence says the rest."""
    line = InBrief(side, title)
    return lambda clause: line


@dataclass(frozen=True)
class Declaration:
    """One kind of clause.

    `standing` may follow from the clause itself, never from anything else. `needs` names the facts that `against`
    reads beside the time. `is_asked`: it is held against a request too. `is_grant`: it gives a permission; every
    other kind only restricts. `is_of_delivery`: it is about how the data arrives, not about what is done with it.
    `fault` says which parameters do not go together. `reads` finds in a policy's pieces the parameters that `rules`
    writes. `next_change` is when time alone may next change what is good. `when_silent` is the clause that terms
    hold when they do not mention the kind. `earlier` is how it was decided up to a version of the rules.
    """

    kind: str
    heading: Sentence
    standing: Standing | Callable[[Clause], Standing]
    parameters: Mapping[str, Parameter]
    words: Callable[[Clause, Names], Sentence]
    rules: Callable[[Clause], Rules]
    right: Callable[[Clause], InBrief]
    reads: Callable[[Rules], Raw | None]
    against: Callable[[Clause, Facts], Reason | None] = nothing_against
    needs: frozenset[str] = frozenset()
    is_asked: bool = False
    is_grant: bool = False
    is_of_delivery: bool = False
    fault: Callable[[Clause], str | None] = no_fault
    next_change: Callable[[Clause, Facts], datetime | None] = never
    when_silent: Clause | None = None
    earlier: Mapping[int, Callable[[Clause, Facts], Reason | None]] = field(default_factory=dict)

    def by_rules_of(self, version: int) -> Callable[[Clause, Facts], Reason | None]:
        """How the kind was decided by that version of the rules."""
        until = min((last for last in self.earlier if last >= version), default=None)
        return self.against if until is None else self.earlier[until]

    def standing_of(self, clause: Clause) -> Standing:
        """What holds this clause up."""
        return self.standing if isinstance(self.standing, Standing) else self.standing(clause)
