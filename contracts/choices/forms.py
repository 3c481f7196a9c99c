"""Several prices in the terms builder: a row for each choice, with what sets it apart and what it costs. Rows are added
and taken away by buttons of the form, so it works without scripts."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from contracts.choices import choices, price_forms
from contracts.choices import rows as choice_rows
from contracts.choices.plan_forms import PlanForm
from contracts.clauses import purposes
from contracts.terms import rights
from contracts.terms import terms as usage_terms
from exchange.kernel.errors import Invalid
from exchange.kernel.money import exponent
from exchange.look.amounts import Amount
from exchange.look.forms import Form, WholeNumber
from exchange.participants import sectors
from payments.plans import plans

SEVERAL = "choices"
ADD, TAKE = "row_add", "row_take"

_ROW = re.compile(r"row-([1-9][0-9]{0,2})-amount")
_REVISIONS: tuple[Mapping[str, Any], ...] = (
    {"last": 1, "includes_future": True},
    {"includes_future": False},
    {"includes_future": True},
)


class ChoiceForm(Form):
    """One row: what it permits, where choices differ in it, and its price."""

    purpose = forms.ChoiceField(label=_("Purpose"), required=False)
    sector = forms.ChoiceField(label=_("The buyer’s sector"), required=False)
    days = WholeNumber(
        least=1, most=3650, label=_("Days of access"), required=False, help_text=_("Empty: without an end.")
    )
    revisions = forms.ChoiceField(label=_("Revisions"), required=False)
    amount = Amount(
        label=_("Price, excl. VAT"),
        min_value=0,
        max_digits=13,
        help_text=_("0: for nothing."),
    )

    def __init__(self, *args: Any, number: int, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"row-{number}", **kwargs)
        self.number = number
        words = [(code, rights.purpose_words(code)) for code in purposes.PURPOSES]
        self.fields["purpose"].choices = [("", _("Any purpose")), *words]  # type: ignore[attr-defined]
        self.fields["revisions"].choices = self._revisions()  # type: ignore[attr-defined]
        self.fields["sector"].choices = [("", _("Any sector")), *sectors.choices()]  # type: ignore[attr-defined]
        if "sector" not in choices.KINDS:
            del self.fields["sector"]
        for field in self.fields.values():
            field.is_conditional = True  # type: ignore[attr-defined]

    def choice(self, currency: str) -> dict[str, Any]:
        """The choice as the verb takes it, of what is filled in so far."""
        given = self.cleaned_data if self.is_bound else self.initial
        clauses: list[dict[str, Any]] = []
        if given.get("purpose"):
            clauses.append({"kind": "purpose", "any_of": [given["purpose"]]})
        if given.get("sector"):
            clauses.append({"kind": "sector", "any_of": [given["sector"]]})
        if given.get("days"):
            clauses.append({"kind": "duration", "days": given["days"]})
        if given.get("revisions"):
            clauses.append({"kind": "revisions", **json.loads(given["revisions"])})
        return {"terms": clauses, "plan": price_forms.plan_of(Decimal(given.get("amount") or 0), currency)}

    def _revisions(self) -> list[tuple[str, str]]:
        """The usual ones, and what another offer brought along."""
        found = list(_REVISIONS)
        try:
            (brought,) = usage_terms.parse(
                [{"kind": "revisions", **json.loads(self["revisions"].value())}]
            ).to_list()
        except (Invalid, TypeError, ValueError):
            pass  # nothing, or none that there is: then the field says so
        else:
            found += [brought] if _written(brought) not in map(_written, found) else []
        return [("", choice_rows.revision_words(None)), *((_written(one), _words(one)) for one in found)]


class SeveralPricesForm(PlanForm):
    """A price, none, or a price for each choice."""

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        price: Any = self.fields["price"]
        price.choices = [*price.choices, (SEVERAL, _("A price for each of several choices"))]
        price.notes = {SEVERAL: _("By purpose, sector, days of access or revisions: the buyer chooses a row.")}
        self.choice_forms = _posted(data) if data is not None else _begun(self.initial.get(SEVERAL) or [])

    @property
    def is_edit(self) -> bool:
        """Whether the form was sent to add a row or to take one away, and nothing is to be kept yet."""
        return self.is_bound and (ADD in self.data or TAKE in self.data)

    def has_several(self) -> bool:
        """Whether the rows are what it costs."""
        return self.cleaned_data.get("price") == SEVERAL

    def clean(self) -> dict[str, Any]:
        """The rows are as right as the fields above them."""
        given: dict[str, Any] = super().clean() or {}
        places = exponent(given.get("currency") or "EUR")
        for row in self.choice_forms:
            amount = row.cleaned_data.get("amount") if row.is_valid() else None
            if amount is not None and amount != round(amount, places):
                row.add_error(
                    "amount", _("Write the price with at most %(places)s decimals.") % {"places": places}
                )
        is_whole = all(row.is_bound and not row.errors for row in self.choice_forms)
        if given.get("price") == SEVERAL and not is_whole:
            self.add_error("price", _("Look at the choices below: something is missing or wrong."))
        return given

    def forgive(self) -> None:
        """Take what is filled in so far, and say nothing of what is missing."""
        for form in (self, *self.choice_forms):
            form.full_clean()
            form.errors.clear()

    def choices(self) -> list[dict[str, Any]] | None:
        """The choices as the verb takes them; None where there is one price, or none."""
        if not self.has_several():
            return None
        rows = [row.choice(self.cleaned_data.get("currency") or "EUR") for row in self.choice_forms]
        return [{**row, "plan": self.with_refund(row["plan"])} for row in rows]

    def left_by_choices(self, clauses: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The clauses without those that the choices decide."""
        decided = {clause["kind"] for row in self.choices() or () for clause in row["terms"]}
        return [clause for clause in clauses if clause["kind"] not in decided]


def _posted(data: QueryDict) -> list[ChoiceForm]:
    """The rows that were sent, one more or one less where a button says so."""
    numbers = sorted(int(found[1]) for name in data if (found := _ROW.fullmatch(name)))[: choices.MOST]
    taken = data.get(TAKE, "")
    rows = [ChoiceForm(data, number=number) for number in numbers if str(number) != taken]
    if (ADD in data and len(rows) < choices.MOST) or len(rows) < 2:
        following = max([0, *numbers]) + 1
        rows += [ChoiceForm(number=number) for number in range(following, following + max(1, 2 - len(rows)))]
    return rows


def _begun(kept: list[dict[str, Any]]) -> list[ChoiceForm]:
    """The rows of another offer, or two empty ones."""
    initials = [_initial(row) for row in kept] or [{}, {}]
    return [ChoiceForm(number=number, initial=initial) for number, initial in enumerate(initials, start=1)]


def _initial(row: Mapping[str, Any]) -> dict[str, Any]:
    clauses = {clause["kind"]: clause for clause in row["terms"]}
    purpose, sector, revisions = (clauses.get(kind) for kind in ("purpose", "sector", "revisions"))
    amount = price_forms.initial_of(plans.parse(row["plan"])).get("amount", Decimal(0))
    return {
        "purpose": purpose["any_of"][0] if purpose else "",
        "sector": sector["any_of"][0] if sector else "",
        "days": clauses["duration"]["days"] if "duration" in clauses else None,
        "revisions": _written(revisions) if revisions else "",
        "amount": amount,
    }


def _written(clause: Mapping[str, Any]) -> str:
    return json.dumps({name: value for name, value in clause.items() if name != "kind"}, sort_keys=True)


def _words(clause: Mapping[str, Any]) -> str:
    return choice_rows.revision_words({"kind": "revisions", **clause})
