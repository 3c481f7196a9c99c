"""Money in the fake's accounts: every movement is a balance transaction, pending until it is available."""

from typing import Any

from tests.fakes.stripe.refusals import Refusal, invalid
from tests.fakes.stripe.routes import Call, listed, route
from tests.fakes.stripe.world import DAY, PLATFORM, Asked, World

Json = dict[str, Any]
PENDING_DAYS = 3
DISPUTE_FEE_MINOR = 2_000
_EUROPE = frozenset(["AT", "BE", "DE", "ES", "FR", "IE", "IT", "NL", "PT"])
_OF_LISTS = ("currency", "source", "type", "payout")


def card_fee(amount: int, country: str) -> int:
    """What a card payment costs: 1.5 % in Europe, 3.25 % elsewhere, and 25 minor units."""
    thousandths = 150 if country in _EUROPE else 325
    return (amount * thousandths + 5_000) // 10_000 + 25


def book(
    world: World,
    kind: str,
    amount: int,
    about: Json,
    *,
    category: str = "",
    fee: int = 0,
    available_on: int | None = None,
    account: str = "",
) -> Json:
    """Move money in an account, into it or out of it; answers the balance transaction."""
    available_on = world.now if available_on is None else available_on
    before = world.asked
    world.asked = Asked(account or before.account, before.request, before.key)
    try:
        return world.new(
            "balance_transaction",
            "txn_1",
            amount=amount,
            fee=fee,
            net=amount - fee,
            fee_details=_fees(world, fee, about["currency"]),
            currency=about["currency"],
            source=about["id"],
            type=kind,
            reporting_category=category or kind,
            balance_type="payments",
            available_on=available_on,
            status="available" if available_on <= world.now else "pending",
        )
    finally:
        world.asked = before


def _fees(world: World, fee: int, currency: str) -> list[Json]:
    if not fee:
        return []
    told = {"amount": fee, "currency": currency, "type": "stripe_fee", "description": "Stripe processing fees"}
    return [world.blank("fee") | told]


def balance_of(world: World, account: str, currency: str, status: str) -> int:
    """What an account has in a currency, available or pending."""
    return sum(
        one["net"]
        for name, one in world.objects.items()
        if one["object"] == "balance_transaction"
        and world.owners[name] == account
        and (one["currency"], one["status"]) == (currency, status)
    )


def require_available(world: World, account: str, amount: int, currency: str) -> None:
    """Refuse to move money that is not there yet."""
    if balance_of(world, account, currency, "available") < amount:
        raise insufficient()


def insufficient() -> Refusal:
    """The refusal of a movement that the balance does not bear."""
    return invalid(
        "You have insufficient available funds in your Stripe account. Try adding funds directly to your available "
        "balance by creating Charges using the 4000000000000077 test card. See: "
        "https://stripe.com/docs/testing#available-balance",
        code="balance_insufficient",
    )


def pending_until(world: World) -> int:
    """When a payment of now becomes available."""
    return world.now + PENDING_DAYS * DAY


@route("GET", "/v1/balance_transactions")
def list_balance_transactions(call: Call) -> Json:
    return listed(call, "balance_transaction", *_OF_LISTS)


@route("GET", "/v1/balance_transactions/{id}")
def retrieve_balance_transaction(call: Call) -> Json:
    return call.world.get("balance_transaction", call.path["id"], status=404)


@route("GET", "/v1/balance")
def retrieve_balance(call: Call) -> Json:
    world, account = call.world, call.world.asked.account
    currencies = sorted({one["currency"] for one in world.all("balance_transaction")}) or ["eur"]
    shown: Json = {"object": "balance", "livemode": False}
    for status in ("available", "pending"):
        amounts = [(currency, balance_of(world, account, currency, status)) for currency in currencies]
        shown[status] = [
            {"amount": amount, "currency": currency, "source_types": {"card": amount}}
            for currency, amount in amounts
        ]
    if account == PLATFORM:
        shown["connect_reserved"] = [{"amount": 0, "currency": currency} for currency in currencies]
    return shown
