"""The forms of data requests: what a buyer looks for, a seller's answer, and what ends either."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.choices.price_forms import CURRENCIES
from contracts.clauses import purposes
from contracts.data_requests import data_requests
from contracts.data_requests.data_requests import Wish
from contracts.models import DataRequest
from contracts.terms import rights
from datasets import words
from datasets.forms import area
from exchange.kernel.errors import ExchangeError
from exchange.kernel.money import Money, exponent
from exchange.look.amounts import Amount
from exchange.look.forms import Form
from exchange.look.names import country_choices

_ABOUT = {
    "unknown_theme": "theme",
    "unknown_purpose": "purpose",
    "unknown_country": "country",
    "invalid_deadline": "last_day",
    "absurd_amount": "budget",
}
_THEMES = ("theme", "second_theme", "third_theme")
_A_DAY = timedelta(days=1)


class WishForm(Form):
    """What is looked for. `edition` says which of its texts was on the page, where it is changed."""

    edition = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(
        label=_("Title"),
        min_length=5,
        max_length=200,
        help_text=_("Names what you look for, for example: Hourly bicycle counts in French cities."),
    )
    wanted = forms.CharField(
        label=_("What you look for"),
        min_length=20,
        max_length=data_requests.LONGEST_WANTED,
        widget=area(8),
        help_text=_(
            "Places, years, columns, format, how fresh it must be. Name nobody. Sellers read it as you write it."
        ),
    )
    theme = forms.ChoiceField(label=_("Theme"))
    second_theme = forms.ChoiceField(label=_("Another theme"), required=False)
    third_theme = forms.ChoiceField(label=_("A third theme"), required=False)
    purpose = forms.ChoiceField(
        label=_("Purpose"), help_text=_("What you will use the data for. Offers are held against it.")
    )
    country = forms.ChoiceField(
        label=_("Country of use"), help_text=_("Where your organisation will use the data.")
    )
    budget = Amount(
        label=_("Budget, excl. VAT"),
        required=False,
        min_value=0,
        max_digits=13,
        help_text=_("At most, for example 480.00. Empty: not said."),
    )
    currency = forms.ChoiceField(label=_("Currency"), required=False, initial="EUR")
    shows_budget = forms.BooleanField(label=_("Show the budget to sellers"), required=False)
    last_day = forms.DateField(
        label=_("Last day for answers"),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=_("It closes with this day in UTC, within a year."),
    )

    def __init__(self, *args: Any, currency: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict.fromkeys([*CURRENCIES, *([currency] if currency else [])])
        empty = ("", _("Choose one"))
        for name in _THEMES:
            self._offer(name, [empty, *words.choices(words.THEMES)])
        self._offer("purpose", [empty, *((code, rights.purpose_words(code)) for code in purposes.PURPOSES)])
        self._offer("country", [("", _("Choose a country")), *country_choices()])
        self._offer("currency", [(code, code) for code in known])
        self.fields["currency"].is_conditional = True  # type: ignore[attr-defined]

    def clean_last_day(self) -> date:
        """A day that others follow."""
        day: date = self.cleaned_data["last_day"]
        if day == date.max:
            raise forms.ValidationError(_("A deadline lies ahead, and at most a year."))
        return day

    def clean(self) -> dict[str, Any]:
        """The budget, in no finer parts than its currency has."""
        given: dict[str, Any] = super().clean() or {}
        budget: Decimal | None = given.get("budget")
        places = exponent(given.get("currency") or "EUR")
        if budget is not None and budget != round(budget, places):
            words = _("Write the price with at most %(places)s decimals.") % {"places": places}
            self.add_error("budget", words)
        return given

    def wish(self) -> Wish:
        """What was typed, as the verbs take it."""
        given = self.cleaned_data
        budget, currency = given["budget"], given["currency"] or "EUR"
        same = ("title", "wanted", "purpose", "country", "shows_budget")
        return Wish(
            **{name: given[name] for name in same},
            themes=[given[name] for name in _THEMES if given[name]],
            closes_at=datetime.combine(given["last_day"], time.min, UTC) + _A_DAY,
            budget=None if budget is None else Money(int(budget * 10 ** exponent(currency)), currency),
        )

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the field that it is about."""
        named = next((name for name in ("title", "wanted") if error.detail.startswith(f"{name} ")), None)
        super().refuse(error, field or _ABOUT.get(error.code) or named)

    def _offer(self, field: str, choices: Sequence[tuple[str, Any]]) -> None:
        chosen: Any = self.fields[field]
        chosen.choices = choices


class NewWishForm(WishForm):
    """What is looked for, and by whom it may be read."""

    audience = forms.ChoiceField(
        label=_("Who may read and answer it?"),
        widget=forms.RadioSelect,
        initial=DataRequest.Audience.SELLERS,
        choices=[
            (DataRequest.Audience.SELLERS, _("Every verified organisation that sells")),
            (DataRequest.Audience.NAMED, _("Only the organisations chosen below")),
        ],
    )
    named = forms.MultipleChoiceField(
        label=_("These organisations"),
        required=False,
        widget=forms.SelectMultiple({"size": "6"}),
        help_text=_("Several with the control key."),
    )

    def __init__(self, *args: Any, participants: Sequence[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("named", [(str(row_id), name) for row_id, name in participants])
        self.fields["named"].is_conditional = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Whoever chooses to name, names somebody."""
        given = super().clean()
        is_named = given.get("audience") == DataRequest.Audience.NAMED
        if is_named and "named" not in self.errors and not given.get("named"):
            self.add_error("named", _("Fill this in: the answer above asks for it."))
        return given

    def named_ids(self) -> list[UUID] | None:
        """For whom alone it exists; None is for every seller."""
        if self.cleaned_data["audience"] != DataRequest.Audience.NAMED:
            return None
        return [UUID(one) for one in self.cleaned_data["named"]]


class AnswerForm(Form):
    """A seller's offer, with a word to it."""

    edition = forms.IntegerField(widget=forms.HiddenInput)
    offer = forms.ChoiceField(label=_("Your offer"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("A word to the buyer"),
        required=False,
        max_length=data_requests.LONGEST_NOTE,
        widget=area(4),
        help_text=_("What fits, and what does not. Not part of a contract. At most 1,000 characters."),
    )

    def __init__(self, *args: Any, offers: Sequence[tuple[UUID, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["offer"]
        chosen.choices = [(str(row_id), title) for row_id, title, _note in offers]
        chosen.notes = {str(row_id): note for row_id, _title, note in offers}


class CloseForm(Form):
    """Whether it was found; `seen` is how many answers the page told of."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=_("Have you found it?"),
        widget=forms.RadioSelect,
        choices=[
            (DataRequest.Outcome.FOUND, _("Yes, we have found what we looked for")),
            (DataRequest.Outcome.NOT_FOUND, _("No, we no longer look for it")),
        ],
    )


class RemovalForm(Form):
    """An officer's reason, which the buyer reads."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The buyer reads it, and the log keeps its hash. 10 to 512 characters."),
        min_length=10,
        max_length=512,
        widget=area(4),
    )


class WordForm(Form):
    """A word that may be left out."""

    word = forms.CharField(
        label=_("A word to the seller"),
        required=False,
        max_length=data_requests.LONGEST_WORD,
        widget=area(4),
        help_text=_("Given a word, the seller is told. Without one it sees only that you declined."),
    )


class ConsentForm(Form):
    """A confirmation that needs no words."""


def initial_of(row: DataRequest) -> dict[str, Any]:
    """What a form of this data request begins with."""
    same = ("title", "wanted", "purpose", "country", "shows_budget", "edition")
    found = {name: getattr(row, name) for name in same} | dict(zip(_THEMES, row.themes, strict=False))
    found |= {"last_day": (row.closes_at.astimezone(UTC) - timedelta(microseconds=1)).date()}
    if row.budget is None:
        return found
    places = exponent(row.currency)
    return found | {"budget": Decimal(row.budget.minor).scaleb(-places), "currency": row.currency}
