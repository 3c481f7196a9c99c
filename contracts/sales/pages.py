"""The page of a sale, the same for seller, buyer and officer; its documents; and the acts that cannot be undone, each
confirmed on a page of its own. A form posts the state it was shown; a stale one does nothing and says so."""

import json
from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance import queries as log
from contracts import badges, queries
from contracts.agreements import agreements, identities, papers
from contracts.entitlements import deliveries, entitlements, reasons
from contracts.forms import ReasonForm, ShownForm
from contracts.models import Agreement, Entitlement
from contracts.money import order_rows
from contracts.renewals import succession_rows
from contracts.sales import balance, story
from contracts.sales.confirmations import Confirmation, of_copy, of_money, of_right
from contracts.sales.facts import SECTIONS, Sale, may_keep, sale_visible_to, side_of
from contracts.talks import rows as talk_rows
from contracts.talks.forms import MessageForm
from contracts.terms import rights
from contracts.transfers import copies
from datasets.schedules import rows as schedule_rows
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict
from exchange.look.answers import show
from exchange.look.refusals import refusal_of
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments import queries as payments
from payments.charges import methods
from payments.holds import holds
from payments.models import Hold, Operation
from payments.plans import plans
from payments.subscriptions import further_terms
from payments.subscriptions.queries import subscription_about

_GET_OR_POST = ["GET", "HEAD", "POST"]


@require_safe
@never_cache
@member_page(Scope.READ)
def sale(request: PageRequest, agreement_id: UUID) -> HttpResponse:
    """Data and money in balance, what happened, what comes, and whose move it is."""
    return _page(request, agreement_id)


@require_safe
@never_cache
@member_page(Scope.READ)
def agreement(request: PageRequest, agreement_id: UUID) -> HttpResponse:
    """The contract as it was signed, from the sealed document itself."""
    found = queries.agreement_visible_to(request.actor, agreement_id)
    document = agreements.document_visible_to(request.actor, found)
    context = {
        "agreement": found,
        "document": document,
        "coupon_off": agreements.coupon_off(document),
        "parties": identities.parties_visible_to(request.actor, found, document),
        "clauses": agreements.text(found, rights.language(), by=request.actor),
        "is_intact": agreements.is_intact(found),
        "purpose": rights.purpose_words(document["purpose"]),
        "announced": schedule_rows.sentence_of(document.get("schedule")),
        "affiliates": identities.affiliates_visible_to(request.actor, document),
        "neighbours": succession_rows.of(request.actor, found),
    }
    return show(request, "contracts/agreement.html", context, section=SECTIONS[side_of(request.actor, found)])


@require_safe
@never_cache
@member_page(Scope.READ)
def agreement_document(request: PageRequest, agreement_id: UUID) -> HttpResponse:
    """The document with its digest and seal, for keeping."""
    found = queries.agreement_visible_to(request.actor, agreement_id)
    kept = {
        "document": agreements.document_visible_to(request.actor, found),
        "sha256": found.digest,
        "seal": found.seal,
        "identities": identities.texts_visible_to(request.actor, found),
    }
    return _kept(kept, f"agreement-{found.pk}.json")


@require_safe
@never_cache
@member_page(Scope.READ)
def agreement_paper(request: PageRequest, agreement_id: UUID) -> HttpResponse:
    """The contract as PDF, in the reader's language."""
    found = queries.agreement_visible_to(request.actor, agreement_id)
    return papers.answer(found, rights.language(), by=request.actor)


@require_safe
@never_cache
@member_page(Scope.READ)
def receipt(request: PageRequest, transfer_id: UUID) -> HttpResponse:
    """The log's proofs of one transfer, as `comptoir-verify receipt` reads them."""
    found = queries.transfer_visible_to(request.actor, transfer_id)
    return _kept(log.receipt(f"transfer:{found.pk}", visible_to=request.actor), f"receipt-{found.pk}.json")


@require_http_methods(_GET_OR_POST)
@never_cache
@member_page(Scope.READ)
def confirm(request: PageRequest, agreement_id: UUID) -> HttpResponse:
    """The buyer is content: the money goes to the seller."""
    found, hold = _held(request.actor, agreement_id)
    form = ShownForm(request.POST or None, initial={"shown": hold.state})

    def act() -> str:
        holds.confirm(agreements.reference(found), by=request.actor)
        return _("You confirmed. The money goes to the seller.")

    return _confirmed(request, found, form, hold.state, of_money("confirm", hold), act)


@require_http_methods(_GET_OR_POST)
@never_cache
@member_page(Scope.READ)
def contest(request: PageRequest, agreement_id: UUID) -> HttpResponse:
    """The buyer reports a difference: the money stays where it is."""
    found, hold = _held(request.actor, agreement_id)
    form = ReasonForm(request.POST or None, initial={"shown": hold.state})

    def act() -> str:
        holds.contest(agreements.reference(found), reason=form.cleaned_data["reason"], by=request.actor)
        return _("You reported a difference. The money stays held until the operator has settled it.")

    return _confirmed(request, found, form, hold.state, of_money("contest", hold), act)


@require_http_methods(_GET_OR_POST)
@never_cache
@member_page(Scope.READ)
def keep(request: PageRequest, agreement_id: UUID, verb: str) -> HttpResponse:
    """The seller suspends, gives back or revokes what it sold."""
    found = queries.agreement_visible_to(request.actor, agreement_id)
    if side_of(request.actor, found) != "seller":
        return redirect("sale", agreement_id)
    request.actor.require(Scope.SELL)
    entitlement = queries.entitlement_visible_to(request.actor, found.entitlement.pk)
    verbs = {
        "suspend": (entitlements.suspend, _("The access is suspended.")),
        "resume": (entitlements.resume, _("The access is open again.")),
        "revoke": (entitlements.revoke, _("The access is revoked for good.")),
    }
    run, done = verbs[verb]
    form = ReasonForm(request.POST or None, initial={"shown": entitlement.state})

    def act() -> str:
        run(entitlement, reason=form.cleaned_data["reason"], by=request.actor)
        return done

    return _confirmed(request, found, form, entitlement.state, of_right(verb, entitlement), act)


@require_http_methods(_GET_OR_POST)
@never_cache
@member_page(Scope.READ)
def give_copy_back(request: PageRequest, transfer_id: UUID) -> HttpResponse:
    """The seller lets the buyer take a copy anew."""
    transfer = queries.transfer_visible_to(request.actor, transfer_id)
    right = queries.entitlement_visible_to(request.actor, transfer.entitlement_id)
    found = queries.agreement_visible_to(request.actor, right.agreement_id)
    if side_of(request.actor, found) != "seller":
        return redirect("sale", found.pk)
    request.actor.require(Scope.SELL)
    form = ReasonForm(request.POST or None, initial={"shown": transfer.state})

    def act() -> str:
        copies.give_back(transfer, reason=form.cleaned_data["reason"], by=request.actor)
        return _("The copy is given back. The buyer may take it anew.")

    return _confirmed(request, found, form, transfer.state, of_copy(transfer, right), act)


@require_POST
@never_cache
@member_page(Scope.READ)
def talk(request: PageRequest, agreement_id: UUID) -> HttpResponse:
    """Write to the other side, with a file or without, in the thread that began with the request."""
    found = queries.agreement_visible_to(request.actor, agreement_id).negotiation
    form = MessageForm(request.POST, request.FILES)
    try:
        if form.send(found, by=request.actor):
            return redirect(reverse("sale", args=[agreement_id]) + "#thread")
    except Conflict as refusal:
        return _page(request, agreement_id, refusal=refusal)
    return _page(request, agreement_id, message=form)


def _confirmed(
    request: PageRequest,
    found: Agreement,
    form: ReasonForm | ShownForm,
    state: str,
    words: Confirmation,
    act: Callable[[], str],
) -> HttpResponse:
    """The confirmation's page; a POST acts, unless what was shown is no longer so."""
    if request.method != "POST" and not words.is_possible:
        return redirect("sale", found.pk)
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["shown"] != state:
                raise Conflict("this sale has changed since you opened the page", code="wrong_state")
            done = act()
        except Conflict as refusal:
            return _page(request, found.pk, refusal=refusal)
        messages.success(request, done)
        return redirect("sale", found.pk)
    context = {"agreement": found, "form": form, "words": words, "consequences": words.consequences}
    section = SECTIONS[side_of(request.actor, found)]
    status = 422 if request.method == "POST" else 200
    return show(request, "contracts/confirm.html", context, section=section, status=status)


def _page(
    request: PageRequest,
    agreement_id: UUID,
    *,
    refusal: Conflict | None = None,
    message: MessageForm | None = None,
) -> HttpResponse:
    now = request.actor.at
    found = sale_visible_to(request.actor, agreement_id)
    past, to_come = story.told(found, now=now)
    paid_over_time = subscription_about(request.actor, agreements.reference(found.agreement))
    is_held = found.hold is not None and found.hold.state == Hold.State.OPEN
    context = {
        "sale": found,
        "refusal": refusal_of(refusal) if refusal else None,
        "badge": badges.of_sale(found.entitlement, found.charge, found.hold, now),
        "neighbours": succession_rows.of(request.actor, found.agreement),
        "subscription": paid_over_time,
        "following": further_terms.coming(paid_over_time) if paid_over_time else None,
        "asked_page": _way_to_pay_asked(request, found) if paid_over_time is None else None,
        **talk_rows.shown(request.actor, found.negotiation, message),
        "talk_url": reverse("sale_talk", args=[agreement_id]),
        "data": balance.data_of(found, now=now),
        "money": balance.money_of(found, now=now),
        "past": past,
        "to_come": to_come,
        "schedule": deliveries.announced(found.entitlement, now=now),
        "now": now,
        "downloads": [
            (one, badges.of_transfer(one.state), copies.may_come_back(one)) for one in found.transfers
        ],
        "may_buy": found.side == "buyer" and request.actor.can(Scope.BUY),
        "may_keep": may_keep(request.actor, found),
        "ask_back_until": None
        if found.is_disputed
        else order_rows.ask_back_until(found.charge, found.refunds, by=request.actor),
        "reason": reasons.shown(found.entitlement.reason),
        "may_resume": found.entitlement.state == Entitlement.State.SUSPENDED
        and not reasons.standing(found.entitlement),
        "is_open": is_held and not found.is_disputed,
        "is_contestable": is_held and found.hold is not None and now < found.hold.releases_at,
        "is_over": found.entitlement.state in (Entitlement.State.EXPIRED, Entitlement.State.REVOKED),
    }
    status = 409 if refusal else 422 if message else 200
    return show(request, "contracts/sale.html", context, section=SECTIONS[found.side], status=status)


def _way_to_pay_asked(request: PageRequest, found: Sale) -> Operation | None:
    """The provider's page for a way to pay, where payments over time are agreed and begin later."""
    waits = found.side == "buyer" and found.entitlement.state == Entitlement.State.PENDING
    if not waits or not plans.parse(found.negotiation.plan).is_over_time:
        return None
    return methods.page_open_to(request.actor, found.agreement.buyer_id)


def _held(actor: Actor, agreement_id: UUID) -> tuple[Agreement, Hold]:
    actor.require(Scope.BUY)
    found = queries.agreement_visible_to(actor, agreement_id)
    return found, payments.hold_about(actor, agreements.reference(found))


def _kept(document: object, name: str) -> HttpResponse:
    answer = JsonResponse(json.loads(json.dumps(document)), json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
