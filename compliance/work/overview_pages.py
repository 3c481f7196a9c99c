"""The front page of the desk."""

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from compliance.work import overview
from exchange.kernel.actors import Scope
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_overview(request: PageRequest) -> HttpResponse:
    """How things stand today: what waits, what left, what was refused, and whether the log is well."""
    return show(
        request,
        "compliance/overview.html",
        {"shown": overview.today(by=request.actor), "now": request.actor.at},
    )
