"""The forms of incidents. Moments are typed in the exchange's own zone."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.breaches.forms import Moment
from compliance.forms import NamedForm, name_field, reason_field
from compliance.incidents.reach import Asked
from compliance.incidents.register import MOST_WORDS, Found
from exchange.look.forms import Form


def _prose(label: Any, help_text: Any, *, required: bool = True, rows: int = 4) -> forms.CharField:
    widget = forms.Textarea(attrs={"class": "input", "rows": str(rows)})
    return forms.CharField(
        label=label, help_text=help_text, required=required, max_length=MOST_WORDS, widget=widget
    )


class IncidentForm(NamedForm):
    """What happened, and what the log is asked."""

    kinds = forms.MultipleChoiceField(
        label=_("What happened without authorisation"),
        choices=[
            ("transfer", pgettext_lazy("incident", "Transfer")),
            ("access", pgettext_lazy("incident", "Access")),
            ("use", pgettext_lazy("incident", "Use")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    what = _prose(
        _("What happened"), _("10 to 4,000 characters. The holders read it. Name no persons, no other holder.")
    )
    measures = _prose(
        _("What was done, and what holders should do"), _("The holders read it."), required=False, rows=3
    )
    detected_at = Moment(label=_("Found out"))
    dataset = name_field(_("Dataset"), "datasets")
    participant = name_field(_("Organisation"), "organisations")
    transfer = forms.UUIDField(
        label=_("Transfer"),
        required=False,
        help_text=_("Its id."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    since = Moment(label=pgettext_lazy("first moment", "From"), required=False)
    until = Moment(label=pgettext_lazy("last moment", "To"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["participant"].help_text = _("As holder or as recipient.")

    def clean_participant(self) -> UUID | None:
        return self._organisation("participant")

    def found(self) -> Found:
        """What is known of it."""
        given = self.cleaned_data
        return Found(given["kinds"], given["what"], given["detected_at"], given["measures"])

    def asked(self) -> Asked:
        """What the log is asked."""
        names = ("dataset", "participant", "transfer", "since", "until")
        return Asked(**{name: self.cleaned_data[name] for name in names})


class DropForm(Form):
    """Why nobody is told."""

    reason = reason_field(_("10 to 512 characters. Officers read it, and its hash is in the log."))


class HandOverForm(Form):
    """What shows that a holder was told by another way."""

    evidence = forms.CharField(
        label=_("By which way, and what shows it"),
        min_length=10,
        max_length=1_000,
        help_text=_("10 to 1,000 characters, for example the number of a registered letter."),
        widget=forms.Textarea(attrs={"class": "input", "rows": "3"}),
    )
