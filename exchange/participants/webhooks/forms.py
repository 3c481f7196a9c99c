"""The form of a new webhook: where to, and of what kinds of Events."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.kernel.errors import ExchangeError
from exchange.look.forms import Form

KINDS: dict[str, tuple[Any, Any]] = {
    "transfer.*": (
        _("Transfers"),
        _("Started, interrupted, completed, stopped or refused: the receipt comes with it."),
    ),
    "entitlement.*": (_("Rights"), _("Activated, suspended, resumed, expired, revoked.")),
    "negotiation.*": (_("Requests"), _("Requested, countered, approved, accepted, refused.")),
    "agreement.*": (_("Contracts"), _("Signed, terminated.")),
    "charge.*": (_("Charges"), _("Created, paid, failed.")),
    "dataset.*": (_("Datasets"), _("Created, described, declared, published, retired.")),
    "offer.*": (_("Offers"), _("Drafted, published, withdrawn.")),
}
"""What pages offer to choose from; the API takes any name of an Event."""


class WebhookForm(Form):
    """A new webhook."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("An https address of yours that takes a POST and answers 204 within ten seconds."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )
    names = forms.MultipleChoiceField(
        label=_("What to send"),
        required=False,
        choices=[(name, words) for name, (words, _note) in KINDS.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose none to be sent everything that your organisation is a party to."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["names"]
        chosen.notes = {name: note for name, (_words, note) in KINDS.items()}

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the field that it is about."""
        about = {"address_malformed": "url", "invalid": "url", "unknown_event": "names"}
        super().refuse(error, field or about.get(error.code))
