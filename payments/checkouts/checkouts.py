"""How a charge can be paid right now, as its checkout shows it. Reads only: what is asked of a provider is asked by
payments.charges.charges."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from exchange.kernel.errors import Conflict
from payments import providers
from payments.checkouts import pretended_payments
from payments.models import Charge
from payments.providers import manual, operations, orders
from payments.providers.manual import Instructions


class Step(StrEnum):
    PRETEND = "pretend"  # pay here; no money moves
    GO = "go"  # to the page that the provider made
    ASK = "ask"  # for such a page
    PREPARING = "preparing"  # the provider makes the page
    TRANSFER = "transfer"  # to a bank account, quoting a reference
    NO_ACCOUNT = "no_account"  # there is none to transfer to yet
    BANK = "bank"  # the bank takes days
    ON_ITS_WAY = "on_its_way"  # the money is here; what follows from it comes in a moment
    OFF = "off"  # nothing is to be paid any more


@dataclass(frozen=True)
class Checkout:
    """`failure` is why the last try brought no money, as the provider says it."""

    step: Step
    url: str = ""
    failure: str = ""
    transfer: Instructions | None = None


def of(charge: Charge, now: datetime) -> Checkout:
    """What the buyer can do about a charge at this moment."""
    if charge.state == Charge.State.FAILED:
        return Checkout(Step.OFF, failure=charge.failure)
    if charge.state == Charge.State.PAID or pretended_payments.is_made(charge):
        return Checkout(Step.ON_ITS_WAY)
    if charge.state == Charge.State.UNDERWAY:
        return Checkout(Step.BANK)
    if charge.provider == manual.NAME:
        return _transfer(charge)
    if not providers.named(charge.provider).calls_outside:
        return Checkout(Step.PRETEND)
    return _outside(charge, now)


def _outside(charge: Charge, now: datetime) -> Checkout:
    failure = charge.failure if charge.state == Charge.State.DECLINED else ""
    asked = operations.newest(f"charge:{charge.pk}", orders.Checkout.kind, orders.Collection.kind)
    if charge.state == Charge.State.CREATED or (asked is not None and not asked.is_over):
        return Checkout(Step.PREPARING)
    is_current = asked is not None and asked.provider_reference == charge.provider_reference
    if asked is None or not asked.url or not is_current or charge.state != Charge.State.SUBMITTED:
        return Checkout(Step.ASK, failure=failure)
    is_open = asked.sent_at is not None and now < asked.sent_at + operations.PAGE_LIVES
    return Checkout(Step.GO, asked.url) if is_open else Checkout(Step.ASK)


def _transfer(charge: Charge) -> Checkout:
    try:
        return Checkout(Step.TRANSFER, transfer=manual.instructions(charge))
    except Conflict:
        return Checkout(Step.NO_ACCOUNT)
