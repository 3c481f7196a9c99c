"""The log for its officers: whether it is well, what the monitor saw, and what the comparisons found unmatched."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from compliance import queries
from compliance.forms import AcknowledgementForm
from compliance.health import alarms, checking, completeness
from compliance.health import view as log_view
from exchange.kernel import pagination
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Invalid
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page

_CHECKPOINTS = 10
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_log(request: PageRequest) -> HttpResponse:
    """The log for its officers: is it well, and what has it signed?"""
    health = queries.log_health(now=request.actor.at, visible_to=request.actor)
    context = {
        "health": health,
        "alarms": log_view.alarms(health.alarms_unanswered),
        "acknowledged": log_view.alarms([one for one in health.alarms if one.acknowledged_at]),
        "behind": health.behind,
        "shown": log_view.shown(by=request.actor),
        "now": request.actor.at,
        **checking.how_to_check(_CHECKPOINTS),
    }
    return show(request, "compliance/desk_log.html", context)


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def desk_alarm(request: PageRequest, alarm_id: UUID) -> HttpResponse:
    """Ask why an alarm needs nobody any more; a POST acknowledges it."""
    alarm = queries.alarm_visible_to(request.actor, alarm_id)
    if alarm.acknowledged_at is not None:
        messages.info(request, _("This alarm was acknowledged before."))
        return redirect("desk_log")
    form = AcknowledgementForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            alarms.acknowledge(alarm, form.cleaned_data["reason"], by=request.actor)
            messages.success(request, _("Acknowledged. It stays on this page."))
            return redirect("desk_log")
        except Invalid as refusal:
            form.refuse(refusal, "reason")
    [shown] = log_view.alarms([alarm])
    status = 422 if form.is_bound else 200
    context = {"shown": shown, "form": form}
    return show(request, "compliance/acknowledge.html", context, section="desk_log", status=status)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_unmatched(request: PageRequest) -> HttpResponse:
    """Everything that the nightly comparisons found unmatched."""
    cursor = request.GET.get("cursor") or None
    page = pagination.page(completeness.unmatched_visible_to(request.actor), cursor=cursor)
    context = {
        "page": page,
        "rows": log_view.mismatches(page.items, by=request.actor),
        "last": completeness.last_comparison(request.actor),
        "is_first": cursor is None,
        "now": request.actor.at,
    }
    return show(request, "compliance/unmatched.html", context, section="desk_log")
