"""Refunds: at once by card, in days by bank, and some come back weeks later."""

from typing import Any

from tests.fakes.stripe.balances import book
from tests.fakes.stripe.cards import Card
from tests.fakes.stripe.disputes import takes_money
from tests.fakes.stripe.forms import missing
from tests.fakes.stripe.refusals import invalid
from tests.fakes.stripe.routes import Call, listed, merged, require_amount, route
from tests.fakes.stripe.world import DAY, World

Json = dict[str, Any]
PENDING_DAYS = 4
COMES_BACK_DAYS = 20


@route("POST", "/v1/refunds")
def create_refund(call: Call) -> Json:
    world, given = call.world, call.given
    charge = _charge(call)
    if charge["status"] != "succeeded":
        raise invalid(f"Charge {charge['id']} has not been captured, so it cannot be refunded.", "charge")
    if any(takes_money(one) for one in world.all("dispute") if one["charge"] == charge["id"]):
        raise invalid(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    left = charge["amount"] - charge["amount_refunded"]
    if not left:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = given.get("amount", left)
    require_amount(amount, charge["currency"])
    if amount > left:
        raise invalid(
            f"Refund amount ({amount} {charge['currency']}) is greater than unrefunded amount on charge "
            f"({left} {charge['currency']})",
            "amount",
        )
    for name in ("reverse_transfer", "refund_application_fee"):
        if given.get(name):
            raise invalid(
                f"{name} is for charges that were created with a transfer or an application fee.", name
            )
    return _made(world, charge, amount, given)


def _charge(call: Call) -> Json:
    if "payment_intent" in call.given:
        intent = call.world.get("payment_intent", call.given["payment_intent"], "payment_intent")
        if intent["latest_charge"] is None:
            raise invalid("This PaymentIntent does not have a successful charge to refund.", "payment_intent")
        return call.world.objects[intent["latest_charge"]]
    if "charge" not in call.given:
        raise missing("payment_intent")
    return call.world.get("charge", call.given["charge"], "charge")


def _made(world: World, charge: Json, amount: int, given: Json) -> Json:
    card: Card = world.notes[charge["id"]]["card"]
    is_pending = card.is_bank or card.refund == "pending"
    refund = world.new(
        "refund",
        "pyr_1" if card.is_bank else "re_3",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        destination_details=None if card.is_bank else {"type": "card", "card": {"type": "refund"}},
        metadata=merged({}, given.get("metadata")),
        payment_intent=charge["payment_intent"],
        reason=given.get("reason"),
        status="pending" if is_pending else "succeeded",
    )
    line = book(world, "payment_refund" if card.is_bank else "refund", -amount, refund, category="refund")
    refund["balance_transaction"] = line["id"]
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    world.tell("refund.created", refund)
    world.tell("charge.refunded", charge)
    if is_pending:
        world.later(PENDING_DAYS * DAY, lambda: settle(world, refund))
    if card.refund == "fails_later":
        world.later(COMES_BACK_DAYS * DAY, lambda: fail(world, refund, "unknown"))
    return refund


def settle(world: World, refund: Json) -> None:
    """A pending refund has arrived."""
    if refund["status"] == "pending":
        refund["status"] = "succeeded"
        refund.pop("pending_reason", None)
        _told(world, refund, "refund.updated", status="pending")


def fail(world: World, refund: Json, reason: str) -> None:
    """The money comes back to the platform."""
    if refund["status"] not in ("pending", "succeeded"):
        raise invalid(f"This refund is {refund['status']}.")
    before, charge = refund["status"], world.objects[refund["charge"]]
    line = book(world, "refund_failure", refund["amount"], refund)
    refund |= {"status": "failed", "failure_reason": reason, "failure_balance_transaction": line["id"]}
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    _told(world, refund, "refund.updated", status=before)
    world.tell("refund.failed", refund)


def _told(world: World, refund: Json, kind: str, **previous: Any) -> None:
    world.tell(kind, refund, **previous)
    world.tell("charge.refund.updated", refund, **previous)


@route("GET", "/v1/refunds/{refund}")
def retrieve_refund(call: Call) -> Json:
    return call.world.get("refund", call.path["refund"], "refund", status=404)


@route("POST", "/v1/refunds/{refund}")
def update_refund(call: Call) -> Json:
    refund = call.world.get("refund", call.path["refund"], "refund", status=404)
    refund["metadata"] = merged(refund["metadata"], call.given.get("metadata"))
    return refund


@route("GET", "/v1/refunds")
def list_refunds(call: Call) -> Json:
    return listed(call, "refund", "charge", "payment_intent")


@route("GET", "/v1/charges/{charge}/refunds")
def list_refunds_of_charge(call: Call) -> Json:
    call.given["charge"] = call.world.get("charge", call.path["charge"], "charge", status=404)["id"]
    return listed(call, "refund", "charge")
