"""What a provider may tell, in words that are nobody's but ours: each piece of news is one dataclass, and the inbox
hands it to the one verb that acts on it. An object was read a moment after `by.at` of whoever hears of it, so a later
`by.at` knows more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from exchange.kernel.money import Money

AccountState: TypeAlias = Literal["onboarding", "ready", "restricted", "rejected"]


@dataclass(frozen=True, slots=True)
class Asked:
    """The provider was asked for the money of a charge; `reference` names that there."""

    charge_id: UUID
    reference: str


@dataclass(frozen=True, slots=True)
class Expected:
    """The buyer has ordered the payment that `reference` names, and the money arrives in days, or not."""

    charge_id: UUID
    reference: str


@dataclass(frozen=True, slots=True)
class Declined:
    """What was asked by `reference` was not collected; the buyer may try again. `reason` may be shown to them."""

    charge_id: UUID
    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class Paid:
    """The provider has the money of a charge; `reference` names the payment there. `cost` is what the provider keeps
    of it; it often learns that a moment later, and says the whole again."""

    charge_id: UUID
    amount: Money
    reference: str
    cost: Money | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The provider will never collect: the charge is called off. `reason` may be shown to the buyer."""

    charge_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Refunded:
    """Money went back to the buyer; `reference` names the refund at the provider."""

    refund_id: UUID
    amount: Money
    reference: str


@dataclass(frozen=True, slots=True)
class RefundFailed:
    """Money did not go back, or came back later. `reference` is empty where the provider never made the refund."""

    refund_id: UUID
    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class Disputed:
    """The buyer's bank took the money of a charge back for now, and `cost` with it."""

    charge_id: UUID
    reference: str
    amount: Money
    cost: Money | None
    reason: str
    evidence_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class DisputeEnded:
    """A dispute is decided. Its `Disputed` is always heard before, in the same act at the latest."""

    reference: str
    is_won: bool


@dataclass(frozen=True, slots=True)
class PayoutPaid:
    """A payout has left; `reference` names it at the provider."""

    payout_id: UUID
    reference: str


@dataclass(frozen=True, slots=True)
class PayoutFailed:
    """A payout did not leave, or came back. `reference` is empty where the provider never made it."""

    payout_id: UUID
    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reversed:
    """A part of a payout was taken back; `reference` names the reversal at the provider."""

    payout_id: UUID
    amount: Money
    reference: str


@dataclass(frozen=True, slots=True)
class ReversalFailed:
    """A part of a payout could not be taken back: the party owes it. `operation_id` names the act that failed."""

    payout_id: UUID
    amount: Money
    operation_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """The provider made an account for a participant."""

    participant_id: UUID
    account_reference: str


@dataclass(frozen=True, slots=True)
class AccountRefused:
    """The provider makes no account for a participant."""

    participant_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class AccountMoved:
    """Whether an account at the provider may be paid out to, and what it still wants to know."""

    account_reference: str
    state: AccountState
    requirements: list[str]


@dataclass(frozen=True, slots=True)
class MethodKept:
    """A payer let the provider keep a way to pay, for charges without them: `label` may be shown."""

    payer_id: UUID
    customer: str
    method: str
    label: str


@dataclass(frozen=True, slots=True)
class MethodFailed:
    """A payer's kept way to pay no longer works, or was never kept."""

    payer_id: UUID
    reason: str


News: TypeAlias = (
    Asked
    | Expected
    | Declined
    | Paid
    | Failed
    | Refunded
    | RefundFailed
    | Disputed
    | DisputeEnded
    | PayoutPaid
    | PayoutFailed
    | Reversed
    | ReversalFailed
    | AccountOpened
    | AccountRefused
    | AccountMoved
    | MethodKept
    | MethodFailed
)
