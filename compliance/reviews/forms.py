"""The forms of the publish gate: which reviews, and an officer's decision on one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.models import Review
from compliance.reviews import words
from compliance.words import REVIEWS
from exchange.look.forms import Form

_ANY = ("", _("any"))


class ReviewsForm(Form):
    """Which reviews; those that wait, unless another state is asked for."""

    state = forms.ChoiceField(label=_("State"), required=False, widget=forms.Select(attrs={"class": "input s"}))
    cause = forms.ChoiceField(
        label=pgettext_lazy("of a review", "Why"),
        required=False,
        widget=forms.Select(attrs={"class": "input s"}),
    )
    days = forms.ChoiceField(
        label=_("Held for"),
        required=False,
        choices=[_ANY, ("3", _("3 days or more")), ("7", _("7 days or more")), ("30", _("30 days or more"))],
        widget=forms.Select(attrs={"class": "input s"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [(one, REVIEWS[one].words) for one in Review.State.values]
        for name, choices in (
            ("state", [*states, ("all", _("All"))]),
            ("cause", [_ANY, *words.CAUSES.items()]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        self.fields["state"].initial = Review.State.OPEN

    def asked(self) -> dict[str, Any]:
        """What was asked, once the form is valid."""
        given = self.cleaned_data
        state = given["state"] or Review.State.OPEN
        return {
            "state": None if state == "all" else state,
            "cause": given["cause"] or None,
            "days": int(given["days"]) if given["days"] else None,
        }


class VerdictForm(Form):
    """An officer's decision on a dataset that is held."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=10,
        max_length=512,
        help_text=_("10 to 512 characters. The seller reads it, and its hash is in the log."),
        widget=forms.Textarea(attrs={"class": "input", "rows": "4"}),
    )
    verdict = forms.ChoiceField(choices=[("approve", ""), ("refuse", "")], widget=forms.HiddenInput())

    def clean(self) -> dict[str, Any]:
        if "verdict" in self.errors:  # its two buttons stand below the form: there is no field to point at
            del self.errors["verdict"]
            self.add_error(None, _("Choose one of the two buttons: approve or refuse."))
        return super().clean() or self.cleaned_data
