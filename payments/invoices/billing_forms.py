"""The forms of an organisation's invoices: what they say of it, and the mandate under which they are drawn up."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.kernel.errors import ExchangeError
from exchange.look.forms import Form
from exchange.participants.models import Participant


class BillingForm(Form):
    """What invoices to and from the organisation hold."""

    street = forms.CharField(
        label=_("Street and number"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    postcode = forms.CharField(
        label=_("Postcode"),
        max_length=16,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    city = forms.CharField(
        label=_("City"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    vat_id = forms.CharField(
        label=_("VAT id"),
        required=False,
        max_length=32,
        help_text=_("With its two letters first, such as FR40303265045. It is looked up in the register."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    registration_number = forms.CharField(
        label=_("Registration number"),
        required=False,
        max_length=64,
        help_text=_("Invoices between French organisations need the SIREN."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    is_small_business = forms.BooleanField(
        label=_("We are exempt from VAT as a small business"), required=False
    )

    def __init__(self, *args: Any, own: Participant, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(own, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        if own.registration_number:
            del self.fields["registration_number"]

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the field that it is about."""
        about = "vat_id" if error.code == "bad_vat_id" else None
        named = next((name for name in self.fields if error.detail.startswith(f"{name} ")), None)
        super().refuse(error, field or about or named)


class MandateForm(Form):
    """Which words were read."""

    text_sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput())
