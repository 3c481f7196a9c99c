"""The seller's lists: the workspace with what is missing, requests that wait, sales, and who holds what."""

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from contracts import badges
from contracts.holdings import holdings
from contracts.sales import seller_rows
from contracts.terms import rights
from datasets import queries as datasets
from exchange.kernel.actors import Scope
from exchange.kernel.pagination import page
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments.plans import plans

_SHOWN = 5


@require_safe
@never_cache
@member_page(Scope.READ)
def workspace(request: PageRequest) -> HttpResponse:
    """The seller's datasets with what is missing, requests that wait, and the latest sales."""
    actor = request.actor
    mine = datasets.datasets_visible_to(actor).filter(seller_id=actor.participant_id)
    found = page(mine, cursor=request.GET.get("cursor") or None)
    waiting = seller_rows.requests_to(actor).filter(state__in=seller_rows.WAITING).order_by("-pk")
    running = seller_rows.sales_of(actor).filter(entitlement__state__in=seller_rows.RUNNING).order_by("-pk")
    context = {
        "page": found,
        "rows": seller_rows.datasets_of(found.items, by=actor),
        "waiting": [(row, rights.purpose_words(row.purpose)) for row in waiting[:_SHOWN]],
        "sales": seller_rows.sale_rows(list(running[:_SHOWN]), by=actor),
        "may_sell": actor.can(Scope.SELL),
    }
    return show(request, "contracts/workspace.html", context)


@require_safe
@never_cache
@member_page(Scope.READ)
def requests(request: PageRequest) -> HttpResponse:
    """What buyers ask for, newest first; with `state=waiting` only what waits for an answer."""
    only = request.GET.get("state") == "waiting"
    rows = seller_rows.requests_to(request.actor)
    waiting = rows.filter(state__in=seller_rows.WAITING)
    found = page(waiting if only else rows, cursor=request.GET.get("cursor") or None)
    context = {
        "page": found,
        "rows": [
            (row, rights.purpose_words(row.purpose), badges.of_negotiation(row.state), plans.parse(row.plan))
            for row in found.items
        ],
        "only": only,
        "count": waiting.count(),
    }
    return show(request, "contracts/seller_requests.html", context)


@require_safe
@never_cache
@member_page(Scope.READ)
def sales(request: PageRequest) -> HttpResponse:
    """What was sold, newest first."""
    found = page(seller_rows.sales_of(request.actor), cursor=request.GET.get("cursor") or None)
    context = {"page": found, "rows": seller_rows.sale_rows(found.items, by=request.actor)}
    return show(request, "contracts/seller_sales.html", context)


@require_safe
@never_cache
@member_page(Scope.READ)
def holders(request: PageRequest) -> HttpResponse:
    """Which buyer has which revision, in whole or in part, and may still keep it."""
    found = holdings.of_seller(request.actor, cursor=request.GET.get("cursor") or None)
    now = request.actor.at
    context = {
        "page": found,
        "rows": [(one, seller_rows.holding_badge(one, now)) for one in found.items],
        "now": now,
    }
    return show(request, "contracts/holders.html", context)
