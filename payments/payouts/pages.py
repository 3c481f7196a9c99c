"""How an organisation is paid: where payouts go, what was paid out, the statement of each month, and what it earns a
part of. Bank details are given here alone, by a person."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance import labels
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid, NotFound
from exchange.kernel.pagination import page
from exchange.kernel.problems import status_of
from exchange.look import formats
from exchange.look.answers import show
from exchange.look.forms import Form
from exchange.look.refusals import refusal_of
from exchange.participants import queries as participants
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments import bank_details, providers
from payments.forms import ReasonForm
from payments.models import PayoutAccount, Split
from payments.payouts import accounts, next_payouts, payouts, words
from payments.shares import shares
from payments.statements import files as statement_files
from payments.statements import statements

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
_SECTION = "sell_payouts"
_GIVEN = (PayoutAccount.State.ONBOARDING, PayoutAccount.State.READY)


class BankForm(Form):
    """A bank account."""

    holder = forms.CharField(label=gettext_lazy("Account holder"), max_length=70)
    iban = forms.CharField(
        label=gettext_lazy("IBAN"),
        max_length=42,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    bic = forms.CharField(
        label=gettext_lazy("BIC"),
        max_length=14,
        required=False,
        help_text=gettext_lazy("Only for banks outside the euro area."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "short"}),
    )


@get_or_post
@never_cache
@member_page(Scope.READ)
def paid(request: PageRequest) -> HttpResponse:
    """Where payouts go, and what was paid out; a POST gives bank details."""
    if request.method != "POST":
        return _page(request, BankForm())
    form = BankForm(request.POST)
    if form.is_valid():
        try:
            details = bank_details.checked(**form.cleaned_data)
            accounts.give_bank_details(_own(request), details, by=request.actor)
        except Invalid as refusal:
            form.refuse(refusal, "bic" if refusal.code == "bic_malformed" else "iban")
        except (Conflict, Forbidden) as refusal:
            return _page(request, form, refusal)
        else:
            messages.success(request, _("Your bank details are with the operator, who confirms them."))
            return redirect(_SECTION)
    return _page(request, form)


@require_POST
@never_cache
@member_page(Scope.MANAGE)
def begin(request: PageRequest) -> HttpResponse:
    """Ask the provider for an account to be paid to, or go on telling it what it asks for."""
    try:
        account = accounts.begin(_own(request), by=request.actor)
    except (Conflict, Forbidden) as refusal:
        return _page(request, BankForm(), refusal)
    if account.provider_reference and account.state != account.State.READY:
        url = providers.named(account.provider).onboarding_link(account.provider_reference)
        if url:
            return redirect(url)
    messages.success(request, _("The provider is asked. Look again in a few seconds."))
    return redirect(_SECTION)


@require_safe
@never_cache
@member_page(Scope.READ)
def statement(request: PageRequest, period: str, form: str) -> HttpResponse:
    """The statement of a month as a file."""
    if form not in statement_files.FORMS:
        raise NotFound("a statement is a json, csv or pdf file")
    return statement_files.answer(_own(request).pk, period, form, by=request.actor)


@get_or_post
@never_cache
@member_page(Scope.READ)
def split(request: PageRequest, split_id: UUID) -> HttpResponse:
    """Who is to earn what part; a POST accepts it for one's own organisation."""
    found = shares.split_visible_to(request.actor, split_id)
    if request.method == "POST":
        try:
            accepted = shares.accept(found, by=request.actor)
        except (Conflict, Forbidden) as refusal:
            return _split(request, found, refusal)
        done = (
            _("It counts from now on.")
            if accepted.state == Split.State.IN_FORCE
            else _("You have accepted it.")
        )
        messages.success(request, done)
        return redirect("sell_payouts_split", split_id)
    return _split(request, found)


@get_or_post
@never_cache
@member_page(Scope.SELL)
def decline(request: PageRequest, split_id: UUID) -> HttpResponse:
    """Ask before a proposal is declined; a POST with a reason does it."""
    found = shares.split_visible_to(request.actor, split_id)
    form = ReasonForm(request.POST or None, initial={"shown": found.state})
    if found.state != Split.State.PROPOSED and request.method != "POST":
        return redirect("sell_payouts_split", split_id)
    if form.is_bound and form.is_valid():
        try:
            shares.decline(found, reason=form.cleaned_data["reason"], by=request.actor)
        except Invalid as refusal:
            form.refuse(refusal, "reason")
        except (Conflict, Forbidden) as refusal:
            return _split(request, found, refusal)
        else:
            messages.success(request, _("Declined. What was agreed before goes on."))
            return redirect("sell_payouts_split", split_id)
    context = {"split": found, "title": _titles([found]).get(found.pk, ""), "form": form}
    return show(request, "payments/split_decline.html", context, status=422 if form.is_bound else 200)


def _page(request: PageRequest, form: BankForm, refusal: ExchangeError | None = None) -> HttpResponse:
    by, own = request.actor, _own(request)
    account = accounts.own(own.pk)
    is_cooling = bool(account and account.pays_from and account.pays_from > by.at)
    found = page(
        payouts.payouts_visible_to(by).filter(party_id=own.pk), cursor=request.GET.get("cursor") or None
    )
    asked = list(shares.splits_visible_to(by).filter(shares__party_id=own.pk)[:20])
    titles = _titles(asked)
    context: dict[str, Any] = {
        "form": form,
        "account": account,
        "account_words": words.of_account(account, is_cooling=is_cooling) if account else None,
        "missing": words.missing(account) if account else [],
        "why": _why_restricted(request, account),
        "coming": next_payouts.all_of(account, own.pk, by.at),
        "is_by_hand": accounts.is_by_hand(),
        "is_off": settings.EXCHANGE_PAYMENT_PROVIDER == "off",
        "is_cooling": is_cooling,
        "may_give": by.can(Scope.MANAGE),
        # Who has to give bank details, or gave wrong ones, finds the form open.
        "folds": bool(account and account.state in _GIVEN) and not form.errors,
        "rows": [(row, words.of_payout(row)) for row in found.items],
        "page": found,
        "periods": [(one, formats.month(one)) for one in statements.periods(own.pk, by=by)],
        "splits": [(row, titles.get(row.pk, ""), words.SPLITS[row.state]) for row in asked],
        "refusal": refusal_of(refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else (422 if form.errors else 200)
    return show(request, "payments/getting_paid.html", context, section=_SECTION, status=status)


def _split(request: PageRequest, found: Split, refusal: ExchangeError | None = None) -> HttpResponse:
    by = request.actor
    rows = list(found.shares.select_related("party").order_by("-basis_points", "party__name"))
    mine = next((row for row in rows if row.party_id == by.participant_id), None)
    is_open = found.state == Split.State.PROPOSED
    context = {
        "split": found,
        "title": _titles([found]).get(found.pk, ""),
        "words": words.SPLITS[found.state],
        "rows": [(row, row.basis_points / 10_000) for row in rows],
        "may_answer": bool(is_open and mine and mine.accepted_at is None and by.can(Scope.SELL)),
        "refusal": refusal_of(refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else 200
    return show(request, "payments/split.html", context, section=_SECTION, status=status)


def _why_restricted(request: PageRequest, account: PayoutAccount | None) -> str:
    """What the operator wrote when it did not confirm the bank details that stand on an account now."""
    if account is None or account.state != PayoutAccount.State.RESTRICTED:
        return ""
    told = participants.events_visible_to(request.actor).filter(
        name="payoutaccount.restricted", subject=f"payoutaccount:{account.pk}"
    )
    detail = getattr(told.order_by("-id").first(), "detail", None)
    return str(detail.body.get("reason", "")) if detail is not None else ""


def _titles(splits: Sequence[Split]) -> dict[UUID, str]:
    """What the subjects are called, by the version that is about them."""
    about = {
        row.pk: UUID(row.subject.partition(":")[2]) for row in splits if row.subject.startswith("dataset:")
    }
    called = labels.names("dataset", about.values())
    return {row_id: called[one] for row_id, one in about.items() if one in called}


def _own(request: PageRequest) -> Any:
    assert request.actor.participant_id is not None
    return participants.participant(request.actor.participant_id)
