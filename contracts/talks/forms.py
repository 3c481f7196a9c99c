"""The form of a message with a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.models import Negotiation
from contracts.talks import talks
from datasets.forms import area
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Invalid
from exchange.look.forms import Form


class MessageForm(Form):
    """What a side writes to the other, and one file with it."""

    body = forms.CharField(
        label=_("Your message"),
        max_length=talks.LONGEST_BODY,
        widget=area(3),
        help_text=_("The other side and the exchange’s officers read it. At most 4,000 characters."),
    )
    file = forms.FileField(
        label=_("A file with it"),
        required=False,
        max_length=200,
        help_text=_("At most 5 MB."),
    )

    def send(self, negotiation: Negotiation, *, by: Actor) -> bool:
        """Post what was written; False where it cannot be, said at its field. Conflict where nobody may write more."""
        if not self.is_valid():
            return False
        try:
            talks.post(negotiation, self.cleaned_data["body"], files=self._files(), by=by)
        except Invalid as refusal:
            self.refuse(refusal)
            return False
        return True

    def _files(self) -> list[talks.File]:
        """The file, where one was sent; of one that is too large only as much as shows it."""
        sent: Any = self.cleaned_data.get("file")
        return [talks.File(sent.name, sent.read(talks.LARGEST_BYTES + 1))] if sent else []
