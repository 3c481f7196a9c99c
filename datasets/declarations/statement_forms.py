"""What a seller states beside the classes of its data, as fields of the form of a declaration: evidence of a ground, a
DPIA, the notice to the persons, its rights. All of it may be left out while the dataset is a draft."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.reviews import statements, words
from compliance.words import Words
from exchange.look.forms import Form, WholeNumber

NAMES = tuple(statements.Statement.__dataclass_fields__)
_DIGEST_HELP = _("64 digits of 0-9 and a-f. In a shell: sha256sum notice.pdf")


def _line(label: Any, most: int, help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=most, help_text=help_text, widget=widget)


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date", "class": "short"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


def _one_of(label: Any, table: Mapping[str, Words], help_text: Any = "") -> forms.ChoiceField:
    choices = [("", _("Not stated")), *table.items()]
    return forms.ChoiceField(label=label, required=False, choices=choices, help_text=help_text)


class StatementForm(Form):
    """For personal data of every class; what is missing at publication is named then."""

    criminal_law = _line(
        words.FIELDS["criminal_law"],
        200,
        _("For data of convictions and offences only: the law or the authority."),
    )
    ground_evidence = _line(
        words.FIELDS["ground_evidence"],
        500,
        _("For special categories: where it lies, such as a file number."),
    )
    ground_sha256 = _line(words.FIELDS["ground_sha256"], 64, _DIGEST_HELP)
    persons = WholeNumber(
        least=0,
        most=10_000_000_000,
        label=words.FIELDS["persons"],
        required=False,
        help_text=_("Left empty, each row counts as a person."),
    )
    screening = forms.MultipleChoiceField(
        label=_("Which of these hold?"),
        required=False,
        choices=list(words.CRITERIA.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The criteria of the European data protection board. Two or more ask for a DPIA."),
    )
    dpia_reference = _line(words.FIELDS["dpia_reference"], 200)
    dpia_on = _day(words.FIELDS["dpia_on"])
    dpia_outcome = _one_of(words.FIELDS["dpia_outcome"], words.OUTCOMES)
    origin = _one_of(words.FIELDS["origin"], words.ORIGINS)
    notice_url = _line(words.FIELDS["notice_url"], 500, _("The address that the persons were given: https://…"))
    notice_version = _line(words.FIELDS["notice_version"], 100)
    notice_sha256 = _line(words.FIELDS["notice_sha256"], 64, _DIGEST_HELP)
    notice_on = _day(words.FIELDS["notice_on"])
    notice_exemption = _one_of(
        words.FIELDS["notice_exemption"],
        words.EXEMPTIONS,
        _("For data that you did not obtain from the persons."),
    )
    notice_reason = _line(words.FIELDS["notice_reason"], 1_000)
    rights = _one_of(words.FIELDS["rights"], words.RIGHTS)
    rights_reference = _line(
        words.FIELDS["rights_reference"], 500, _("Needed where the data is not your own: its name and number.")
    )
    rights_stated = forms.BooleanField(
        label=_("We have the right to pass this data on under the terms that we offer."), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in NAMES:
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]

    def statement(self) -> dict[str, Any]:
        """What was stated, as the verb takes it, once the form is valid."""
        return {name: self.cleaned_data[name] for name in NAMES}
