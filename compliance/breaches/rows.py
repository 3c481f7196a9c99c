"""A breach as its page shows it: the clock, what is to be done next, whom it reaches, and who was told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from compliance import labels
from compliance import queries as desk
from compliance import words as desk_words
from compliance.breaches import clock, lines, queries, words
from compliance.marks import Mark
from compliance.models import Breach, BreachRecipient, BreachScope
from compliance.proofs import proven
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from exchange.participants import queries as participants

_SHORT = 80


@dataclass(frozen=True)
class Line:
    """A breach in the register."""

    breach: Breach
    title: str
    mark: Mark
    risk: Mark | None
    is_running: bool
    is_late: bool


@dataclass(frozen=True)
class Clock:
    """How long there is left; `hours` are whole ones, of what is left or of what it is late."""

    is_running: bool
    is_late: bool
    hours: int
    told_at: datetime | None


def lines_of(found: Iterable[Breach], now: datetime) -> list[Line]:
    """Breaches as lines of the register."""
    rows = list(found)
    running = set(clock.running().filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    return [
        Line(
            row,
            title_of(row),
            words.OPEN if row.state == Breach.State.OPEN else words.CLOSED,
            words.RISKS.get(row.risk),
            row.pk in running,
            row.pk in running and now > row.due_at,
        )
        for row in rows
    ]


def clock_of(breach: Breach, now: datetime) -> Clock:
    """The clock of one breach."""
    first = breach.reports.filter(audience="authority").order_by("phase").first()
    left = breach.due_at - now
    return Clock(
        is_running=clock.is_running(breach),
        is_late=left < timedelta(0),
        hours=abs(left) // timedelta(hours=1),
        told_at=first.sent_at if first else None,
    )


def to_do(breach: Breach) -> list[tuple[words.Words, str]]:
    """What the law still asks for, each with its act."""
    return [words.LINES[name] for name in lines.missing(breach)] if breach.state == Breach.State.OPEN else []


def scopes_of(breach: Breach, *, by: Actor) -> list[tuple[BreachScope, list[tuple[str, str]], list[str]]]:
    """Each answer of the log, with what was asked and which classes of data were declared, in words."""
    found = []
    for scope in breach.scopes.order_by("-pk"):
        asked = [(name, _asked(name, value, by)) for name, value in scope.asked.items()]
        found.append(
            (scope, asked, [str(desk_words.CLASSES.get(one, one)) for one in scope.categories["classes"]])
        )
    return found


def recipients_of(rows: Sequence[BreachRecipient], *, by: Actor) -> list[dict[str, Any]]:
    """Recipients with their names, and the page of the leaves."""
    buyers = participants.participants_visible_to(by).filter(pk__in={row.buyer_id for row in rows})
    called = dict(buyers.values_list("pk", "name"))
    titles = labels.names("dataset", [row.dataset_id for row in rows])
    numbers = labels.names("revision", [row.revision_id for row in rows])
    return [
        {
            "row": row,
            "buyer": called.get(row.buyer_id, str(row.buyer_id)),
            "title": titles.get(row.dataset_id, str(row.dataset_id)) if row.dataset_id else "–",
            "revision": numbers.get(row.revision_id, "") if row.revision_id else "",
        }
        for row in rows
    ]


def moments_of(breach: Breach) -> Sequence[Any]:
    """What happened, oldest first, each with how far it is proven."""
    found: list[Event] = queries.events_of(breach)
    coverage = desk.coverage()
    return proven.moments(found, coverage.leaves if coverage else 0, None)


def title_of(breach: Breach) -> str:
    line = breach.what.partition("\n")[0]
    return line if len(line) <= _SHORT else f"{line[:_SHORT]}…"


def _asked(name: str, value: str, by: Actor) -> str:
    if name in ("dataset", "revision"):
        return next(iter(labels.names(name, [UUID(value)]).values()), value)
    if name == "participant":
        rows = participants.participants_visible_to(by).filter(pk=UUID(value))
        return rows.values_list("name", flat=True).first() or value
    return value
