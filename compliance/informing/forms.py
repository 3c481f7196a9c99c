"""What a buyer says of its duty to inform."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.reviews.words import EXEMPTIONS
from exchange.kernel.errors import ExchangeError
from exchange.look.forms import Form

_ABOUT = {"unknown_exemption": "exemption"}


class AnswerForm(Form):
    """That the persons were told, or why they need not be."""

    how = forms.ChoiceField(
        label=_("What did you do?"),
        widget=forms.RadioSelect,
        choices=[
            ("told", _("We informed the persons")),
            ("exempt", _("An exemption of Article 14(5) applies")),
        ],
    )
    exemption = forms.ChoiceField(label=_("Which exemption?"), required=False)
    said = forms.CharField(
        label=_("Where the notice stands, or why there is none"),
        min_length=10,
        max_length=1_000,
        help_text=_("10 to 1,000 characters. Officers read it, and its hash is in the log."),
        widget=forms.Textarea(attrs={"class": "input", "rows": "4"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["exemption"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("None")), *EXEMPTIONS.items()]

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the field that it is about."""
        super().refuse(error, field or _ABOUT.get(error.code))
