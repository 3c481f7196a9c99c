"""The checkout: the bill, what it pays for, who holds the money, and one way to pay. Where something is under way, the
page looks again by itself, or by a link; once the data is open it leads to the sale."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from contracts import queries
from contracts.choices import prices
from contracts.models import Agreement, Entitlement
from contracts.money import charge_words
from contracts.terms import rights
from contracts.terms import terms as usage_terms
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, NotFound
from exchange.kernel.money import Money
from exchange.look.answers import show
from exchange.look.refusals import refusal_of
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments import providers
from payments import queries as payments
from payments.charges import charges, coupons
from payments.checkouts import checkouts, pretended_payments
from payments.checkouts.checkouts import Checkout, Step
from payments.inbox import catch_up
from payments.models import Charge

_SECONDS_PER_DAY = 86_400
_LOOKS_AGAIN = (Step.PREPARING, Step.ON_ITS_WAY)
"""Steps that are over in seconds, without the buyer."""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.READ)
def charge(request: PageRequest, charge_id: UUID) -> HttpResponse:
    """Show what is to be paid; a POST pays with the demo provider, or asks another one for its page."""
    found = payments.charge_visible_to(request.actor, charge_id)
    agreement = _agreement(request, found)
    refusal = None
    if request.method == "POST":
        try:
            _pay(request, found)
        except Conflict as conflict:
            refusal = conflict
        else:
            return redirect("charge", found.pk)
    if found.payer_id != request.actor.participant_id or _is_done(found, agreement):
        return _go_on(request, reverse("sale", args=[agreement.pk]))
    checkout = checkouts.of(found, request.actor.at)
    is_asking = _is_asking(request, found, checkout)
    if request.headers.get("HX-Request") and not is_asking and checkout.step not in _LOOKS_AGAIN:
        return _go_on(request, reverse("charge", args=[found.pk]))
    context = _context(request, found, agreement) | {
        "refusal": refusal_of(refusal) if refusal else None,
        "checkout": checkout,
        "step": str(checkout.step),
        "looks_again": is_asking or checkout.step in _LOOKS_AGAIN,
        "is_asking": is_asking,
        "here": request.get_full_path() if is_asking else reverse("charge", args=[found.pk]),
    }
    return show(
        request, "contracts/charge.html", context, section="buy_purchases", status=409 if refusal else 200
    )


def _pay(request: PageRequest, found: Charge) -> None:
    """The step to a provider's page is a link, so that no form leads away from here: asking for one is all."""
    if providers.named(found.provider).calls_outside:
        charges.page_to_pay(found, by=request.actor)
    else:
        pretended_payments.make(found, by=request.actor)


def _is_done(found: Charge, agreement: Agreement) -> bool:
    """Whether nothing is left to show: the data is open, or will never be. What is charged later is about data that is
    open already."""
    is_waiting = agreement.entitlement.state == Entitlement.State.PENDING
    if found.occasion == charges.FIRST:
        return not is_waiting
    return found.state == Charge.State.PAID


def _is_asking(request: PageRequest, found: Charge, checkout: Checkout) -> bool:
    """Whether the provider is asked what is true, for a buyer who comes back from its page: no browser is believed."""
    if "returned" not in request.GET or checkout.step is not Step.GO:
        return False
    asked = catch_up.look(found, by=request.actor)
    return asked is not None and asked.processed_at is None


def _context(request: PageRequest, found: Charge, agreement: Agreement) -> dict[str, object]:
    terms = usage_terms.thaw(agreement.entitlement.terms)
    told = rights.rights_of(
        terms,
        price=None,
        inspection_days=settings.EXCHANGE_INSPECTION_DAYS,
        names=queries.names_in(terms),
    )
    return {
        "charge": found,
        "agreement": agreement,
        "occasion": charge_words.occasion(found.occasion),
        "rows": [*_asked(found, agreement), (_("VAT"), charge_words.vat(found), found.tax)],
        "rights": told,
        "inspection_days": found.inspection_seconds // _SECONDS_PER_DAY,
        "has_returned": "returned" in request.GET,
        "may_pay": request.actor.can(Scope.BUY),
        "steps": [
            (_("Request"), reverse("negotiation", args=[agreement.negotiation_id])),
            (_("Contract"), reverse("agreement", args=[agreement.pk])),
            (_("Payment"), ""),
            (_("Data"), reverse("sale", args=[agreement.pk])),
        ],
    }


def _asked(found: Charge, agreement: Agreement) -> list[tuple[str, str, Money]]:
    """What is charged before tax; where a coupon took something off, the price above it: of the list, or as it was
    agreed with this buyer."""
    talk = agreement.negotiation
    title = talk.offer.title
    used = coupons.use_about(found.reference) if found.occasion == charges.FIRST else None
    if used is None:
        return [(_("Licence"), title, found.net)]
    words = _("%(title)s, as agreed with you") if prices.is_private(talk) else _("%(title)s, as listed")
    listed, off = Money(used.price_minor, used.currency), Money(-used.off_minor, used.currency)
    return [
        (_("Licence"), words % {"title": title}, listed),
        (_("Coupon"), "", off),
        (_("Price"), _("With the coupon"), found.net),
    ]


def _agreement(request: PageRequest, found: Charge) -> Agreement:
    noun, _colon, agreement_id = found.reference.partition(":")
    if noun != "agreement":
        raise NotFound("there is no such charge for you")
    rows = queries.agreements_visible_to(request.actor).select_related("entitlement", "negotiation__offer")
    agreement = rows.filter(pk=agreement_id).first()
    if agreement is None:
        raise NotFound("there is no such charge for you")
    return agreement


def _go_on(request: PageRequest, address: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
