"""What is done about data requests, each act on a page of its own: publish, change, answer, close; withdraw and
decline. A form posts what its page showed; where that has changed, the page is shown as it stands now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from contracts import queries
from contracts.data_requests import data_requests, rows
from contracts.data_requests import queries as reads
from contracts.data_requests.forms import (
    AnswerForm,
    CloseForm,
    ConsentForm,
    NewWishForm,
    RemovalForm,
    WishForm,
    WordForm,
    initial_of,
)
from contracts.data_requests.showing import page_of, section_of
from contracts.models import DataRequest, DataRequestAnswer
from datasets import queries as datasets
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.look import submissions
from exchange.look.answers import show
from exchange.look.forms import Form
from exchange.participants.actors.page_auth import PageRequest, member_page

_DATASETS, _OFFERS = 20, 50
_USUAL_TIME = timedelta(days=30)
_METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class _Ending:
    """The words of an act that ends something, and the act."""

    heading: str
    consequences: Sequence[tuple[str, str]]
    act: str
    keep: str
    done: str
    verb: Callable[[], object]


@require_http_methods(_METHODS)
@never_cache
@member_page(Scope.BUY)
def new(request: PageRequest) -> HttpResponse:
    """Say what is looked for; it is published at once."""
    begun = {"title": _asked(request), "last_day": (request.actor.at + _USUAL_TIME).date()}
    form = NewWishForm(request.POST or None, participants=queries.possible_buyers(request.actor), initial=begun)
    if request.method == "POST" and form.is_valid():
        if made := submissions.made(request):
            messages.info(request, _("This is published already; nothing was made twice."))
            return redirect("data_request", made)
        try:
            row = data_requests.publish(form.wish(), named=form.named_ids(), by=request.actor)
        except (Invalid, NotFound, Forbidden, Conflict) as refusal:
            form.refuse(refusal)
        else:
            submissions.keep(request, row.pk)
            messages.success(request, _("Published. You are told of every answer."))
            return redirect("data_request", row.pk)
    return show(request, "contracts/data_request_new.html", {"form": form}, status=_status(request))


@require_http_methods(_METHODS)
@never_cache
@member_page(Scope.BUY)
def change(request: PageRequest, data_request_id: UUID) -> HttpResponse:
    """Say otherwise what is looked for, as long as nobody has answered."""
    found = _own(request, data_request_id)
    if request.method != "POST" and (found.state != DataRequest.State.OPEN or found.answers.exists()):
        return redirect("data_request", found.pk)
    form = WishForm(request.POST or None, currency=found.currency, initial=initial_of(found))
    if request.method == "POST" and form.is_valid():
        edition = form.cleaned_data["edition"]
        try:
            data_requests.change(found, form.wish(), edition=edition, by=request.actor)
        except Conflict as refusal:
            return page_of(request, found.pk, refusal=refusal)
        except (Invalid, Forbidden) as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Changed. Sellers read it as it stands now."))
            return redirect("data_request", found.pk)
    context = {"form": form, "wanted": found}
    return _shown(request, "contracts/data_request_new.html", context, found)


@require_http_methods(_METHODS)
@never_cache
@member_page(Scope.SELL)
def answer(request: PageRequest, data_request_id: UUID) -> HttpResponse:
    """Choose an offer that the buyer can ask for, or go and write one for it."""
    found = reads.data_request_visible_to(request.actor, data_request_id)
    if found.buyer_id == request.actor.participant_id or (
        request.method != "POST" and found.state != DataRequest.State.OPEN
    ):
        return redirect("data_request", found.pk)
    mine = rows.choices(reads.offers_for(request.actor, found)[:_OFFERS])
    newest = str(mine[0][0]) if mine else ""
    begun = {"edition": found.edition, "offer": request.GET.get("offer", newest)}
    form = AnswerForm(request.POST or None, offers=mine, initial=begun)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        offer = queries.offer_visible_to(request.actor, UUID(given["offer"]))
        try:
            data_requests.answer(found, offer, edition=given["edition"], note=given["note"], by=request.actor)
        except Conflict as refusal:
            return page_of(request, found.pk, refusal=refusal)
        except (Invalid, Forbidden) as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Answered. The buyer is told, and sees how your offer fits."))
            return redirect("data_request", found.pk)
    own = datasets.datasets_visible_to(request.actor).filter(seller_id=request.actor.participant_id)
    published = own.filter(state="published").order_by("-pk")
    context = {"form": form, "wanted": found, "offers": mine, "datasets": published[:_DATASETS]}
    return _shown(request, "contracts/data_request_answer.html", context, found)


@require_http_methods(_METHODS)
@never_cache
@member_page(Scope.BUY)
def close(request: PageRequest, data_request_id: UUID) -> HttpResponse:
    """Look no longer; an answer that came while the page was open is shown first."""
    found = _own(request, data_request_id)
    form = CloseForm(request.POST or None, initial={"seen": found.answers.count()})
    ending = _Ending(
        _("Close your data request?"),
        [
            ("cross", _("Sellers no longer find it, and nobody can answer it any more.")),
            ("file", _("The answers stay, and so do requests for their offers.")),
            ("pen", _("The sellers who have answered are told.")),
        ],
        _("Close it"),
        _("Leave it open"),
        _("Closed."),
        lambda: data_requests.close(found, **form.cleaned_data, by=request.actor),
    )
    return _end(request, found, form, ending)


@require_http_methods(_METHODS)
@never_cache
@member_page(Scope.AUDIT)
def withdraw(request: PageRequest, data_request_id: UUID) -> HttpResponse:
    """An officer takes it off the exchange."""
    found = reads.data_request_visible_to(request.actor, data_request_id)
    form = RemovalForm(request.POST or None)
    ending = _Ending(
        _("Withdraw this data request?"),
        [
            ("stop", _("Sellers no longer find it. It cannot be opened again.")),
            ("pen", _("Its buyer is told, and reads your reason.")),
        ],
        _("Withdraw it"),
        _("Leave it open"),
        _("Withdrawn. Its buyer is told."),
        lambda: data_requests.withdraw(found, **form.cleaned_data, by=request.actor),
    )
    return _end(request, found, form, ending)


@require_http_methods(_METHODS)
@never_cache
@member_page(Scope.SELL)
def withdraw_answer(request: PageRequest, answer_id: UUID) -> HttpResponse:
    """The seller takes an answer back."""
    given = reads.answer_visible_to(request.actor, answer_id)
    if given.seller_id != request.actor.participant_id:
        raise NotFound("there is no such answer of yours")
    form = ConsentForm(request.POST or None)
    ending = _Ending(
        _("Withdraw your answer?"),
        [
            ("cross", _("The buyer sees that it is withdrawn.")),
            ("file", _("The offer itself stays as it is, and so do requests for it.")),
        ],
        _("Withdraw the answer"),
        _("Keep the answer"),
        _("Your answer is withdrawn."),
        lambda: data_requests.withdraw_answer(given, by=request.actor),
    )
    return _end(request, given.data_request, form, ending, given)


@require_http_methods(_METHODS)
@never_cache
@member_page(Scope.BUY)
def decline(request: PageRequest, answer_id: UUID) -> HttpResponse:
    """The buyer does not want an answer, with a word or without."""
    given = reads.answer_visible_to(request.actor, answer_id)
    if given.buyer_id != request.actor.participant_id:
        raise NotFound("there is no such answer to you")
    form = WordForm(request.POST or None)
    ending = _Ending(
        _("Decline this answer?"),
        [
            ("cross", _("The seller cannot answer with this offer again.")),
            ("file", _("Your data request stays open for others.")),
        ],
        _("Decline it"),
        _("Keep the answer"),
        _("Declined."),
        lambda: data_requests.decline(given, **form.cleaned_data, by=request.actor),
    )
    return _end(request, given.data_request, form, ending, given)


def _end(
    request: PageRequest,
    found: DataRequest,
    form: Form,
    ending: _Ending,
    given: DataRequestAnswer | None = None,
) -> HttpResponse:
    stands = found.state == DataRequest.State.OPEN if given is None else given.state == given.State.GIVEN
    if request.method != "POST" and not stands:
        return redirect("data_request", found.pk)
    if request.method == "POST" and form.is_valid():
        try:
            ending.verb()
        except Conflict as refusal:
            return page_of(request, found.pk, refusal=refusal)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, ending.done)
            return redirect("data_request", found.pk)
    context = {"form": form, "wanted": found, "given": given, **vars(ending)}
    return _shown(request, "contracts/data_request_end.html", context, found)


def _shown(request: PageRequest, template: str, context: dict[str, object], found: DataRequest) -> HttpResponse:
    section = section_of(request, found)
    return show(request, template, context, section=section, status=_status(request))


def _own(request: PageRequest, data_request_id: UUID) -> DataRequest:
    found = reads.data_request_visible_to(request.actor, data_request_id)
    if found.buyer_id != request.actor.participant_id:
        raise NotFound("there is no such data request of yours")
    return found


def _asked(request: PageRequest) -> str:
    """What the visitor has looked for in vain, as a first title."""
    return request.GET.get("title", "")[:200]


def _status(request: PageRequest) -> int:
    return 422 if request.method == "POST" else 200
