"""What is paid over time under a contract: its plan, its charges, what was used so far, and what the buyer decides.
Both sides see the page; it looks again by itself where use is counted."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from contracts import queries
from contracts.choices.price_forms import CapForm
from contracts.models import Agreement
from contracts.money import badges as money_badges
from contracts.money import charge_words
from contracts.sales.facts import SECTIONS, side_of
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, ExchangeError, NotFound
from exchange.look.answers import show
from exchange.look.refusals import refusal_of
from exchange.participants import queries as participants
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments import providers
from payments import queries as payments
from payments.charges import methods
from payments.models import Subscription
from payments.plans import plans
from payments.subscriptions import consumption, further_terms, meters, subscriptions
from payments.subscriptions import queries as subscription_queries

_MOST_SHOWN = 24


@require_safe
@never_cache
@member_page(Scope.READ)
def subscription(request: PageRequest, agreement_id: UUID) -> HttpResponse:
    """What was agreed, what was charged, and what has been used so far."""
    return _page(request, *_found(request, agreement_id))


@require_POST
@never_cache
@member_page(Scope.READ)
def cap(request: PageRequest, agreement_id: UUID) -> HttpResponse:
    """The buyer says what a period may cost at most; the gateway keeps to it."""
    agreement, found = _found(request, agreement_id)
    form = CapForm(request.POST, currency=found.currency)
    if not form.is_valid():
        return _page(request, agreement, found, form=form)
    try:
        meters.set_cap(found, form.cap_minor(), by=request.actor)
    except Conflict as refusal:
        return _page(request, agreement, found, refusal=refusal)
    messages.success(request, _("Your cap holds from now on."))
    return redirect("sale_subscription", agreement_id)


@require_POST
@never_cache
@member_page(Scope.READ)
def decide(request: PageRequest, agreement_id: UUID, verb: str) -> HttpResponse:
    """The buyer cancels, takes that back, agrees to another term, or takes that back."""
    agreement, found = _found(request, agreement_id)
    try:
        if verb == "cancel":
            subscriptions.cancel(found, by=request.actor)
        elif verb == "keep-on":
            subscriptions.keep_on(found, by=request.actor)
        else:
            subscriptions.renew(found, is_wanted=verb == "renew", by=request.actor)
    except Conflict as refusal:
        return _page(request, agreement, found, refusal=refusal)
    messages.success(request, _("This is what holds now."))
    return redirect("sale_subscription", agreement_id)


@require_POST
@never_cache
@member_page(Scope.READ)
def method(request: PageRequest, agreement_id: UUID, verb: str) -> HttpResponse:
    """The buyer lets the provider keep a way to pay, or takes that back."""
    agreement, found = _found(request, agreement_id)
    try:
        if verb == "keep-method":
            buyer = participants.participant(found.buyer_id)
            methods.ask_to_keep(buyer, currency=found.currency, by=request.actor)
        elif (kept := methods.kept_for(request.actor, found.buyer_id)) is not None:
            methods.end(kept, by=request.actor)
            messages.success(request, _("Nothing is collected by it any more."))
    except Conflict as refusal:
        return _page(request, agreement, found, refusal=refusal)
    return redirect("sale_subscription", agreement_id)


def _found(request: PageRequest, agreement_id: UUID) -> tuple[Agreement, Subscription]:
    agreement = queries.agreement_visible_to(request.actor, agreement_id)
    found = subscription_queries.subscription_about(request.actor, f"agreement:{agreement.pk}")
    if found is None:
        raise NotFound("nothing is paid over time under this contract")
    return agreement, found


def _page(
    request: PageRequest,
    agreement: Agreement,
    found: Subscription,
    *,
    form: CapForm | None = None,
    refusal: ExchangeError | None = None,
) -> HttpResponse:
    found.refresh_from_db()
    told = refusal_of(refusal) if refusal else None
    plan, shows_cap = plans.parse(found.plan), subscription_queries.shows_cap(request.actor, found)
    may_decide = request.actor.can(Scope.BUY) and request.actor.acts_for(found.buyer_id)
    used = None
    if plan.metering is not None and found.state != Subscription.State.ENDED:
        shows_part = payments.knows_fee(request.actor, found.seller_id)
        used = consumption.of(found, shows_cap=shows_cap, shows_part=shows_part, now=request.actor.at)
    context = {
        "agreement": agreement,
        "subscription": found,
        "badge": money_badges.of_subscription(found),
        "plan": plan,
        "refusal": told,
        "charges": [
            (charge_words.occasion(row.occasion), row, money_badges.of_charge(row, getattr(row, "hold", None)))
            for row in payments.charges_visible_to(request.actor)
            .filter(reference=found.reference)
            .order_by("-pk")[:_MOST_SHOWN]
        ],
        "used": used,
        "width": consumption.WIDTH,
        "height": consumption.HEIGHT,
        "rated": subscription_queries.rated_of(found)[:_MOST_SHOWN],
        "form": form or CapForm(currency=found.currency, cap=found.cap if shows_cap else None),
        "may_decide": may_decide and found.state != Subscription.State.ENDED,
        "may_keep_method": may_decide and providers.keep_methods(),
        "kept_method": methods.kept_for(request.actor, found.buyer_id),
        "asked_page": methods.page_open_to(request.actor, found.buyer_id),
        "may_cancel": found.kind != "instalments",
        "term_ends": subscriptions.this_term_ends(found),
        "following": further_terms.coming(found),
        "may_renew": plan.rhythm is not None and plan.rhythm.is_renewable,
    }
    status = told.status if told else 422 if form is not None else 200
    section = SECTIONS[side_of(request.actor, agreement)]
    return show(request, "contracts/subscription.html", context, section=section, status=status)
