"""Pages where a buyer asks for money back, and where a seller gives it or answers. What was shown is posted along:
where money has gone back since, nothing happens and the page says so."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from contracts.forms import ReasonForm, ShownForm
from contracts.money import earning_rows, refund_words
from contracts.money.refund_forms import RefundForm
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, ExchangeError, Invalid, NotFound
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments import queries as payments
from payments.models import Charge, Refund
from payments.refunds import refunds

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@never_cache
@member_page(Scope.READ)
def give_back(request: PageRequest, charge_id: UUID) -> HttpResponse:
    """The buyer asks for money of a charge back, or the seller gives it."""
    charge = payments.charge_visible_to(request.actor, charge_id)
    is_buyer = charge.payer_id == request.actor.participant_id
    request.actor.require(Scope.BUY if is_buyer else Scope.SELL)
    form = RefundForm(request.POST or None, charge=charge)
    home = reverse("buy_invoices") if is_buyer else reverse("sell_earnings_path", args=[charge.pk])

    def act() -> str:
        gross, reason = form.gross(), form.cleaned_data["reason"]
        if is_buyer:
            refunds.ask(charge, gross=gross, reason=reason, by=request.actor)
            return _("You asked for your money back. You will read here what comes of it.")
        refunds.give(charge, gross=gross, shown_minor=charge.refunded_minor, reason=reason, by=request.actor)
        return _("The money goes back to the buyer.")

    words = refund_words.asking(charge) if is_buyer else refund_words.giving()
    return _answer(request, charge, form, words, str(charge.refunded_minor), home, act)


@get_or_post
@never_cache
@member_page(Scope.SELL)
def approve(request: PageRequest, refund_id: UUID) -> HttpResponse:
    """The seller gives what the buyer asked for."""
    refund, home = _asked(request, refund_id)
    form = ShownForm(request.POST or None, initial={"shown": refund.state})

    def act() -> str:
        refunds.approve(refund, by=request.actor)
        return _("The money goes back to the buyer.")

    return _answer(request, refund.charge, form, refund_words.approving(refund), refund.state, home, act)


@get_or_post
@never_cache
@member_page(Scope.SELL)
def decline(request: PageRequest, refund_id: UUID) -> HttpResponse:
    """The seller says no, and why."""
    refund, home = _asked(request, refund_id)
    form = ReasonForm(request.POST or None, initial={"shown": refund.state})

    def act() -> str:
        refunds.decline(refund, reason=form.cleaned_data["reason"], by=request.actor)
        return _("You declined. The buyer reads your reason.")

    return _answer(request, refund.charge, form, refund_words.declining(refund), refund.state, home, act)


def _asked(request: PageRequest, refund_id: UUID) -> tuple[Refund, str]:
    refund = payments.refund_visible_to(request.actor, refund_id)
    if refund.charge.payee_id != request.actor.participant_id:
        raise NotFound("there is no such refund for you")
    return refund, reverse("sell_earnings_path", args=[refund.charge_id])


def _answer(
    request: PageRequest,
    charge: Charge,
    form: RefundForm | ReasonForm | ShownForm,
    words: refund_words.Words,
    state: str,
    home: str,
    act: Callable[[], str],
) -> HttpResponse:
    """The page; a POST acts, unless what was shown is no longer so."""
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                if form.cleaned_data["shown"] != state:
                    raise Conflict("this charge has changed since you opened the page", code="wrong_state")
                done = act()
            except Invalid as refusal:
                form.refuse(refusal, "reason" if "reason" in form.fields else None)
            except ExchangeError as refusal:
                status = 409
                form.refuse(refusal)
            else:
                messages.success(request, done)
                return redirect(home)
    context = {
        "charge": charge,
        "agreement": earning_rows.agreements_of([charge], by=request.actor).get(charge.reference),
        "words": words,
        "consequences": words.consequences,
        "form": form,
        "home": home,
    }
    section = "buy_invoices" if charge.payer_id == request.actor.participant_id else "sell_earnings"
    return show(request, "contracts/refund.html", context, section=section, status=status)
