"""Payment by bank transfer: the buyer quotes a reference, and people say what came. Holding others' money needs a
licence, so it is off until the operator says in which role it takes part: `direct`, where the buyer pays the seller, or
`reseller`, where the operator supplies the buyer itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from stdnum import iso11649
from stdnum.iso7064 import mod_97_10

from exchange.kernel import money
from exchange.kernel.errors import Conflict, Invalid
from exchange.kernel.money import Money
from payments import bank_details
from payments.bank_details import BankDetails
from payments.models import Charge, Payout, PayoutAccount, Remittance
from payments.providers import BalanceLineFact, HeardEvent, Submitted, answers, news, orders
from payments.providers.news import News, Paid

NAME = "manual"
CONFIRMED = "remittance.confirmed"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_RANDOM_BITS = 62  # of a UUIDv7; twelve digits of base 36 hold them


@dataclass(frozen=True, slots=True)
class Instructions:
    """What a buyer writes on its bank transfer."""

    to: BankDetails
    amount: Money
    reference: str

    @property
    def shown_reference(self) -> str:
        """The reference in groups of four."""
        return str(iso11649.format(self.reference))


class ManualProvider:
    """Collects nothing by itself: what came is what two people have seen."""

    name = NAME
    moves_money = True
    calls_outside = False
    keeps_methods = False
    answers_at_once = False
    statement = "Payment is by bank transfer; a person confirms that it has arrived."

    @property
    def collects_for_others(self) -> bool:
        """As a reseller the operator holds its own money until it pays the seller; else it holds none."""
        return bool(settings.EXCHANGE_MANUAL_ROLE == "reseller")

    def at_once(self, order: orders.Checkout) -> None:
        """A transfer takes days."""

    def submit(self, order: orders.Checkout, operation_id: UUID) -> Submitted:
        """The reference that the buyer quotes."""
        return Submitted(creditor_reference(order.charge_id))

    def end_page(self, reference: str) -> None:
        """There is no page: what comes nevertheless is for people to see."""

    def collect(self, order: orders.Collection, operation_id: UUID) -> str:
        raise _only_people()

    def keep_method(self, order: orders.Keeping, operation_id: UUID) -> Submitted:
        raise _only_people()

    def refund(self, order: orders.RefundOrder, operation_id: UUID) -> str:
        """A person makes the transfer; that it was made is confirmed like any other."""
        return _refund_reference(order.refund_id)

    def pay_out(self, order: orders.PayoutOrder, operation_id: UUID) -> str:
        raise _only_people()

    def reverse(self, order: orders.Reversal, operation_id: UUID) -> str:
        raise _only_people()

    def open_account(self, order: orders.AccountOrder, operation_id: UUID) -> str:
        raise _only_people()

    def find(self, order: orders.Order, operation_id: UUID, since: datetime) -> Submitted | None:
        """Nothing is forgotten here: the same order makes the same reference."""
        return None

    def onboarding_link(self, account_reference: str) -> str:
        """Bank details are given on the exchange's own page."""
        return ""

    def read(self, kind: str, payload: Mapping[str, object]) -> Sequence[News]:
        """What two people have confirmed, and the answers to orders: a refund is made only once it is confirmed."""
        if kind == CONFIRMED:
            return [_confirmed(payload)]
        if kind == "operation.done" and isinstance(order := answers.order_of(payload), orders.Checkout):
            return [news.Asked(order.charge_id, answers.reference_of(payload))]
        return []

    def events(self, since: datetime) -> Sequence[HeardEvent]:
        """What people confirm is kept as it is said."""
        return []

    def balance_lines(self, since: datetime) -> Iterator[BalanceLineFact]:
        """What people saw on the bank account: what they confirmed came or left, and payouts under the bank's word."""
        seen = Remittance.objects.filter(state=Remittance.State.CONFIRMED, decided_at__gte=since)
        for row in seen.order_by("decided_at", "pk"):
            noun, _, target_id = row.target.partition(":")
            amount = row.amount if noun == "charge" else -row.amount
            if row.decided_at is not None and not _is_direct(noun, target_id):
                yield _line(f"remittance-{row.pk}", row.decided_at, noun, amount, target_id)
        left = Payout.objects.filter(provider=NAME, state=Payout.State.SETTLED, ended_at__gte=since)
        for payout in left.order_by("ended_at", "pk"):
            if payout.ended_at is not None:
                yield _line(f"payout-{payout.pk}", payout.ended_at, "payout", -payout.amount, str(payout.pk))


def creditor_reference(charge_id: UUID) -> str:
    """The reference of a charge by ISO 11649: short, and with check digits, so that a slip of the pen is seen."""
    rest, digits = charge_id.int & (1 << _RANDOM_BITS) - 1, ""
    while rest:
        rest, digit = divmod(rest, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    body = digits.rjust(12, "0")
    return f"RF{mod_97_10.calc_check_digits(f'{body}RF')}{body}"


def instructions(charge: Charge) -> Instructions:
    """How the buyer pays a charge; Conflict while the seller, who is paid itself, has given no bank details."""
    if charge.provider != NAME:
        raise Conflict("this charge is not paid by bank transfer", code="paid_elsewhere")
    return Instructions(_to(charge), charge.gross, creditor_reference(charge.pk))


def _to(charge: Charge) -> BankDetails:
    if not charge.is_direct:
        return bank_details.of_the_house()
    accounts = PayoutAccount.objects.filter(participant_id=charge.payee_id, provider=NAME)
    account = accounts.filter(state=PayoutAccount.State.READY).first()
    if account is None:
        raise Conflict(
            "the seller has not given its bank details yet, or the operator has not confirmed them",
            code="bank_details_needed",
        )
    return bank_details.opened(account.bank_sealed)


def _confirmed(payload: Mapping[str, object]) -> News:
    target, reference = payload.get("target"), payload.get("reference")
    minor, currency = payload.get("amount_minor"), payload.get("currency")
    if type(minor) is not int or not isinstance(currency, str):
        raise Invalid("a bank transfer has an amount_minor and a currency")
    noun, _, target_id = str(target).partition(":")
    amount = money.price(minor, currency)
    try:
        about = UUID(target_id)
    except ValueError:
        raise Invalid("a bank transfer names what it is for") from None
    if noun == "refund":
        return news.Refunded(about, amount, _refund_reference(about))
    return Paid(about, amount, str(reference))


def _refund_reference(refund_id: UUID) -> str:
    return f"manual-refund-{refund_id}"


def _is_direct(noun: str, target_id: str) -> bool:
    """Whether the money never came near the exchange's own account."""
    named = {"pk": target_id} if noun == "charge" else {"refunds__pk": target_id}
    charge = Charge.objects.filter(**named).first()
    return charge is None or charge.is_direct


def _line(line_id: str, at: datetime, kind: str, amount: Money, about: str) -> BalanceLineFact:
    return BalanceLineFact(line_id, at, kind, amount, Money(0, amount.currency), about)


def _only_people() -> Conflict:
    return Conflict("a person makes this bank transfer; the exchange cannot", code="only_people")
