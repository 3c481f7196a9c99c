"""Setup intents: a payment method that its holder lets the platform charge later, without them."""

from typing import Any

from tests.fakes.stripe.cards import Card, said_no
from tests.fakes.stripe.customers import attach, find, resolved
from tests.fakes.stripe.refusals import Refusal, invalid
from tests.fakes.stripe.routes import Call, listed, merged, route
from tests.fakes.stripe.world import World

Json = dict[str, Any]
_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(world: World, given: Json) -> Json:
    """A new intent to keep a payment method."""
    intent = world.new(
        "setup_intent",
        "seti_1",
        customer=find(world, given["customer"])["id"] if "customer" in given else None,
        description=given.get("description"),
        metadata=merged({}, given.get("metadata")),
        payment_method_types=given.get("payment_method_types") or ["card", "sepa_debit"],
        status="requires_payment_method",
        usage=given.get("usage", "off_session"),
    )
    intent["client_secret"] = f"{intent['id']}_secret_{world.id('', 25)}"
    world.tell("setup_intent.created", intent)
    return intent


def choose(world: World, intent: Json, name: str) -> None:
    """Set the payment method."""
    intent |= {"payment_method": resolved(world, name)["id"], "status": "requires_confirmation"}


def confirm(world: World, intent: Json, return_url: str = "") -> None:
    """Ask the holder's bank where it wants to be asked, and keep the method."""
    if intent["status"] not in _OPEN or intent["payment_method"] is None:
        raise invalid(
            f"This SetupIntent's status is {intent['status']}, so it cannot be confirmed.",
            code="setup_intent_unexpected_state",
        )
    card: Card = world.notes[intent["payment_method"]]["card"]
    if card.asks != "never":
        told = {"return_url": return_url or None, "url": f"{world.url}/authenticate/{intent['id']}"}
        intent |= {
            "status": "requires_action",
            "next_action": {"type": "redirect_to_url", "redirect_to_url": told},
        }
        world.tell("setup_intent.requires_action", intent)
        return None
    return _keep(world, intent)


def answer_challenge(world: World, intent: Json, *, is_holder: bool) -> None:
    """What the holder told the bank."""
    if intent["status"] != "requires_action":
        raise invalid("This SetupIntent asks for nothing.", code="setup_intent_unexpected_state")
    intent["next_action"] = None
    if is_holder:
        return _keep(world, intent)
    intent |= {"status": "requires_payment_method", "payment_method": None}
    intent["last_setup_error"] = {
        "type": "invalid_request_error",
        "code": "setup_intent_authentication_failure",
        "message": "The latest attempt to set up the payment method has failed because authentication failed.",
    }
    world.tell("setup_intent.setup_failed", intent)
    return None


def _keep(world: World, intent: Json) -> None:
    method = world.objects[intent["payment_method"]]
    card: Card = world.notes[method["id"]]["card"]
    if card.decline and card.asks == "never":
        raise _refuse(world, intent, card.decline)
    world.notes[method["id"]]["is_set_up"] = True
    if intent["customer"]:
        attach(world, method, intent["customer"])
    intent |= {"status": "succeeded", "last_setup_error": None, "next_action": None}
    world.tell("setup_intent.succeeded", intent)


def _refuse(world: World, intent: Json, reason: str) -> Refusal:
    refusal = said_no(reason)
    intent |= {"status": "requires_payment_method", "payment_method": None}
    intent["last_setup_error"] = dict(refusal.error)
    world.tell("setup_intent.setup_failed", intent)
    refusal.error = refusal.error | {"setup_intent": dict(intent)}
    return refusal


@route("POST", "/v1/setup_intents")
def create_setup_intent(call: Call) -> Json:
    intent = create(call.world, call.given)
    if "payment_method" in call.given:
        choose(call.world, intent, call.given["payment_method"])
    if call.given.get("confirm"):
        confirm(call.world, intent, call.given.get("return_url", ""))
    return intent


@route("GET", "/v1/setup_intents/{intent}")
def retrieve_setup_intent(call: Call) -> Json:
    return _find(call)


@route("GET", "/v1/setup_intents")
def list_setup_intents(call: Call) -> Json:
    return listed(call, "setup_intent", "customer", "payment_method")


@route("POST", "/v1/setup_intents/{intent}/confirm")
def confirm_setup_intent(call: Call) -> Json:
    intent = _find(call)
    if "payment_method" in call.given:
        choose(call.world, intent, call.given["payment_method"])
    confirm(call.world, intent, call.given.get("return_url", ""))
    return intent


@route("POST", "/v1/setup_intents/{intent}/cancel")
def cancel_setup_intent(call: Call) -> Json:
    intent = _find(call)
    if intent["status"] not in _OPEN:
        raise invalid("You cannot cancel this SetupIntent.", code="setup_intent_unexpected_state")
    intent |= {"status": "canceled", "cancellation_reason": call.given.get("cancellation_reason")}
    call.world.tell("setup_intent.canceled", intent)
    return intent


def _find(call: Call) -> Json:
    return call.world.get("setup_intent", call.path["intent"], "intent", status=404)
