"""What every page of the desk says of things: names beside ids, and what was asked, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance import labels, words
from compliance.desk_words import CARRIERS
from compliance.words import Words
from exchange.kernel.actors import Actor
from exchange.look.formats import moment, short
from exchange.look.names import country_name
from exchange.participants import queries as participant_queries


@dataclass(frozen=True)
class Names:
    """The names of everything that some rows mention; an id stands for what has none."""

    organisations: dict[UUID, str]
    datasets: dict[UUID, str]
    revisions: dict[UUID, str]
    assets: dict[UUID, str]

    def organisation(self, found: UUID | None) -> str:
        return called(self.organisations, found)

    def dataset(self, found: UUID | None) -> str:
        return called(self.datasets, found)

    def revision(self, found: UUID | None) -> str:
        return called(self.revisions, found)

    def asset(self, found: UUID | None) -> str:
        return called(self.assets, found)


def organisations(ids: Iterable[UUID | None], *, by: Actor) -> dict[UUID, str]:
    """What organisations are called."""
    wanted = {found for found in ids if found is not None}
    if not wanted:
        return {}
    rows = participant_queries.participants_visible_to(by).filter(pk__in=wanted)
    return dict(rows.values_list("pk", "name"))


def asked(facts: Mapping[str, object], *, by: Actor) -> list[tuple[Words, Words]]:
    """What was asked of the desk: each filter and its value in words."""
    return [(words.FILTERS[name], _value(name, str(value), by)) for name, value in facts.items()]


def called(names: Mapping[UUID, str], found: UUID | None) -> str:
    """The name of one; an id stands for what has none."""
    return "–" if found is None else names.get(found) or short(found)


def _value(name: str, value: str, by: Actor) -> Words:
    if name in ("seller", "buyer"):
        return called(organisations([UUID(value)], by=by), UUID(value))
    if name in ("dataset", "revision", "asset"):
        return called(labels.names(name, [UUID(value)]), UUID(value))
    if name in ("since", "until"):
        return moment(datetime.fromisoformat(value))
    if name == "country":
        return country_name(value)
    if name == "mechanism":
        return CARRIERS.get(value, value)
    return words.RESULTS[value].words if name == "result" else words.CLASSES.get(value, value)
