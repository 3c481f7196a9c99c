"""What evidence is asked for, for whom, and why."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.bundles.scopes import Scope
from compliance.forms import NamedForm, day_field, name_field, reason_field
from exchange.look.formats import zone


def _id(label: Any) -> forms.UUIDField:
    widget = forms.TextInput(attrs={"class": "input s", "autocomplete": "off"})
    return forms.UUIDField(label=label, required=False, widget=widget)


class BundleForm(NamedForm):
    """A matter; days are of the exchange's own zone, the last one included."""

    dataset = name_field(_("Dataset"), "datasets")
    participant = name_field(_("Organisation"), "organisations")
    agreement = _id(_("Contract"))
    request = _id(_("Request of a person"))
    breach = _id(_("Breach"))
    person = forms.CharField(
        label=_("Pseudonym of a person"),
        required=False,
        max_length=80,
        help_text=_("As the log has it, such as pn_…; never a name"),
        widget=forms.TextInput(attrs={"class": "input s", "autocomplete": "off"}),
    )
    since = day_field(pgettext_lazy("first day", "From"))
    until = day_field(pgettext_lazy("last day", "To"))
    addressee = forms.CharField(
        label=_("For whom"),
        max_length=200,
        help_text=_("An authority, a court, an auditor: it is printed in the evidence"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = reason_field(_("10 to 512 characters. Officers read it, and its hash is in the log."))

    def clean_participant(self) -> UUID | None:
        return self._organisation("participant")

    def scope(self) -> Scope:
        """What was asked for, once the form is valid; Invalid where nothing was."""
        given = {name: self.cleaned_data[name] or None for name in Scope.__dataclass_fields__}
        first, last = given["since"], given["until"]
        given["since"] = datetime.combine(first, time(), zone()) if first else None
        given["until"] = datetime.combine(last + timedelta(days=1), time(), zone()) if last else None
        return Scope(**given)
