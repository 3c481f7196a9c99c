"""The forms about destinations and law: a question, a transfer basis, why one is revoked, a signed profile."""

from datetime import UTC
from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from compliance.desk_words import CARRIERS
from compliance.destinations.bases import Entry
from compliance.destinations.desk import Question
from compliance.forms import NamedForm, day_field, name_field, reason_field
from compliance.legal import in_force
from compliance.legal.profile import LegalProfile
from compliance.models import TransferBasis
from compliance.verifier.notes import MAX_NOTE_BYTES
from compliance.words import CLASSES
from exchange.look.forms import Form
from exchange.look.names import country_choices

_CHOOSE = ("", _("choose one"))


def _line(label: Any, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    widget = forms.TextInput(attrs={"class": "input", "autocomplete": "off"})
    return forms.CharField(label=label, required=required, max_length=200, help_text=help_text, widget=widget)


def _prose(label: Any, help_text: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"class": "input", "rows": "4"})
    return forms.CharField(label=label, required=False, max_length=4_000, help_text=help_text, widget=widget)


class QuestionForm(NamedForm):
    """May personal data go there?"""

    country = forms.ChoiceField(label=_("Country"), choices=(), widget=forms.Select(attrs={"class": "input s"}))
    personal_data = forms.ChoiceField(
        label=_("Data"),
        required=False,
        initial="personal",
        choices=[(code, words) for code, words in CLASSES.items() if code != "none"],
        widget=forms.Select(attrs={"class": "input s"}),
    )
    importer = name_field(_("Importer"), "organisations")
    exporter = name_field(_("Exporter"), "organisations")
    dataset = name_field(_("Dataset"), "datasets")
    on = day_field(_("On the day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["country"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [_CHOOSE, *country_choices()]

    def clean_importer(self) -> Any:
        return self._organisation("importer")

    def clean_exporter(self) -> Any:
        return self._organisation("exporter")

    def question(self) -> Question:
        """What was asked, once the form is valid."""
        given = self.cleaned_data
        return Question(
            country=given["country"],
            personal_data=given["personal_data"] or "personal",
            importer_id=given["importer"],
            exporter_id=given["exporter"],
            dataset_id=given["dataset"],
            on=given["on"] or self.actor.at.astimezone(UTC).date(),
        )


class BasisForm(NamedForm):
    """A transfer basis of one mechanism, which the page chooses."""

    importer = name_field(_("Importer"), "organisations")
    exporter = name_field(_("Exporter"), "organisations")
    country = forms.ChoiceField(label=_("Country"), choices=(), widget=forms.Select(attrs={"class": "input"}))
    module = forms.ChoiceField(label=_("Module"), choices=())
    ground = forms.ChoiceField(label=_("Ground"), choices=())
    dataset = name_field(_("Dataset"), "datasets")
    document = _line(
        _("Document"), _("Where the signed paper is kept, for example a file number."), required=True
    )
    document_sha256 = _line(_("SHA-256 of the document"), _("64 characters. Leave it empty for paper."))
    assessment = _line(_("Transfer impact assessment"), _("Its reference."))
    assessed_on = day_field(_("Day of the assessment"))
    review_due = day_field(_("To be looked at again by"))
    measures = _prose(_("Supplementary measures"), _("For example encryption under keys that stay in the EEA."))
    reasons = _prose(_("Why this one transfer is necessary"), _("10 to 4,000 characters, without names."))
    valid_from = day_field(pgettext_lazy("first day", "From"))
    valid_to = day_field(pgettext_lazy("last day", "To"))

    def __init__(self, *args: Any, mechanism: TransferBasis.Mechanism, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mechanism = mechanism
        profile = in_force.current()
        self._choose("country", country_choices())
        self.fields["valid_from"].required = True
        self.fields["importer"].required = True
        if mechanism == TransferBasis.Mechanism.DEROGATION:
            self._choose("ground", _grounds(profile))
            self.fields["dataset"].required = self.fields["reasons"].required = True
            left_out = ["module", "assessment", "assessed_on", "review_due", "measures"]
        else:
            self._choose("module", _modules(profile, mechanism))
            left_out = ["ground", "dataset", "reasons"]
            left_out += [] if mechanism == TransferBasis.Mechanism.SCC else ["module"]
        for name in left_out:
            del self.fields[name]

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [_CHOOSE, *choices]

    def clean_importer(self) -> Any:
        return self._organisation("importer")

    def clean_exporter(self) -> Any:
        return self._organisation("exporter")

    def entry(self) -> Entry:
        """What was recorded, once the form is valid."""
        given = dict(self.cleaned_data)
        return Entry(
            importer_id=given.pop("importer"),
            exporter_id=given.pop("exporter"),
            dataset_id=given.pop("dataset", None),
            mechanism=self.mechanism,
            **given,
        )


class RevokeForm(Form):
    """Why a basis ends."""

    reason = reason_field(_("10 to 512 characters. Importer and exporter can read it."))


class ProfileForm(Form):
    """A signed legal profile."""

    file = forms.FileField(
        label=_("File"), help_text=_("The legal profile as its publisher signed it, at most 1 MB.")
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_NOTE_BYTES:
            raise forms.ValidationError(_("Choose a file of 1 MB at most."))
        return file


def mechanisms() -> list[tuple[str, Any]]:
    """What can be recorded."""
    return [(code, CARRIERS[code]) for code in TransferBasis.Mechanism.values]


def _modules(profile: LegalProfile, mechanism: str) -> list[tuple[str, str]]:
    safeguard = profile.safeguard(mechanism)
    return [(one.code, _said(one.words)) for one in (safeguard.modules if safeguard else ())]


def _grounds(profile: LegalProfile) -> list[tuple[str, str]]:
    return [(one.code, f"{one.code}: {_said(one.words)}") for one in profile.grounds("49(1)")]


def _said(words: Any) -> str:
    return str(words.get((get_language() or "en")[:2], words["en"]))
