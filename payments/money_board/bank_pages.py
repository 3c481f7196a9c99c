"""Bank transfers, for the operator: what came or went back is noted, bank accounts are confirmed, payouts proposed,
put into a file for the bank, and marked once the bank has told what became of them. For operators with a second
factor."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid, NotFound
from exchange.kernel.money import exponent
from exchange.kernel.problems import status_of
from exchange.look.amounts import Amount
from exchange.look.answers import show
from exchange.look.forms import Form
from exchange.look.refusals import refusal_of
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments import bank_details, queries
from payments.checkouts import remittances
from payments.models import Payout, PayoutAccount, Remittance
from payments.payouts import accounts as payout_accounts
from payments.payouts import next_payouts, payouts
from payments.payouts.accounts import BY_HAND

_SECTION = "operate_money"
_COMES_BACK_WITHIN = timedelta(days=60)
"""How long the page offers to book back what was paid out; banks bring it within days."""
_CODE = {"autocomplete": "off", "spellcheck": "false"}


class NoteForm(Form):
    """What came for a charge, as the bank's statement says it."""

    act = forms.CharField(widget=forms.HiddenInput(), initial="note")
    reference = forms.CharField(
        label=gettext_lazy("Reference that the buyer quoted"),
        max_length=40,
        help_text=gettext_lazy("It begins with RF."),
        widget=forms.TextInput(attrs=_CODE),
    )
    amount = Amount(
        label=gettext_lazy("Amount"),
        min_value=0,
        max_digits=13,
    )
    bank_reference = forms.CharField(
        label=gettext_lazy("The bank’s own reference"), max_length=140, widget=forms.TextInput(attrs=_CODE)
    )


class ActForm(Form):
    """One act on one row; `text` is a reason or the bank's reference, where the act asks for one."""

    act = forms.CharField(widget=forms.HiddenInput())
    row = forms.UUIDField(widget=forms.HiddenInput(), required=False)
    currency = forms.CharField(widget=forms.HiddenInput(), required=False, max_length=3)
    text = forms.CharField(required=False, max_length=512)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.OPERATE)
def bank(request: PageRequest) -> HttpResponse:
    """What waits at the bank; a POST does one act."""
    if request.method != "POST":
        return _page(request, NoteForm())
    if request.POST.get("act") == "note":
        return _noted(request)
    form = ActForm(request.POST)
    act = _ACTS.get(str(request.POST.get("act")))
    if act is None or not form.is_valid():
        raise NotFound("there is no such act")
    run, done = act
    try:
        run(form.cleaned_data, request.actor)
    except (Conflict, Forbidden, Invalid) as refusal:
        return _page(request, NoteForm(), refusal)
    messages.success(request, str(done))
    return redirect("operate_money_bank")


@require_safe
@never_cache
@member_page(Scope.OPERATE)
def file(request: PageRequest, batch: str) -> HttpResponse:
    """The file of a batch, for the bank."""
    made = payouts.file(batch, by=request.actor)
    headers = {"Content-Disposition": f'attachment; filename="payouts-{batch}.xml"'}
    return HttpResponse(made, content_type="application/xml", headers=headers)


def _noted(request: PageRequest) -> HttpResponse:
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    try:
        charge = remittances.charge_quoting(form.cleaned_data["reference"])
        minor = form.cleaned_data["amount"].scaleb(exponent(charge.currency))
        if minor != int(minor):
            raise Invalid("the currency has no such small unit", code="absurd_amount")
        remittances.note(
            "charge",
            charge.pk,
            amount_minor=int(minor),
            currency=charge.currency,
            bank_reference=form.cleaned_data["bank_reference"],
            by=request.actor,
        )
    except (Conflict, Invalid, NotFound) as refusal:
        form.refuse(refusal, "amount" if refusal.code == "absurd_amount" else "reference")
        return _page(request, form)
    except Forbidden as refusal:
        return _page(request, form, refusal)
    messages.success(request, _("Noted. It counts once another operator has confirmed it."))
    return redirect("operate_money_bank")


def _page(request: PageRequest, form: NoteForm, refusal: ExchangeError | None = None) -> HttpResponse:
    by = request.actor
    rows = payouts.payouts_visible_to(by).filter(provider=BY_HAND)
    waiting = rows.filter(state=Payout.State.CREATED, approved_at__isnull=False)
    approved = [(payout, not payouts.may_leave(payout)) for payout in waiting[:50]]
    context: dict[str, Any] = {
        "form": form,
        "asked": [
            (account, bank_details.opened(account.bank_sealed))
            for account in payout_accounts.to_confirm(by)[:50]
        ],
        "due": [
            (account, next_payouts.of(account, account.participant_id, currency, by.at))
            for account, currency in payouts.due()[:50]
        ],
        "approved": approved,
        "may_send": any(not is_stale for _payout, is_stale in approved),
        "settled": rows.filter(state=Payout.State.SETTLED, ended_at__gt=by.at - _COMES_BACK_WITHIN)[:50],
        "sent": rows.filter(state=Payout.State.SUBMITTED).order_by("batch", "pk")[:100],
        "returning": remittances.refunds_to_make(by)[:50],
        "is_on": payout_accounts.is_by_hand(),
        "refusal": refusal_of(refusal) if refusal else None,
    }
    status = status_of(refusal) if refusal else (422 if form.errors else 200)
    return show(request, "payments/bank.html", context, section=_SECTION, status=status)


def _account(given: Mapping[str, Any], by: Actor) -> PayoutAccount:
    return payout_accounts.account_visible_to(by, given["row"] or UUID(int=0))


def _payout(given: Mapping[str, Any], by: Actor) -> Payout:
    return payouts.payout_visible_to(by, given["row"] or UUID(int=0))


def _returned(given: Mapping[str, Any], by: Actor) -> Remittance:
    refund = queries.refund_visible_to(by, given["row"] or UUID(int=0))
    return remittances.note(
        "refund",
        refund.pk,
        amount_minor=refund.gross_minor,
        currency=refund.currency,
        bank_reference=given["text"],
        by=by,
    )


_ACTS: Mapping[str, tuple[Callable[[Mapping[str, Any], Actor], object], str | Promise]] = {
    "confirm": (
        lambda given, by: payout_accounts.confirm(_account(given, by), by=by),
        gettext_lazy("Confirmed. What is payable can be paid out to it."),
    ),
    "refuse": (
        lambda given, by: payout_accounts.refuse(_account(given, by), reason=given["text"], by=by),
        gettext_lazy("Not confirmed. The organisation is asked for other bank details."),
    ),
    "returned": (
        lambda given, by: _returned(given, by),
        gettext_lazy("Noted. It counts once another operator has confirmed it."),
    ),
    "propose": (
        lambda given, by: payouts.create(_account(given, by), given["currency"], by=by),
        gettext_lazy("Proposed. Another operator approves it on the money board."),
    ),
    "send": (
        lambda given, by: payouts.send(by=by),
        gettext_lazy("The file is made. Take it below, and give it to the bank."),
    ),
    "settled": (
        lambda given, by: payouts.mark_settled(_payout(given, by), bank_reference=given["text"], by=by),
        gettext_lazy("Marked as paid out."),
    ),
    "failed": (
        lambda given, by: payouts.mark_failed(_payout(given, by), reason=given["text"], by=by),
        gettext_lazy("Marked as failed. The money is payable again."),
    ),
}
