"""The operator's money board: whether the books balance, what waits for a person, and the acts on it, each confirmed on
a page of its own. For operators with a second factor."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid
from exchange.kernel.problems import status_of
from exchange.look import formats
from exchange.look.answers import show
from exchange.look.refusals import refusal_of
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments import queries
from payments.checkouts import remittances
from payments.money_board import decisions, money_board, waiting
from payments.money_board.decisions import Decision
from payments.payouts import payouts
from payments.providers import manual
from payments.reconciliation import queries as reconciliation_queries
from payments.reconciliation import reconciliation

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
@member_page(Scope.OPERATE)
def board(request: PageRequest) -> HttpResponse:
    """Where money stands, and what waits."""
    return _board(request)


@require_POST
@member_page(Scope.OPERATE)
def compare(request: PageRequest) -> HttpResponse:
    """Have every provider's books compared now; a reaction does it."""
    count = reconciliation.ask_each(by=request.actor)
    words = _("The books are compared now. Look again in a few seconds.")
    messages.success(request, words if count else _("No money has ever stood at a provider."))
    return redirect("operate_money")


@get_or_post
@never_cache
@member_page(Scope.OPERATE)
def hold(request: PageRequest, hold_id: UUID) -> HttpResponse:
    """Ask before a hold that waits for the operator goes on; a POST with a reason does it."""
    found = queries.hold_visible_to(request.actor, hold_id)
    return _decided(request, decisions.of_hold(found, request.actor.at))


@get_or_post
@never_cache
@member_page(Scope.OPERATE)
def payout(request: PageRequest, payout_id: UUID, verb: str) -> HttpResponse:
    """Ask before a payout by bank transfer is approved, or taken back."""
    found = payouts.payout_visible_to(request.actor, payout_id)
    return _decided(request, decisions.of_payout(verb, found))


@get_or_post
@never_cache
@member_page(Scope.OPERATE)
def transfer(request: PageRequest, remittance_id: UUID, verb: str) -> HttpResponse:
    """Ask before money that was seen on a bank account is confirmed, or called an error."""
    found = remittances.remittance_visible_to(request.actor, remittance_id)
    return _decided(request, decisions.of_transfer(verb, found))


@get_or_post
@never_cache
@member_page(Scope.OPERATE)
def difference(request: PageRequest, difference_id: UUID) -> HttpResponse:
    """One difference with the provider's lines behind it, and a form to say why it is one."""
    found = reconciliation_queries.difference_visible_to(request.actor, difference_id)
    lines = reconciliation_queries.lines_about(request.actor, found)
    return _decided(request, decisions.of_difference(found), {"lines": lines})


def _decided(request: PageRequest, decision: Decision, context: dict[str, Any] | None = None) -> HttpResponse:
    """The confirmation's page; a POST acts, unless what was shown is no longer so."""
    form = decision.form(request.POST or None, initial={"shown": decision.state})
    if request.method != "POST" and not decision.is_open:
        return redirect("operate_money")
    if form.is_bound and form.is_valid():
        try:
            if form.cleaned_data["shown"] != decision.state:
                raise Conflict("this has changed since you opened the page", code="wrong_state")
            decision.run(form.cleaned_data.get("reason", ""), request.actor)
        except Invalid as refusal:
            form.refuse(refusal, "reason" if "reason" in form.fields else None)
        except (Conflict, Forbidden) as refusal:
            return _board(request, refusal)
        else:
            messages.success(request, decision.done)
            return redirect("operate_money")
    shown = {"decision": decision, "consequences": decision.consequences, "form": form, **(context or {})}
    status = 422 if form.is_bound else 200
    return show(request, "payments/money_decision.html", shown, section="operate_money", status=status)


def _board(request: PageRequest, refusal: ExchangeError | None = None) -> HttpResponse:
    by = request.actor
    found = waiting.groups(by=by)
    currencies = money_board.currencies(by=by)
    today = by.at.astimezone(formats.zone()).date()
    context = {
        "groups": found,
        "count": sum(group.count for group in found),
        "currencies": currencies,
        "is_sound": all(row.is_sound for row in currencies),
        "providers": money_board.providers_of(by=by),
        "explained": money_board.explained(by=by),
        "is_by_hand": settings.EXCHANGE_PAYMENT_PROVIDER == manual.NAME,
        "now": by.at,
        "today": today,
        "year": str(today.year),
        "refusal": refusal_of(refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return show(request, "payments/money.html", context, section="operate_money", status=status)
