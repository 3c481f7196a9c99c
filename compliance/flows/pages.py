"""The transfer map: where data went, from what the log counts. The table says the same, and each of its rows leads to
the transfers behind it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from compliance import queries as desk_queries
from compliance import suggestions
from compliance.desk_words import CARRIERS
from compliance.flows import desk, drawing, queries
from compliance.flows.drawing import Picture, Way
from compliance.flows.forms import MapForm
from compliance.flows.outline import world
from compliance.flows.queries import Asked
from compliance.words import Words
from exchange.kernel.actors import Scope
from exchange.look.answers import show
from exchange.look.formats import zone
from exchange.look.names import country_name
from exchange.participants.actors.page_auth import PageRequest, member_page

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Row:
    """What went to one country under one mechanism; `query` asks the list of transfers for it."""

    country: str
    name: str
    origins: list[str]
    mechanism: Words
    kind: str
    hatch: str
    transfers: int
    sent_bytes: int
    query: str


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def transfer_map(request: PageRequest) -> HttpResponse:
    """Where data went, by country and mechanism."""
    this_month = request.actor.at.astimezone(zone()).date().replace(day=1)
    first = queries.first_month(request.actor) or this_month
    form = MapForm(request.GET, actor=request.actor, months=(first, this_month))
    context: dict[str, Any] = {
        "form": form,
        "suggested": suggestions.suggestions(by=request.actor),
        "behind": desk_queries.behind(request.actor.at),
    }
    if not form.is_valid():
        return show(request, "compliance/flows/map.html", context, section="desk_transfers", status=422)
    asked = form.asked()
    ways = desk.look(asked, by=request.actor)
    picture, titles = drawing.draw(ways, world()), _titles(ways)
    context |= {
        "picture": picture,
        "signs": [(sign, CARRIERS.get(sign.mechanism, sign.mechanism)) for sign in picture.signs],
        "shapes": [(shape, titles.get(shape.code, "")) for shape in picture.shapes],
        "dots": [(dot, titles.get(dot.code, "")) for dot in picture.dots],
        "rows": _rows(ways, asked, picture),
        "transfers": sum(way.transfers for way in ways),
        "countries": len({way.country_to for way in ways}),
        "is_filtered": asked != Asked(),
        "unplaced": [country_name(code) for code in picture.unplaced],
    }
    return show(request, "compliance/flows/map.html", context, section="desk_transfers")


def _rows(ways: list[Way], asked: Asked, picture: Picture) -> list[Row]:
    """The table: one row for each country and mechanism, the most frequent first."""
    signs = {sign.mechanism: sign for sign in picture.signs}
    found: dict[tuple[str, str], list[Way]] = {}
    for way in ways:
        found.setdefault((way.country_to, way.mechanism), []).append(way)
    rows = [
        Row(
            country=country,
            name=country_name(country),
            origins=sorted({country_name(way.country_from) for way in some}),
            mechanism=CARRIERS.get(mechanism, mechanism),
            kind=signs[mechanism].kind if mechanism in signs else "",
            hatch=signs[mechanism].hatch if mechanism in signs else "",
            transfers=sum(way.transfers for way in some),
            sent_bytes=sum(way.sent_bytes for way in some),
            query=_query(country, mechanism, asked),
        )
        for (country, mechanism), some in found.items()
    ]
    return sorted(rows, key=lambda row: (-row.transfers, row.name))


def _query(country: str, mechanism: str, asked: Asked) -> str:
    """The list of transfers, with the filters that a row stands for."""
    bounds = {"since": asked.since, "until": _last_day(asked.until)}
    given = {
        "country": country,
        "mechanism": mechanism,
        "dataset": asked.dataset,
        "seller": asked.seller,
        **bounds,
    }
    return urlencode({name: str(value) for name, value in given.items() if value})


def _last_day(month: date | None) -> date | None:
    return queries.month_after(month) - _ONE_DAY if month else None


def _titles(ways: list[Way]) -> dict[str, str]:
    """What a country says when it is pointed at."""
    totals: dict[str, Way] = {}
    for way in ways:
        before = totals.get(way.country_to, replace(way, transfers=0))
        totals[way.country_to] = replace(way, transfers=before.transfers + way.transfers)
    return {code: f"{country_name(code)}: {way.transfers}" for code, way in totals.items()}
