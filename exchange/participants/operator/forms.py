"""The forms of the operator's pages. A form that decides also posts what its page showed, so that a decision about
something else than what stands there is refused."""

import hashlib
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.look.forms import Form, Phrase
from exchange.look.names import country_choices
from exchange.participants import sectors
from exchange.participants import words as operator_words
from exchange.participants.models import Participant

_ANY = ("", _("any"))


def _small(**attrs: Any) -> dict[str, Any]:
    return {"class": "input s", "autocomplete": "off", **attrs}


def shown_of(participant: Participant) -> str:
    """What a form posts of the row that its page showed: another hash once anything of it has changed."""
    row = participant
    seen_at = row.verified_at.isoformat() if row.verified_at else ""
    told = (
        row.state,
        row.name,
        row.country,
        row.registration_number,
        row.website,
        row.verified_country,
        seen_at,
        row.sector,
        row.verified_sector,
        row.vat_id,
    )
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


class SearchForm(Form):
    """An organisation by its name or number."""

    name = forms.CharField(
        label=_("Name or registration number"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=_small(type="search")),
    )


class PeopleForm(Form):
    """Which members."""

    words = forms.CharField(
        label=_("Organisation or e-mail"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=_small(type="search")),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        required=False,
        choices=[_ANY, *operator_words.ROLES.items()],
        widget=forms.Select(attrs=_small()),
    )
    factor = forms.ChoiceField(
        label=_("Second factor"),
        required=False,
        choices=[
            _ANY,
            ("on", pgettext_lazy("second factor", "On")),
            ("off", pgettext_lazy("second factor", "Off")),
        ],
        widget=forms.Select(attrs=_small()),
    )


class _Decision(Form):
    shown = forms.CharField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, participant: Participant, **kwargs: Any) -> None:
        kwargs["initial"] = {"shown": shown_of(participant), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)


class EvidenceForm(_Decision):
    """What the operator saw of an organisation's establishment."""

    country = forms.ChoiceField(
        label=_("Country of establishment"),
        help_text=_("Where its seat is, as you saw it. Contracts, tax and data transfers rely on this one."),
    )
    evidence = forms.CharField(
        label=_("Evidence"),
        min_length=10,
        max_length=2_000,
        help_text=_(
            "What you looked at, and when, so that somebody else could look again. 10 to 2,000 characters. "
            "The organisation reads it, and its hash is in the log."
        ),
        widget=forms.Textarea(attrs={"class": "input", "rows": "5"}),
    )
    certifications = forms.CharField(
        label=_("Certifications"),
        required=False,
        max_length=700,
        help_text=_(
            "Words with commas between: dpf where you saw it on the list of the EU-US Data Privacy Framework, "
            "pipeda where Canada’s law on commercial organisations covers it."
        ),
    )

    sector = forms.ChoiceField(
        label=_("Economic sector"),
        required=False,
        help_text=_(
            "Its main activity as the register has it, by the sections of NACE Rev. 2.1. Left open, contracts for "
            "certain sectors refuse it."
        ),
    )

    def __init__(self, *args: Any, participant: Participant, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "country": participant.verified_country or participant.country,
            "evidence": participant.evidence,
            "certifications": ", ".join(participant.certifications),
            "sector": participant.verified_sector if participant.verified_at else participant.sector,
        }
        super().__init__(*args, participant=participant, **kwargs)
        field = self.fields["country"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = country_choices()
        sector = self.fields["sector"]
        assert isinstance(sector, forms.ChoiceField)
        sector.choices = [("", _("Not seen")), *sectors.choices()]

    def clean_certifications(self) -> list[str]:
        given = self.cleaned_data["certifications"].replace(",", " ")
        return list(dict.fromkeys(given.split()))

    def facts(self) -> dict[str, Any]:
        """What `members.verify` and `members.amend` take."""
        return {name: self.cleaned_data[name] for name in ("country", "evidence", "certifications", "sector")}


class ReasonForm(_Decision):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=10,
        max_length=512,
        help_text=_("10 to 512 characters. The organisation reads it, and its hash is in the log."),
        widget=forms.Textarea(attrs={"class": "input", "rows": "4"}),
    )


class ClosingForm(ReasonForm):
    """Why, where nobody is left to read it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _(
            "10 to 512 characters. It stays with the decision, and its hash is in the log."
        )


class LastReasonForm(ClosingForm):
    """Why, for what cannot be undone: words are typed besides."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phrase"] = Phrase(str(pgettext_lazy("typed to confirm", "close for good")))
