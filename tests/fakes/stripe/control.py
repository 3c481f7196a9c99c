"""The fake's own door, `/_fake/…`: tests that run beside the fake move its clock, its weather and its objects by it.
Tests in its own process may do the same on the world itself."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.fakes.stripe import accounts, disputes, payouts, refunds
from tests.fakes.stripe.deliveries import Endpoint, Weather
from tests.fakes.stripe.faults import Fault, Kind
from tests.fakes.stripe.refusals import Refusal
from tests.fakes.stripe.world import Asked, World

Json = dict[str, Any]


def controlled(world: World, method: str, path: str, body: bytes) -> tuple[int, Json]:
    """Do what a control asks: 200 with what came of it, 404 for what there is not."""
    act = _ACTS.get((method, path.removeprefix("/_fake/")))
    if act is None:
        return 404, {"error": f"the fake has no {method} {path}"}
    try:
        return 200, act(world, json.loads(body or b"{}"))
    except Refusal as refusal:
        return refusal.status, {"error": refusal.error}


def advance(world: World, given: Json) -> Json:
    """Move the clock by days and seconds."""
    world.advance(given.get("days", 0) * 86_400 + given.get("seconds", 0))
    return {"now": world.now}


def stand(world: World, given: Json) -> Json:
    """Stop the clock at a moment, ISO 8601 with its zone."""
    world.clock.stand(datetime.fromisoformat(given["at"]))
    return {"now": world.now}


def send_to(world: World, given: Json) -> Json:
    """Add an endpoint of webhooks."""
    types = tuple(given.get("types", ("*",)))
    world.courier.endpoints.append(Endpoint(given["url"], given["secret"], given.get("is_thin", False), types))
    return {"endpoints": len(world.courier.endpoints)}


def change_weather(world: World, given: Json) -> Json:
    """Set how webhooks travel from now on; what is not named is fair."""
    if "lost_types" in given:
        given["lost_types"] = tuple(given["lost_types"])
    world.courier.weather = Weather(**given)
    return {}


def order_fault(world: World, given: Json) -> Json:
    """Let a route fail."""
    world.faults.append(Fault(**given | {"kind": Kind(given["kind"])}))
    return {}


def show_deliveries(world: World, given: Json) -> Json:
    """What was sent, and what was answered."""
    told = [
        {"id": one.event["id"], "type": one.event["type"], "answers": one.answers, "is_lost": one.is_lost}
        for one in world.courier.deliveries
    ]
    return {"deliveries": told}


def move_account(world: World, given: Json) -> Json:
    """Set whether transfers reach an account."""
    accounts.move(world, world.objects[given["account"]], given["status"])
    return {}


def dispute_charge(world: World, given: Json) -> Json:
    """A holder disputes a charge, or its bank only asks."""
    reason, is_inquiry = given.get("reason", "fraudulent"), given.get("is_inquiry", False)

    def act(charge: Json) -> Json:
        return disputes.open_dispute(world, charge, reason, is_inquiry=is_inquiry)

    return _in_the_name_of(world, given["charge"], act)


def end_dispute(world: World, given: Json) -> Json:
    """A bank decides a dispute: won, lost, or of an inquiry warning_closed."""
    return _in_the_name_of(
        world, given["dispute"], lambda dispute: disputes.end(world, dispute, given["status"])
    )


def settle_refund(world: World, given: Json) -> Json:
    """A refund arrives."""
    return _in_the_name_of(world, given["refund"], lambda refund: refunds.settle(world, refund))


def fail_refund(world: World, given: Json) -> Json:
    """A refund comes back."""
    reason = given.get("reason", "unknown")
    return _in_the_name_of(world, given["refund"], lambda refund: refunds.fail(world, refund, reason))


def fail_payout(world: World, given: Json) -> Json:
    """A payout comes back."""
    return _in_the_name_of(world, given["payout"], lambda payout: payouts.fail(world, payout))


def _in_the_name_of(world: World, name: str, act: Callable[[Json], Any]) -> Json:
    before, world.asked = world.asked, Asked(world.owners[name])
    try:
        act(world.objects[name])
        return world.objects[name]
    finally:
        world.asked = before


_ACTS: dict[tuple[str, str], Callable[[World, Json], Json]] = {
    ("POST", "advance"): advance,
    ("POST", "clock"): stand,
    ("POST", "endpoints"): send_to,
    ("POST", "weather"): change_weather,
    ("POST", "faults"): order_fault,
    ("GET", "deliveries"): show_deliveries,
    ("POST", "accounts/move"): move_account,
    ("POST", "disputes/open"): dispute_charge,
    ("POST", "disputes/end"): end_dispute,
    ("POST", "refunds/settle"): settle_refund,
    ("POST", "refunds/fail"): fail_refund,
    ("POST", "payouts/fail"): fail_payout,
}
