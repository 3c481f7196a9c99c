"""The operator's pages about the exchange itself: how it fares, and the settings it runs with. For operators with a
second factor."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from exchange.kernel import backlog
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page
from infra import health, settings_in_force
from infra.health import shown_failures


@require_safe
@never_cache
@member_page(Scope.OPERATE)
def system(request: PageRequest) -> HttpResponse:
    """How every part fares, what to do, and what has failed."""
    found = health.look_at_all(by=request.actor)
    context = {
        "findings": sorted(found, key=lambda one: ("stop", "warn", "ok").index(one.level)),
        "stops": sum(one.level == "stop" for one in found),
        "warnings": sum(one.level == "warn" for one in found),
        "failures": shown_failures(request.actor),
        "now": request.actor.at,
    }
    return show(request, "infra/health.html", context)


@require_POST
@member_page(Scope.OPERATE)
def try_again(request: PageRequest, delivery_id: UUID) -> HttpResponse:
    """Run a reaction that failed once more, now."""
    try:
        backlog.try_again(delivery_id, by=request.actor)
    except Conflict:
        messages.info(request, _("It has been done in the meantime: there is nothing to try again."))
    else:
        messages.success(request, _("It is tried again now. Look again in a few seconds."))
    return redirect("operate_health")


@require_safe
@never_cache
@member_page(Scope.OPERATE)
def settings(request: PageRequest) -> HttpResponse:
    """Every setting with its value, and whether the environment gives it."""
    only_set = request.GET.get("show") == "set"
    context = {"groups": settings_in_force.groups(only_set=only_set), "only_set": only_set}
    return show(request, "infra/settings.html", context)
