"""The port to whoever moves money: one Protocol, and the adapters by name. An adapter submits charges and reads
what its provider says; it decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from exchange.kernel.errors import Conflict
from exchange.kernel.money import Money
from payments.models import Charge


@dataclass(frozen=True, slots=True)
class Paid:
    """The provider has the money of a charge; `reference` names the payment there."""

    charge_id: UUID
    amount: Money
    reference: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The provider could not collect; `reason` may be shown to the buyer."""

    charge_id: UUID
    reason: str


News: TypeAlias = Paid | Failed


class PaymentProvider(Protocol):
    """What each adapter offers."""

    name: str
    moves_money: bool
    statement: str
    """What the buyer must know of this provider, in one sentence."""

    def submit(self, charge: Charge) -> str:
        """Ask the provider to collect the gross amount; answers its reference.

        Called outside transactions and perhaps more than once: the charge's id is the key of the effect.
        Unavailable when the provider does not answer.
        """
        ...

    def read(self, kind: str, payload: Mapping[str, object]) -> News | None:
        """What an event of the provider means to us: None for a kind that means nothing, Invalid when torn."""
        ...


_ADAPTERS = {"demo": "payments.providers.demo.DemoProvider"}


def provider() -> PaymentProvider:
    """The provider of new charges; Conflict where this exchange takes no payments."""
    if settings.EXCHANGE_PAYMENT_PROVIDER == "off":
        raise Conflict(
            "this exchange takes no payments, so only free offers can be accepted; ask its operator",
            code="payments_off",
        )
    return named(settings.EXCHANGE_PAYMENT_PROVIDER)


def named(name: str) -> PaymentProvider:
    """The adapter called `name`; it is loaded when first asked for, so none costs anything while it is off."""
    if name not in _ADAPTERS:
        raise Conflict(f"this exchange has no payment provider called {name}", code="unknown_provider")
    found: PaymentProvider = import_string(_ADAPTERS[name])()
    return found
