"""The forms of an organisation's own pages: what it says of itself, and who acts for it."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from exchange.kernel.actors import Actor
from exchange.kernel.errors import ExchangeError
from exchange.look.forms import Form
from exchange.look.names import country_choices
from exchange.participants import sectors
from exchange.participants.actors.actors import ROLE_SCOPES
from exchange.participants.models import Member, Participant
from exchange.participants.words import ROLES

_NOTES: dict[str, Any] = {
    Member.Role.MANAGER: _("Sells and buys, and manages members and API clients."),
    Member.Role.TRADER: _("Sells and buys: publishes, approves, signs and pays."),
    Member.Role.VIEWER: _("Sees what the organisation is a party to, and changes nothing."),
    Member.Role.OFFICER: _("Sees every transfer of your organisation, and changes nothing."),
    Member.Role.OPERATOR: _("Verifies and suspends organisations, with a second factor."),
}
_OFFICER_OF_THE_EXCHANGE = _("Sees every transfer of the exchange, with a second factor.")
_ABOUT = {
    "unknown_country": "country",
    "unknown_sector": "sector",
    "bad_website": "website",
    "bad_vat_id": "vat_id",
    "bad_email": "email",
    "already_member": "email",
    "unknown_role": "role",
    "same_role": "role",
    "scope_missing": "role",
}


class ApplicationForm(Form):
    """An organisation as it describes itself."""

    name = forms.CharField(
        label=_("Name of the organisation"),
        max_length=200,
        help_text=_("As it stands in the register of companies, with its legal form."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    country = forms.ChoiceField(
        label=_("Country"), help_text=_("Where it is established. Contracts and data law follow from it.")
    )
    registration_number = forms.CharField(
        label=_("Registration number"),
        required=False,
        max_length=64,
        help_text=_("SIREN, Handelsregister, Companies House… The operator finds you by it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    vat_id = forms.CharField(
        label=_("VAT id"),
        required=False,
        max_length=32,
        help_text=_("With its two letters first, such as FR40303265045. Invoices and taxes follow from it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    website = forms.CharField(
        label=_("Website"),
        required=False,
        max_length=200,
        help_text=_("For example https://example.org."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url"}),
    )

    sector = forms.ChoiceField(
        label=_("Economic sector"),
        required=False,
        help_text=_(
            "Your main activity. Some data is licensed to certain sectors alone; the operator confirms it."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        activities: Any = self.fields["sector"]
        activities.choices = [("", _("Not said")), *sectors.choices()]
        countries: Any = self.fields["country"]
        countries.choices = [("", _("Choose a country")), *country_choices()]

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the field that it is about."""
        named = next((name for name in self.fields if error.detail.startswith(f"{name} ")), None)
        super().refuse(error, field or _ABOUT.get(error.code) or named)


class RoleForm(Form):
    """Which role a member has; only roles that the reader may give."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, participant: Participant, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles: Any = self.fields["role"]
        roles.choices = [(role, ROLES[role]) for role in roles_to_give(participant, by)]
        roles.notes = dict(_NOTES)
        if participant.is_operator:
            roles.notes[Member.Role.OFFICER] = _OFFICER_OF_THE_EXCHANGE

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the field that it is about."""
        found = field or _ABOUT.get(error.code)
        super().refuse(error, found if found in self.fields else None)


class InvitationForm(RoleForm):
    """Whom to invite, in which language to write to them, and the role they will have."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("Their own address at your organisation. The invitation opens for this address alone."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)
    field_order = ("email", "role", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("language", (get_language() or settings.LANGUAGE_CODE)[:2])
        self.initial.setdefault("role", Member.Role.TRADER)


def roles_to_give(participant: Participant, by: Actor) -> list[Member.Role]:
    """The roles that this actor may give to members of the participant."""
    return [
        role
        for role in Member.Role
        if by.can(*ROLE_SCOPES[role]) and (participant.is_operator or role is not Member.Role.OPERATOR)
    ]
