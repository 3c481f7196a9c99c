"""The port to Stripe: each act and each reading. Around them no transaction is open, and Stripe's errors become
refusals."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from payments.providers import BalanceLineFact, HeardEvent, Submitted, orders
from payments.providers.news import News
from payments.providers.stripe import accounts, balance, checkout, events, finding, intents, money_back
from payments.providers.stripe.client import asking, client

NAME = "stripe"


class StripeProvider:
    """Collects into the exchange's own balance and transfers to accounts from there."""

    name = NAME
    moves_money = True
    collects_for_others = True
    calls_outside = True
    keeps_methods = True
    answers_at_once = False
    statement = "Payment is on a page of Stripe; the exchange sees no card number."

    def at_once(self, order: orders.Checkout) -> None:
        """The buyer pays on a page of Stripe."""

    def submit(self, order: orders.Checkout, operation_id: UUID) -> Submitted:
        with asking():
            return checkout.open_page(client(), order, str(operation_id), operation_id)

    def end_page(self, reference: str) -> None:
        if reference.startswith("cs_"):
            with asking():
                checkout.end_page(client(), reference)

    def collect(self, order: orders.Collection, operation_id: UUID) -> str:
        with asking():
            return intents.collect(client(), order, str(operation_id), operation_id)

    def keep_method(self, order: orders.Keeping, operation_id: UUID) -> Submitted:
        with asking():
            return checkout.open_keeping_page(client(), order, str(operation_id), operation_id)

    def refund(self, order: orders.RefundOrder, operation_id: UUID) -> str:
        with asking():
            return money_back.refund(client(), order, str(operation_id), operation_id)

    def pay_out(self, order: orders.PayoutOrder, operation_id: UUID) -> str:
        with asking():
            return money_back.transfer(client(), order, str(operation_id), operation_id)

    def reverse(self, order: orders.Reversal, operation_id: UUID) -> str:
        with asking():
            return money_back.reverse(client(), order, str(operation_id), operation_id)

    def open_account(self, order: orders.AccountOrder, operation_id: UUID) -> str:
        with asking():
            return accounts.open_account(client(), order, str(operation_id), operation_id)

    def find(self, order: orders.Order, operation_id: UUID, since: datetime) -> Submitted | None:
        with asking():
            return finding.find(client(), order, operation_id, since)

    def onboarding_link(self, account_reference: str) -> str:
        with asking():
            return accounts.onboarding_link(client(), account_reference)

    def read(self, kind: str, payload: Mapping[str, object]) -> Sequence[News]:
        return events.of_event(kind, payload)

    def events(self, since: datetime) -> Iterator[HeardEvent]:
        return events.listed(since)

    def balance_lines(self, since: datetime) -> Iterator[BalanceLineFact]:
        with asking():
            yield from balance.lines(client(), since)
