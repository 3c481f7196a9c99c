"""The forms of legal holds; days are of the exchange's own zone, the last one included."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.forms import NamedForm
from compliance.models import LegalHold
from compliance.retention import words
from compliance.retention.legal_holds import Asked
from exchange.look.formats import zone
from exchange.look.forms import Form

Scope = LegalHold.Scope
_FIELDS = {
    Scope.DATASET: "dataset",
    Scope.PARTICIPANT: "participant",
    Scope.AGREEMENT: "target",
    Scope.PERSON: "target",
    Scope.REQUEST: "target",
    Scope.LOG_YEAR: "target",
}


def _day(label: Any, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **more)


def _reason() -> forms.CharField:
    widget = forms.Textarea(attrs={"class": "input", "rows": "4"})
    return forms.CharField(label=_("Reason"), min_length=10, max_length=512, widget=widget)


class HoldForm(NamedForm):
    """What is kept, for whom, and until when that is looked at again."""

    scope = forms.ChoiceField(
        label=_("What is kept"), choices=list(words.SCOPES.items()), widget=forms.RadioSelect
    )
    dataset = forms.CharField(label=_("Dataset"), required=False, max_length=200)
    participant = forms.CharField(label=_("Organisation"), required=False, max_length=200)
    target = forms.CharField(
        label=_("Id, name or year"),
        required=False,
        max_length=80,
        help_text=_("Of the contract, the request, the person in the log, or the year of the log."),
    )
    since = _day(pgettext_lazy("first day", "From"), required=False)
    until = _day(pgettext_lazy("last day", "To"), required=False)
    authority = forms.CharField(label=_("Ordered by"), max_length=200)
    reference = forms.CharField(label=_("Reference"), max_length=200, required=False)
    reason = _reason()
    review_on = _day(_("Look at it again on"))

    def clean_participant(self) -> UUID | None:
        return self._organisation("participant")

    def asked(self) -> Asked:
        given = self.cleaned_data
        scope = given["scope"]
        return Asked(
            scope=scope,
            target=str(given[_FIELDS[scope]] or "") if scope in _FIELDS else "",
            since=_midnight(given["since"]),
            until=_midnight(given["until"], days=1),
            authority=given["authority"],
            reference=given["reference"],
            reason=given["reason"],
            review_on=given["review_on"],
        )


class ReviewForm(Form):
    """Why a hold is still needed."""

    review_on = _day(_("Look at it again on"))
    reason = _reason()


class ReasonForm(Form):
    """Why."""

    reason = _reason()


def _midnight(day: date | None, days: int = 0) -> datetime | None:
    """The beginning of a day, or of the one after it, here."""
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=days), time(), zone()).astimezone(UTC)
