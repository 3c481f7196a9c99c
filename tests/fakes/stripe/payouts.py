"""Payouts: from an account's balance to its bank, in days; some come back."""

from typing import Any

from tests.fakes.stripe.balances import book, require_available
from tests.fakes.stripe.refusals import invalid
from tests.fakes.stripe.routes import Call, listed, merged, require_amount, route
from tests.fakes.stripe.world import DAY, World

Json = dict[str, Any]
DAYS = 2


@route("POST", "/v1/payouts")
def create_payout(call: Call) -> Json:
    world, given = call.world, call.given
    amount, currency = given["amount"], given["currency"]
    require_amount(amount, currency)
    require_available(world, world.asked.account, amount, currency)
    payout = world.new(
        "payout",
        "po_1",
        amount=amount,
        arrival_date=world.now + DAYS * DAY,
        automatic=False,
        currency=currency,
        description=given.get("description"),
        destination=world.id("ba_1"),
        metadata=merged({}, given.get("metadata")),
        method="standard",
        reconciliation_status="not_applicable",
        source_type="card",
        statement_descriptor=given.get("statement_descriptor"),
        status="pending",
        type="bank_account",
    )
    payout["balance_transaction"] = book(world, "payout", -amount, payout)["id"]
    world.tell("payout.created", payout)
    world.later(DAYS * DAY, lambda: _arrive(world, payout))
    return payout


def _arrive(world: World, payout: Json) -> None:
    if payout["status"] in ("pending", "in_transit"):
        payout["status"] = "paid"
        world.tell("payout.paid", payout)


def fail(world: World, payout: Json, code: str = "account_closed") -> None:
    """The bank does not take it: the money is back in the balance. Stripe says so days after `paid`, too."""
    if payout["status"] in ("failed", "canceled"):
        raise invalid(f"This payout is {payout['status']}.")
    line = book(world, "payout_failure", payout["amount"], payout, category="payout_reversal")
    payout |= {"status": "failed", "failure_code": code, "failure_balance_transaction": line["id"]}
    payout["failure_message"] = "The bank account has been closed."
    world.tell("payout.failed", payout)


@route("GET", "/v1/payouts/{payout}")
def retrieve_payout(call: Call) -> Json:
    return _find(call)


@route("GET", "/v1/payouts")
def list_payouts(call: Call) -> Json:
    return listed(call, "payout", "status", "destination")


@route("POST", "/v1/payouts/{payout}")
def update_payout(call: Call) -> Json:
    payout = _find(call)
    payout["metadata"] = merged(payout["metadata"], call.given.get("metadata"))
    return payout


@route("POST", "/v1/payouts/{payout}/cancel")
def cancel_payout(call: Call) -> Json:
    payout = _find(call)
    if payout["status"] != "pending":
        raise invalid("Only a pending payout can be canceled.")
    line = book(call.world, "payout_cancel", payout["amount"], payout, category="payout_reversal")
    payout |= {"status": "canceled", "failure_balance_transaction": line["id"]}
    call.world.tell("payout.canceled", payout)
    return payout


def _find(call: Call) -> Json:
    return call.world.get("payout", call.path["payout"], "payout", status=404)
