"""The forms of the operator's money board: each posts the state that its page showed, and a reason."""

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.look.forms import Form


class ShownForm(Form):
    """A confirmation."""

    shown = forms.CharField(widget=forms.HiddenInput())


class ReasonForm(ShownForm):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=10,
        max_length=512,
        help_text=_("10 to 512 characters. It stays with the decision, and its hash is in the log."),
        widget=forms.Textarea(attrs={"class": "input", "rows": "4"}),
    )
