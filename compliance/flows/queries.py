"""Where data went, for officers: counted rows of the log, by country and mechanism, never its transfers one by one."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Min, Q, QuerySet, Sum

from compliance.flows.drawing import Way
from compliance.models import Flow
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.look.formats import zone


@dataclass(frozen=True)
class Asked:
    """Which flows; None asks nothing. Months are given by their first days, the last one included."""

    since: date | None = None
    until: date | None = None
    dataset: UUID | None = None
    seller: UUID | None = None
    mechanism: str | None = None
    is_personal: bool = False

    def condition(self) -> Q:
        columns = {
            "month__gte": self.since,
            "month__lte": self.until,
            "dataset_id": self.dataset,
            "seller_id": self.seller,
            "mechanism": self.mechanism,
        }
        asked = Q(**{column: value for column, value in columns.items() if value is not None})
        return asked & ~Q(mechanism="not_personal") if self.is_personal else asked

    def facts(self) -> dict[str, Fact]:
        """What an Event says of the question."""
        named = {
            "since": self.since,
            "until": self.until,
            "dataset": self.dataset,
            "seller": self.seller,
            "mechanism": self.mechanism,
        }
        facts: dict[str, Fact] = {name: str(value) for name, value in named.items() if value is not None}
        return facts | ({"personal": True} if self.is_personal else {})

    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """The moments between which the transfers of these months began."""
        first = datetime.combine(self.since, time(), zone()) if self.since else None
        last = datetime.combine(month_after(self.until), time(), zone()) if self.until else None
        return first, last


def flows_visible_to(actor: Actor, asked: Asked | None = None) -> QuerySet[Flow]:
    """The counts, for officers alone."""
    actor.require(Scope.AUDIT)
    return Flow.objects.filter((asked or Asked()).condition(), transfers__gt=0)


def ways(actor: Actor, asked: Asked) -> list[Way]:
    """How often data went from where to where under which mechanism, the most frequent first."""
    summed = (
        flows_visible_to(actor, asked)
        .values("country_from", "country_to", "mechanism")
        .annotate(count=Sum("transfers"), sent=Sum("sent_bytes"))
        .order_by("-count", "country_to", "mechanism", "country_from")
    )
    return [
        Way(row["country_from"], row["country_to"], row["mechanism"], row["count"], row["sent"])
        for row in summed
    ]


def first_month(actor: Actor) -> date | None:
    """The month of the oldest count."""
    found: date | None = flows_visible_to(actor).aggregate(first=Min("month"))["first"]
    return found


def month_after(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
