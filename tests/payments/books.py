"""A provider whose own book-keeping a test writes: the demo provider, with lines that are told and not read."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Unavailable
from exchange.kernel.money import Money
from payments.ledger import ledger
from payments.ledger.posting_rules import Line
from payments.models import Account, Reconciliation
from payments.providers import BalanceLineFact
from payments.providers.demo import DemoProvider
from payments.reconciliation import reconciliation


class Books(DemoProvider):
    """Answers `lines` from the asked time on, oldest first; breaks off before the line number `breaks_at`."""

    lines: ClassVar[list[BalanceLineFact]] = []
    breaks_at: ClassVar[int | None] = None

    def balance_lines(self, since: datetime) -> Iterator[BalanceLineFact]:
        told = [line for line in self.lines if line.at >= since]
        for place, line in enumerate(sorted(told, key=lambda line: line.at)):
            if place == self.breaks_at:
                raise Unavailable("the provider does not answer")
            yield line


def line(
    name: str, minor: int, at: datetime, *, cost: int = 0, source: str = "", currency: str = "EUR"
) -> None:
    """The provider books something."""
    amount, taken = Money(minor, currency), Money(cost, currency)
    Books.lines.append(BalanceLineFact(name, at, "charge", amount, taken, source or name))


def booked(name: str, minor: int, at: datetime, *, kind: str = "prepaid.paid", currency: str = "EUR") -> None:
    """The ledger books money at the provider, for something that both sides call by this name."""
    amount = Money(minor, currency)
    lines = [Line(Account.Code.CLEARING, None, amount, "demo"), Line(Account.Code.VAT_PAYABLE, None, -amount)]
    ledger.post(kind, f"{kind}:{name}", lines, reference="agreement:of-a-test", at=at)


def compared(at: datetime) -> Reconciliation:
    """Compare the books at that moment, as the beat and its reaction do."""
    asked = reconciliation.ask("demo", by=Actor.system("tests", at=at))
    return reconciliation.compare(asked.pk, at)
