"""The pages of a negotiation's rounds: their history, and the redline, in which either side writes the next one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contracts import queries
from contracts.models import Negotiation
from contracts.negotiations import negotiations, redline_rows, rounds, rows
from contracts.negotiations.redline_forms import RedlineForm
from contracts.terms import terms as usage_terms
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments.plans import plans

_OPEN = (Negotiation.State.REQUESTED, Negotiation.State.OFFERED, Negotiation.State.APPROVED)


@require_safe
@never_cache
@member_page(Scope.READ)
def history(request: PageRequest, negotiation_id: UUID) -> HttpResponse:
    """Every round with what it changed, its digest and its signatures."""
    found = queries.negotiation_visible_to(request.actor, negotiation_id)
    context = {
        "negotiation": found,
        "rows": rows.rows_of(found),
        "is_unbroken": rounds.is_unbroken(rounds.of(found)),
    }
    return show(request, "contracts/negotiation_rounds.html", context, section=_section(request, found))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.READ)
def redline(request: PageRequest, negotiation_id: UUID) -> HttpResponse:
    """Change single clauses or the price, read the difference, and send it to the other side."""
    found = _of_a_trader(request, negotiation_id)
    if found.state not in _OPEN:
        return redirect("negotiation", found.pk)
    form = _form(request, found)
    is_sent = request.method == "POST" and "preview" not in request.POST
    status = 422 if is_sent else 200
    if is_sent and form.is_valid():
        try:
            answered = _send(request, found, form)
        except ExchangeError as refusal:
            form.refuse(refusal)
            status = 409 if isinstance(refusal, Conflict) else status
        else:
            _say(request, answered)
            return redirect("negotiation", found.pk)
    is_seller = request.actor.participant_id == found.seller_id
    context = {"negotiation": found, "is_seller": is_seller, **redline_rows.shown(form)}
    return show(
        request,
        "contracts/negotiation_redline.html",
        context,
        section=_section(request, found),
        status=status,
    )


@require_POST
@never_cache
@member_page(Scope.READ)
def preview(request: PageRequest, negotiation_id: UUID) -> HttpResponse:
    """For htmx: what differs with what is filled in so far."""
    found = _of_a_trader(request, negotiation_id)
    return show(request, "contracts/difference.html", redline_rows.difference(_form(request, found)))


def _of_a_trader(request: PageRequest, negotiation_id: UUID) -> Negotiation:
    found = queries.negotiation_visible_to(request.actor, negotiation_id)
    mine = request.actor.participant_id
    if mine not in (found.seller_id, found.buyer_id):
        raise Forbidden("only the seller or the buyer may do this")
    request.actor.require(Scope.SELL if mine == found.seller_id else Scope.BUY)
    return found


def _form(request: PageRequest, found: Negotiation) -> RedlineForm:
    terms = usage_terms.thaw(found.terms)
    return RedlineForm(
        request.POST if request.method == "POST" else None,
        shown=found.proposal,
        terms=terms,
        plan=plans.parse(found.plan),
        participants=redline_rows.nameable(request.actor, terms),
        sets_deadline=request.actor.participant_id == found.seller_id,
    )


def _send(request: PageRequest, found: Negotiation, form: RedlineForm) -> Negotiation:
    return negotiations.counter(
        found,
        on=form.cleaned_data["shown"],
        changes=form.changes(),
        plan=form.plan(),
        accept_by=form.accept_by(request.actor.at),
        note=form.cleaned_data["note"],
        by=request.actor,
    )


def _say(request: PageRequest, answered: Negotiation) -> None:
    words = {
        Negotiation.State.OFFERED: _("You have signed these terms and sent them to the buyer."),
        Negotiation.State.REQUESTED: _("You have sent these terms to the seller."),
    }
    if answered.state == Negotiation.State.REQUESTED and request.actor.participant_id == answered.seller_id:
        messages.success(request, _("You have signed. Another member of your organisation signs next."))
        return
    messages.success(request, words[Negotiation.State(answered.state)])


def _section(request: PageRequest, found: Negotiation) -> str:
    mine = request.actor.participant_id
    if mine == found.seller_id:
        return "sell_requests"
    return "buy_requests" if mine == found.buyer_id else "desk_overview"
