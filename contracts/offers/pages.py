"""The seller's pages of offers: the terms builder with its live text, a draft, its publication and withdrawal."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contracts import badges, queries
from contracts.choices import rows as choice_rows
from contracts.clauses.licences import LICENCES
from contracts.data_requests import queries as data_request_queries
from contracts.forms import ShownForm
from contracts.groups import groups
from contracts.licence_texts import licence_texts
from contracts.models import Offer
from contracts.odrl import policies, reading
from contracts.offers import initial as offer_initial
from contracts.offers import offers
from contracts.offers.forms import OfferForm, PolicyForm, preview_terms
from contracts.own_templates import own_templates
from contracts.terms import rights
from contracts.terms import terms as usage_terms
from contracts.terms.rights import DeedClause
from datasets import datasets
from datasets import queries as dataset_queries
from datasets.models import Dataset
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid, NotFound
from exchange.kernel.pagination import page
from exchange.look import submissions
from exchange.look.answers import show
from exchange.look.refusals import refusal_of, sentence_of
from exchange.participants import queries as participants
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments.plans import plans

_WITHDRAWABLE = (Offer.State.DRAFT, Offer.State.SCHEDULED, Offer.State.PUBLISHED)

_SHORT, _EARLIER = 8, 12
_BARS = {"enforced": "e-ok", "evidenced": "e-info", "promised": "e-warn"}


@require_safe
@never_cache
@member_page(Scope.READ)
def listed(request: PageRequest) -> HttpResponse:
    """The seller's offers, newest first; of one dataset where it is named."""
    rows = queries.offers_visible_to(request.actor).filter(seller_id=request.actor.participant_id)
    dataset = _dataset(request, request.GET.get("dataset", ""))
    found = page(rows.filter(dataset=dataset) if dataset else rows, cursor=request.GET.get("cursor") or None)
    context = {
        "page": found,
        "dataset": dataset,
        "rows": [(row, badges.of_offer(row.state), plans.parse(row.plan)) for row in found.items],
        "may_sell": request.actor.can(Scope.SELL),
    }
    return show(request, "contracts/offers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def start(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """Choose what to begin an offer with: a template, a licence, an earlier offer, or a policy in ODRL."""
    dataset = _own_dataset(request, dataset_id)
    form = PolicyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            read = reading.read(form.policy_of())
        except Invalid as refusal:
            form.refuse(refusal, "policy")
        else:
            return _written(request, dataset, _new_form(request, dataset, offer_initial.of_terms(read.terms)))
    earlier = queries.offers_visible_to(request.actor).filter(seller_id=request.actor.participant_id)
    context = {
        "dataset": dataset,
        "form": form,
        "templates": offer_initial.templates(),
        "own_templates": own_templates.templates_visible_to(request.actor).filter(seller_id=dataset.seller_id),
        "licences": LICENCES.values(),
        "made_for": request.GET.get("for", ""),
        "earlier": earlier.order_by("-id")[:_EARLIER],
    }
    return show(request, "contracts/offer_start.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def new(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """Write an offer; what is kept is a draft that nobody else sees. `like` begins with another offer's words, `start`
    with those of a template or a licence, `template` with one of the seller's own."""
    dataset = _own_dataset(request, dataset_id)
    form = _form(request, dataset)
    if "template" in request.POST:
        return _template_kept(request, dataset, form)
    is_preview = "preview" in request.POST or form.is_edit
    if form.is_edit:
        form.forgive()
    if request.method == "POST" and form.is_valid() and not is_preview:
        if draft := _draft_made_before(request):
            messages.info(request, _("This draft is kept already; nothing was made twice."))
            return redirect("sell_offers_one", draft.pk)
        given = form.cleaned_data
        try:
            made = offers.draft(
                dataset,
                title=given["title"],
                terms=form.clauses(),
                plan=None if form.has_several() else form.plan(),
                choices=form.choices(),
                named=form.named_ids(),
                groups=form.group_ids(),
                by_link=given["audience"] == Offer.Audience.LINK,
                sale=given["sale"],
                **form.validity(),
                by=request.actor,
            )
        except (Invalid, NotFound, Forbidden) as refusal:
            form.refuse(refusal)
        else:
            submissions.keep(request, made.pk)
            messages.success(request, _("The offer is kept as a draft. Read it once more, then publish it."))
            return redirect("sell_offers_one", made.pk)
    return _written(
        request, dataset, form, status=422 if form.is_bound and form.errors and not is_preview else 200
    )


@require_POST
@never_cache
@member_page(Scope.SELL)
def preview(request: PageRequest, dataset_id: UUID) -> HttpResponse:
    """For htmx: the contract of what is filled in so far."""
    dataset = _own_dataset(request, dataset_id)
    return show(request, "contracts/offer_preview.html", _preview(request, _form(request, dataset), dataset))


@require_safe
@never_cache
@member_page(Scope.READ)
def offer(request: PageRequest, offer_id: UUID) -> HttpResponse:
    """One offer of the seller: what a buyer may, must and may not, the contract, and its next move."""
    return _page(request, _own(request, offer_id))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def publish(request: PageRequest, offer_id: UUID) -> HttpResponse:
    """Put a draft on the market, on a page of its own."""
    return _move(request, offer_id, is_publication=True)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def withdraw(request: PageRequest, offer_id: UUID) -> HttpResponse:
    """Take an offer off the market, or throw a draft away, on a page of its own."""
    return _move(request, offer_id, is_publication=False)


def _template_kept(request: PageRequest, dataset: Dataset, form: OfferForm) -> HttpResponse:
    """Keep the clauses that are filled in as a template under the offer's name; the form stays as it was."""
    form.forgive()
    try:
        kept = own_templates.keep(request.POST.get("title", ""), form.clauses(), by=request.actor)
    except (Invalid, Conflict) as refusal:
        is_name = refusal.code == "template_name_taken" or refusal.detail.startswith("name ")
        form.refuse(refusal, "title" if is_name else None)
        return _written(request, dataset, form, status=409 if isinstance(refusal, Conflict) else 422)
    words = _("The clauses are kept as your template “%(name)s”. The offer itself is not kept yet.")
    messages.success(request, words % {"name": kept.name})
    return _written(request, dataset, form)


def _draft_made_before(request: PageRequest) -> Offer | None:
    """The draft that this form has made already, where it still is one."""
    row_id = submissions.made(request)
    rows = queries.offers_visible_to(request.actor).filter(state=Offer.State.DRAFT)
    return rows.filter(pk=row_id).first() if row_id else None


def _move(request: PageRequest, offer_id: UUID, *, is_publication: bool) -> HttpResponse:
    found = _own(request, offer_id)
    wanted = (Offer.State.DRAFT,) if is_publication else _WITHDRAWABLE
    if request.method != "POST" and found.state not in wanted:
        return redirect("sell_offers_one", found.pk)
    form = ShownForm(request.POST or None, initial={"shown": found.state})
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["shown"] != found.state:
                raise Conflict("this offer has changed since you opened the page", code="wrong_state")
            (offers.publish if is_publication else offers.withdraw)(found, by=request.actor)
        except Conflict as refusal:
            return _page(request, _own(request, offer_id), refusal=refusal)
        done = _("The offer is on the market.") if is_publication else _("The offer is withdrawn.")
        messages.success(request, done)
        return redirect("sell_offers_one", found.pk)
    template = "contracts/offer_publish.html" if is_publication else "contracts/offer_withdraw.html"
    context = {
        "offer": found,
        "form": form,
        "plan": plans.parse(found.plan),
        "choice_rows": choice_rows.rows_of(found),
    }
    return show(request, template, context, status=422 if form.is_bound else 200)


def _page(request: PageRequest, found: Offer, *, refusal: Conflict | None = None) -> HttpResponse:
    terms, plan = usage_terms.thaw(found.terms), plans.parse(found.plan)
    names = queries.names_in(terms)
    deed = rights.deed_of(terms, names=names)
    inspection = settings.EXCHANGE_INSPECTION_DAYS
    context = {
        "offer": found,
        "refusal": refusal_of(refusal) if refusal else None,
        "badge": badges.of_offer(found.state),
        "plan": plan,
        "choice_rows": choice_rows.rows_of(found),
        "deed": deed,
        "tally": _tally(deed),
        "rights": rights.rights_of(terms, price=plan.due_first, inspection_days=inspection, names=names),
        "audience": queries.audience_of(found),
        "groups": groups.groups_of(found),
        "answerable": list(data_request_queries.answerable_with(request.actor, found)),
        "may_sell": request.actor.can(Scope.SELL),
    }
    return show(request, "contracts/offer.html", context, status=409 if refusal else 200)


def _form(request: PageRequest, dataset: Dataset) -> OfferForm:
    like, begun = request.GET.get("like", ""), request.GET.get("start", "")
    initial = None
    if request.method != "POST" and like:
        other = _own(request, _id(like))
        initial = offer_initial.like(
            other,
            [row_id for row_id, _name in queries.audience_of(other)],
            [row_id for row_id, _name in groups.groups_of(other)],
        )
    elif request.method != "POST" and (own := request.GET.get("template", "")):
        initial = offer_initial.of_own(own_templates.template_visible_to(request.actor, _id(own)))
    elif request.method != "POST" and begun:
        seller = participants.participant(dataset.seller_id)
        initial = offer_initial.of_template(begun, source=f"{dataset.title}, {seller.name}")
    return _new_form(request, dataset, initial, request.POST or None)


def _new_form(
    request: PageRequest, dataset: Dataset, initial: dict[str, Any] | None, given: Any = None
) -> OfferForm:
    may_be_instant = not datasets.has_personal_data(dataset)
    others = queries.possible_buyers(request.actor)
    initial = offer_initial.made_for(initial, request.GET.get("for", ""), others)
    return OfferForm(
        given,
        initial=initial,
        participants=others,
        groups=[(row.pk, row.name) for row in groups.groups_visible_to(request.actor)],
        documents=licence_texts.kept_by(request.actor),
        may_be_instant=may_be_instant,
    )


def _written(request: PageRequest, dataset: Dataset, form: OfferForm, *, status: int = 200) -> HttpResponse:
    context = {"dataset": dataset, "form": form, "parts": _parts(), "questions": form.groups()}
    return show(request, "contracts/offer_new.html", context | _preview(request, form, dataset), status=status)


def _preview(request: PageRequest, form: OfferForm, dataset: Dataset) -> dict[str, object]:
    """The contract so far; a clause that was not there before, or was another, is marked."""
    if form.is_bound:
        form.is_valid()
    else:
        form.cleaned_data = {
            name: form.get_initial_for_field(field, name) for name, field in form.fields.items()
        }
    wrong = ""
    try:
        terms = preview_terms(form)
    except ExchangeError as refusal:
        wrong, terms = sentence_of(refusal), usage_terms.parse([])
    deed = rights.deed_of(terms, names=queries.names_in(terms))
    tally = _tally(deed)
    seen = _read_seen(request.POST.get("seen", ""))
    now = {rights_row.heading: _print(rights_row) for rights_row in deed}
    policy = policies.written(
        terms,
        uid=f"urn:uuid:{dataset.pk}#draft",
        assigner=f"urn:uuid:{dataset.seller_id}",
        assignee=None,
        target=f"urn:uuid:{dataset.pk}",
    )
    return {
        "deed": deed,
        "policy": json.dumps(policy, ensure_ascii=False, indent=2),
        "tally": tally,
        "bars": _bars(tally),
        "wrong": wrong,
        "changed": {row.number for row in deed if seen and seen.get(row.heading) != now[row.heading]},
        "seen": ",".join(f"{heading}:{digest}" for heading, digest in now.items()),
    }


def _parts() -> list[tuple[str, str]]:
    """The parts of the form, as its page names them."""
    return [
        ("may", _("What the buyer may do")),
        ("where", _("Where and how long")),
        ("duties", _("What the buyer must do")),
        ("law", _("Warranty, liability, law")),
        ("price", _("Price")),
        ("whom", _("For whom")),
    ]


def _tally(deed: list[DeedClause]) -> dict[str, int]:
    return {
        standing: sum(row.standing == standing for row in deed)
        for standing in ("enforced", "evidenced", "promised")
    }


def _bars(tally: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """The tally as bars side by side: class, where it begins, how wide it is, of 600 with gaps of 5."""
    present = [(kind, count) for kind, count in tally.items() if count]
    room, at, bars = 600 - 5 * (len(present) - 1), 0, []
    for kind, count in present:
        width = room * count // sum(tally.values())
        bars.append((_BARS[kind], at, width))
        at += width + 5
    return bars


def _print(row: DeedClause) -> str:
    return hashlib.sha256(row.text.encode()).hexdigest()[:_SHORT]


def _read_seen(given: str) -> Mapping[str, str]:
    return dict(pair.rsplit(":", 1) for pair in given[:4_000].split(",") if ":" in pair)


def _own(request: PageRequest, offer_id: UUID) -> Offer:
    found = queries.offer_visible_to(request.actor, offer_id)
    if not request.actor.acts_for(found.seller_id):
        raise NotFound("there is no such offer of yours")
    return found


def _own_dataset(request: PageRequest, dataset_id: UUID) -> Dataset:
    found = dataset_queries.dataset_visible_to(request.actor, dataset_id)
    if not request.actor.acts_for(found.seller_id):
        raise NotFound("there is no such dataset of yours")
    return found


def _dataset(request: PageRequest, given: str) -> Dataset | None:
    return _own_dataset(request, _id(given)) if given else None


def _id(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise NotFound("there is nothing of this name") from None
