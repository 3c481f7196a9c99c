"""The buyer's page of a renewal: every difference with its direction, a tick for each item that is worse, and one
signature. A talk about an amendment, or one in which the seller has answered, is taken on the same page."""

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from contracts import queries
from contracts.choices import prices
from contracts.forms import CouponCode, KeepsMethod, Read, Renews
from contracts.models import Entitlement, Negotiation, Offer
from contracts.negotiations import negotiations, rider_rows, signatures
from contracts.negotiations.signings import Accepted
from contracts.renewals import renewals, rows
from contracts.renewals.rows import Shown
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Invalid, NotFound
from exchange.look.answers import show
from exchange.look.forms import Form
from exchange.look.refusals import refusal_of
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments.charges import methods
from payments.charges.coupons import Discounted
from payments.subscriptions import subscriptions


class RenewalForm(Form):
    """What was shown, the worse items that are taken, and the signature."""

    shown = forms.CharField(widget=forms.HiddenInput)
    offer = forms.UUIDField(widget=forms.HiddenInput, required=False)
    choice = forms.IntegerField(widget=forms.HiddenInput, required=False)
    worse = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    has_read = Read()
    coupon = CouponCode()
    keeps_method = KeepsMethod()
    renews = Renews()

    def __init__(self, *args: object, shown: Shown, **kwargs: object) -> None:
        offer = shown.offer.pk if shown.offer else None
        initial = {"shown": shown.digest, "offer": offer, "choice": shown.choice}
        super().__init__(*args, initial=initial, **kwargs)
        field = self.fields["worse"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(row.kind, row.heading) for row in shown.rows if row.needs_consent]
        field.error_messages["invalid_choice"] = gettext_lazy("Choose one of the entries shown.")

    def forgive(self) -> None:
        """Take what is filled in so far, and say nothing of what is missing."""
        self.full_clean()
        self.errors.clear()


@dataclass(frozen=True)
class _Asked:
    """What a page is about: a licence, and the talk that is open about it or an offer to renew it by."""

    right: Entitlement
    talk: Negotiation | None
    shown: Shown | None
    others: list[Shown]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.BUY)
def holding_renew(request: PageRequest, entitlement_id: UUID) -> HttpResponse:
    """What would change and what it costs; a POST shows the price with a coupon, or signs, with consent to each item
    that was ticked."""
    right = queries.entitlement_visible_to(request.actor, entitlement_id)
    if right.buyer_id != request.actor.participant_id:
        raise NotFound("there is no such licence of yours")
    asked = _asked(request, right)
    if asked.shown is None:
        return _page(request, asked, None)
    form = RenewalForm(request.POST if request.method == "POST" else None, shown=asked.shown)
    if "weigh" in request.POST:
        return _weighed(request, asked, form)
    if request.method != "POST" or not form.is_valid():
        return _page(request, asked, form, status=422 if request.method == "POST" else 200)
    try:
        accepted = _sign(request, asked, form)
    except Invalid as invalid:
        if invalid.code != "invalid_coupon":
            raise
        form.refuse(invalid, "coupon")
        return _page(request, asked, form, status=422)
    except Conflict as refusal:
        return _refused(request, asked, form, refusal)
    return _onward(request, accepted)


def _refused(request: PageRequest, asked: _Asked, form: RenewalForm, refusal: Conflict) -> HttpResponse:
    """The page as it stands now; where that is no longer what was shown, the form begins anew."""
    assert asked.shown is not None
    now = _asked(request, asked.right)
    is_same = now.shown is not None and form["shown"].value() == now.shown.digest
    fresh = RenewalForm(None, shown=now.shown) if now.shown else None
    return _page(request, now, form if is_same else fresh, refusal=_by_heading(refusal, asked.shown))


def _weighed(request: PageRequest, asked: _Asked, form: RenewalForm) -> HttpResponse:
    """The price with a coupon, before anything is signed; nothing is taken of it."""
    assert asked.shown is not None
    form.forgive()
    offer = asked.shown.offer or (asked.talk.offer if asked.talk else None)
    code, buyer_id = form.cleaned_data.get("coupon", ""), asked.right.buyer_id
    if not code or offer is None:
        return _page(request, asked, form)
    try:
        found = prices.weigh(offer, asked.shown.price_after, code, buyer_id=buyer_id, by=request.actor)
    except (Conflict, Invalid) as refusal:
        form.refuse(refusal, "coupon")
        return _page(request, asked, form, status=422)
    return _page(request, asked, form, discounted=found)


def _by_heading(refusal: Conflict, shown: Shown) -> Conflict:
    """What needs consent as the page calls it; programs are told its kinds."""
    if refusal.code != "renewal_worse":
        return refusal
    kinds = refusal.more["worse"].split(",")
    named = ", ".join(row.heading for row in shown.rows if row.kind in kinds)
    return Conflict(
        f"this may be worse for you than before, and you did not take it: {named}", code=refusal.code
    )


def _asked(request: PageRequest, right: Entitlement) -> _Asked:
    talk = renewals.open_talk(right)
    if talk is not None:
        is_ours = talk.state != Negotiation.State.REQUESTED
        return _Asked(right, talk, rows.of_talk(right, talk) if is_ours else None, [])
    found = [rows.of_renewal(one) for one in renewals.proposals_visible_to(request.actor, right)]
    asked = request.POST if request.method == "POST" else request.GET
    of_offer = [one for one in found if one.offer and str(one.offer.pk) == asked.get("offer")]
    chosen = next((one for one in of_offer if str(one.choice or "") == asked.get("choice", "")), None)
    chosen = chosen or next(iter(of_offer), None)
    chosen = chosen or next(iter(found), None)
    return _Asked(right, None, chosen, [one for one in found if one is not chosen])


def _sign(request: PageRequest, asked: _Asked, form: RenewalForm) -> Accepted:
    kinds, shown = form.cleaned_data["worse"], form.cleaned_data["shown"]
    besides = {name: form.cleaned_data[name] for name in ("coupon", "keeps_method", "renews")}
    if asked.talk is not None:
        renewals.consent(asked.talk, kinds, shown=shown, by=request.actor)
        return negotiations.accept(asked.talk, shown=shown, **besides, by=request.actor)
    assert asked.shown is not None and asked.shown.offer is not None
    return renewals.renew(
        asked.right,
        asked.shown.offer,
        consents=kinds,
        shown=shown,
        choice=asked.shown.choice,
        **besides,
        by=request.actor,
    )


def _asked_at_signature(request: PageRequest, asked: _Asked) -> dict[str, object]:
    """What the form asks for besides, where sending it is a signature: a coupon, a way to pay, whether further terms
    follow; or what another member has signed besides."""
    shown = asked.shown
    if shown is None or (shown.offer is not None and not renewals.is_signed_at_once(shown.offer)):
        return {}
    if asked.talk:
        given = signatures.of(asked.talk)
        if rider := rider_rows.of(request.actor, asked.talk, shown.price_after, given):
            return {"rider": rider, "plan": shown.price_after}
    is_private = shown.offer is not None and shown.offer.audience != Offer.Audience.PUBLIC
    begins_at = None if shown.is_amendment else asked.right.ends_at
    return {
        "takes_coupon": shown.price_after.due_first is not None,
        "is_private_price": prices.is_private(asked.talk) if asked.talk else is_private,
        "plan": shown.price_after,
        "may_keep_method": prices.may_keep_method(shown.price_after),
        "kept_method": methods.kept_for(request.actor, asked.right.buyer_id),
        "next_term_ends": subscriptions.term_ends(shown.price_after, begins_at) if begins_at else None,
    }


def _onward(request: PageRequest, accepted: Accepted) -> HttpResponse:
    if accepted.agreement is None:
        messages.success(request, _("Sent. The other signature that is needed comes next."))
        return redirect("negotiation", accepted.negotiation.pk)
    if accepted.charge is not None:
        return redirect("charge", accepted.charge.pk)
    messages.success(request, _("Signed by both sides."))
    return redirect("sale", accepted.agreement.pk)


def _page(
    request: PageRequest,
    asked: _Asked,
    form: RenewalForm | None,
    *,
    discounted: Discounted | None = None,
    refusal: Conflict | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "entitlement": asked.right,
        "talk": asked.talk,
        "shown": asked.shown,
        "others": asked.others,
        "form": form,
        "ticked": request.POST.getlist("worse"),
        "discounted": discounted,
        **_asked_at_signature(request, asked),
        "refusal": refusal_of(refusal) if refusal else None,
        "now": request.actor.at,
    }
    return show(
        request,
        "contracts/holding_renew.html",
        context,
        section="buy_holdings",
        status=409 if refusal else status,
    )
