"""The terms builder's questions for the kinds of clauses that have no field of their own there: a box that takes the
clause in, and a field for each of its parameters, made from the parameter's type."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from contracts.choices.price_forms import CURRENCIES, figures
from contracts.clauses import LIBRARY, countries, licences
from contracts.clauses import parameters as types
from contracts.clauses.declaration import Clause, Standing
from contracts.clauses.parameters import Parameter
from contracts.offers.clause_questions import QUESTIONS, WORDS
from datasets.forms import Lines, area
from exchange.kernel import money
from exchange.kernel.errors import ExchangeError
from exchange.kernel.money import Money, exponent
from exchange.look.amounts import Amount
from exchange.look.formats import is_french
from exchange.look.forms import Form, WholeNumber
from exchange.look.names import country_choices
from exchange.participants import sectors

_BOX = "on"
_NONE = ("", "—")

Choices: TypeAlias = Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class Group:
    """A question on the page: what it asks, its box and its fields."""

    label: Any
    standing: str
    box: BoundField
    fields: list[BoundField]
    is_open: bool


class ClauseForm(Form):
    """A form that asks all of them. `participants` may be named, `documents` are the seller's own texts by SHA-256."""

    def __init__(
        self, *args: Any, participants: Choices = (), documents: Sequence[tuple[str, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.documents = dict(documents)
        given: dict[Any, Choices] = {types.participant: participants, types.digest: documents}
        made: dict[str, forms.Field] = {}
        for question in QUESTIONS.values():
            declared = LIBRARY[question.kind].parameters
            made[_name(question.kind, _BOX)] = forms.BooleanField(
                label=_("Take this clause into the contract"), required=False
            )
            for name, (label, help_text) in question.fields.items():
                is_money = name == "amount_minor"
                field = money_field() if is_money else field_for(question.kind, declared[name], given)
                field.label, field.help_text, field.required = label, help_text, False
                field.is_conditional = True  # type: ignore[attr-defined]
                made[_name(question.kind, name)] = field
        self.add_fields(made)

    def groups(self) -> dict[str, list[Group]]:
        """The questions, by the part of the form in which they stand."""
        found: dict[str, list[Group]] = {}
        for question in QUESTIONS.values():
            box = self[_name(question.kind, _BOX)]
            fields = [self[_name(question.kind, name)] for name in question.fields]
            is_open = bool(box.value()) or any(field.errors for field in (box, *fields))
            found.setdefault(question.part, []).append(
                Group(question.label, _standing(question.kind), box, fields, is_open)
            )
        return found

    def asked_clauses(self) -> list[dict[str, Any]]:
        """The clauses whose boxes are ticked, with what is filled in so far."""
        ticked = (kind for kind in QUESTIONS if self.cleaned_data.get(_name(kind, _BOX)))
        return [{"kind": kind, **self._values(kind)} for kind in ticked]

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a refusal about clauses at the box of each clause that it names."""
        words = set(error.detail.replace(",", " ").split())
        if error.code == "contradictory_clauses":
            named = [kind for kind in QUESTIONS if kind in words]
        else:
            named = [kind for kind in QUESTIONS if f"({kind})" in error.detail]
        for kind in named:
            super().refuse(error, _name(kind, _BOX))
        if not named or field:
            super().refuse(error, field)

    def _values(self, kind: str) -> dict[str, Any]:
        given = {name: self.cleaned_data.get(_name(kind, name)) for name in QUESTIONS[kind].fields}
        found = {name: value for name, value in given.items() if value not in (None, "", [])}
        if kind == "licence" and found.get("sha256") in self.documents:
            found["title"] = self.documents[found["sha256"]]
        found = in_minor_units(found)
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}


def initial_of(clauses: Iterable[Clause]) -> dict[str, Any]:
    """What the fields begin with, for these clauses."""
    found: dict[str, Any] = {}
    for clause in clauses:
        if clause.kind in QUESTIONS:
            found[_name(clause.kind, _BOX)] = True
            for name, value in clause.values:
                found[_name(clause.kind, name)] = list(value) if isinstance(value, tuple) else value
        if clause.kind == "liability":
            amount = Money(clause.number("amount_minor"), clause.words("currency"))
            found[_name("liability", "amount_minor")] = figures(amount)
    return found


def in_minor_units(values: Mapping[str, Any]) -> dict[str, Any]:
    """A clause's values, with an amount that was typed as the clause counts it; one in finer parts than its currency
    has is left as it is, for the verb to refuse."""
    amount = values.get("amount_minor")
    if not isinstance(amount, Decimal):
        return dict(values)
    minor = amount.scaleb(exponent(values.get("currency") or CURRENCIES[0]))
    return {**values, "amount_minor": int(minor) if minor == int(minor) else str(amount)}


def _name(kind: str, parameter: str) -> str:
    return f"{kind}__{parameter}"


def field_for(kind: str, parameter: Parameter, given: Mapping[Any, Choices]) -> forms.Field:
    """The field that a parameter's type asks for; `given` are the choices that only the page knows."""
    wanted = parameter.parameter if isinstance(parameter, types.Maybe) else parameter
    if isinstance(wanted, types.Whole):
        return WholeNumber(least=wanted.at_least, most=wanted.at_most)
    if isinstance(wanted, types.Flag):
        return forms.BooleanField()
    if isinstance(wanted, types.Day):
        return forms.DateField(widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    if isinstance(wanted, types.Choice):
        return forms.ChoiceField(
            choices=[_NONE, *((word, WORDS.get((kind, word), word)) for word in wanted.words)]
        )
    if isinstance(wanted, types.Known | types.Several):
        choices = given.get(wanted.item) or (
            _VOCABULARIES[wanted.item](kind) if wanted.item in _VOCABULARIES else None
        )
        return _of_a_vocabulary(choices, is_list=isinstance(wanted, types.Several))
    return forms.CharField(max_length=wanted.at_most if isinstance(wanted, types.Line) else 200)


def money_field() -> forms.Field:
    """What the amount of a clause is typed into."""
    return Amount(min_value=0, max_digits=13)


def _of_a_vocabulary(choices: Choices | None, *, is_list: bool) -> forms.Field:
    if choices is None:
        return Lines(widget=area(3)) if is_list else forms.CharField(max_length=200)
    if not is_list:
        return forms.ChoiceField(choices=[_NONE, *choices])
    is_short = len(choices) < 10
    widget = forms.CheckboxSelectMultiple() if is_short else forms.SelectMultiple({"size": "6"})
    return forms.MultipleChoiceField(choices=choices, widget=widget)


def _words_of(kind: str) -> Choices:
    return [(word, words) for (of, word), words in WORDS.items() if of == kind]


def group_choices() -> list[tuple[str, str]]:
    """The groups of countries that a clause may name."""
    language = "fr" if is_french() else "en"
    return [(group, countries.name(group, language)) for group in countries.GROUPS]


def _places(kind: str) -> Choices:
    return [*group_choices(), *country_choices()]


_VOCABULARIES: dict[Callable[[object], str], Callable[[str], Choices]] = {
    types.place: _places,
    types.country: lambda kind: country_choices(),
    types.currency: lambda kind: [(code, code) for code in money.codes()],
    types.licence: lambda kind: [(k.spdx, f"{k.title} ({k.spdx})") for k in licences.LICENCES.values()],
    types.weekday: _words_of,
    types.channel: _words_of,
    types.sector: lambda kind: sectors.choices(),
}


def _standing(kind: str) -> str:
    """What holds the clause up, where the kind alone says it."""
    found = LIBRARY[kind].standing
    return str(found) if isinstance(found, Standing) else ""
