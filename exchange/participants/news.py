"""What members are told of: the type of one occasion, the tables that each app hands over at start, and the words of a
notice, written from facts when it is read and never kept."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from django.utils.functional import Promise

from exchange.kernel.actors import Scope
from exchange.kernel.canonical import Fact
from exchange.look import formats

Words = str | Promise
Facts = Mapping[str, Fact]
Audience = Callable[[Facts], Mapping[UUID, Facts]]
"""Facts of an Event -> the participants to tell, each with what is true of it alone."""
Names = Callable[[Iterable[UUID]], Mapping[UUID, str]]
CodeWords = Callable[[str], str]

EXCHANGE = "exchange"
"""As `to`: the operator's own organisation."""


class Group(StrEnum):
    """What people choose mail for; of security they are always told at once."""

    SALES = "sales"
    MONEY = "money"
    RIGHTS = "rights"
    SECURITY = "security"


class Tells(StrEnum):
    """Who is told in the organisation that acted itself."""

    OTHERS = "others"  # nobody: the other side is told
    COLLEAGUES = "colleagues"  # all but the member who acted
    EVERYONE = "everyone"  # that member too


@dataclass(frozen=True)
class News:
    """One occasion, told to one side. `to` is the fact that names the participant, or EXCHANGE; `audience` finds
    participants where no fact names them. Words take facts by name, things by what they are called."""

    name: str  # of the Event; of the occasion where the clock brings it
    to: str
    scope: Scope
    group: Group
    title: Words
    sentence: Words
    route: str = ""
    argument: str = ""  # the fact that the route takes
    icon: str = "info"
    kind: str = ""  # ok, info, warn, stop
    tells: Tells = Tells.OTHERS
    audience: Audience | None = None
    noun: str = ""  # the model in the Event's subject, where the Event's name does not begin with it
    by_clock: bool = False

    @property
    def key(self) -> str:
        """How a notice names what it tells."""
        return f"{self.name}/{self.to}"

    @property
    def subject_noun(self) -> str:
        return self.noun or self.name.partition(".")[0]


Row = TypeVar("Row")
_known: dict[str, News] = {}
_names: dict[str, Names] = {}
_codes: list[CodeWords] = []


def register(table: Iterable[News], names: Mapping[str, Names], codes: CodeWords) -> None:
    """Take what all apps tell, what things are called (fact -> names), and the words of a refusal's code; once, at
    start."""
    _known.clear()
    _known.update((one.key, one) for one in table)
    _names.clear()
    _names.update(names)
    _codes[:] = [codes]


def known(key: str) -> News | None:
    """What a notice tells; None where no app tells it any more."""
    return _known.get(key)


def of_event(name: str) -> list[News]:
    """All that is told after an Event of this name."""
    return [one for one in _known.values() if one.name == name and not one.by_clock]


def of_clock(name: str) -> list[News]:
    """All that the clock tells under this name."""
    return [one for one in _known.values() if one.name == name and one.by_clock]


def all_known() -> list[News]:
    """Everything that anybody is told."""
    return list(_known.values())


@contextmanager
def drawing_up(batch: Iterable[Facts]) -> Iterator[None]:
    """While notices about these facts are drawn up: what `named_by` reads is read for all of them at once."""
    token = _batch.set(_Batch(list(batch), {}))
    try:
        yield
    finally:
        _batch.reset(token)


def named_by(
    fact: str, read: Callable[[Collection[UUID]], Mapping[UUID, Row]]
) -> Callable[[Facts], Row | None]:
    """For audiences: the row that a fact names, with one question for all notices that are drawn up together."""

    def find(facts: Facts) -> Row | None:
        batch = _batch.get() or _Batch([facts], {})
        if read not in batch.rows:
            batch.rows[read] = read({UUID(str(one[fact])) for one in batch.facts if fact in one})
        found: Row | None = batch.rows[read].get(UUID(str(facts[fact])))
        return found

    return find


@dataclass(frozen=True)
class _Batch:
    """Facts that are told together, and what was read for them."""

    facts: list[Facts]
    rows: dict[object, Mapping[UUID, Any]]


_batch: ContextVar[_Batch | None] = ContextVar("batch", default=None)


def spread(facts: Facts) -> dict[str, Fact]:
    """Facts with each reference in its parts: "dataset:<uuid>" also stands under `dataset`."""
    found = dict(facts)
    for name in ("reference", "subject"):
        noun, colon, row_id = str(facts.get(name) or "").partition(":")
        if colon:
            found.setdefault(noun, row_id)
    return found


@dataclass(frozen=True)
class Told:
    """A notice in its reader's words."""

    title: str
    sentence: str


def told(rows: Sequence[tuple[News, Facts]]) -> list[Told]:
    """The words of several notices, with one question for each kind of name."""
    called = _called([facts for _, facts in rows])
    found = []
    for news, facts in rows:
        values = _Values({name: _shown(name, value, called, facts) for name, value in facts.items()})
        found.append(Told(str(news.title) % values, str(news.sentence) % values))
    return found


class _Values(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"  # a fact of older Events


def _called(rows: Iterable[Facts]) -> dict[str, Mapping[UUID, str]]:
    ids: dict[str, set[UUID]] = {}
    for facts in rows:
        for name, value in facts.items():
            if name in _names and (found := _uuid(value)) is not None:
                ids.setdefault(name, set()).add(found)
    return {name: _names[name](wanted) for name, wanted in ids.items()}


def _shown(name: str, value: Any, called: Mapping[str, Mapping[UUID, str]], facts: Facts) -> str:
    if name in called and (row_id := _uuid(value)) is not None:
        return called[name].get(row_id, "…")
    if name.endswith("_minor"):
        return formats.money(int(value), str(facts["currency"]))
    if name.endswith("_at"):
        return formats.day(datetime.fromisoformat(str(value)))
    if name.endswith("_on"):
        return formats.day(date.fromisoformat(str(value)))
    if name == "code":
        return _codes[0](str(value))
    return str(value)


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
