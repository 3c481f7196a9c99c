"""Incidents as a page shows them: names beside ids, codes in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance import labels
from compliance.incidents import queries, words
from compliance.incidents.queries import Tally
from compliance.marks import Mark
from compliance.models import Incident, IncidentHolder
from compliance.notices.words import CHANNELS
from compliance.words import Words
from exchange.look import formats
from exchange.look.formats import short, zone
from exchange.participants.notices import queries as notice_queries

_MOMENTS = ("since", "until")


@dataclass(frozen=True)
class Line:
    """One incident of the register."""

    incident: Incident
    title: Words
    mark: Mark
    tally: Tally


@dataclass(frozen=True)
class ShownWay:
    """How one way to a holder ended."""

    channel: Words
    is_taken: bool
    tries: int
    at: datetime


@dataclass(frozen=True)
class ShownHolder:
    """One holder of an incident; `datasets` are the first of them by name, `more` how many there are beside."""

    row: IncidentHolder
    name: str
    mark: Mark
    datasets: list[tuple[str, str]]
    more: int
    ways: list[ShownWay]

    @property
    def is_unreached(self) -> bool:
        return self.row.state == IncidentHolder.State.UNDELIVERED

    @property
    def may_be_chased(self) -> bool:
        return self.row.state in IncidentHolder.TOLD

    @property
    def is_of_one_day(self) -> bool:
        """Whether its transfers began and ended on one day of the exchange's own zone."""
        days = {at.astimezone(zone()).date() for at in (self.row.first_at, self.row.last_at) if at}
        return len(days) == 1


def lines(found: Sequence[Incident]) -> list[Line]:
    """Incidents with where their holders stand."""
    tallies = queries.tallies(found)
    return [Line(one, words.KINDS[tuple(one.kinds)], words.STATES[one.state], tallies[one.pk]) for one in found]


def holders(found: Sequence[IncidentHolder], *, named: int = 5) -> list[ShownHolder]:
    """Holders by name, each with the first of its datasets."""
    names = notice_queries.names([one.holder_id for one in found])
    titles = labels.names("dataset", [UUID(one) for row in found for one in row.datasets[:named]])
    return [
        ShownHolder(
            row,
            names.get(row.holder_id) or short(row.holder_id),
            words.HOLDERS[row.state],
            [(one, titles.get(UUID(one)) or short(UUID(one))) for one in row.datasets[:named]],
            max(0, row.datasets_count - named),
            [_way(one) for one in row.ways],
        )
        for row in found
    ]


def asked(incident: Incident) -> list[tuple[Words, str]]:
    """What the log was asked, in words."""
    return [(words.ASKED[name], _said(name, value)) for name, value in incident.asked.items()]


def _said(name: str, value: str) -> str:
    if name in _MOMENTS:
        return formats.moment(datetime.fromisoformat(value))
    found: Iterable[str] = ()
    if name == "dataset":
        found = labels.names("dataset", [UUID(value)]).values()
    if name == "participant":
        found = notice_queries.names([UUID(value)]).values()
    return next(iter(found), value)


def _way(one: dict[str, str | int | bool]) -> ShownWay:
    return ShownWay(
        CHANNELS.get(str(one["channel"]), str(one["channel"])),
        bool(one["is_taken"]),
        int(one["tries"]),
        datetime.fromisoformat(str(one["at"])),
    )
