"""What a seller types to give out a coupon: its code, what it takes off, for which offer, how often and how long."""

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.choices.price_forms import CURRENCIES, in_parts_of
from exchange.kernel.errors import ExchangeError, Invalid
from exchange.kernel.money import Money, exponent
from exchange.look.amounts import Amount
from exchange.look.forms import Form, WholeNumber
from payments.charges import coupons
from payments.models import Coupon

_PLAIN = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters and digits that nobody takes for one another."""
_A_DAY = timedelta(days=1)
_MOST_USES = 10**6
_DAY = forms.DateInput({"type": "date"}, "%Y-%m-%d")


class CouponForm(Form):
    """One coupon. The code that it begins with is a proposal, made anew for each page."""

    label = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("Only your own organisation reads it, for example: Spring."),
    )
    coupon_code = forms.CharField(  # "code" would be taken for a secret, and not kept while its reader signs in
        label=_("Code"),
        max_length=60,
        help_text=_(
            "6 to 40 plain letters and digits. It is shown once more when it is given out, then never."
        ),
    )
    takes = forms.ChoiceField(
        label=_("What does it take off?"),
        widget=forms.RadioSelect,
        choices=[("part", _("A part of the price")), ("amount", _("An amount"))],
        initial="part",
    )
    percent = Amount(
        label=_("Part, in per cent"),
        required=False,
        min_value=Decimal("0.01"),
        max_value=Decimal("99.99"),
        max_digits=4,
        decimal_places=2,
    )
    amount = Amount(
        label=_("Amount, excl. VAT"),
        required=False,
        min_value=0,
        max_digits=13,
    )
    currency = forms.ChoiceField(
        label=_("Currency"), required=False, choices=[(code, code) for code in CURRENCIES], initial="EUR"
    )
    offer = forms.ChoiceField(label=_("For which offer?"), required=False)
    most_uses = WholeNumber(
        label=_("How often, at most"),
        least=1,
        most=_MOST_USES,
        required=False,
        help_text=_("Empty: no limit. Each buyer uses it once in any case."),
    )
    first_day = forms.DateField(label=_("First day"), required=False, widget=_DAY, help_text=_("In UTC."))
    last_day = forms.DateField(
        label=_("Last day"), required=False, widget=_DAY, help_text=_("In UTC. Empty: until you end it.")
    )

    def __init__(self, *args: Any, offers: Sequence[tuple[UUID, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today
        self.initial.setdefault("coupon_code", "".join(secrets.choice(_PLAIN) for _place in range(10)))
        for name in ("percent", "amount", "currency"):  # the answer above asks for one of them
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]
        named = [(str(offer_id), title) for offer_id, title in offers]
        self.fields["offer"].choices = [("", _("All your offers")), *named]  # type: ignore[attr-defined]

    def clean_coupon_code(self) -> str:
        """A code as the verb takes it."""
        code: str = self.cleaned_data["coupon_code"]
        plain = "".join(code.split())
        if not (6 <= len(plain) <= coupons.LONGEST_CODE and plain.isascii()):
            raise forms.ValidationError(_("A code has 6 to 40 plain letters and digits."))
        return plain

    def clean_amount(self) -> Decimal | None:
        """The amount, in no finer parts than its currency has."""
        return in_parts_of(self.cleaned_data["amount"], str(self.data.get("currency") or "EUR"))

    def clean(self) -> dict[str, Any]:
        """Either a part or an amount, and a period that lies ahead."""
        given: dict[str, Any] = super().clean() or {}
        wanted = "percent" if given.get("takes") == "part" else "amount"
        if wanted not in self.errors and not given.get(wanted):
            self.add_error(wanted, _("Say how much it takes off."))
        first, last = given.get("first_day"), given.get("last_day")
        if last is not None and (last < (first or self._today) or last == date.max):
            self.add_error("last_day", _("The last day is not before the first one, nor in the past."))
        return given

    def coupon(self) -> dict[str, Any]:
        """The coupon as the verb takes it."""
        given = self.cleaned_data
        is_part, currency = given["takes"] == "part", given["currency"] or "EUR"
        return {
            "code": given["coupon_code"],
            "label": given["label"],
            "basis_points": int(given["percent"] * 100) if is_part else None,
            "amount": None if is_part else Money(int(given["amount"] * 10 ** exponent(currency)), currency),
            "offer_id": UUID(given["offer"]) if given["offer"] else None,
            "most_uses": given["most_uses"],
            "starts_at": _begins(given["first_day"]),
            "ends_at": _begins(given["last_day"], _A_DAY),
        }

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the field that it is about."""
        about = (
            "coupon_code"
            if error.code == "coupon_code_taken"
            else "label"
            if isinstance(error, Invalid)
            else None
        )
        super().refuse(error, field or about)


def offer_of(coupon: Coupon) -> UUID | None:
    """The one offer that a coupon is for; None for all of its owner's."""
    return UUID(coupon.offer.partition(":")[2]) if coupon.offer else None


def _begins(day: date | None, later: timedelta = timedelta(0)) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, UTC) + later
