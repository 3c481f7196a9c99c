"""What waits for an officer, by when: requests of persons, notices, breaches, incidents, reviews of bases and of legal
holds, and datasets at the publish gate. Each line leads to where it is done; reads only."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance.incidents import queries as incidents
from compliance.incidents import telling
from compliance.intermediation import notification
from compliance.models import (
    Breach,
    BreachReport,
    Incident,
    IncidentHolder,
    LegalHold,
    NoticeRow,
    Review,
    SubjectRequest,
    TransferBasis,
)
from compliance.words import Words
from exchange.kernel.actors import Actor, Scope
from exchange.look.formats import zone

MOST = 50
SOON = timedelta(days=7)


@dataclass(frozen=True)
class Item:
    """One thing to do. `due_at` is empty where no day is set; `count` is how many things stand behind the line."""

    what: Words
    due_at: datetime | None
    route: str
    argument: object | None = None
    icon: str = "clock"
    count: int = 1

    @property
    def url(self) -> str:
        return reverse(self.route, args=[] if self.argument is None else [self.argument])

    def is_late(self, now: datetime) -> bool:
        return self.due_at is not None and self.due_at <= now

    def is_soon(self, now: datetime) -> bool:
        return self.due_at is not None and self.due_at <= now + SOON


@dataclass(frozen=True)
class Shown:
    """A line as a page shows it at a moment."""

    item: Item
    late: bool
    soon: bool

    @property
    def url(self) -> str:
        return self.item.url


Source = Callable[[Actor], Iterator[Item]]


def of(actor: Actor) -> list[Item]:
    """All of it, what is due first first; what has no day stands last."""
    actor.require(Scope.AUDIT)
    found = [item for source in _SOURCES for item in source(actor)]
    last = datetime.max.replace(tzinfo=UTC)
    return sorted(found, key=lambda item: item.due_at or last)


def shown(items: Sequence[Item], now: datetime) -> list[Shown]:
    """Lines with what is late and what is soon."""
    return [Shown(item, item.is_late(now), item.is_soon(now)) for item in items]


def _breaches(actor: Actor) -> Iterator[Item]:
    told = BreachReport.objects.filter(audience=BreachReport.Audience.AUTHORITY)
    for row in Breach.objects.filter(state=Breach.State.OPEN).order_by("due_at")[:MOST]:
        is_over = row.risk == Breach.Risk.UNLIKELY or told.filter(breach=row).exists()
        yield Item(_("A breach is open"), None if is_over else row.due_at, "desk_breaches_one", row.pk, "warn")


def _incidents(actor: Actor) -> Iterator[Item]:
    """An incident that nobody has confirmed yet, due at once as the law has it; holders that were not reached; holders
    that were reminded and are silent, since the day by which they should have acknowledged it."""
    if notification.current() is None:
        return
    entered = incidents.incidents_visible_to(actor).filter(state=Incident.State.ENTERED).order_by("pk")
    for one, since in entered.values_list("pk", "entered_at")[:MOST]:
        yield Item(_("An incident is to be confirmed, or dropped"), since, "desk_incidents_one", one, "bell")
    state, told = IncidentHolder.State, incidents.holders_visible_to(actor)
    for one, count in _by_incident(told.filter(state=state.UNDELIVERED)):
        what = _("Holders were not told of an incident: find another way")
        yield Item(what, None, "desk_incidents_one", one, "stop", count)
    silent = told.filter(state__in=(state.SENT, state.DELIVERED), reminders__gt=0)
    for one, count in _by_incident(silent):
        first = silent.filter(incident=one).order_by("sent_at", "pk").first()
        due_at = telling.next_step(first, 0, first.sent_at) if first and first.sent_at else None
        what = _("Holders have not acknowledged an incident in time")
        yield Item(what, due_at, "desk_incidents_one", one, "flag", count)


def _by_incident(rows: QuerySet[IncidentHolder]) -> list[tuple[UUID, int]]:
    """Each incident of these rows, and how many of them it has."""
    return list(rows.order_by("incident").values_list("incident").annotate(count=Count("pk"))[:MOST])


def _requests(actor: Actor) -> Iterator[Item]:
    rows = SubjectRequest.objects.filter(closed_at=None).exclude(
        channel=SubjectRequest.Channel.FORM, confirmed_at=None
    )
    for row in rows.order_by("due_at")[:MOST]:
        yield Item(_REQUESTS[row.kind], row.due_at, "desk_requests_one", row.pk, "person")


def _notices(actor: Actor) -> Iterator[Item]:
    stuck = NoticeRow.objects.filter(state=NoticeRow.State.UNDELIVERED)
    for notice in stuck.order_by("notice").values_list("notice", flat=True).distinct()[:MOST]:
        count = stuck.filter(notice=notice).count()
        yield Item(
            _("Recipients were not reached: find another way"), None, "desk_notices_one", notice, "stop", count
        )
    odd = NoticeRow.objects.exclude(contradiction="").filter(closed_at=None)
    for notice in odd.order_by("notice").values_list("notice", flat=True).distinct()[:MOST]:
        count = odd.filter(notice=notice).count()
        yield Item(
            _("What a recipient says differs from the log"), None, "desk_notices_one", notice, "warn", count
        )
    silent = NoticeRow.objects.filter(escalated_at__isnull=False, closed_at=None)
    for notice in silent.order_by("notice").values_list("notice", flat=True).distinct()[:MOST]:
        count = silent.filter(notice=notice).count()
        yield Item(
            _("A recipient does not answer: its rights are suspended"),
            None,
            "desk_notices_one",
            notice,
            "flag",
            count,
        )


def _reviews(actor: Actor) -> Iterator[Item]:
    count = Review.objects.filter(state=Review.State.OPEN).count()
    if count:
        yield Item(_("Datasets wait at the publish gate"), None, "desk_reviews", None, "shield", count)


def _bases(actor: Actor) -> Iterator[Item]:
    confirmed = TransferBasis.objects.filter(state=TransferBasis.State.CONFIRMED, review_due__isnull=False)
    soon = confirmed.filter(review_due__lte=(actor.at + timedelta(days=60)).date())
    for due in soon.order_by("review_due").values_list("review_due", flat=True)[:MOST]:
        yield Item(
            _("The assessment of a transfer is to be reviewed"),
            _end_of(due),
            "desk_destinations",
            None,
            "globe",
        )
    count = TransferBasis.objects.filter(state=TransferBasis.State.RECORDED).count()
    if count:
        yield Item(
            _("Bases of transfers wait for a second officer"), None, "desk_destinations", None, "globe", count
        )


def _holds(actor: Actor) -> Iterator[Item]:
    standing = LegalHold.objects.exclude(state=LegalHold.State.RELEASED)
    soon = standing.filter(review_on__lte=(actor.at + timedelta(days=30)).date())
    for due in soon.order_by("review_on").values_list("review_on", flat=True)[:MOST]:
        yield Item(_("A legal hold is to be reviewed"), _end_of(due), "desk_retention", None, "lock")


_REQUESTS: dict[str, Words] = {
    "access": _("A person asks for access"),
    "rectification": _("A person asks for a correction"),
    "erasure": _("A person asks for erasure"),
    "restriction": _("A person asks for a restriction"),
    "portability": _("A person asks for the own data to take along"),
    "objection": _("A person objects"),
    "automated_decision": _("A person asks about an automated decision"),
}
_SOURCES: tuple[Source, ...] = (_breaches, _incidents, _requests, _notices, _reviews, _bases, _holds)


def _end_of(day: date | None) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), time(), zone())
