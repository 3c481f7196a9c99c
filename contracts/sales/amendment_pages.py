"""The page on which either side proposes to change a contract within its term: single clauses, a price for it, and the
difference before it is sent. What is sent is a talk like any other, with rounds and both signatures."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from contracts import queries
from contracts.models import Agreement, Negotiation
from contracts.negotiations import redline_rows
from contracts.negotiations.redline_forms import RedlineForm
from contracts.renewals import amendments, renewals, succession_rows
from contracts.sales.facts import SECTIONS, side_of
from contracts.terms import terms as usage_terms
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments.plans.plans import Plan


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.READ)
def sale_amend(request: PageRequest, agreement_id: UUID) -> HttpResponse:
    """Change single clauses of a contract, read the difference, and send it to the other side."""
    found = _of_a_trader(request, agreement_id)
    if request.method != "POST" and not succession_rows.of(request.actor, found).may_amend:
        talk = renewals.open_talk(found.entitlement)
        return redirect("negotiation", talk.pk) if talk else redirect("agreement", found.pk)
    form = _form(request, found)
    is_sent = request.method == "POST" and "preview" not in request.POST
    status = 422 if is_sent else 200
    if is_sent and form.is_valid():
        try:
            talk = _propose(request, found, form)
        except ExchangeError as refusal:
            form.refuse(refusal)
            status = 409 if isinstance(refusal, Conflict) else status
        else:
            messages.success(request, _said(request, talk))
            return redirect("negotiation", talk.pk)
    is_seller = request.actor.participant_id == found.seller_id
    context = {"agreement": found, "is_seller": is_seller, "on_top": True, **redline_rows.shown(form)}
    section = SECTIONS[side_of(request.actor, found)]
    return show(request, "contracts/sale_amend.html", context, section=section, status=status)


@require_POST
@never_cache
@member_page(Scope.READ)
def preview(request: PageRequest, agreement_id: UUID) -> HttpResponse:
    """For htmx: what differs with what is filled in so far."""
    form = _form(request, _of_a_trader(request, agreement_id))
    return show(request, "contracts/difference.html", {"on_top": True, **redline_rows.difference(form)})


def _of_a_trader(request: PageRequest, agreement_id: UUID) -> Agreement:
    found = queries.agreement_visible_to(request.actor, agreement_id)
    if not succession_rows.is_amender(request.actor, found):
        raise Forbidden("only the seller or the buyer may do this")
    return found


def _form(request: PageRequest, found: Agreement) -> RedlineForm:
    terms = usage_terms.thaw(found.entitlement.terms)
    return RedlineForm(
        request.POST if request.method == "POST" else None,
        shown=found.digest,
        terms=terms,
        plan=Plan("free"),
        participants=redline_rows.nameable(request.actor, terms),
        sets_deadline=False,
        is_on_top=True,
    )


def _propose(request: PageRequest, found: Agreement, form: RedlineForm) -> Negotiation:
    return amendments.propose(
        found,
        changes=form.changes(),
        plan=form.plan(),
        note=form.cleaned_data["note"],
        by=request.actor,
    )


def _said(request: PageRequest, talk: Negotiation) -> str:
    if request.actor.participant_id == talk.buyer_id:
        return _("You have sent the change to the seller.")
    if talk.state == Negotiation.State.REQUESTED:
        return _("You have signed. Another member of your organisation signs next.")
    return _("You have signed the change and sent it to the buyer.")
