"""The page of a negotiation, the same for both sides, and what each side may do there. A form posts what its page
showed; where that has changed, the page is shown again as it stands now, and nothing is done."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contracts import badges, queries
from contracts.choices import prices
from contracts.entitlements import successions
from contracts.forms import OptionalReasonForm, SignForm
from contracts.models import Negotiation, Side, Signature, Succession
from contracts.negotiations import negotiations, rider_rows, riders, rounds, rows, signatures
from contracts.talks import rows as talk_rows
from contracts.talks import talks
from contracts.talks.forms import MessageForm
from contracts.talks.handing_over import as_file
from contracts.terms import rights
from contracts.terms import terms as usage_terms
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.look.answers import show
from exchange.look.names import country_name
from exchange.look.refusals import refusal_of
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments import queries as payments
from payments.charges import methods
from payments.plans import plans
from payments.subscriptions import queries as subscription_queries
from payments.subscriptions import subscriptions

_STATE = Negotiation.State
_OPEN = (_STATE.REQUESTED, _STATE.OFFERED, _STATE.APPROVED)
_SIGNABLE = (_STATE.OFFERED, _STATE.APPROVED)


@require_safe
@never_cache
@member_page(Scope.READ)
def negotiation(request: PageRequest, negotiation_id: UUID) -> HttpResponse:
    """Where it stands, whose move it is, and the deed."""
    return _page(request, negotiation_id)


@require_POST
@never_cache
@member_page(Scope.READ)
def approve(request: PageRequest, negotiation_id: UUID) -> HttpResponse:
    """The seller signs."""
    found = queries.negotiation_visible_to(request.actor, negotiation_id)
    try:
        signed = negotiations.approve(found, shown=request.POST.get("shown") or None, by=request.actor)
    except Conflict as refusal:
        return _page(request, negotiation_id, refusal=refusal)
    if signed.state == _STATE.REQUESTED:
        messages.success(request, _("You have signed. Another member of your organisation signs next."))
    else:
        messages.success(request, _("You approved the request. The buyer may sign now."))
    return redirect("negotiation", negotiation_id)


@require_POST
@never_cache
@member_page(Scope.READ)
def accept(request: PageRequest, negotiation_id: UUID) -> HttpResponse:
    """The buyer signs, and goes on to payment, or to the data where nothing is to be paid."""
    found = queries.negotiation_visible_to(request.actor, negotiation_id)
    form = SignForm(request.POST)
    if not form.is_valid():
        return _page(request, negotiation_id, form=form, status=422)
    try:
        accepted = negotiations.accept(found, **form.cleaned_signature(), by=request.actor)
    except Invalid as invalid:
        if invalid.code != "invalid_coupon":
            raise
        form.refuse(invalid, "coupon")
        return _page(request, negotiation_id, form=form, status=422)
    except Conflict as refusal:
        succession = successions.of(found)
        if succession is not None and refusal.code == "renewal_worse":
            return redirect("holding_renew", succession.right_id)
        return _page(request, negotiation_id, refusal=refusal)
    if accepted.agreement is None:
        messages.success(request, _("You have signed. Another member of your organisation signs next."))
        return redirect("negotiation", negotiation_id)
    if accepted.charge is None:
        messages.success(request, _("Signed by both sides. The data is open to you."))
        return redirect(_after_signature(request, found, form), accepted.agreement.pk)
    return redirect("charge", accepted.charge.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.READ)
def refuse(request: PageRequest, negotiation_id: UUID) -> HttpResponse:
    """The seller says no, on a page of its own."""
    return _end(request, negotiation_id, is_seller=True)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.READ)
def withdraw(request: PageRequest, negotiation_id: UUID) -> HttpResponse:
    """The buyer takes the request back, on a page of its own."""
    return _end(request, negotiation_id, is_seller=False)


@require_POST
@never_cache
@member_page(Scope.READ)
def talk(request: PageRequest, negotiation_id: UUID) -> HttpResponse:
    """Write to the other side, with a file or without."""
    found = queries.negotiation_visible_to(request.actor, negotiation_id)
    form = MessageForm(request.POST, request.FILES)
    try:
        if form.send(found, by=request.actor):
            return redirect("negotiation", negotiation_id)
    except Conflict as refusal:
        return _page(request, negotiation_id, refusal=refusal)
    return _page(request, negotiation_id, message=form, status=422)


@require_safe
@never_cache
@member_page(Scope.READ)
def attachment(request: PageRequest, attachment_id: UUID) -> HttpResponse:
    """One file of a thread."""
    return as_file(talks.attachment_visible_to(request.actor, attachment_id))


def _end(request: PageRequest, negotiation_id: UUID, *, is_seller: bool) -> HttpResponse:
    found = queries.negotiation_visible_to(request.actor, negotiation_id)
    request.actor.require(Scope.SELL if is_seller else Scope.BUY)
    may_end = found.state in _OPEN
    if request.method != "POST" and not may_end:
        return redirect("negotiation", negotiation_id)
    form = OptionalReasonForm(request.POST or None, initial={"shown": found.state})
    if request.method == "POST" and form.is_valid():
        verb = negotiations.refuse if is_seller else negotiations.terminate
        try:
            if form.cleaned_data["shown"] != found.state:
                raise Conflict("this request has changed since you opened the page", code="wrong_state")
            verb(found, reason=form.cleaned_data["reason"], by=request.actor)
        except Conflict as refusal:
            return _page(request, negotiation_id, refusal=refusal)
        done = _("You refused the request.") if is_seller else _("You withdrew your request.")
        messages.success(request, done)
        return redirect("negotiation", negotiation_id)
    context = {"negotiation": found, "form": form, "is_seller": is_seller}
    status = 422 if request.method == "POST" else 200
    return show(request, "contracts/end_request.html", context, section=_section(request, found), status=status)


def _page(
    request: PageRequest,
    negotiation_id: UUID,
    *,
    refusal: Conflict | None = None,
    form: SignForm | None = None,
    message: MessageForm | None = None,
    status: int = 200,
) -> HttpResponse:
    found = queries.negotiation_visible_to(request.actor, negotiation_id)
    terms, plan = usage_terms.thaw(found.terms), plans.parse(found.plan)
    agreement, succession = queries.agreement_of(request.actor, found), successions.of(found)
    is_amendment = succession is not None and succession.kind == Succession.Kind.AMENDMENT
    names, given = queries.names_in(terms), signatures.of(found)
    rider = riders.among(given)
    deed = rights.deed_of(terms, names=names)
    context = {
        "negotiation": found,
        "refusal": refusal_of(refusal) if refusal else None,
        "badge": badges.of_negotiation(found.state),
        "side": _side(request, found),
        "purpose": rights.purpose_words(found.purpose),
        "country": country_name(found.country),
        "buyer_country": country_name(found.buyer.verified_country),
        "plan": plan,
        "deed": deed,
        "clause_count": len(deed),
        "rights": rights.rights_of(
            terms, price=plan.due_first, inspection_days=settings.EXCHANGE_INSPECTION_DAYS, names=names
        ),
        "form": form or SignForm(initial={"shown": rider.sha256 if rider else found.proposal}),
        "rider": rider_rows.of(request.actor, found, plan, given),
        "is_first_of_two": signatures.missing_beside(given, found, Side.BUYER) == 2,
        "is_private_price": prices.is_private(found),
        "term_ends": subscriptions.term_ends(plan, request.actor.at),
        "may_keep_method": found.state in _SIGNABLE and prices.may_keep_method(plan),
        "kept_method": methods.kept_for(request.actor, found.buyer_id),
        **talk_rows.shown(request.actor, found, message),
        "talk_url": reverse("negotiation_talk", args=[found.pk]),
        "given": given,
        "has_signed": any(one.actor == request.actor.name for one in given),
        "is_half_signed": _is_half_signed(found, given),
        "difference": rows.last_difference(found),
        "succession": succession,
        "is_amendment": is_amendment,
        "needs_consent": bool(succession and successions.without_consent(found)),
        "amended": rows.amended(found) if is_amendment else None,
        "note": (head := rounds.head(found)).note,
        "note_by": head.side,
        "affiliates": queries.names_of(found.affiliates),
        "may_sell": request.actor.can(Scope.SELL),
        "may_buy": request.actor.can(Scope.BUY),
        "agreement": agreement,
        "charge": payments.charge_about(f"agreement:{agreement.pk}") if agreement else None,
        "ended_by": queries.ended_by(request.actor, found),
        "steps": [(_("Request"), ""), (_("Contract"), ""), (_("Payment"), ""), (_("Data"), "")],
        "step": _step(found),
    }
    return show(
        request,
        "contracts/negotiation.html",
        context,
        section=_section(request, found),
        status=409 if refusal else status,
    )


def _after_signature(request: PageRequest, found: Negotiation, form: SignForm) -> str:
    """Where a buyer goes after its signature: to its way to pay, where that is to be kept and payments have begun; they
    have not where a renewal waits for its turn."""
    rider = riders.of(found)
    is_kept = form.cleaned_data["keeps_method"] or (rider is not None and rider.keeps_method)
    agreement = queries.agreement_of(request.actor, found)
    if agreement is None or not is_kept:
        return "sale"
    begun = subscription_queries.subscription_about(request.actor, f"agreement:{agreement.pk}")
    return "sale_subscription" if begun else "sale"


def _is_half_signed(found: Negotiation, given: Sequence[Signature]) -> bool:
    """Whether the side whose move it is has signed, and another member of it signs next."""
    side = Side.SELLER if found.state == _STATE.REQUESTED else Side.BUYER
    return found.state in _OPEN and any(one.side == side for one in given)


def _side(request: PageRequest, found: Negotiation) -> str:
    if request.actor.participant_id == found.seller_id:
        return "seller"
    return "buyer" if request.actor.participant_id == found.buyer_id else "officer"


def _section(request: PageRequest, found: Negotiation) -> str:
    names = {"seller": "sell_requests", "buyer": "buy_requests", "officer": "desk_overview"}
    return names[_side(request, found)]


def _step(found: Negotiation) -> int:
    steps = {_STATE.REQUESTED: 1, _STATE.AGREED: 3, _STATE.FINALIZED: 4}
    return steps.get(_STATE(found.state), 2)
