"""What a seller types about a dataset, with the limits that the verbs have."""

import hashlib
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from datasets import words
from datasets.descriptions import descriptions
from datasets.forms import Words, area
from datasets.models import Dataset
from exchange.kernel import canonical
from exchange.kernel.errors import ExchangeError
from exchange.look.forms import Form
from exchange.look.names import language_choices

_FIELDS = ("title", "summary", "description", "theme", "language", "frequency")
_ABOUT = {"bad_period": "temporal_end", "unknown_country": "spatial"}
_STARTS = {**{f"{name} ": name for name in _FIELDS}, "a keyword ": "keywords", "a place ": "spatial"}


class DatasetForm(Form):
    """The description. `shown` says which description was on the page, so that two tabs do not undo each other."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("Names the data in the catalogue. At most 200 characters."),
    )
    summary = forms.CharField(
        label=_("Summary"),
        max_length=500,
        widget=area(3),
        help_text=_("What it is, in one or two sentences. It stands under the title in the catalogue."),
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=20_000,
        required=False,
        widget=area(9),
        help_text=_(
            "How it was made, what the columns mean, what is missing. Markdown, at most 20,000 characters."
        ),
    )
    theme = forms.ChoiceField(label=_("Theme"))
    language = forms.ChoiceField(
        label=_("Language"), help_text=_("In which the title and the description are written.")
    )
    keywords = Words(
        label=_("Keywords"),
        required=False,
        help_text=_("At most 20, with commas between them."),
    )
    spatial = Words(
        label=_("Places"),
        required=False,
        help_text=_("Countries as two capitals, such as FR, or names of places, with commas between them."),
    )
    temporal_start = forms.DateField(
        label=_("First day covered"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    temporal_end = forms.DateField(
        label=_("Last day covered"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    frequency = forms.ChoiceField(label=_("A new revision comes"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        empty = ("", _("Choose one"))
        self.fields["theme"].choices = [empty, *words.choices(words.THEMES)]  # type: ignore[attr-defined]
        self.fields["language"].choices = [empty, *language_choices()]  # type: ignore[attr-defined]
        spoken = [(code, str(said)) for code, said in words.FREQUENCIES.items()]
        self.fields["frequency"].choices = [("", _("Not said")), *spoken]  # type: ignore[attr-defined]

    def described(self) -> dict[str, Any]:
        """What was typed, as the verbs take it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "shown"}

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the field that it is about."""
        named = next((name for start, name in _STARTS.items() if error.detail.startswith(start)), None)
        super().refuse(error, field or _ABOUT.get(error.code) or named)


def description_of(dataset: Dataset) -> dict[str, Any]:
    """What a form of this dataset begins with."""
    fields = {name: getattr(dataset, name) for name in descriptions.FIELDS}
    return fields | {"shown": fingerprint(dataset)}


def fingerprint(dataset: Dataset) -> str:
    """Which description this is, in short."""
    written = {
        name: value if isinstance(value, list) else str(value or "")
        for name, value in ((name, getattr(dataset, name)) for name in descriptions.FIELDS)
    }
    return hashlib.sha256(canonical.encode(written)).hexdigest()
