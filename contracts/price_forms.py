"""What a price is typed into, wherever a form asks for one."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.kernel.money import exponent
from exchange.look.forms import Form
from payments.plans import Plan

CURRENCIES = ("EUR", "CHF", "DKK", "GBP", "NOK", "PLN", "SEK", "USD")


class PriceForm(Form):
    """A price that is paid once, or none."""

    price = forms.ChoiceField(
        label=_("What does it cost?"),
        widget=forms.RadioSelect,
        choices=[("paid", _("A price, paid once")), ("free", _("Nothing"))],
        initial="paid",
    )
    amount = forms.DecimalField(
        label=_("Price, excl. VAT"),
        required=False,
        min_value=0,
        max_digits=13,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}),
        help_text=_("Paid once, for example 480.00."),
    )
    currency = forms.ChoiceField(
        label=_("Currency"), required=False, choices=[(code, code) for code in CURRENCIES], initial="EUR"
    )

    def clean_amount(self) -> Decimal | None:
        """The price, in no finer parts than its currency has."""
        amount: Decimal | None = self.cleaned_data["amount"]
        places = exponent(str(self.data.get("currency") or "EUR"))
        if amount is not None and amount != round(amount, places):
            raise forms.ValidationError(
                _("Write the price with at most %(places)s decimals."), params={"places": places}
            )
        return amount

    def plan(self) -> dict[str, Any]:
        """The price plan as the verb takes it."""
        given = self.cleaned_data
        if given.get("price") == "free" or given.get("amount") is None:
            return {"kind": "free"}
        return _one_off(given["amount"], given["currency"])


def plan_of(amount: Decimal, currency: str) -> dict[str, Any]:
    """The price plan of an amount; of nothing, a free one."""
    return _one_off(amount, currency) if amount else {"kind": "free"}


def initial_of(plan: Plan) -> dict[str, Any]:
    """What the fields begin with, for this plan."""
    if plan.price is None:
        return {"price": "free"}
    places = exponent(plan.price.currency)
    amount = Decimal(plan.price.minor).scaleb(-places)
    return {"price": "paid", "amount": f"{amount:.{places}f}", "currency": plan.price.currency}


def _one_off(amount: Decimal, currency: str) -> dict[str, Any]:
    minor = int(amount * 10 ** exponent(currency))
    return {"kind": "one_off", "price": {"amount_minor": minor, "currency": currency}}
