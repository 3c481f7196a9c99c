"""The buyer's pages before a contract: the request for an offer, and the lists of requests and purchases."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from compliance.notices import queries as notices
from contracts import badges, queries
from contracts.choices import choices
from contracts.choices import rows as choice_rows
from contracts.choices.choices import Choice
from contracts.forms import RequestForm
from contracts.holdings import buyer_rows
from contracts.models import Offer
from contracts.negotiations import negotiations
from contracts.terms import rights
from contracts.terms import terms as usage_terms
from exchange.kernel.actors import Scope
from exchange.kernel.errors import ExchangeError
from exchange.kernel.pagination import page
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments.plans import plans


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.READ)
def offer_request(request: PageRequest, offer_id: UUID) -> HttpResponse:
    """Ask for an offer: what may be done with the data, the contract's text, and the form. Of an offer with several
    choices, the page is about one; `look` only turns to another."""
    offer = queries.offer_visible_to(request.actor, offer_id)
    choice = _choice(request, offer)
    asked: dict[str, Any] = {
        "terms": usage_terms.thaw(choice.terms),
        "on": request.actor.at.date(),
        "choices": [one.number for one in choices.of(offer) if one.number],
        "others": [one for one in queries.possible_buyers(request.actor) if one[0] != offer.seller_id],
    }
    if request.method != "POST":
        country = queries.verified_country(request.actor)
        form = RequestForm(**asked, initial={"country": country})
        return _request_page(request, offer, choice, form)
    form = RequestForm(request.POST, **asked)
    if "look" in request.POST:
        form.forgive()
        return _request_page(request, offer, choice, form)
    if not form.is_valid():
        return _request_page(request, offer, choice, form, status=422)
    try:
        negotiation = negotiations.request(offer, **form.cleaned_data, by=request.actor)
    except ExchangeError as refusal:
        form.refuse(refusal)
        return _request_page(request, offer, choice, form, status=422)
    return redirect("negotiation", negotiation.pk)


@require_safe
@never_cache
@member_page(Scope.READ)
def requests(request: PageRequest) -> HttpResponse:
    """What the buyer has asked for, newest first."""
    rows = queries.negotiations_visible_to(request.actor).filter(buyer_id=request.actor.participant_id)
    found = page(rows, cursor=request.GET.get("cursor") or None)
    shown = [(row, badges.of_negotiation(row.state)) for row in found.items]
    return show(request, "contracts/requests.html", {"rows": shown, "page": found})


@require_safe
@never_cache
@member_page(Scope.READ)
def purchases(request: PageRequest) -> HttpResponse:
    """What the buyer has signed for, newest first."""
    rows = queries.agreements_visible_to(request.actor).filter(buyer_id=request.actor.participant_id)
    found = page(rows.select_related("entitlement", "negotiation"), cursor=request.GET.get("cursor") or None)
    shown = buyer_rows.purchases(found.items, by=request.actor)
    return show(request, "contracts/purchases.html", {"rows": shown, "page": found})


def _choice(request: PageRequest, offer: Offer) -> Choice:
    """The choice that the page is about: the one that is asked for, or the least priced."""
    asked = request.POST if request.method == "POST" else request.GET
    found = choices.of(offer)
    wanted = next((one for one in found if str(one.number) == asked.get("choice")), None)
    return wanted or choices.least(found)


def _request_page(
    request: PageRequest, offer: Offer, choice: Choice, form: RequestForm, status: int = 200
) -> HttpResponse:
    terms, plan = usage_terms.thaw(choice.terms), plans.parse(choice.plan)
    mine = request.actor.participant_id
    names = queries.names_in(terms)
    context = {
        "offer": offer,
        "form": form,
        "plan": plan,
        "choice_rows": choice_rows.rows_of(offer, choice.number),
        "is_instant": offer.sale == Offer.Sale.INSTANT,
        "is_own": offer.seller_id == mine,
        "may_buy": request.actor.can(Scope.BUY) and mine is not None,
        "is_verified": bool(queries.verified_country(request.actor)),
        "open_request": queries.open_negotiation(request.actor, offer),
        "owes_an_answer": mine is not None and notices.is_unanswered(offer.dataset_id, mine),
        "deed": rights.deed_of(terms, names=names),
        "rights": rights.rights_of(
            terms, price=plan.due_first, inspection_days=settings.EXCHANGE_INSPECTION_DAYS, names=names
        ),
    }
    return show(request, "contracts/request.html", context, section="catalogue", status=status)
