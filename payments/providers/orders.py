"""What a provider may be asked to do: each order is one dataclass that says all of it, so that it can be written down
before the call and asked again with exactly the same words."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeAlias
from uuid import UUID

from exchange.kernel.canonical import Fact
from exchange.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Checkout:
    """Open a page at the provider where the buyer pays a charge. `reference` is what the charge is for."""

    kind: ClassVar[str] = "checkout"
    charge_id: UUID
    amount: Money
    reference: str
    keeps_method_of: UUID | None = None
    """The payer who let the provider keep their way to pay, for later charges."""

    @property
    def target(self) -> str:
        return f"charge:{self.charge_id}"


@dataclass(frozen=True, slots=True)
class Collection:
    """Collect a charge by a kept way to pay, without the buyer."""

    kind: ClassVar[str] = "collect"
    charge_id: UUID
    amount: Money
    reference: str
    customer: str
    method: str

    @property
    def target(self) -> str:
        return f"charge:{self.charge_id}"


@dataclass(frozen=True, slots=True)
class Keeping:
    """Open a page at the provider where a payer lets it keep a way to pay; nothing is charged."""

    kind: ClassVar[str] = "keep_method"
    payer_id: UUID
    currency: str

    @property
    def target(self) -> str:
        return f"participant:{self.payer_id}"


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """Give `amount` of a payment back; `payment` is the charge's provider reference."""

    kind: ClassVar[str] = "refund"
    refund_id: UUID
    charge_id: UUID
    payment: str
    amount: Money

    @property
    def target(self) -> str:
        return f"refund:{self.refund_id}"


@dataclass(frozen=True, slots=True)
class PayoutOrder:
    """Send `amount` to an account at the provider. `payment`, where given, is the one payment that it comes from."""

    kind: ClassVar[str] = "pay_out"
    payout_id: UUID
    account: str
    amount: Money
    payment: str = ""

    @property
    def target(self) -> str:
        return f"payout:{self.payout_id}"


@dataclass(frozen=True, slots=True)
class Reversal:
    """Take `amount` of a payout back; `payout` is its provider reference."""

    kind: ClassVar[str] = "reverse"
    payout_id: UUID
    payout: str
    amount: Money

    @property
    def target(self) -> str:
        return f"payout:{self.payout_id}"


@dataclass(frozen=True, slots=True)
class AccountOrder:
    """Open an account for a participant that is to be paid out to; who it is the adapter reads when it asks, so that
    no name or address is written down here."""

    kind: ClassVar[str] = "open_account"
    participant_id: UUID
    country: str

    @property
    def target(self) -> str:
        return f"participant:{self.participant_id}"


Order: TypeAlias = Checkout | Collection | Keeping | RefundOrder | PayoutOrder | Reversal | AccountOrder
_KINDS: Mapping[str, type[Order]] = {
    one.kind: one for one in (Checkout, Collection, Keeping, RefundOrder, PayoutOrder, Reversal, AccountOrder)
}


def written(order: Order) -> dict[str, Fact]:
    """The order as JSON holds it."""
    return {field.name: _plain(getattr(order, field.name)) for field in fields(order)}


def read(kind: str, params: Mapping[str, Any]) -> Order:
    """The order that `written` wrote down."""
    return _KINDS[kind](**{name: _rich(name, value) for name, value in params.items()})


def _plain(value: object) -> Fact:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    return None if value is None else str(value)


def _rich(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return Money(value["minor"], value["currency"])
    is_id = name.endswith("_id") or name == "keeps_method_of"
    return UUID(value) if is_id and value is not None else value
