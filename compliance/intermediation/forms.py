"""The forms of intermediation: a price list, and whose log is asked for."""

from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.forms import NamedForm
from exchange.look.forms import Form


class PriceListForm(Form):
    """The fees in words, and the day from which they count."""

    body = forms.CharField(
        label=_("Fees"),
        min_length=10,
        max_length=20_000,
        help_text=_(
            "Everything that the exchange itself charges, for whom and for what. Everybody can read it."
        ),
        widget=forms.Textarea(attrs={"class": "input", "rows": "12"}),
    )
    applies_from = forms.DateField(
        label=_("Applies from"),
        widget=forms.DateInput(attrs={"class": "input s", "type": "date"}, format="%Y-%m-%d"),
    )


class LogForm(NamedForm):
    """As which file, and, for officers, of which organisation."""

    form = forms.ChoiceField(
        label=_("As"),
        choices=[
            ("csv", _("CSV, for a spreadsheet")),
            ("jsonl", _("JSON Lines, with the proof of each event")),
        ],
        widget=forms.Select(attrs={"class": "input s"}),
    )
    participant = forms.CharField(
        label=_("Organisation"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input s", "autocomplete": "off", "list": "organisations"}),
    )

    def clean_participant(self) -> UUID | None:
        return self._organisation("participant")
