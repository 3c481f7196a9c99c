"""The officers' list of deletions that are owed, from the log alone."""

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from compliance import queries
from compliance.duties import desk, rows
from exchange.kernel.actors import Scope
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_duties(request: PageRequest) -> HttpResponse:
    """What is overdue; with `which=all` also what is to come and what was stated."""
    only_overdue = request.GET.get("which") != "all"
    cursor = request.GET.get("cursor") or None
    page = desk.look_at_duties(overdue=only_overdue, cursor=cursor, by=request.actor)
    context = {
        "page": page,
        "rows": rows.of(page.items, by=request.actor),
        "only_overdue": only_overdue,
        "is_first": cursor is None,
        "behind": queries.behind(request.actor.at),
        "now": request.actor.at,
    }
    return show(request, "compliance/duties.html", context)
