"""The forms of notices: what a recipient did, and what an officer does for one recipient."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.words import Words
from exchange.look.forms import Form, WholeNumber


class AnswerForm(Form):
    """What a recipient did with the data."""

    action = forms.ChoiceField(label=_("What you did"), widget=forms.RadioSelect)
    copies = WholeNumber(
        label=_("How many copies it was about"),
        least=0,
        most=1_000_000,
        required=False,
        help_text=_("Backups and copies at those who process data for you count too."),
    )
    passed_on = forms.CharField(
        label=_("To whom you passed it on"),
        required=False,
        max_length=1_000,
        help_text=_("Name the organisations, and say whether you told them. Name no person."),
        widget=forms.Textarea(attrs={"class": "input", "rows": "2"}),
    )
    remark = forms.CharField(
        label=_("Remark"),
        required=False,
        max_length=1_000,
        help_text=_("If you did not do it, say why, in 10 characters or more. Seller and officers read it."),
        widget=forms.Textarea(attrs={"class": "input", "rows": "3"}),
    )

    def __init__(self, *args: Any, actions: Sequence[tuple[str, Words]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["action"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(actions)


class ActForm(Form):
    """What an officer does for one recipient: the button says what, the words say why or what shows it."""

    words = forms.CharField(
        label=_("Reason, or what shows it"),
        required=False,
        max_length=512,
        help_text=_(
            "10 to 512 characters, without names of persons. Needed to close a row or to note a delivery."
        ),
        widget=forms.Textarea(attrs={"class": "input", "rows": "3"}),
    )
    act = forms.ChoiceField(
        choices=[(one, "") for one in ("deliver", "return", "chase", "escalate", "excuse")],
        widget=forms.HiddenInput(),
    )

    def clean(self) -> dict[str, Any]:
        if "act" in self.errors:  # its buttons stand below the form: there is no field to point at
            del self.errors["act"]
            self.add_error(None, _("Choose one of the buttons."))
        return super().clean() or self.cleaned_data
