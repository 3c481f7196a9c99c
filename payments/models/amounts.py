"""Net, tax and gross of a row as money, from the integers that its columns hold."""

from typing import Protocol

from exchange.kernel.money import Money


class _Taxed(Protocol):
    @property
    def net_minor(self) -> int: ...
    @property
    def tax_minor(self) -> int: ...
    @property
    def gross_minor(self) -> int: ...
    @property
    def currency(self) -> str: ...


class Amounts:
    """What is charged, given back or invoiced: net and tax come to gross."""

    @property
    def net(self: _Taxed) -> Money:
        return Money(self.net_minor, self.currency)

    @property
    def tax(self: _Taxed) -> Money:
        return Money(self.tax_minor, self.currency)

    @property
    def gross(self: _Taxed) -> Money:
        return Money(self.gross_minor, self.currency)
