"""Intermediation as pages: what everybody reads, the operator's form of a price list, and the log of one holder."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from compliance import suggestions
from compliance.exports import streams
from compliance.exports.exports import Form
from compliance.intermediation import holder_log, notification, price_lists, queries
from compliance.intermediation.forms import LogForm, PriceListForm
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page, open_page


@require_safe
@never_cache
@open_page
def intermediation(request: PageRequest) -> HttpResponse:
    """The notification, what keeps the operator neutral, and its own fees: for everybody, without an account."""
    is_officer = request.actor.can(Scope.AUDIT)
    context: dict[str, Any] = {
        "notification": notification.required(),
        "price_lists": queries.price_lists(),
        "in_force": queries.in_force(request.actor.at),
        "may_publish": request.actor.can(Scope.OPERATE),
        "may_take": request.actor.can(Scope.READ),
        "is_officer": is_officer,
        "form": LogForm(None, actor=request.actor),
        "suggested": suggestions.suggestions(by=request.actor) if is_officer else None,
        "now": request.actor.at,
    }
    return show(request, "compliance/intermediation/public.html", context)


@require_safe
@never_cache
@member_page(Scope.READ)
def intermediation_log(request: PageRequest) -> HttpResponse:
    """The log of the reader's organisation, or, for officers, of another, as a file while it is made."""
    asked = LogForm({"form": "csv", **request.GET.dict()}, actor=request.actor)
    if not asked.is_valid():
        raise Invalid("one of the fields cannot be read: go back and correct it")
    form = cast(Form, asked.cleaned_data["form"])
    export = holder_log.take(asked.cleaned_data["participant"], form=form, by=request.actor)
    answer = streams.streamed(request, export, at=request.actor.at, about="intermediation")
    return cast(HttpResponse, answer)  # not one of it, but answers alike


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.OPERATE)
def intermediation_prices(request: PageRequest) -> HttpResponse:
    """Publish another version of the exchange's own fees; it starts from the words of the last."""
    newest = queries.price_lists().first()
    initial = {"body": newest.body if newest else ""}
    form = PriceListForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            made = price_lists.publish(**form.cleaned_data, by=request.actor)
        except (Conflict, Invalid) as refusal:
            form.refuse(refusal, "applies_from" if refusal.code == "price_list_too_early" else None)
        else:
            messages.success(request, _("Published as version %(number)s.") % {"number": made.number})
            return redirect("intermediation")
    status = 422 if form.is_bound else 200
    context = {"form": form, "newest": newest}
    return show(
        request, "compliance/intermediation/prices.html", context, section="operate_money", status=status
    )
