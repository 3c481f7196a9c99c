"""The forms of refunds: how much goes back, and why."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.forms import ReasonForm
from exchange.kernel.money import Money, exponent
from exchange.look import formats
from exchange.look.amounts import Amount
from payments.models import Charge


class RefundForm(ReasonForm):
    """A part of a charge, or all that is left of it, and why. `shown` is what had gone back when the page was made."""

    amount = Amount(
        label=_("Amount, VAT included"),
        max_digits=16,
    )
    field_order = ("amount", "reason", "shown")

    def __init__(self, *args: Any, charge: Charge, **kwargs: Any) -> None:
        left, places = charge.remaining, exponent(charge.currency)
        kwargs["initial"] = {
            "shown": str(charge.refunded_minor),
            "amount": Decimal(left.minor).scaleb(-places),
        }
        super().__init__(*args, **kwargs)
        self.charge = charge
        self.fields["amount"].counted_in = places  # type: ignore[attr-defined]
        self.fields["amount"].help_text = _("In %(currency)s, at most %(most)s.") % {
            "currency": charge.currency,
            "most": formats.money(left.minor, left.currency),
        }

    def clean_amount(self) -> Decimal:
        """The amount, in no finer parts than its currency has, and no more than is left."""
        amount: Decimal = self.cleaned_data["amount"]
        places, left = exponent(self.charge.currency), self.charge.remaining
        if not amount.is_finite() or amount <= 0 or amount != round(amount, places):
            raise forms.ValidationError(_("Write an amount above zero, as the currency counts it."))
        if amount > Decimal(left.minor).scaleb(-places):
            most = formats.money(left.minor, left.currency)
            raise forms.ValidationError(_("At most %(most)s of this payment are left."), params={"most": most})
        return amount

    def gross(self) -> Money:
        """What goes back."""
        places = exponent(self.charge.currency)
        return Money(int(self.cleaned_data["amount"].scaleb(places)), self.charge.currency)
