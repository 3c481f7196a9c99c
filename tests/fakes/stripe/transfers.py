"""Transfers from the platform to connected accounts, and what is taken back of them."""

from typing import Any

from tests.fakes.stripe import accounts
from tests.fakes.stripe.balances import balance_of, book, insufficient, require_available
from tests.fakes.stripe.forms import missing
from tests.fakes.stripe.refusals import absent, invalid
from tests.fakes.stripe.routes import Call, listed, merged, page, require_amount, route
from tests.fakes.stripe.world import PLATFORM, World

Json = dict[str, Any]


@route("POST", "/v1/transfers")
def create_transfer(call: Call) -> Json:
    world, given = call.world, call.given
    if "amount" not in given:
        raise missing("amount")
    amount, currency = given["amount"], given["currency"]
    require_amount(amount, currency)
    destination = _destination(world, given["destination"])
    source = _source(world, given, amount, currency) if "source_transaction" in given else None
    if source is None:
        require_available(world, PLATFORM, amount, currency)
    available_on = world.now
    if source is not None:
        world.notes[source["id"]]["transferred"] += amount
        available_on = world.notes[source["id"]]["available_on"]
    transfer = world.new(
        "transfer",
        "tr_1",
        amount=amount,
        amount_reversed=0,
        currency=currency,
        description=given.get("description"),
        destination=destination["id"],
        destination_payment=world.id("py_1"),
        metadata=merged({}, given.get("metadata")),
        reversed=False,
        source_transaction=None if source is None else source["id"],
        source_type="card",
        transfer_group=given.get("transfer_group") or (source["transfer_group"] if source else None),
    )
    transfer["reversals"] = _reversals(world, transfer)
    line = book(world, "transfer", -amount, transfer, available_on=available_on)
    transfer["balance_transaction"] = line["id"]
    payment = {"id": transfer["destination_payment"], "currency": currency}
    book(
        world,
        "payment",
        amount,
        payment,
        category="charge",
        available_on=available_on,
        account=destination["id"],
    )
    world.tell("transfer.created", transfer)
    return transfer


def _destination(world: World, name: str) -> Json:
    account = world.objects.get(name)
    if account is None or account["object"] != "v2.core.account":
        raise absent("destination", name, "destination")
    if not accounts.is_ready(account):
        raise invalid(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers, "
            "crypto_transfers, legacy_payments",
            "destination",
            code="insufficient_capabilities_for_transfer",
        )
    return account


def _source(world: World, given: Json, amount: int, currency: str) -> Json:
    charge = world.get("charge", given["source_transaction"], "source_transaction")
    if charge["status"] != "succeeded":
        raise invalid("The source_transaction has not succeeded.", "source_transaction")
    if charge["currency"] != currency:
        raise invalid(
            f"The currency of source_transaction's balance transaction ({charge['currency']}) must be the same as the "
            f"transfer currency ({currency})",
            "source_transaction",
        )
    already = world.notes[charge["id"]]["transferred"]
    if already + amount > charge["amount"]:
        raise invalid(
            f"Transfers using this transaction as a source must not exceed the source amount of {charge['amount']} "
            f"(minor units). (There is already {already} transferred using this source.)",
            "amount",
        )
    return charge


def _reversals(world: World, transfer: Json) -> Json:
    found = [one for one in world.all("transfer_reversal") if one["transfer"] == transfer["id"]]
    url = f"/v1/transfers/{transfer['id']}/reversals"
    return {"object": "list", "data": found[:10], "has_more": len(found) > 10, "url": url}


@route("POST", "/v1/transfers/{id}/reversals")
def create_reversal(call: Call) -> Json:
    world, transfer = call.world, call.world.get("transfer", call.path["id"], "id", status=404)
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = call.given.get("amount", left)
    if not left:
        raise invalid(f"Transfer {transfer['id']} is already fully reversed.", "id")
    require_amount(amount, transfer["currency"])
    if amount > left:
        raise invalid(
            f"Transfer reversal amount ({amount} {transfer['currency']}) is greater than unreversed amount on transfer "
            f"({left} {transfer['currency']})",
            "amount",
        )
    destination, currency = transfer["destination"], transfer["currency"]
    held = sum(balance_of(world, destination, currency, status) for status in ("available", "pending"))
    if held < amount:
        raise insufficient()
    available_on = world.objects[transfer["balance_transaction"]]["available_on"]
    reversal = world.new(
        "transfer_reversal",
        "trr_1",
        amount=amount,
        currency=currency,
        destination_payment_refund=world.id("pyr_1"),
        metadata=merged({}, call.given.get("metadata")),
        transfer=transfer["id"],
    )
    line = book(
        world, "transfer_refund", amount, reversal, category="transfer_reversal", available_on=available_on
    )
    reversal["balance_transaction"] = line["id"]
    refund = {"id": reversal["destination_payment_refund"], "currency": currency}
    book(
        world,
        "payment_refund",
        -amount,
        refund,
        category="refund",
        available_on=available_on,
        account=destination,
    )
    _take_back(world, transfer, amount)
    return reversal


def _take_back(world: World, transfer: Json, amount: int) -> None:
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"] = _reversals(world, transfer)
    if transfer["source_transaction"]:
        world.notes[transfer["source_transaction"]]["transferred"] -= amount
    world.tell("transfer.reversed", transfer)


@route("GET", "/v1/transfers/{transfer}")
def retrieve_transfer(call: Call) -> Json:
    return call.world.get("transfer", call.path["transfer"], "transfer", status=404)


@route("POST", "/v1/transfers/{transfer}")
def update_transfer(call: Call) -> Json:
    transfer = call.world.get("transfer", call.path["transfer"], "transfer", status=404)
    transfer["metadata"] = merged(transfer["metadata"], call.given.get("metadata"))
    call.world.tell("transfer.updated", transfer)
    return transfer


@route("GET", "/v1/transfers")
def list_transfers(call: Call) -> Json:
    return listed(call, "transfer", "destination", "transfer_group")


@route("GET", "/v1/transfers/{id}/reversals")
def list_reversals(call: Call) -> Json:
    transfer = call.world.get("transfer", call.path["id"], "id", status=404)
    return page(call, [one for one in call.world.all("transfer_reversal") if one["transfer"] == transfer["id"]])


@route("GET", "/v1/transfers/{transfer}/reversals/{id}")
def retrieve_reversal(call: Call) -> Json:
    reversal = call.world.get("transfer_reversal", call.path["id"], "id", status=404)
    if reversal["transfer"] != call.path["transfer"]:
        raise absent("transfer reversal", reversal["id"], "id", status=404)
    return reversal
