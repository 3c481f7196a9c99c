"""The port to whoever moves money: one Protocol, and the adapters by name. An adapter carries orders out and reads
what its provider says; it decides nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict
from exchange.kernel.money import Money
from payments.providers import orders
from payments.providers.news import Failed, News, Paid

__all__ = [
    "BalanceLineFact",
    "Failed",
    "HeardEvent",
    "News",
    "Paid",
    "PaymentProvider",
    "Submitted",
    "keep_methods",
    "named",
    "provider",
]


@dataclass(frozen=True, slots=True)
class Submitted:
    """What the provider made of an order: its `reference` there, and the `url` of a page for the payer, if any."""

    reference: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class BalanceLineFact:
    """One line of the provider's own book-keeping: `amount` moved, `cost` was kept of it, `source` names its object."""

    id: str
    at: datetime
    kind: str
    amount: Money
    cost: Money
    source: str


@dataclass(frozen=True, slots=True)
class HeardEvent:
    """One event as the inbox keeps it."""

    external_id: str
    kind: str
    payload: Mapping[str, Fact]


class PaymentProvider(Protocol):
    """What each adapter offers. Every act is called outside transactions and perhaps more than once: `operation_id` is
    the key of its one effect. An act raises Unavailable when the provider does not answer and may have acted, and
    Conflict when it says no for good."""

    name: str
    moves_money: bool
    collects_for_others: bool
    """Whether it may hold money that is owed to others; without it, nothing is held and nothing paid out."""
    calls_outside: bool
    """Whether its acts leave the machine, so that each is written down as an operation first."""
    keeps_methods: bool
    """Whether a payer may let it keep a way to pay for later charges."""
    answers_at_once: bool
    """Whether it knows what comes of a charge without asking anybody, so that money may come with the order itself."""
    statement: str
    """What the buyer must know of this provider, in one sentence."""

    def at_once(self, order: orders.Checkout) -> HeardEvent | None:
        """What it says when a buyer pays in the moment of the order: the same event, under the same id, as it would
        tell later. None where it answers later. Called inside transactions."""
        ...

    def submit(self, order: orders.Checkout, operation_id: UUID) -> Submitted:
        """Ask the provider to collect from a buyer who is there."""
        ...

    def end_page(self, reference: str) -> None:
        """Let nobody pay any more on the page that was opened for a charge; one that has ended is left as it is."""
        ...

    def collect(self, order: orders.Collection, operation_id: UUID) -> str:
        """Collect by a kept way to pay, without the buyer; answers the payment's reference."""
        ...

    def keep_method(self, order: orders.Keeping, operation_id: UUID) -> Submitted:
        """Open a page where a payer lets the provider keep a way to pay."""
        ...

    def refund(self, order: orders.RefundOrder, operation_id: UUID) -> str:
        """Give money back; answers the refund's reference. Whether it went is news, later."""
        ...

    def pay_out(self, order: orders.PayoutOrder, operation_id: UUID) -> str:
        """Send money to an account; answers the payout's reference."""
        ...

    def reverse(self, order: orders.Reversal, operation_id: UUID) -> str:
        """Take a part of a payout back; answers the reversal's reference."""
        ...

    def open_account(self, order: orders.AccountOrder, operation_id: UUID) -> str:
        """Open an account for a participant; answers its reference."""
        ...

    def find(self, order: orders.Order, operation_id: UUID, since: datetime) -> Submitted | None:
        """What the provider made of an order that it was asked for so long ago that it may have forgotten the key."""
        ...

    def onboarding_link(self, account_reference: str) -> str:
        """The address of a page, good for minutes and once, where the account's holder tells what is still wanted."""
        ...

    def read(self, kind: str, payload: Mapping[str, object]) -> Sequence[News]:
        """What an event of the provider means to us, in this order: nothing for a kind that means nothing, Invalid
        when torn, Conflict when a person must look at it. It may ask the provider what is true now."""
        ...

    def events(self, since: datetime) -> Iterable[HeardEvent]:
        """Every event of the provider from that time on, also what never arrived."""
        ...

    def balance_lines(self, since: datetime) -> Iterable[BalanceLineFact]:
        """The provider's own book-keeping from that time on, oldest first."""
        ...


_ADAPTERS = {
    "demo": "payments.providers.demo.DemoProvider",
    "manual": "payments.providers.manual.ManualProvider",
    "stripe": "payments.providers.stripe.adapter.StripeProvider",
}
NAMES = tuple(_ADAPTERS)


def provider() -> PaymentProvider:
    """The provider of new charges; Conflict where this exchange takes no payments."""
    is_unlicensed = settings.EXCHANGE_PAYMENT_PROVIDER == "manual" and not settings.EXCHANGE_MANUAL_ROLE
    if settings.EXCHANGE_PAYMENT_PROVIDER == "off" or is_unlicensed:
        raise Conflict(
            "this exchange takes no payments, so only free offers can be accepted; ask its operator",
            code="payments_off",
        )
    return named(settings.EXCHANGE_PAYMENT_PROVIDER)


def keep_methods() -> bool:
    """Whether a payer may let the provider of new charges keep a way to pay."""
    name = settings.EXCHANGE_PAYMENT_PROVIDER
    return name in _ADAPTERS and named(name).keeps_methods


def named(name: str) -> PaymentProvider:
    """The adapter called `name`; it is loaded when first asked for, so none costs anything while it is off."""
    if name not in _ADAPTERS:
        raise Conflict(f"this exchange has no payment provider called {name}", code="unknown_provider")
    found: PaymentProvider = import_string(_ADAPTERS[name])()
    return found


def is_set_up(name: str) -> bool:
    """Whether this exchange has what the provider needs: one that is no longer chosen may still have news."""
    return name != "stripe" or bool(settings.EXCHANGE_STRIPE_SECRET_KEY)
