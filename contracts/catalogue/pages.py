"""The catalogue's page: what a visitor may find, and on what terms. Each of its states has an address that leads
there again."""

from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from contracts.catalogue import catalogue as market
from contracts.catalogue import filters, rows
from contracts.catalogue.catalogue import Found
from contracts.catalogue.filters import Asked
from contracts.catalogue.searches import ALLOWED
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Invalid
from exchange.look import formats
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, open_page

MOST_SELLERS = market.MOST_COUNTS


@dataclass(frozen=True)
class Paging:
    """Where the pages before and after begin, as queries of links, and what this one shows."""

    newer: str
    older: str
    span: str


@require_safe
@never_cache
@open_page
def catalogue(request: PageRequest) -> HttpResponse:
    """Search, filters and results; what the index cannot answer comes from the database."""
    asked = filters.read(request.GET)
    is_part = "HX-Request" in request.headers
    if not (asked.is_plain or is_part or asked.left_out):
        return redirect(_link(asked.address(cursor=asked.cursor or "")))
    wanted = replace(asked.search, state=("published",))
    is_lost = False
    try:
        found = market.search(request.actor, wanted, cursor=asked.cursor, with_facets=True)
    except Invalid:  # of what is asked only a cursor can be refused: read() took care of the rest
        is_lost, found = True, market.search(request.actor, wanted, with_facets=True)
    groups = filters.groups(asked, found.facets)
    context = {
        "asked": asked,
        "found": found,
        "is_lost": is_lost or (not found.items and found.start > 0),
        "rows": rows.of(found.items, asked.search.offer_marks()),
        "heads": rows.heads(),
        "groups": groups,
        "kept": filters.kept(asked, groups),
        "chips": filters.chips(asked, found.facets),
        "orders": list(filters.ORDERS.items()),
        "told": _told(asked, found),
        "paging": _paging(asked, found),
        "correction": asked.address(q=found.correction) if found.correction else "",
        "without_words": asked.address(q=""),
        "without_filters": asked.address([]),
        "first_page": asked.address(),
        "is_asking": bool(asked.pairs or asked.search.text()),
        "may_sell": request.actor.can(Scope.SELL),
        "is_visitor": request.actor.participant_id is None and not request.user.is_authenticated,
    }
    answer = show(request, "contracts/catalogue.html", context)
    if is_part:
        answer["HX-Push-Url"] = _link(asked.address())
    return answer


def _link(query: str) -> str:
    return reverse("catalogue") + (f"?{query}" if query else "")


def _told(asked: Asked, found: Found) -> list[str]:
    """How many datasets there are, what may be done with all of them, and from how many sellers."""
    if found.total is None:
        return [_("Datasets")]
    count, said = found.total, []
    head = ngettext("%(count)s dataset", "%(count)s datasets", count) % {"count": formats.number(count)}
    uses = [name for name, value in asked.pairs if value == ALLOWED]
    if count and len(uses) == 1:
        said.append(_allowed(uses[0], count))
    sellers = len((found.facets or {}).get("seller", ()))
    if count and not asked.search.seller:
        said.append(_sellers(sellers))
    return [head, ", ".join(said)]


def _allowed(use: str, count: int) -> str:
    sentences = {
        "analyse": ngettext("may be analysed", "may be analysed", count),
        "combine": ngettext("may be combined with other data", "may be combined with other data", count),
        "train_models": ngettext("may be used to train models", "may be used to train models", count),
        "publish_results": ngettext("allows results to be published", "allow results to be published", count),
        "pass_on": ngettext("may be passed on", "may be passed on", count),
    }
    return sentences[use]


def _sellers(count: int) -> str:
    if count >= MOST_SELLERS:
        return _("from %(count)s sellers or more") % {"count": formats.number(count)}
    return ngettext("from %(count)s seller", "from %(count)s sellers", count) % {"count": formats.number(count)}


def _paging(asked: Asked, found: Found) -> Paging:
    is_whole = not (found.start or found.next_cursor)
    shown = {"first": formats.number(found.start + 1), "last": formats.number(found.start + len(found.items))}
    span = ""
    if found.items and found.total is not None and not is_whole:
        span = _("Showing %(first)s to %(last)s of %(total)s") % {**shown, "total": formats.number(found.total)}
    elif found.items and not is_whole:
        span = _("Showing %(first)s to %(last)s") % shown
    before = asked.address(cursor=found.previous_cursor or "") if found.start else ""
    return Paging(
        newer=_link(before) if found.start else "",
        older=_link(asked.address(cursor=found.next_cursor)) if found.next_cursor else "",
        span=span,
    )
