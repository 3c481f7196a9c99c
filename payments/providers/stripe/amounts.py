"""Amounts as Stripe counts them: in minor units too, but of a few currencies in others than ISO 4217 has."""

from exchange.kernel import money
from exchange.kernel.errors import Conflict
from exchange.kernel.money import Money

_EXPONENTS_THERE = {"ISK": 2, "UGX": 2, "MGA": 0}


def there(amount: Money) -> int:
    """Our amount in Stripe's units; Conflict where it has no such small coin."""
    return _moved(amount.minor, _digits(amount.currency))


def here(minor: int, currency: str) -> Money:
    """Stripe's amount in ours."""
    code = currency.upper()
    return Money(_moved(minor, -_digits(code)), code)


def _digits(currency: str) -> int:
    ours = money.exponent(currency)
    return _EXPONENTS_THERE.get(currency, ours) - ours


def _moved(minor: int, digits: int) -> int:
    if digits >= 0:
        return int(minor * 10**digits)
    whole, rest = divmod(minor, 10**-digits)
    if rest:
        raise Conflict("Stripe counts this currency in larger units", code="amount_differs")
    return int(whole)
