"""The demo provider: everything runs as with a real one, no money moves, and every answer says so."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from exchange.kernel import money
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Invalid
from exchange.kernel.money import Money
from exchange.kernel.outside import require_no_transaction
from payments.models import ProviderEvent
from payments.providers import BalanceLineFact, HeardEvent, Submitted, answers, news, orders
from payments.providers.news import Failed, News, Paid

NAME = "demo"


class DemoProvider:
    """Collects nothing: the buyer pretends to pay."""

    name = NAME
    moves_money = False
    collects_for_others = True
    calls_outside = False
    keeps_methods = True
    answers_at_once = True
    statement = "This is the demo provider: no money moves."

    def at_once(self, order: orders.Checkout) -> HeardEvent:
        """The buyer pretends to pay."""
        payload: dict[str, Fact] = {
            "charge": str(order.charge_id),
            "amount_minor": order.amount.minor,
            "currency": order.amount.currency,
            "reference": _reference(order.charge_id),
        }
        if order.keeps_method_of is not None:
            payload["keeper"] = str(order.keeps_method_of)
        return HeardEvent(payment_id(order.charge_id), "charge.paid", payload)

    def submit(self, order: orders.Checkout, operation_id: UUID) -> Submitted:
        """A reference as a provider would give it."""
        require_no_transaction()
        return Submitted(_reference(order.charge_id))

    def end_page(self, reference: str) -> None:
        """The demo has no page."""

    def collect(self, order: orders.Collection, operation_id: UUID) -> str:
        return _reference(order.charge_id)

    def keep_method(self, order: orders.Keeping, operation_id: UUID) -> Submitted:
        return Submitted(f"demo-method-{operation_id}")

    def refund(self, order: orders.RefundOrder, operation_id: UUID) -> str:
        return f"demo-refund-{operation_id}"

    def pay_out(self, order: orders.PayoutOrder, operation_id: UUID) -> str:
        return f"demo-payout-{operation_id}"

    def reverse(self, order: orders.Reversal, operation_id: UUID) -> str:
        return f"demo-reversal-{operation_id}"

    def open_account(self, order: orders.AccountOrder, operation_id: UUID) -> str:
        return f"demo-account-{operation_id}"

    def find(self, order: orders.Order, operation_id: UUID, since: datetime) -> Submitted | None:
        """Nothing is forgotten here: the same operation makes the same reference."""
        return None

    def onboarding_link(self, account_reference: str) -> str:
        """The demo wants to know nothing."""
        return ""

    def read(self, kind: str, payload: Mapping[str, object]) -> Sequence[News]:
        """The demo's own kinds, as pretended payments and tests write them, and its answers to operations."""
        match kind:
            case "charge.paid":
                paid = Paid(_charge_id(payload), _amount(payload), _text(payload, "reference"))
                return [*_kept(payload), paid]
            case "charge.failed":
                return [Failed(_charge_id(payload), _text(payload, "reason"))]
            case "refund.failed":
                refund_id = _id_of(payload, "refund")
                return [news.RefundFailed(refund_id, _text(payload, "reference"), _text(payload, "reason"))]
            case "dispute.opened":
                return [_disputed(payload)]
            case "dispute.won" | "dispute.lost":
                ended = news.DisputeEnded(_text(payload, "reference"), kind == "dispute.won")
                return [_disputed(payload), ended]
            case "operation.done":
                return answers.at_once(payload)
        return []

    def events(self, since: datetime) -> Sequence[HeardEvent]:
        """What the demo says is kept as it is said."""
        return []

    def balance_lines(self, since: datetime) -> Iterator[BalanceLineFact]:
        """What would have moved, as far as the exchange has acted on it."""
        rows = ProviderEvent.objects.filter(provider=NAME, processed_at__gte=since)
        moved_nothing = [*ProviderEvent.FOR_THE_OPERATOR, "unknown_kind", "too_late"]
        for event in rows.exclude(outcome__in=moved_nothing).order_by("processed_at", "pk"):
            if (moved := _moved(event)) is not None and event.processed_at is not None:
                kind, amount, source = moved
                none = Money(0, amount.currency)
                yield BalanceLineFact(f"{kind}-{source}", event.processed_at, kind, amount, none, source)


def payment_id(charge_id: UUID) -> str:
    """The id of the event that a charge was paid."""
    return f"pay-{charge_id}"


def _kept(payload: Mapping[str, object]) -> list[News]:
    if "keeper" not in payload:
        return []
    payer_id, method = UUID(_text(payload, "keeper")), f"method-of-{_text(payload, 'reference')}"
    return [news.MethodKept(payer_id, "demo", method, "Demo ···· 4242")]


def _moved(event: ProviderEvent) -> tuple[str, Money, str] | None:
    """The kind of line, the amount and the source; None for what moves nothing by itself."""
    told = event.payload
    match event.kind:
        case "charge.paid":
            return "charge", _amount(told), _text(told, "reference")
        case "refund.failed":
            return "refund_failed", _amount(told), _text(told, "reference")
        case "dispute.opened":
            return "dispute", -_amount(told), _text(told, "reference")
        case "dispute.won":
            return "dispute_won", _amount(told), _text(told, "reference")
        case "operation.done":
            return _moved_by(answers.order_of(told), answers.reference_of(told))
    return None


def _moved_by(order: orders.Order, reference: str) -> tuple[str, Money, str] | None:
    match order:
        case orders.Collection():
            return "charge", order.amount, reference
        case orders.RefundOrder():
            return "refund", -order.amount, reference
        case orders.PayoutOrder():
            return "payout", -order.amount, reference
        case orders.Reversal():
            return "reversal", order.amount, reference
    return None


def _disputed(payload: Mapping[str, object]) -> news.Disputed:
    due = payload.get("evidence_due_at")
    return news.Disputed(
        _charge_id(payload),
        _text(payload, "reference"),
        _amount(payload),
        None,
        _text(payload, "reason"),
        datetime.fromisoformat(due) if isinstance(due, str) else None,
    )


def _reference(charge_id: UUID) -> str:
    return f"demo-{charge_id}"


def _amount(payload: Mapping[str, object]) -> Money:
    minor, currency = payload.get("amount_minor"), payload.get("currency")
    if type(minor) is not int or not isinstance(currency, str):
        raise Invalid("what was paid needs amount_minor and currency")
    return money.price(minor, currency)


def _charge_id(payload: Mapping[str, object]) -> UUID:
    return _id_of(payload, "charge")


def _id_of(payload: Mapping[str, object], noun: str) -> UUID:
    try:
        return UUID(_text(payload, noun))
    except ValueError:
        raise Invalid(f"{noun} must be the id of a {noun}") from None


def _text(payload: Mapping[str, object], name: str) -> str:
    value = payload.get(name)
    if not isinstance(value, str):
        raise Invalid(f"{name} must be text")
    return value
