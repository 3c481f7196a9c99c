"""The seller's pages: for which persons it is asked to search its datasets, and one search with its answer."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.models import SearchedRevision, SellerSearch
from compliance.requests import index_files, queries, rows, seller_search
from compliance.requests.forms import DigestForm, FindingsForm
from exchange.kernel import pagination
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Invalid, NotFound
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page

_SECTION = "sell_persons"
_TOOL = "python -m compliance.persons_index"
_COMMANDS = (
    f"{_TOOL} secret --out persons.key",
    f"{_TOOL} make --secret persons.key --column email --out persons.idx customers.csv",
    'curl -X PUT -T persons.idx -H "$SELLER" "$EXCHANGE/api/v1/revisions/$REVISION/persons-index"',
)
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
@member_page(Scope.READ)
def searches(request: PageRequest) -> HttpResponse:
    """What the seller is asked, the newest first."""
    cursor = request.GET.get("cursor") or None
    page = pagination.page(queries.own_searches(request.actor), cursor=cursor)
    context = {
        "rows": rows.searches_of(page.items),
        "page": page,
        "is_first": cursor is None,
        "commands": _COMMANDS,
        "indexes": queries.own_indexes(request.actor).count(),
        "now": request.actor.at,
    }
    return show(request, "compliance/requests/searches.html", context)


@get_or_post
@never_cache
@member_page(Scope.READ)
def search(request: PageRequest, search_id: UUID) -> HttpResponse:
    """One search: in which revisions, until when; a POST answers it by a digest or by hand."""
    found = _own(request, search_id)
    return _answered(request, found) if request.method == "POST" else _shown(request, found)


@require_POST
@never_cache
@member_page(Scope.SELL)
def told(request: PageRequest, search_id: UUID) -> HttpResponse:
    """Show whom the seller searches for; the log says that it was read."""
    found = _own(request, search_id)
    return _shown(request, found, told=seller_search.read_told(found, by=request.actor))


def _answered(request: PageRequest, found: SellerSearch) -> HttpResponse:
    by_digest = "digest" in request.POST
    digest = DigestForm(request.POST if by_digest else None)
    by_hand = FindingsForm(None if by_digest else request.POST, revisions=_waiting(found))
    form = digest if by_digest else by_hand
    if form.is_valid():
        try:
            if by_digest:
                now = seller_search.look_up(found, digest.cleaned_data["digest"], by=request.actor)
            else:
                now = seller_search.answer_by_hand(found, by_hand.findings(), by=request.actor)
            is_over = now.state == SellerSearch.State.ANSWERED
            messages.success(
                request, _("Answered.") if is_over else _("Noted. Some revisions are still to be searched.")
            )
            return redirect("sell_persons_one", found.pk)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
    return _shown(request, found, digest=digest, by_hand=by_hand, status=422)


def _shown(request: PageRequest, found: SellerSearch, *, status: int = 200, **more: Any) -> HttpResponse:
    waiting = _waiting(found)
    known = index_files.newest_of(found.seller_id, [row.revision_id for row, _title in waiting])
    [shown] = rows.searches_of([found])
    context = {
        "shown": shown,
        "is_open": found.state == SellerSearch.State.ASKED,
        "may_sell": request.actor.can(Scope.SELL),
        "has_index": bool(known),
        "digest": more.get("digest") or DigestForm(),
        "by_hand": more.get("by_hand") or FindingsForm(revisions=waiting),
        "told": more.get("told", ""),
        "now": request.actor.at,
    }
    return show(request, "compliance/requests/search.html", context, section=_SECTION, status=status)


def _own(request: PageRequest, search_id: UUID) -> SellerSearch:
    found = queries.own_searches(request.actor).filter(pk=search_id).first()
    if found is None:
        raise NotFound("there is no such search for you")
    return found


def _waiting(found: SellerSearch) -> list[tuple[SearchedRevision, str]]:
    [shown] = rows.searches_of([found])
    is_waiting = SearchedRevision.Finding.WAITING
    return [(row, title) for row, title, _mark in shown.revisions if row.finding == is_waiting]
