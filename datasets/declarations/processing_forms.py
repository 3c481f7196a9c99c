"""What a seller says of the processing behind a dataset, as fields of the form of a declaration: in codes, for the
records of processing. All of it may be left out."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance import labels
from compliance.activities import words
from datasets.declarations.processing import LONGEST_MONTHS
from exchange.look.forms import Form, WholeNumber

PROCESSING = ("data_kinds", "data_subjects", "passed_on_for", "passed_on_to", "retention_months")
_NAMES = dict(
    zip(PROCESSING, ("data", "persons", "passed_on_for", "passed_on_to", "retention_months"), strict=True)
)


def _several(label: Any, table: Mapping[str, Any], help_text: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        choices=list(table.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=help_text,
    )


class ProcessingForm(Form):
    """For the records of processing; what is observed later is held against it."""

    data_kinds = _several(_("What data is in it?"), words.DATA)
    data_subjects = _several(_("Whose data is it?"), words.PERSONS)
    passed_on_for = _several(
        _("What may it be licensed for?"), {}, _("Left empty, the record says what was agreed.")
    )
    passed_on_to = forms.ChoiceField(
        label=_("How far may it go?"), required=False, choices=[("", _("Not stated")), *words.REACHES.items()]
    )
    retention_months = WholeNumber(
        least=1,
        most=LONGEST_MONTHS,
        label=_("Kept by a recipient for at most"),
        required=False,
        help_text=_("In months."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        purposes = self.fields["passed_on_for"]
        assert isinstance(purposes, forms.MultipleChoiceField)
        purposes.choices = [(code, labels.word("purpose", code)) for code in labels.terms("purpose")]

    def processing(self) -> dict[str, Any]:
        """What was said, as the verb takes it, once the form is valid."""
        return {_NAMES[name]: self.cleaned_data.get(name) for name in PROCESSING}


def initial_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields begin with."""
    return {name: said[stored] for name, stored in _NAMES.items() if stored in said}
