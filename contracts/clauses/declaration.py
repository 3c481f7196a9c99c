"""What a clause is, and what a declaration of a clause kind must say: parameters, words in two languages, ODRL
form, evaluation and standing, all in one place so that they cannot disagree."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

from contracts.clauses.parameters import Parameter, Value

Names: TypeAlias = Mapping[str, str]
Constraint: TypeAlias = dict[str, Any]
Rule: TypeAlias = dict[str, Any]

_T = TypeVar("_T")


class Standing(StrEnum):
    """What holds a clause up: the gateway, a declaration or proof that stays, or the buyer's word."""

    ENFORCED = "enforced"
    EVIDENCED = "evidenced"
    PROMISED = "promised"


class Reason(StrEnum):
    """Why a clause refuses."""

    COPIES_SPENT = "copies_spent"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    EXPIRED = "expired"
    PURPOSE_NOT_ALLOWED = "purpose_not_allowed"
    RECIPIENT_NOT_NAMED = "recipient_not_named"
    UNDECIDABLE = "undecidable"


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

    def _typed(self, name: str, wanted: type[_T]) -> _T:
        value = dict(self.values).get(name)
        # A boolean is an int to isinstance.
        if isinstance(value, wanted) and type(value) is wanted:
            return value
        raise TypeError(f"{self.kind}.{name} is not {wanted.__name__}")


@dataclass(frozen=True)
class Facts:
    """What is known when a decision is made; None is "not known", and a clause that needs it then refuses.

    `copies_used` counts the copies of this file already taken, without the one being decided.
    """

    now: datetime
    purpose: str | None = None
    buyer_country: str | None = None
    recipient_id: str | None = None
    address: str | None = None
    copies_used: int | None = None
    active_since: datetime | None = None
    ends_at: datetime | None = None


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


@dataclass(frozen=True)
class Declaration:
    """One kind of clause. `when_silent` is the clause that terms hold when they do not mention the kind."""

    kind: str
    standing: Standing
    parameters: Mapping[str, Parameter]
    words: Callable[[Clause, Names], Sentence]
    rules: Callable[[Clause], Rules]
    against: Callable[[Clause, Facts], Reason | None] = nothing_against
    when_silent: Clause | None = None
