"""What a price over time is typed into: periods, use, parts, or none until the seller names it. What a form cannot
write (several meters, parts of unequal size) is written by the API, and kept as it stands."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.choices import price_forms
from contracts.choices.price_forms import PriceForm
from datasets.forms import Lines, area
from exchange.kernel.money import Money, exponent
from exchange.look import amounts
from exchange.look.amounts import Amount
from exchange.look.forms import WholeNumber
from payments.plans import plans
from payments.plans.plans import Component, Plan, Tier

ASKS_AMOUNT = ("paid", "subscription", "metered", "instalments")
"""The answers that ask for an amount."""
KEPT = "kept"

_KINDS = (
    ("paid", _("A price, paid once")),
    ("subscription", _("A price for each period")),
    ("metered", _("A price for what is used")),
    ("instalments", _("A price, paid in parts")),
    ("quote", _("I name the price in my answer")),
    ("free", _("Nothing")),
)
_METERS = (
    ("rows", _("Rows")),
    ("bytes", _("Bytes")),
    ("copies", _("Copies of a file")),
    ("requests", _("Requests for data")),
)
_MODELS = (
    ("per_unit", _("Each unit")),
    ("package", _("Each package that is begun")),
    ("graduated", _("By tiers, each at its own price")),
    ("volume", _("By tiers, all at the price of the last one")),
)
_TIER = re.compile(r"([0-9]{1,3}(?:\s?[0-9]{3}){0,4}|[0-9]{1,15})\s*:\s*(\S.*)")


def _money(label: Any, help_text: Any) -> Amount:
    return Amount(label=label, required=False, min_value=0, max_digits=13, help_text=help_text)


class PlanForm(PriceForm):
    """Every kind of plan; the amount is what is paid once, for each period, for the units named, or in all."""

    months = WholeNumber(
        least=1, most=plans.LONGEST_PERIOD_MONTHS, label=_("Months in a period"), required=False, initial=1
    )
    periods = WholeNumber(
        least=1, most=plans.MOST_PERIODS, label=_("Periods that are agreed"), required=False, initial=12
    )
    trial_days = WholeNumber(
        least=0,
        most=plans.MOST_TRIAL_DAYS,
        label=_("Days of trial"),
        required=False,
        help_text=_("Before the first period."),
    )
    is_renewable = forms.BooleanField(
        label=_("The buyer may agree to another term, at the same price"), required=False
    )
    meter = forms.ChoiceField(label=_("What is counted?"), required=False, choices=_METERS, initial="rows")
    model = forms.ChoiceField(label=_("How is it priced?"), required=False, choices=_MODELS, initial="per_unit")
    per = WholeNumber(
        least=1,
        most=plans.LARGEST_QUANTITY,
        label=_("The price is for so many units"),
        required=False,
        initial=1,
        help_text=_("For example 1,000 rows, or 1,000,000 bytes."),
    )
    tiers = Lines(
        label=_("Tiers before the last"),
        required=False,
        widget=area(3),
        help_text=_(
            "One on each line, as “up to: price”, for example 10000: 0.05. The price above is for all beyond."
        ),
    )
    included = WholeNumber(
        least=0, most=plans.LARGEST_QUANTITY, label=_("Units included in each period"), required=False
    )
    minimum = _money(_("At least, for each period"), _("Excl. VAT. Empty: nothing."))
    cap = _money(
        _("The buyer’s cap begins with"), _("For each period. The buyer may change it. Empty: no cap.")
    )
    parts_count = WholeNumber(
        least=2, most=plans.MOST_PARTS, label=_("Number of parts"), required=False, initial=3
    )
    parts_days = WholeNumber(least=1, most=366, label=_("Days between two parts"), required=False, initial=30)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        price: Any = self.fields["price"]
        price.choices = list(_KINDS)
        for name in PlanForm.declared_fields:
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]

    def clean_minimum(self) -> Decimal | None:
        """The least that a period costs, in no finer parts than its currency has."""
        return price_forms.in_parts_of(self.cleaned_data["minimum"], self._currency())

    def clean_cap(self) -> Decimal | None:
        """What the cap begins with, in no finer parts than its currency has."""
        return price_forms.in_parts_of(self.cleaned_data["cap"], self._currency())

    def clean_tiers(self) -> list[tuple[int, Decimal]]:
        """The tiers before the last: up to which unit, and the price."""
        found = []
        for line in self.cleaned_data["tiers"]:
            if (read := _TIER.fullmatch(line.strip())) is None:
                raise forms.ValidationError(_("Write each tier as “up to: price”, for example 10000: 0.05."))
            price = amounts.read(read[2], places=exponent(self._currency()))
            if price < 0:
                raise forms.ValidationError(_("Write each tier as “up to: price”, for example 10000: 0.05."))
            found.append(
                (int("".join(read[1].split())), price_forms.in_parts_of(price, self._currency()) or Decimal(0))
            )
        return found

    def priced(self) -> dict[str, Any]:
        """The price plan, silent on what may be asked back."""
        given = self.cleaned_data
        kind, currency = given.get("price"), given.get("currency") or "EUR"
        if kind == "quote":
            return {"kind": "quote"}
        if kind not in ASKS_AMOUNT or kind == "paid" or given.get("amount") is None:
            return super().priced()
        price = {"amount_minor": self._minor(given["amount"]), "currency": currency}
        if kind == "subscription":
            return {
                "kind": kind,
                "price": price,
                "months": given.get("months") or 1,
                "periods": given.get("periods") or 1,
                "trial_days": given.get("trial_days") or 0,
                "is_renewable": bool(given.get("is_renewable")),
            }
        return self._in_parts(price) if kind == "instalments" else self._metered(currency)

    def _in_parts(self, price: dict[str, Any]) -> dict[str, Any]:
        """Equal parts, what cannot be divided in the first ones."""
        given = self.cleaned_data
        count, days = given.get("parts_count") or 2, given.get("parts_days") or 30
        shares = Money(price["amount_minor"], price["currency"]).shares([1] * count)
        parts = [{"amount_minor": one.minor, "after_days": days * place} for place, one in enumerate(shares)]
        return {"kind": "instalments", "price": price, "parts": parts}

    def _metered(self, currency: str) -> dict[str, Any]:
        given = self.cleaned_data
        model, per = given.get("model") or "per_unit", given.get("per") or 1
        before = given.get("tiers") or [] if model in ("graduated", "volume") else []
        tiers = [{"up_to": up_to, "price_minor": self._minor(price), "per": per} for up_to, price in before]
        tiers.append({"up_to": None, "price_minor": self._minor(given["amount"]), "per": per})
        component = {
            "meter": given.get("meter") or "rows",
            "model": model,
            "included": given.get("included") or 0,
            "tiers": tiers,
        }
        return {
            "kind": "metered",
            "currency": currency,
            "months": given.get("months") or 1,
            "components": [component],
            "minimum_minor": self._minor(given.get("minimum") or Decimal(0)),
            "cap_minor": self._minor(given["cap"]) if given.get("cap") else None,
        }

    def _minor(self, amount: Decimal) -> int:
        return int(amount * 10 ** exponent(self._currency()))

    def _currency(self) -> str:
        return str(self.data.get("currency") or "EUR")


def initial_of(plan: Plan) -> dict[str, Any]:
    """What the fields begin with, for this plan; what they cannot hold is left empty, to be filled in anew."""
    if plan.kind in ("free", "one_off"):
        return price_forms.initial_of(plan)
    if plan.price is None and plan.metering is None:
        return {"price": plan.kind, **price_forms.initial_refund(plan)}
    found: dict[str, Any] = {"price": plan.kind, "currency": plan.currency, **price_forms.initial_refund(plan)}
    if plan.price is not None:
        found["amount"] = price_forms.figures(plan.price)
    if plan.rhythm is not None:
        found |= {
            name: getattr(plan.rhythm, name) for name in ("months", "periods", "trial_days", "is_renewable")
        }
    if plan.parts:
        found |= {"parts_count": len(plan.parts), "parts_days": plan.parts[1].after_days}
    if plan.metering is not None:
        found |= {"months": plan.metering.months} | _of_component(
            plan.metering.components[0], plan.metering.currency
        )
        for name, minor in (("minimum", plan.metering.minimum_minor), ("cap", plan.metering.cap_minor)):
            if minor:
                found[name] = price_forms.figures(Money(minor, plan.metering.currency))
        if len(plan.metering.components) > 1:
            del found["amount"]
    return found


def _of_component(component: Component, currency: str) -> dict[str, Any]:
    *before, last = component.tiers
    return {
        "meter": component.meter,
        "model": component.model,
        "included": component.included or None,
        "per": last.per,
        "amount": price_forms.figures(Money(last.price_minor, currency)),
        "tiers": [f"{tier.up_to}: {_price_of(tier, currency)}" for tier in before],
    }


def _price_of(tier: Tier, currency: str) -> str:
    return amounts.written(price_forms.figures(Money(tier.price_minor, currency)))
