"""The forms of API clients: what a machine may do, never more than the reader may."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import ExchangeError
from exchange.look.forms import Form
from exchange.participants.actors.actors import PRIVILEGED

SCOPES: dict[str, tuple[Any, Any]] = {
    Scope.READ: (
        _("See"),
        _("Everything your organisation is a party to: datasets, contracts, transfers, receipts."),
    ),
    Scope.BUY: (_("Buy and download"), _("Requests, signs and pays in your name, and takes download links.")),
    Scope.SELL: (
        _("Sell"),
        _("Uploads, publishes, approves buyers in your name, suspends and revokes rights."),
    ),
    Scope.MANAGE: (_("Manage"), _("Invites and removes members, and makes further API clients.")),
    Scope.AUDIT: (_("Audit"), _("Sees every transfer of the exchange. Each look is written to the log.")),
    Scope.OPERATE: (_("Operate"), _("Verifies and suspends organisations.")),
}
"""What each scope is called, and what follows from giving it."""


class ClientForm(Form):
    """A new API client."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("What it is for, so that you recognise it in a year: nightly download, warehouse."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Give as little as it needs. Scopes stay as they are; for others, make another client."),
    )

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["scopes"]
        chosen.choices = [(scope, SCOPES[scope][0]) for scope in scopes_to_give(by)]
        chosen.notes = {scope: note for scope, (_words, note) in SCOPES.items()}

    def refuse(self, error: ExchangeError, field: str | None = None) -> None:
        """Show a verb's refusal at the field that it is about."""
        about = (
            "scopes" if error.code == "unknown_scope" else "name" if error.detail.startswith("name ") else None
        )
        super().refuse(error, field or about)


def scopes_to_give(by: Actor) -> list[Scope]:
    """The scopes that this actor may give to a machine; none where they may make no client at all."""
    held = [scope for scope in SCOPES if by.can(Scope(scope))]
    if not by.can(Scope.MANAGE):
        held = (
            [scope for scope in held if scope in PRIVILEGED or scope == Scope.READ]
            if by.scopes & PRIVILEGED
            else []
        )
    return [Scope(scope) for scope in held]
