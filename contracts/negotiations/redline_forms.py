"""The redline form: each clause of the contract with its parameters to change or to remove, and each other kind to add.
Its fields are made from the declarations, so that a new kind needs no form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from contracts.choices import plan_forms
from contracts.choices.plan_forms import ASKS_AMOUNT, KEPT, PlanForm
from contracts.choices.price_forms import CURRENCIES, figures
from contracts.clauses import LIBRARY, purposes
from contracts.clauses.parameters import Choice, Flag, Maybe, Parameter, Several, participant, purpose
from contracts.offers.clause_forms import Choices, field_for, in_minor_units, money_field
from contracts.offers.clause_questions import QUESTIONS
from contracts.terms import rights
from contracts.terms.terms import ClauseText, Terms
from datasets.forms import Lines, area
from exchange.kernel.errors import ExchangeError
from exchange.kernel.money import Money
from payments.plans.plans import Plan

_LABELS = {
    "allowed": _("Permitted"),
    "any_of": _("One of"),
    "days": _("Days"),
    "max": _("At most"),
    "on": _("Day"),
    "text": _("Text"),
    "title": _("Title"),
}
_WORDS = {"yes": _("Yes"), "no": _("No"), "non_commercial": _("For non-commercial ends only")}
_ABOUT = {"invalid_deadline": "accept_on", "invalid_plan": "amount", "absurd_amount": "amount"}
_IS_CHOSEN = {"yes": True, "no": False}


@dataclass(frozen=True)
class Row:
    """One kind of clause on the page: how it reads now, and its fields."""

    kind: str
    heading: str
    text: str
    standing: str
    acts: BoundField
    fields: list[BoundField]

    @property
    def is_open(self) -> bool:
        """Whether something of it was changed, or is wrong."""
        return self.acts.form.is_bound and any(
            one.errors or one.field.has_changed(one.initial, one.data) for one in [*self.fields, self.acts]
        )


class RedlineForm(PlanForm):
    """Another round: clauses, price, a deadline where the seller writes it, and a word to the other side."""

    shown = forms.CharField(widget=forms.HiddenInput)
    accept_on = forms.DateField(
        label=_("Last day on which the buyer may sign"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=_("That whole day in UTC counts. Empty: as long as the exchange usually gives."),
    )
    note = forms.CharField(
        label=_("A word to the other side"),
        required=False,
        max_length=2_000,
        widget=area(3),
        help_text=_("Why you ask for it. It does not become part of the contract."),
    )

    def __init__(
        self,
        *args: Any,
        shown: str,
        terms: Terms,
        plan: Plan,
        participants: Choices,
        sets_deadline: bool,
        is_on_top: bool = False,
        **kwargs: Any,
    ) -> None:
        self.before, self.plan_before = terms, plan
        self._standing = {str(clause["kind"]): clause for clause in terms.to_list()}
        currency = plan.currency or "EUR"
        initial = {"shown": shown, **_initial_price(plan), **dict(self._initial())}
        super().__init__(*args, initial=initial, **kwargs)
        self._offer_prices(is_on_top)
        codes = sorted({*CURRENCIES, currency})
        self.fields["currency"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]
        for name in ("amount", "currency"):
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]
        if not sets_deadline:
            del self.fields["accept_on"]
        self.add_fields(dict(self._questions({participant: participants})))

    def clean(self) -> dict[str, Any]:
        """A clause that stands, or comes, needs all that its kind asks for; so does a price."""
        given: dict[str, Any] = super().clean() or {}
        for kind in self._wanted():
            for name, parameter in LIBRARY[kind].parameters.items():
                field = f"{kind}-{name}"
                is_empty = given.get(field) in (None, "", [])
                if is_empty and not isinstance(parameter, Maybe) and field not in self.errors:
                    self.add_error(field, _("Fill this in."))
        if given.get("price") in ASKS_AMOUNT and not given.get("amount") and "amount" not in self.errors:
            self.add_error("amount", _("Fill this in: the answer above asks for it."))
        return given

    def priced(self) -> dict[str, Any]:
        """The price plan, silent on what may be asked back; a price that stands is kept as it is."""
        if self.cleaned_data.get("price") == KEPT:
            return dict(replace(self.plan_before, refund=None).to_dict())
        return super().priced()

    def changes(self) -> list[dict[str, Any]] | None:
        """What differs from the clauses that stand, as a counter-offer names it; None where nothing does."""
        removed = [{"kind": kind, "remove": True} for kind in self._standing if kind not in self._wanted()]
        sets = []
        for kind in self._wanted():
            values = self._values(kind)
            if {"kind": kind, **_ordered(values)} != self._standing.get(kind):
                sets.append({"kind": kind, "set": values})
        return sets + removed or None

    def _offer_prices(self, is_on_top: bool) -> None:
        """A price on top is paid once. One over time may stand as it is, whatever it says."""
        price: Any = self.fields["price"]
        if is_on_top:
            price.choices = [one for one in price.choices if one[0] in ("paid", "free")]
        elif self.plan_before.is_over_time:
            price.choices = [(KEPT, _("The price that stands")), *price.choices]

    def accept_by(self, at: datetime) -> datetime | None:
        """The end of the last day for signing, in UTC."""
        day: date | None = self.cleaned_data.get("accept_on")
        return datetime.combine(day + timedelta(days=1), time.min, at.tzinfo) if day else None

    def rows(self, text: Mapping[str, ClauseText]) -> tuple[list[Row], list[Row]]:
        """The clauses that stand, with their words, and the kinds that could be added, with what silence says."""
        made = [self._row(kind, text.get(kind)) for kind in LIBRARY]
        standing = [row for row in made if row.kind in self._standing]
        return standing, [row for row in made if row.kind not in self._standing]

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the field that it is about, where there is one."""
        about = _ABOUT.get(error.code)
        super().refuse(error, field or (about if about in self.fields else None))

    def _row(self, kind: str, clause: ClauseText | None) -> Row:
        fields = [self[f"{kind}-{name}"] for name in LIBRARY[kind].parameters]
        text, standing = (clause["text"], clause["standing"]) if clause else ("", "")
        return Row(kind, rights.heading_of(kind), text, standing, self[_act(kind)], fields)

    def _wanted(self) -> list[str]:
        """The kinds that the next round is to have."""
        given = self.cleaned_data
        return [kind for kind in LIBRARY if bool(given.get(_act(kind))) != (kind in self._standing)]

    def _values(self, kind: str) -> dict[str, Any]:
        given = ((name, self.cleaned_data.get(f"{kind}-{name}")) for name in LIBRARY[kind].parameters)
        raw = {
            name: _raw(value, LIBRARY[kind].parameters[name])
            for name, value in given
            if value not in (None, "", [])
        }
        return in_minor_units(raw)

    def _questions(self, given: Mapping[Any, Choices]) -> Iterator[tuple[str, forms.Field]]:
        """A box for each kind, and a field for each of its parameters."""
        for kind, declaration in LIBRARY.items():
            label = _("Remove this clause") if kind in self._standing else _("Add this clause")
            yield _act(kind), forms.BooleanField(label=label, required=False)
            for name in declaration.parameters:
                standing = self._standing.get(kind, {}).get(name)
                yield f"{kind}-{name}", _field(kind, name, given, standing)

    def _initial(self) -> Iterator[tuple[str, Any]]:
        for kind, clause in self._standing.items():
            for name, value in clause.items():
                if name == "amount_minor":
                    value = figures(Money(value, clause["currency"]))
                yield f"{kind}-{name}", ("yes" if value else "no") if isinstance(value, bool) else value


def _field(kind: str, name: str, given: Mapping[Any, Choices], standing: Any) -> forms.Field:
    """The field of one parameter. A value that stands can be left standing, whatever else may be chosen."""
    declared = LIBRARY[kind].parameters[name]
    parameter = declared.parameter if isinstance(declared, Maybe) else declared
    if isinstance(parameter, Flag):
        parameter = Choice(("yes", "no"))
    if isinstance(parameter, Several) and parameter.item is purpose:
        given = {purpose: [(code, rights.purpose_words(code)) for code in purposes.PURPOSES], **given}
    field = money_field() if name == "amount_minor" else field_for(kind, parameter, given)
    if isinstance(field, forms.ChoiceField):
        listed = [(value, _WORDS.get(value, words)) for value, words in cast(Choices, field.choices)]
        stands = standing if isinstance(standing, list) else [standing] if isinstance(standing, str) else []
        field.choices = [*listed, *((value, value) for value in stands if value not in dict(listed))]
    label, help_text = QUESTIONS[kind].fields.get(name, ("", "")) if kind in QUESTIONS else ("", "")
    field.label = label or _LABELS.get(name, name)
    field.help_text = help_text or (_("One on each line.") if isinstance(field, Lines) else "")
    field.required = False
    field.is_conditional = not isinstance(declared, Maybe)  # type: ignore[attr-defined]
    return field


def _raw(value: Any, parameter: Parameter) -> Any:
    inner = parameter.parameter if isinstance(parameter, Maybe) else parameter
    if isinstance(inner, Flag):
        return _IS_CHOSEN[value]
    return value.isoformat() if isinstance(value, date) else value


def _ordered(values: dict[str, Any]) -> dict[str, Any]:
    return {name: sorted(value) if isinstance(value, list) else value for name, value in values.items()}


def _act(kind: str) -> str:
    return f"{kind}-turn"


def _initial_price(plan: Plan) -> dict[str, Any]:
    """What the price's fields begin with: one over time stands, and what it says is filled in for who changes it."""
    initial = plan_forms.initial_of(plan)
    return {**initial, "price": KEPT} if plan.is_over_time else initial
