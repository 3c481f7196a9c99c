"""The seller's page of a schedule: announce when later revisions come, change it, see what is late, end it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from datasets import queries
from datasets.forms import ShownForm
from datasets.models import Dataset
from datasets.schedules import rows, schedules
from datasets.schedules.forms import ScheduleForm, initial_of
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.look.answers import show
from exchange.look.refusals import refusal_of
from exchange.participants.actors.page_auth import PageRequest, member_page


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def schedule(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """What is announced and how it was kept; a POST announces or changes it."""
    found = queries.dataset_visible_to(request.actor, dataset_id)
    today = request.actor.at.date()
    current = schedules.in_force(found)
    form = ScheduleForm(request.POST or None, initial=initial_of(current, today))
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["shown"] != (str(current.pk) if current else ""):
                raise Conflict("the schedule has changed since you opened the page", code="wrong_state")
            schedules.announce(found, **form.said(), by=request.actor)
        except Invalid as error:
            form.refuse(error)
        except Conflict as error:
            refusal = error
        else:
            messages.success(request, _("Announced. Whoever holds a licence for later revisions is told."))
            return redirect("sell_datasets_schedule", found.pk)
    context = {
        "dataset": found,
        "form": form,
        "refusal": refusal_of(refusal) if refusal else None,
        "schedule": rows.announced(found, today),
        "is_retired": found.state == Dataset.State.RETIRED,
    }
    status = 409 if refusal else 422 if form.is_bound else 200
    return show(request, "datasets/schedule.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def end(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """Announce no more days, on a page of its own."""
    found = queries.dataset_visible_to(request.actor, dataset_id)
    current = schedules.in_force(found)
    if current is None:
        return redirect("sell_datasets_schedule", found.pk)
    form = ShownForm(request.POST or None, initial={"shown": str(current.pk)})
    if request.method == "POST":
        if form.is_valid() and form.cleaned_data["shown"] == str(current.pk):
            schedules.end(found, by=request.actor)
            messages.success(request, _("The schedule has ended. What had come due stays visible."))
        else:
            messages.info(request, _("The schedule has changed meanwhile. Nothing was ended."))
        return redirect("sell_datasets_schedule", found.pk)
    return show(request, "datasets/schedule_end.html", {"dataset": found, "form": form})
