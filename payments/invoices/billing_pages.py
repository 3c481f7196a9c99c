"""The page of an organisation's invoices: its address and VAT id, what the register said of it, and the mandate under
which the exchange draws up what it sells. For managers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, ExchangeError, Invalid
from exchange.look import formats
from exchange.look.answers import show
from exchange.look.refusals import refusal_of
from exchange.participants import queries as participants
from exchange.participants.actors.page_auth import PageRequest, member_page
from exchange.participants.members import billing as billing_details
from exchange.participants.models import Participant
from payments.invoices import mandates, queries, waiting
from payments.invoices.billing_forms import BillingForm, MandateForm
from payments.models import VatId
from payments.taxes import vat_ids


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.MANAGE)
def billing(request: PageRequest) -> HttpResponse:
    """What invoices hold; a POST says it anew."""
    own = _own(request)
    form = BillingForm(request.POST if request.method == "POST" else None, own=own)
    if form.is_bound and form.is_valid():
        try:
            billing_details.describe(own, **form.cleaned_data, by=request.actor)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Kept. Invoices from now on hold it."))
            return redirect("organisation_billing")
    return _page(request, own, form)


@require_POST
@member_page(Scope.MANAGE, Scope.SELL)
def mandate(request: PageRequest) -> HttpResponse:
    """Let the exchange draw up the organisation's invoices."""
    own = _own(request)
    form = MandateForm(request.POST)
    try:
        mandates.accept(own, text_sha256=form.data.get("text_sha256", ""), by=request.actor)
    except Conflict as refusal:
        return _page(request, own, BillingForm(own=own), refusal)
    messages.success(request, _("The mandate is given. Invoices that waited for it are drawn up now."))
    return redirect("organisation_billing")


def _page(
    request: PageRequest, own: Participant, form: BillingForm, refusal: ExchangeError | None = None
) -> HttpResponse:
    language = "fr" if formats.is_french() else "en"
    context = {
        "own": own,
        "form": form,
        "refusal": refusal_of(refusal) if refusal else None,
        "known": vat_ids.known_of(own).get(own.pk),
        "states": VatId.State,
        "mandate": queries.mandate_of(own.pk),
        "text": mandates.TEXT[language],
        "mandate_form": MandateForm(initial={"text_sha256": mandates.fingerprint()}),
        "held_up": waiting.held_up_by(own, by=request.actor),
        "may_mandate": request.actor.can(Scope.SELL) and not own.is_operator,
    }
    status = 409 if refusal else 422 if form.is_bound else 200
    return show(request, "payments/billing.html", context, section="organisation", status=status)


def _own(request: PageRequest) -> Participant:
    assert request.actor.participant_id is not None
    return participants.own_participant(request.actor, request.actor.participant_id)
