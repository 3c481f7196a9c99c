"""What a seller types about a revision and its files, with the limits that the verbs have."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from datasets import words
from datasets.forms import area
from exchange.kernel.errors import ExchangeError
from exchange.look.forms import Form, Phrase


class FileForm(Form):
    """The name and kind of a file that is to come; a kind that is not named is told by the ending of the name."""

    name = forms.CharField(
        label=_("Name of the file"), max_length=200, strip=False, help_text=_("For example flights.csv")
    )
    media_type = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(code, str(said)) for code, said in words.KINDS.items()]
        self.fields["media_type"].choices = [("", _("As its name ends")), *kinds]  # type: ignore[attr-defined]

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the name, which nearly all are about."""
        super().refuse(
            error, field or ("name" if error.code in ("bad_name", "name_taken", "invalid") else None)
        )


class SealForm(Form):
    """The phrase that seals a revision; `shown` is the fingerprint of the files on the page."""

    shown = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, number: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phrase"] = Phrase(str(_("seal revision %(number)s")) % {"number": number})


class RevokeForm(Form):
    """Why a revision is revoked."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Buyers read it, and the log keeps its hash. 10 to 512 characters."),
        min_length=10,
        max_length=512,
        widget=area(4),
    )
