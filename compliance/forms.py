"""The forms of the desk: which transfers, whose recipients, and an officer's decision."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance import labels, words
from compliance.desk_words import CARRIERS
from compliance.models import TransferRecord
from compliance.queries import Filters
from exchange.kernel.actors import Actor
from exchange.look.formats import zone
from exchange.look.forms import Form, Phrase
from exchange.look.names import country_choices
from exchange.participants import queries as participant_queries

_ANY = ("", _("any"))
_MOST_NAMED = 5


def _small(**attrs: Any) -> dict[str, Any]:
    return {"class": "input s", "autocomplete": "off", **attrs}


def name_field(label: Any, options: str = "") -> forms.CharField:
    """Somebody or something by name or id, with suggestions from the list `options` of the page."""
    widget = forms.TextInput(attrs=_small(placeholder=_("any"), **({"list": options} if options else {})))
    return forms.CharField(label=label, required=False, max_length=200, widget=widget)


def _choice(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, widget=forms.Select(attrs=_small()))


def day_field(label: Any) -> forms.DateField:
    """One day."""
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs=_small(type="date"), format="%Y-%m-%d")
    )


def reason_field(help_text: Any) -> forms.CharField:
    """Why somebody does what cannot be undone quietly."""
    widget = forms.Textarea(attrs={"class": "input", "rows": "4"})
    return forms.CharField(label=_("Reason"), min_length=10, max_length=512, help_text=help_text, widget=widget)


class NamedForm(Form):
    """A form in which organisations and datasets are asked for by name or by id."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def _organisation(self, name: str) -> UUID | None:
        typed = self.cleaned_data.get(name, "")
        if not typed:
            return None
        rows = participant_queries.participants_visible_to(self.actor)
        try:
            return UUID(typed)
        except ValueError:
            found = rows.filter(name__icontains=typed).order_by("name").values_list("pk", "name")
        return _only(
            dict(found[: labels.MOST_FOUND]),
            typed,
            _("No organisation is called like that. You entered “%(typed)s”."),
        )

    def clean_dataset(self) -> UUID | None:
        typed = self.cleaned_data.get("dataset", "")
        if not typed:
            return None
        found = labels.find("dataset", typed)
        return _only(found, typed, _("No dataset is called like that. You entered “%(typed)s”."))


class ExportForm(Form):
    """As what a kept file is made."""

    form = forms.ChoiceField(
        label=_("As"),
        widget=forms.RadioSelect,
        initial="csv",
        choices=[
            ("csv", _("CSV, for a spreadsheet")),
            ("jsonl", _("JSON Lines, with what was asked and what proves it")),
            ("parquet", _("Parquet, for analysis")),
        ],
    )


class FilterForm(NamedForm):
    """Which rows of the desk; days are of the exchange's own zone, the last one included."""

    dataset = name_field(_("Dataset"), "datasets")
    seller = name_field(_("Seller"), "organisations")
    buyer = name_field(_("Recipient"), "organisations")
    country = _choice(_("Country"))
    mechanism = _choice(_("Mechanism"))
    result = _choice(_("Outcome"))
    personal_data = _choice(_("Personal data"))
    since = day_field(pgettext_lazy("first day", "From"))
    until = day_field(pgettext_lazy("last day", "To"))
    revision = forms.UUIDField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        results = [(value, words.RESULTS[value].words) for value in TransferRecord.Result.values]
        for name, choices in (
            ("country", country_choices()),
            ("mechanism", [(code, said) for code, said in CARRIERS.items() if code]),
            ("result", results),
            ("personal_data", list(words.CLASSES.items())),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [_ANY, *choices]

    def clean_seller(self) -> UUID | None:
        return self._organisation("seller")

    def clean_buyer(self) -> UUID | None:
        return self._organisation("buyer")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("since") and given.get("until") and given["since"] > given["until"]:
            self.add_error("until", _("Choose a day that is not before the first one."))
        return given

    def filters(self) -> Filters:
        """What was asked, once the form is valid."""
        given = self.cleaned_data
        since, until = given["since"], given["until"]
        return Filters(
            seller=given["seller"],
            buyer=given["buyer"],
            dataset=given["dataset"],
            revision=given["revision"],
            country=given["country"] or None,
            mechanism=given["mechanism"] or None,
            result=given["result"] or None,
            personal_data=given["personal_data"] or None,
            since=datetime.combine(since, time(), zone()) if since else None,
            until=datetime.combine(until + timedelta(days=1), time(), zone()) if until else None,
        )


class RecipientsForm(NamedForm):
    """Who received this dataset? All of its revisions, or one."""

    dataset = forms.CharField(
        label=_("Dataset"),
        max_length=200,
        help_text=_("Its title, or its id"),
        widget=forms.TextInput(attrs={"list": "datasets", "autocomplete": "off"}),
    )
    revision = forms.ChoiceField(label=_("Revision"), required=False)

    def offer(self, revisions: Mapping[str, str]) -> None:
        """Let the reader choose one of these revisions."""
        field = self.fields["revision"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("all of them")), *revisions.items()]
        self.full_clean()  # what was chosen is read against these


class AcknowledgementForm(Form):
    """Why an alarm needs nobody any more."""

    reason = reason_field(
        _("10 to 512 characters. Officers and operators read it, and its hash is in the log.")
    )


class ShreddingForm(Form):
    """That what is kept of somebody shall be destroyed, and why: words are typed, for it cannot be undone."""

    reason = reason_field(
        _("10 to 512 characters, without names. Officers read it, and its hash is in the log.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phrase"] = Phrase(str(pgettext_lazy("typed to confirm", "erase for good")))


def _only(found: Mapping[UUID, str], typed: str, nothing: Any) -> UUID:
    """The one thing that was meant: the only one found, or the one that is called exactly so."""
    exact = [one for one, name in found.items() if name.casefold() == typed.casefold()]
    if len(exact) == 1 or len(found) == 1:
        return (exact or list(found))[0]
    if not found:
        raise forms.ValidationError(nothing, params={"typed": typed[:80]})
    named = ", ".join(list(found.values())[:_MOST_NAMED])
    raise forms.ValidationError(
        _("Several are called like that: %(named)s. Write one name whole."), params={"named": named}
    )
