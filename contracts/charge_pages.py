"""The checkout: the bill, who holds the money, and the way to pay. Where the money is on its way, the page looks again
by itself, or by a link; once the data is open it leads to the sale."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from contracts import queries
from contracts.models import Agreement, Entitlement
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, NotFound
from exchange.look import formats
from exchange.look.answers import show
from exchange.look.names import country_name
from exchange.look.refusals import refusal_of
from exchange.participants.page_auth import PageRequest, member_page
from payments import providers
from payments import queries as payments
from payments.models import Charge
from payments.providers import demo

_SECONDS_PER_DAY = 86_400


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.READ)
def charge(request: PageRequest, charge_id: UUID) -> HttpResponse:
    """Show what is to be paid; a POST pays with the demo provider."""
    found = payments.charge_visible_to(request.actor, charge_id)
    agreement = _agreement(request, found)
    refusal = None
    if request.method == "POST":
        try:
            demo.pay(found, by=request.actor)
        except Conflict as conflict:
            refusal = conflict
        else:
            return redirect("charge", found.pk)
    is_settled = agreement.entitlement.state != Entitlement.State.PENDING
    if found.payer_id != request.actor.participant_id or is_settled:
        return _go_on(request, reverse("sale", args=[agreement.pk]))
    is_on_its_way = found.state == Charge.State.PAID or demo.is_pretended(found)
    if request.headers.get("HX-Request") and not is_on_its_way:
        return _go_on(request, reverse("charge", args=[found.pk]))
    context = _context(request, found, agreement) | {
        "refusal": refusal_of(refusal) if refusal else None,
        "is_on_its_way": is_on_its_way,
        "is_off": found.state == Charge.State.FAILED,
    }
    return show(
        request, "contracts/charge.html", context, section="buy_purchases", status=409 if refusal else 200
    )


def _context(request: PageRequest, found: Charge, agreement: Agreement) -> dict[str, object]:
    provider = providers.named(found.provider)
    sale = reverse("sale", args=[agreement.pk])
    return {
        "charge": found,
        "agreement": agreement,
        "rows": [
            (_("Licence"), agreement.negotiation.offer.title, found.net),
            (_("VAT"), _vat(found), found.tax),
        ],
        "inspection_days": found.inspection_seconds // _SECONDS_PER_DAY,
        "is_demo_provider": found.provider == demo.NAME,
        "provider_statement": provider.statement,
        "may_pay": request.actor.can(Scope.BUY),
        "steps": [
            (_("Request"), reverse("negotiation", args=[agreement.negotiation_id])),
            (_("Contract"), reverse("agreement", args=[agreement.pk])),
            (_("Payment"), ""),
            (_("Data"), sale),
        ],
    }


def _agreement(request: PageRequest, found: Charge) -> Agreement:
    noun, _colon, agreement_id = found.reference.partition(":")
    if noun != "agreement":
        raise NotFound("there is no such charge for you")
    rows = queries.agreements_visible_to(request.actor).select_related("entitlement", "negotiation__offer")
    agreement = rows.filter(pk=agreement_id).first()
    if agreement is None:
        raise NotFound("there is no such charge for you")
    return agreement


def _vat(found: Charge) -> str:
    country = country_name(found.payer.verified_country)
    if found.vat_treatment == "reverse_charge":
        return _("Reverse charge: you account for it in %(country)s") % {"country": country}
    if found.vat_treatment == "outside_scope":
        return _("Outside the scope of EU VAT")
    basis_points = found.vat_rate_basis_points
    rate = formats.percent(basis_points / 10_000, 1 if basis_points % 100 else 0)
    return _("%(rate)s, the standard rate of %(country)s") % {"rate": rate, "country": country}


def _go_on(request: PageRequest, address: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
