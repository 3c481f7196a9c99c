"""What a bundle is about: a thing, a person's pseudonym, a span of time, or several of these at once. An Event belongs
to it when its leaf mentions every thing that is asked for, and it is of that time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BinaryField, BooleanField, F, Func, Q, QuerySet, Value

from compliance import asking
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Invalid
from exchange.kernel.models import Event

NOUNS = ("dataset", "participant", "agreement", "request", "breach")
_PSEUDONYM = re.compile(r"[a-z]{2,8}_[0-9a-f]{16,48}")


@dataclass(frozen=True)
class Scope:
    """One question; None asks nothing. `person` is the pseudonym under which a person acts in the log."""

    dataset: UUID | None = None
    participant: UUID | None = None
    agreement: UUID | None = None
    request: UUID | None = None
    breach: UUID | None = None
    person: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if not self.facts():
            raise Invalid(
                "say what the evidence is about: a dataset, an organisation, a contract, a request, a breach, a "
                "person’s pseudonym, or a period",
                code="scope_missing_matter",
            )
        if self.since and self.until and self.until <= self.since:
            raise Invalid("the period ends before it begins", code="period_malformed")
        if self.person is not None and not _PSEUDONYM.fullmatch(self.person):
            raise Invalid(
                "give the pseudonym as the log has it, such as pn_…; never a name or an address",
                code="pseudonym_malformed",
            )

    @classmethod
    def of(cls, facts: Mapping[str, str]) -> "Scope":
        """The scope that `facts` wrote."""
        return asking.read(cls, facts, NOUNS)

    def facts(self) -> dict[str, Fact]:
        """What an Event says of the question: ids, a pseudonym and times."""
        return asking.facts_of(self)

    def things(self) -> list[str]:
        """What every leaf of it mentions."""
        named = [str(one) for noun in NOUNS if (one := getattr(self, noun)) is not None]
        return [*named, *([self.person] if self.person else [])]

    def events(self) -> QuerySet[Event]:
        """All Events of the matter, also those that are not sealed yet, in the order of the log."""
        found = Event.objects.all()
        for thing in self.things():
            found = found.filter(_Holds(F("leaf"), Value(thing.encode(), BinaryField())))
        since = Q(at__gte=self.since) if self.since else Q()
        until = Q(at__lt=self.until) if self.until else Q()
        return found.filter(since, until).order_by("leaf_index", "id")


class _Holds(Func):
    """Whether bytes hold other bytes. No index answers it: a worker asks, and reads the whole log for it."""

    output_field = BooleanField()
    arity = 2

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return self.as_sql(compiler, connection, template="(instr(%(expressions)s) > 0)")

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        leaf, thing = (compiler.compile(part) for part in self.get_source_expressions())
        return f"(position({thing[0]} in {leaf[0]}) > 0)", (*thing[1], *leaf[1])
