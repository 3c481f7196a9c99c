"""Charges: the attempts that a payment intent makes, those that failed too; and what a charge shows of its refunds."""

from typing import Any

from tests.fakes.stripe.balances import book, card_fee, pending_until
from tests.fakes.stripe.cards import Card, charge_details
from tests.fakes.stripe.refusals import Refusal, invalid
from tests.fakes.stripe.routes import INCLUDED, Call, listed, merged, route
from tests.fakes.stripe.search import search
from tests.fakes.stripe.world import World

Json = dict[str, Any]
SEPA_FEE_MINOR = 35


def attempted(world: World, intent: Json, method: Json, status: str, refusal: Refusal | None = None) -> Json:
    """The charge that an attempt to collect left: succeeded, pending, or failed with a bank's no."""
    card: Card = world.notes[method["id"]]["card"]
    has_failed = status == "failed"
    charge = world.new(
        "charge",
        "py_1" if card.is_bank else "ch_1",
        amount=intent["amount"],
        amount_captured=0 if has_failed else intent["amount"],
        amount_refunded=0,
        currency=intent["currency"],
        billing_details=method["billing_details"],
        captured=not has_failed,
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        fraud_details={},
        metadata=dict(intent["metadata"]),
        outcome=_outcome(world, refusal),
        paid=not has_failed,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=charge_details(world, method),
        refunded=False,
        status=status,
        transfer_group=intent["transfer_group"] or (None if has_failed else f"group_{intent['id']}"),
    )
    world.notes[charge["id"]] |= {"card": card, "transferred": 0}
    intent["latest_charge"] = charge["id"]
    if refusal is not None:
        charge |= {"failure_code": refusal.error["code"], "failure_message": refusal.error["message"]}
    return charge


def _outcome(world: World, refusal: Refusal | None) -> Json:
    outcome = world.blank("charge_outcome") | {"network_status": "approved_by_network", "type": "authorized"}
    outcome |= {"risk_level": "normal", "risk_score": 20, "seller_message": "Payment complete."}
    if refusal is not None:
        reason = refusal.error.get("decline_code", refusal.error["code"])
        outcome |= {"network_status": "declined_by_network", "type": "issuer_declined", "reason": reason}
        outcome["seller_message"] = "The bank did not return any further details with this decline."
    return outcome


def collected(world: World, charge: Json) -> None:
    """Mark a charge as collected. What it cost is known a moment later, and told by `charge.updated`."""
    charge["status"] = "succeeded"
    world.notes[charge["id"]]["available_on"] = _available_on(world, charge)
    world.later(world.costs_known_after_seconds, lambda: _book(world, charge))


def _available_on(world: World, charge: Json) -> int:
    card: Card = world.notes[charge["id"]]["card"]
    return world.now if card.is_available_at_once else pending_until(world)


def _book(world: World, charge: Json) -> None:
    card: Card = world.notes[charge["id"]]["card"]
    amount: int = charge["amount"]
    fee = SEPA_FEE_MINOR if card.is_bank else card_fee(amount, card.country)
    available_on = world.notes[charge["id"]]["available_on"]
    kind = "payment" if card.is_bank else "charge"
    line = book(world, kind, amount, charge, category="charge", fee=fee, available_on=available_on)
    charge["balance_transaction"] = line["id"]
    world.tell("charge.updated", charge, balance_transaction=None)


def refunds_of(world: World, charge: Json) -> Json:
    """The list that a charge shows when it is asked for."""
    found = [one for one in world.all("refund") if one["charge"] == charge["id"]]
    url = f"/v1/charges/{charge['id']}/refunds"
    return {"object": "list", "data": found[:10], "has_more": len(found) > 10, "url": url}


INCLUDED["charge", "refunds"] = refunds_of


@route("GET", "/v1/charges/{charge}")
def retrieve_charge(call: Call) -> Json:
    return call.world.get("charge", call.path["charge"], "charge", status=404)


@route("GET", "/v1/charges")
def list_charges(call: Call) -> Json:
    return listed(call, "charge", "customer", "payment_intent", "transfer_group")


@route("GET", "/v1/charges/search")
def search_charges(call: Call) -> Json:
    return search(call, "charge", ("amount", "currency", "customer", "status", "refunded", "disputed"))


@route("POST", "/v1/charges/{charge}")
def update_charge(call: Call) -> Json:
    charge = call.world.get("charge", call.path["charge"], "charge", status=404)
    wanted = call.given.get("transfer_group")
    if wanted and charge["transfer_group"] and not charge["transfer_group"].startswith("group_pi_"):
        raise invalid("The transfer_group of this charge is set already.", "transfer_group")
    charge["metadata"] = merged(charge["metadata"], call.given.get("metadata"))
    for name in ("description", "transfer_group"):
        if name in call.given:
            charge[name] = call.given[name]
    call.world.tell("charge.updated", charge)
    return charge
