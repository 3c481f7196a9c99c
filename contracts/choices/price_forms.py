"""What a price is typed into, wherever a form asks for one."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.kernel.money import Money, exponent
from exchange.look.amounts import Amount
from exchange.look.forms import Form, WholeNumber
from payments.plans import refund_policies
from payments.plans import words as plan_words
from payments.plans.plans import Plan

CURRENCIES = ("EUR", "CHF", "DKK", "GBP", "NOK", "PLN", "SEK", "USD")


USUAL = "usual"
REFUNDS = ("unused", "any")
"""The answers that ask for days."""


class PriceForm(Form):
    """A price that is paid once, or none, and what of it may be asked back."""

    price = forms.ChoiceField(
        label=_("What does it cost?"),
        widget=forms.RadioSelect,
        choices=[("paid", _("A price, paid once")), ("free", _("Nothing"))],
        initial="paid",
    )
    amount = Amount(
        label=_("Price, excl. VAT"),
        required=False,
        min_value=0,
        max_digits=13,
        help_text=_("For example 480.00."),
    )
    currency = forms.ChoiceField(
        label=_("Currency"), required=False, choices=[(code, code) for code in CURRENCIES], initial="EUR"
    )
    refund = forms.ChoiceField(
        label=_("May the buyer ask for its money back?"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (USUAL, _("As this exchange has it")),
            ("none", _("No")),
            ("unused", _("While nothing was downloaded")),
            ("any", _("For any reason")),
        ],
        initial=USUAL,
    )
    refund_days = WholeNumber(
        least=1,
        most=refund_policies.LONGEST_WINDOW_DAYS,
        label=_("Days after a payment"),
        required=False,
        initial=14,
        help_text=_("1 to 365."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        refund: Any = self.fields["refund"]
        refund.notes = {
            USUAL: plan_words.giving_back(refund_policies.default()),
            "any": _("Once something was downloaded, you decide."),
        }
        for name in ("refund", "refund_days"):
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A time to ask for money back has its days."""
        given: dict[str, Any] = super().clean() or {}
        is_asked = given.get("refund") in REFUNDS and given.get("price") != "free"
        if is_asked and not given.get("refund_days") and "refund_days" not in self.errors:
            self.add_error("refund_days", _("Fill this in: the answer above asks for it."))
        return given

    def clean_amount(self) -> Decimal | None:
        """The price, in no finer parts than its currency has."""
        return in_parts_of(self.cleaned_data["amount"], str(self.data.get("currency") or "EUR"))

    def plan(self) -> dict[str, Any]:
        """The price plan as the verb takes it, of what is filled in so far."""
        return self.with_refund(self.priced())

    def priced(self) -> dict[str, Any]:
        """The price plan, silent on what may be asked back."""
        given = self.cleaned_data
        if given.get("price") == "free" or given.get("amount") is None:
            return {"kind": "free"}
        return _one_off(given["amount"], given["currency"])

    def with_refund(self, plan: dict[str, Any]) -> dict[str, Any]:
        """The plan with what may be asked back of it; of what is free, nothing."""
        kind, days = self.cleaned_data.get("refund"), self.cleaned_data.get("refund_days")
        if plan["kind"] == "free" or kind in (None, "", USUAL) or (kind in REFUNDS and not days):
            return plan
        return {**plan, "refund": {"kind": kind, "window_days": days if kind in REFUNDS else 0}}


class CapForm(Form):
    """The most that a period of use may cost, before tax; empty is no limit."""

    amount = Amount(
        label=_("At most, excl. VAT"),
        required=False,
        min_value=0,
        max_digits=13,
        help_text=_("For each period. What would cost more is refused before a byte leaves. Empty: no cap."),
    )

    def __init__(self, data: Any = None, *, currency: str, cap: Money | None = None) -> None:
        initial = {} if cap is None else {"amount": figures(cap)}
        super().__init__(data, initial=initial)
        self._currency = currency
        self.fields["amount"].counted_in = exponent(currency)  # type: ignore[attr-defined]

    def clean_amount(self) -> Decimal | None:
        """The cap, in no finer parts than its currency has."""
        return in_parts_of(self.cleaned_data["amount"], self._currency)

    def cap_minor(self) -> int | None:
        """The cap as the verb takes it."""
        amount: Decimal | None = self.cleaned_data["amount"]
        return None if amount is None else int(amount * 10 ** exponent(self._currency))


def plan_of(amount: Decimal, currency: str) -> dict[str, Any]:
    """The price plan of an amount; of nothing, a free one."""
    return _one_off(amount, currency) if amount else {"kind": "free"}


def initial_of(plan: Plan) -> dict[str, Any]:
    """What the fields begin with, for this plan."""
    if plan.price is None:
        return {"price": "free"}
    told = {"price": "paid", "amount": figures(plan.price), "currency": plan.price.currency}
    return told | initial_refund(plan)


def initial_refund(plan: Plan) -> dict[str, Any]:
    """What the fields about money back begin with; nothing where the plan says nothing."""
    if plan.refund is None:
        return {}
    days = {"refund_days": plan.refund.window_days} if plan.refund.window_days else {}
    return {"refund": plan.refund.kind, **days}


def in_parts_of(amount: Decimal | None, currency: str) -> Decimal | None:
    """An amount, in no finer parts than its currency has."""
    places = exponent(currency)
    if amount is not None and amount != round(amount, places):
        raise forms.ValidationError(
            _("Write the price with at most %(places)s decimals."), params={"places": places}
        )
    return amount


def figures(price: Money) -> Decimal:
    """An amount as a field begins with it, which writes it in the reader's format: all its decimals."""
    return Decimal(price.minor).scaleb(-exponent(price.currency))


def _one_off(amount: Decimal, currency: str) -> dict[str, Any]:
    minor = int(amount * 10 ** exponent(currency))
    return {"kind": "one_off", "price": {"amount_minor": minor, "currency": currency}}
