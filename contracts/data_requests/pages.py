"""Data requests on pages: the lists of buyer, seller and officer, and the one page that all of them read, each with
what it may know and do."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from contracts.data_requests import queries as reads
from contracts.data_requests import rows as data_request_rows
from contracts.data_requests import showing
from datasets import words
from exchange.kernel.actors import Scope
from exchange.kernel.pagination import page
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page

LONGEST_TEXT = 200


@require_safe
@never_cache
@member_page(Scope.READ)
def wanted(request: PageRequest) -> HttpResponse:
    """What the organisation itself looks for, newest first."""
    rows = reads.data_requests_visible_to(request.actor).filter(buyer_id=request.actor.participant_id)
    found = page(rows, cursor=request.GET.get("cursor") or None)
    context = {
        "page": found,
        "rows": data_request_rows.rows(found.items, by=request.actor),
        "may_buy": request.actor.can(Scope.BUY),
    }
    return show(request, "contracts/data_requests.html", context)


@require_safe
@never_cache
@member_page(Scope.READ)
def answerable(request: PageRequest) -> HttpResponse:
    """What buyers look for: first what the seller has not answered, on the first page; words and a theme narrow it."""
    text = request.GET.get("q", "")[:LONGEST_TEXT]
    theme = request.GET.get("theme", "")
    theme = theme if theme in words.THEMES else ""
    is_answered = request.GET.get("show") == "answered"
    rows = reads.answered(request.actor) if is_answered else reads.unanswered(request.actor)
    found = page(reads.narrowed(rows, words=text, theme=theme), cursor=request.GET.get("cursor") or None)
    context = {
        "page": found,
        "rows": data_request_rows.rows(found.items, by=request.actor),
        "q": text,
        "theme": theme,
        "themes": words.choices(words.THEMES),
        "is_answered": is_answered,
        "waiting": reads.waiting(request.actor),
        "may_sell": request.actor.can(Scope.SELL),
    }
    return show(request, "contracts/data_requests_to_answer.html", context)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def audited(request: PageRequest) -> HttpResponse:
    """Everything that buyers look for, for officers, who may withdraw it."""
    found = page(reads.data_requests_visible_to(request.actor), cursor=request.GET.get("cursor") or None)
    context = {
        "page": found,
        "rows": data_request_rows.rows(found.items, by=request.actor),
        "is_officer": True,
    }
    return show(request, "contracts/data_requests.html", context)


@require_safe
@never_cache
@member_page(Scope.READ)
def data_request(request: PageRequest, data_request_id: UUID) -> HttpResponse:
    """What is looked for, and the answers that the reader may see."""
    return showing.page_of(request, data_request_id)
