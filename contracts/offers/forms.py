"""The terms builder: a few guided choices that give the clause list of an offer, its price and its audience."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.choices import choices
from contracts.choices.forms import SeveralPricesForm
from contracts.choices.plan_forms import ASKS_AMOUNT
from contracts.clauses import countries, purposes
from contracts.models import Offer
from contracts.offers.clause_forms import ClauseForm, group_choices
from contracts.terms import rights
from contracts.terms import terms as usage_terms
from contracts.terms.terms import Terms
from datasets.forms import Lines, area
from exchange.kernel.errors import ExchangeError, Invalid
from exchange.look.forms import Form, WholeNumber
from exchange.look.names import country_choices

_ABOUT = {
    "absurd_amount": "amount",
    "invalid_plan": "amount",
    "quote_needs_validation": "sale",
    "contradictory_clauses": "purposes",
    "invalid_validity": "last_day",
    "invalid_choices": "price",
    "choice_unreachable": "price",
    "signed_for_one": "named",
}
_CLAUSE_FIELDS = {
    "addresses": "addresses",
    "attribution": "attribution",
    "country": "countries",
    "recipients": "named",
    "end_date": "end_date",
}


class OfferForm(SeveralPricesForm, ClauseForm):
    """Everything an offer says. What is not ticked is not permitted: silence means no."""

    title = forms.CharField(
        label=_("Name of the licence"),
        max_length=200,
        help_text=_("Buyers choose by it, for example: Research licence, one year."),
    )
    purposes = forms.MultipleChoiceField(
        label=_("For which purposes?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: the buyer declares a purpose, whatever it is, and keeps to it."),
    )
    permissions = forms.MultipleChoiceField(
        label=_("What else may the buyer do?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Analysing the data is always permitted. What is not ticked is not."),
    )
    training = forms.ChoiceField(
        label=_("May models be trained on it?"), widget=forms.RadioSelect, initial="no"
    )
    place = forms.ChoiceField(
        label=_("Where may the buyer be established?"),
        widget=forms.RadioSelect,
        initial="anywhere",
        help_text=_("The exchange looks at the country it verified before each byte leaves."),
    )
    countries = forms.MultipleChoiceField(
        label=_("These countries"),
        required=False,
        widget=forms.SelectMultiple({"size": "6"}),
        help_text=_("Several with the control key."),
    )
    addresses = Lines(
        label=_("Network addresses"),
        required=False,
        widget=area(2),
        help_text=_("Ranges such as 192.0.2.0/24, one on each line. Empty: from everywhere."),
    )
    term = forms.ChoiceField(
        label=_("How long may the buyer have access?"), widget=forms.RadioSelect, initial="days"
    )
    days = WholeNumber(
        least=1,
        most=3650,
        label=_("Days of access"),
        required=False,
        initial=365,
        help_text=_("From the moment at which data and money are both in place. 1 to 3,650."),
    )
    end_date = forms.DateField(
        label=_("Last day of access"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    copies = WholeNumber(
        least=1,
        most=10_000,
        label=_("Downloads of each file"),
        required=False,
        help_text=_("A broken one goes on; starting anew is another copy. Empty: as many as needed."),
    )
    deletion = WholeNumber(
        least=1,
        most=365,
        label=_("Days to delete after the end"),
        required=False,
        help_text=_("The buyer then states the deletion through the exchange. Empty: not asked for."),
    )
    attribution = forms.CharField(
        label=_("Source to be named"),
        required=False,
        max_length=500,
        help_text=_("As it is to stand wherever results are published. Empty: not asked for."),
    )
    audience = forms.ChoiceField(
        label=_("Who finds this offer?"), widget=forms.RadioSelect, initial=Offer.Audience.PUBLIC
    )
    named = forms.MultipleChoiceField(
        label=_("These organisations"),
        required=False,
        widget=forms.SelectMultiple({"size": "6"}),
        help_text=_("Several with the control key."),
    )
    named_groups = forms.MultipleChoiceField(
        label=_("And these groups"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Whoever is in a group finds its offers; who is taken out finds them no more."),
    )
    is_named_in_terms = forms.BooleanField(
        label=_("Write their names into the contract: nobody else may receive the data"), required=False
    )
    sale = forms.ChoiceField(
        label=_("Who approves a buyer?"), widget=forms.RadioSelect, initial=Offer.Sale.VALIDATION
    )
    first_day = forms.DateField(
        label=_("First day of the offer"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=_("It begins with this day in UTC. Empty: as soon as you publish it."),
    )
    last_day = forms.DateField(
        label=_("Last day of the offer"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=_("It ends with this day in UTC. Empty: until you withdraw it."),
    )

    def __init__(
        self,
        *args: Any,
        participants: Sequence[tuple[UUID, str]],
        groups: Sequence[tuple[UUID, str]] = (),
        may_be_instant: bool,
        **kwargs: Any,
    ) -> None:
        others = [(str(row_id), name) for row_id, name in participants]
        super().__init__(*args, participants=others, **kwargs)
        self._offer("purposes", [(code, rights.purpose_words(code)) for code in purposes.PURPOSES], {})
        self._offer("permissions", *_permissions())
        self._offer("training", *_training())
        self._offer("place", *_places())
        self._offer("countries", [*group_choices(), *country_choices()], {})
        self._offer("term", *_terms())
        self._offer("audience", *_audiences())
        self._offer("named", others, {})
        self._offer("named_groups", [(str(row_id), name) for row_id, name in groups], {})
        if not groups:
            del self.fields["named_groups"]
        self._offer("sale", *_sales(may_be_instant))
        for name in ("countries", "days", "end_date", "amount", "currency", "named"):
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What one answer asks of another field."""
        given: dict[str, Any] = super().clean() or {}
        for choice, answer, field in (
            ("term", "days", "days"),
            ("term", "end_date", "end_date"),
            ("term", "both", "days"),
            ("term", "both", "end_date"),
            ("place", "named", "countries"),
            *(("price", answer, "amount") for answer in ASKS_AMOUNT),
            ("sale", Offer.Sale.SIGNED, "named"),
            ("sale", Offer.Sale.SIGNED, "last_day"),
        ):
            if given.get(choice) == answer and field not in self.errors and not given.get(field):
                self.add_error(field, _("Fill this in: the answer above asks for it."))
        if given.get("audience") == Offer.Audience.NAMED and "named" not in self.errors:
            if not given.get("named") and not given.get("named_groups"):
                self.add_error("named", _("Fill this in: the answer above asks for it."))
            if given.get("is_named_in_terms") and given.get("named_groups"):
                self.add_error("is_named_in_terms", _("A group changes; a contract cannot name who is in it."))
        return given

    def clauses(self) -> list[dict[str, Any]]:
        """The clause list, of all that is filled in so far."""
        given = self.cleaned_data
        found: list[dict[str, Any]] = []
        if given.get("purposes"):
            found.append({"kind": "purpose", "any_of": given["purposes"]})
        if given.get("place") == "eea":
            found.append({"kind": "country", "any_of": [countries.EEA]})
        elif given.get("place") == "named" and given.get("countries"):
            found.append({"kind": "country", "any_of": given["countries"]})
        if self._names_recipients():
            found.append({"kind": "recipients", "any_of": given["named"]})
        if given.get("addresses"):
            found.append({"kind": "addresses", "any_of": given["addresses"]})
        if given.get("term") in ("end_date", "both") and given.get("end_date"):
            found.append({"kind": "end_date", "on": given["end_date"].isoformat()})
        if given.get("term") in ("days", "both") and given.get("days"):
            found.append({"kind": "duration", "days": given["days"]})
        if given.get("copies"):
            found.append({"kind": "copies", "max": given["copies"]})
        found += [{"kind": kind, "allowed": True} for kind in given.get("permissions") or ()]
        if (given.get("training") or "no") != "no":
            found.append({"kind": "model_training", "allowed": given["training"]})
        if given.get("attribution"):
            found.append({"kind": "attribution", "text": given["attribution"]})
        if given.get("deletion"):
            found.append({"kind": "deletion", "days": given["deletion"]})
        return self.left_by_choices(found + self.asked_clauses())

    def validity(self) -> dict[str, Any]:
        """From when until before when it can be asked for: whole days, in UTC."""
        first, last = self.cleaned_data.get("first_day"), self.cleaned_data.get("last_day")
        return {
            "valid_from": datetime.combine(first, time.min, UTC) if first else None,
            "valid_until": datetime.combine(last, time.min, UTC) + timedelta(days=1) if last else None,
        }

    def named_ids(self) -> list[UUID] | None:
        """For whom alone the offer exists; None is everybody."""
        if self.cleaned_data["audience"] != Offer.Audience.NAMED:
            return None
        return [UUID(one) for one in self.cleaned_data["named"]]

    def group_ids(self) -> list[UUID]:
        """The groups for which it exists, too."""
        if self.cleaned_data["audience"] != Offer.Audience.NAMED:
            return []
        return [UUID(one) for one in self.cleaned_data.get("named_groups") or ()]

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the field that it is about."""
        named = next((name for kind, name in _CLAUSE_FIELDS.items() if f"({kind})" in error.detail), None)
        named = named or ("title" if error.detail.startswith("title ") else None)
        super().refuse(error, field or _ABOUT.get(error.code) or named)

    def _names_recipients(self) -> bool:
        given = self.cleaned_data
        is_named = given.get("audience") == Offer.Audience.NAMED and not given.get("recipients__on")
        return bool(is_named and given.get("is_named_in_terms") and given.get("named"))

    def _offer(self, field: str, choices: Sequence[tuple[str, Any]], notes: Mapping[str, Any]) -> None:
        chosen: Any = self.fields[field]
        chosen.choices = choices
        chosen.notes = notes


class PolicyForm(Form):
    """A policy in ODRL that somebody brings along."""

    policy = forms.CharField(
        label=_("A policy in ODRL (JSON-LD)"),
        widget=area(8),
        max_length=200_000,
        help_text=_("What maps to our clauses becomes their questions. Anything else is refused by name."),
    )

    def policy_of(self) -> object:
        """What was given, read as JSON; Invalid where it is none."""
        try:
            return json.loads(self.cleaned_data["policy"])
        except (ValueError, RecursionError):
            raise Invalid("This is not JSON.", code="unsupported_odrl") from None


def preview_terms(form: OfferForm) -> Terms:
    """The terms of what is filled in so far, with choices those of the least priced; Invalid says what cannot be."""
    terms = usage_terms.parse(form.clauses())
    several = form.choices()
    if several is None:
        return terms
    return usage_terms.thaw(choices.least(choices.read(several, terms)).terms)


def _permissions() -> tuple[list[tuple[str, Any]], dict[str, Any]]:
    promised = "promised"
    return [
        ("combination", _("Combine it with other data")),
        ("publication", _("Publish results from it")),
        ("redistribution", _("Pass it on to third parties")),
    ], {
        "combination": ("", promised),
        "publication": (_("With the source, if you ask for one below."), promised),
        "redistribution": (_("Whole or in part. The exchange no longer sees where it goes."), promised),
    }


def _training() -> tuple[list[tuple[str, Any]], dict[str, Any]]:
    return [
        ("no", _("No")),
        ("non_commercial", _("For non-commercial ends only")),
        ("yes", _("Yes")),
    ], dict.fromkeys(("no", "non_commercial", "yes"), ("", "promised"))


def _places() -> tuple[list[tuple[str, Any]], dict[str, Any]]:
    enforced = "enforced"
    return [
        ("anywhere", _("Anywhere")),
        ("eea", _("In the European Economic Area")),
        ("named", _("In the countries chosen below")),
    ], {
        "anywhere": _("Personal data still goes only where the law opens a way."),
        "eea": (_("30 countries"), enforced),
        "named": ("", enforced),
    }


def _terms() -> tuple[list[tuple[str, Any]], dict[str, Any]]:
    enforced = "enforced"
    return [
        ("days", _("For a number of days")),
        ("end_date", _("Until a day")),
        ("both", _("For a number of days, and until a day at the latest")),
        ("open", _("Without an end")),
    ], {
        "days": ("", enforced),
        "end_date": ("", enforced),
        "both": ("", enforced),
        "open": _("You can still revoke it, with a reason."),
    }


def _audiences() -> tuple[list[tuple[str, Any]], dict[str, Any]]:
    return [
        (Offer.Audience.PUBLIC, _("Everybody")),
        (Offer.Audience.NAMED, _("Only the organisations chosen below")),
        (Offer.Audience.LINK, _("Whoever you give a private link")),
    ], {
        Offer.Audience.NAMED: (_("For all others it does not exist."), "enforced"),
        Offer.Audience.LINK: (_("Who opens it joins; for all others the offer does not exist."), "enforced"),
    }


def _sales(may_be_instant: bool) -> tuple[list[tuple[str, Any]], dict[str, Any]]:
    approved = (Offer.Sale.VALIDATION, _("You, one by one"))
    notes: dict[str, Any] = {
        Offer.Sale.VALIDATION: _("You read what a buyer will do with the data, and approve or refuse."),
        Offer.Sale.INSTANT: _("Any verified buyer whose purpose the terms permit signs at once."),
        Offer.Sale.SIGNED: _(
            "For one organisation, until the last day of the offer: publishing it is your signature, and that "
            "organisation only has to accept."
        ),
    }
    signed = (Offer.Sale.SIGNED, _("You, in advance, by signing this offer"))
    if not may_be_instant:
        notes[Offer.Sale.VALIDATION] = _("The exchange approves nobody by itself for data with personal data.")
        return [approved, signed], notes
    return [approved, (Offer.Sale.INSTANT, _("The exchange, at once")), signed], notes
