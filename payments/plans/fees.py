"""The exchange's part of a price, and what is left for the seller; pure arithmetic in minor units."""

from exchange.kernel.money import Money


def fee(net: Money, basis_points: int) -> Money:
    """The exchange's part of a net price, rounded half up; never more than the price."""
    if net.minor < 0 or not 0 <= basis_points <= 10_000:
        raise ValueError("a fee is taken from a price of zero or more, at 0 to 10000 basis points")
    return net.portion(basis_points)


def held(*, net: Money, tax: Money, fee: Money, seller_owes_tax: bool) -> Money:
    """What is kept back for the seller: the net price less the fee, and the tax where the seller owes it."""
    return net - fee + tax if seller_owes_tax else net - fee
