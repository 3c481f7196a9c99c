"""The forms of a sale, from the request to the money: what a member types, with the limits that the verbs have."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from compliance import gates
from contracts.clauses import countries
from contracts.terms import rights
from contracts.terms.terms import Terms
from exchange.kernel.errors import ExchangeError, Invalid
from exchange.look.forms import Form
from exchange.look.names import country_choices

_FIELDS = {
    "unknown_purpose": "purpose",
    "purpose_not_allowed": "purpose",
    "unknown_country": "country",
    "country_not_allowed": "country",
    "affiliate_malformed": "affiliates",
}


class RequestForm(Form):
    """What a buyer declares with a request; only what the terms leave open can be chosen. `choices` are the numbers of
    an offer that has several."""

    choice = forms.TypedChoiceField(coerce=int, widget=forms.RadioSelect)
    purpose = forms.ChoiceField(
        label=_("Purpose"),
        help_text=_("What you will use the data for. It becomes part of the contract."),
        widget=forms.RadioSelect,
    )
    country = forms.ChoiceField(
        label=_("Country of use"), help_text=_("Where your organisation will use the data.")
    )
    use = forms.CharField(
        label=_("What you will do with it"),
        help_text=_("In your own words, 10 to 2,000 characters. The seller decides by it."),
        min_length=10,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 5, "class": "input"}),
    )
    affiliates = forms.TypedMultipleChoiceField(
        label=_("Organisations of your group that use it with you"),
        required=False,
        coerce=UUID,
        widget=forms.SelectMultiple({"size": "6"}),
        help_text=_(
            "At most 50, several with the control key. Their names stand in the contract; they may use the data where "
            "its clause “Group” names them."
        ),
    )

    def __init__(
        self,
        *args: Any,
        terms: Terms,
        on: date,
        choices: Sequence[int] = (),
        others: Sequence[tuple[UUID, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["affiliates"].choices = others  # type: ignore[attr-defined]
        if choices:
            self.fields["choice"].choices = [(number, number) for number in choices]  # type: ignore[attr-defined]
        else:
            del self.fields["choice"]
        permitted = rights.permitted_purposes(terms)
        if len(permitted) == 1:
            self.initial.setdefault("purpose", permitted[0])
        self.fields["purpose"].choices = [(code, rights.purpose_words(code)) for code in permitted]  # type: ignore[attr-defined]
        self.fields["country"].choices = [("", _("Choose a country")), *_open_countries(terms, on)]  # type: ignore[attr-defined]

    def forgive(self) -> None:
        """Take what is filled in so far, and say nothing of what is missing. Where a choice permits one purpose alone,
        that is the one."""
        permitted = self.fields["purpose"].choices  # type: ignore[attr-defined]
        if len(permitted) == 1 and isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["purpose"] = permitted[0][0]
        self.full_clean()
        self.errors.clear()

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the field it is about."""
        about = _FIELDS.get(error.code, "use" if isinstance(error, Invalid) else None)
        super().refuse(error, field or about)


class Read(forms.BooleanField):
    """The box to tick before signing; its own sentence says what is missing."""

    own_messages = ("required",)
    default_error_messages = {"required": _("Say that you have read the contract.")}


class CouponCode(forms.CharField):
    """A code that a buyer may give with its signature."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Coupon"))
        kwargs.setdefault("help_text", _("A code that takes something off, if you have one."))
        super().__init__(**{"required": False, "max_length": 60, **kwargs})


class Renews(forms.BooleanField):
    """The box by which a buyer lets further terms follow; never ticked for it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("I agree that further terms follow, until I stop it"))
        kwargs.setdefault(
            "help_text",
            _("Without this tick nothing renews itself: it ends with its term. You may agree later."),
        )
        super().__init__(**{"required": False, **kwargs})


class KeepsMethod(forms.BooleanField):
    """The box by which a buyer lets the provider keep its way to pay; never ticked for it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Keep my way to pay for what falls due later"))
        kwargs.setdefault(
            "help_text",
            _("The payment provider keeps it, never this exchange. Take it back at any time."),
        )
        super().__init__(**{"required": False, **kwargs})


class SignForm(Form):
    """The buyer's signature: `shown` is what was on the page when it was given."""

    shown = forms.CharField(widget=forms.HiddenInput)
    has_read = Read()
    coupon = CouponCode()
    keeps_method = KeepsMethod()
    renews = Renews()

    def cleaned_signature(self) -> dict[str, Any]:
        """What was signed, as the verb takes it."""
        return {name: self.cleaned_data[name] for name in ("shown", "coupon", "keeps_method", "renews")}


class OptionalReasonForm(Form):
    """A reason that may be left out."""

    shown = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The other side reads it. At most 512 characters."),
        max_length=512,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "class": "input"}),
    )


class ReasonForm(Form):
    """A reason that must be given, because somebody will ask for it."""

    shown = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Both sides read it, and the log keeps its hash. 10 to 512 characters."),
        min_length=10,
        max_length=512,
        widget=forms.Textarea(attrs={"rows": 4, "class": "input"}),
    )


class ShownForm(Form):
    """A confirmation that needs no words."""

    shown = forms.CharField(widget=forms.HiddenInput)


def _open_countries(terms: Terms, on: date) -> list[tuple[str, str]]:
    places = next((c.several("any_of") for c in terms.clauses if c.kind == "country"), None)
    groups = gates.groups_on(on) if places else {}
    return [
        (code, name)
        for code, name in country_choices()
        if places is None or any(countries.includes(place, code, groups) for place in places)
    ]
