"""Payment intents: from the wish to collect to a charge that succeeded, with the bank's no and the holder's proof in
between."""

from typing import Any

from tests.fakes.stripe import charges, disputes
from tests.fakes.stripe.cards import Card, said_no
from tests.fakes.stripe.customers import attach, find, resolved
from tests.fakes.stripe.forms import missing
from tests.fakes.stripe.refusals import Refusal, invalid
from tests.fakes.stripe.routes import Call, listed, merged, require_amount, route
from tests.fakes.stripe.search import search
from tests.fakes.stripe.world import DAY, World

Json = dict[str, Any]
DEBIT_DAYS = 5
"""How long a bank takes to debit."""
_SMALLEST = {
    "eur": 50,
    "usd": 50,
    "chf": 50,
    "gbp": 30,
    "jpy": 50,
    "dkk": 250,
    "nok": 300,
    "sek": 300,
    "pln": 200,
}
_CANCELLABLE = (
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
    "processing",
)
_CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_FILTERS = ("customer",)


def create(world: World, given: Json) -> Json:
    """A new intent that waits for a payment method or its confirmation."""
    amount, currency = given["amount"], given["currency"]
    require_amount(amount, currency)
    smallest = _SMALLEST.get(currency, 50)
    if amount < smallest:
        raise invalid(
            f"Amount must be at least {smallest} {currency} (minor units)", "amount", code="amount_too_small"
        )
    customer = find(world, given["customer"])["id"] if "customer" in given else None
    intent = world.new(
        "payment_intent",
        "pi_3",
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        capture_method="automatic_async",
        confirmation_method="automatic",
        currency=currency,
        customer=customer,
        description=given.get("description"),
        metadata=merged({}, given.get("metadata")),
        payment_method_types=given.get("payment_method_types") or ["card", "sepa_debit"],
        setup_future_usage=given.get("setup_future_usage"),
        statement_descriptor=given.get("statement_descriptor"),
        status="requires_payment_method",
        transfer_group=given.get("transfer_group"),
    )
    intent["client_secret"] = f"{intent['id']}_secret_{world.id('', 25)}"
    if "payment_method_types" not in given:
        intent["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "always"}
    world.tell("payment_intent.created", intent)
    return intent


def choose(world: World, intent: Json, name: str) -> None:
    """Set the payment method; one that is another customer's is refused."""
    method = resolved(world, name)
    owner = method["customer"]
    if owner is not None and owner != intent["customer"]:
        whose = f"Customer {owner}" if intent["customer"] is None else "another Customer"
        raise invalid(
            f"The PaymentMethod {method['id']} belongs to {whose}. Please include the Customer in the `customer` "
            "parameter on the PaymentIntent.",
            "payment_method",
        )
    if method["type"] not in intent["payment_method_types"]:
        raise invalid(
            f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent.",
            "payment_method",
        )
    intent |= {"payment_method": method["id"], "status": "requires_confirmation"}


def confirm(world: World, intent: Json, *, is_off_session: bool = False, return_url: str = "") -> None:
    """Try to collect: raises the bank's no, with the intent as it is then."""
    if intent["payment_method"] is None:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    if intent["status"] not in _CONFIRMABLE:
        raise invalid(
            f"This PaymentIntent's status is {intent['status']}, so it cannot be confirmed.",
            code="payment_intent_unexpected_state",
        )
    card: Card = world.notes[intent["payment_method"]]["card"]
    is_set_up = world.notes[intent["payment_method"]]["is_set_up"]
    if card.asks == "always" or (card.asks == "unless_set_up" and not is_set_up):
        if is_off_session:
            raise refuse(world, intent, "authentication_required")
        return _ask_holder(world, intent, return_url)
    return collect(world, intent)


def _ask_holder(world: World, intent: Json, return_url: str) -> None:
    url = f"{world.url}/authenticate/{intent['id']}"
    told = {"return_url": return_url or None, "url": url}
    intent |= {"status": "requires_action", "next_action": {"type": "redirect_to_url", "redirect_to_url": told}}
    world.tell("payment_intent.requires_action", intent)


def answer_challenge(world: World, intent: Json, *, is_holder: bool) -> None:
    """What the holder told the bank: collect, or refuse without asking it again."""
    if intent["status"] != "requires_action":
        raise invalid("This PaymentIntent asks for nothing.", code="payment_intent_unexpected_state")
    intent["next_action"] = None
    if is_holder:
        return collect(world, intent)
    intent |= {"status": "requires_payment_method", "last_payment_error": _unproven(world, intent)}
    intent["payment_method"] = None
    world.tell("payment_intent.payment_failed", intent)
    return None


def _unproven(world: World, intent: Json) -> Json:
    return {
        "type": "invalid_request_error",
        "code": "payment_intent_authentication_failure",
        "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a "
        "new PaymentMethod to attempt to fulfill this PaymentIntent again.",
        "payment_method": dict(world.objects[intent["payment_method"]]),
    }


def collect(world: World, intent: Json) -> None:
    """Take the money, now or in days; raises the bank's no."""
    method = world.objects[intent["payment_method"]]
    card: Card = world.notes[method["id"]]["card"]
    if card.decline:
        raise refuse(world, intent, card.decline)
    if intent["setup_future_usage"]:
        world.notes[method["id"]]["is_set_up"] = True
    if intent["customer"] and intent["setup_future_usage"]:
        attach(world, method, intent["customer"])
    intent |= {"last_payment_error": None, "next_action": None}
    if card.is_bank:
        charge = charges.attempted(world, intent, method, "pending")
        intent["status"] = "processing"
        world.tell("charge.pending", charge)
        world.tell("payment_intent.processing", intent)
        world.later(DEBIT_DAYS * DAY, lambda: _debited(world, intent, charge, card))
        return
    _succeed(world, intent, charges.attempted(world, intent, method, "succeeded"))
    if method["customer"] is None:
        world.notes[method["id"]]["is_spent"] = True


def _debited(world: World, intent: Json, charge: Json, card: Card) -> None:
    """Days later, the buyer's bank paid or did not."""
    if not card.fails_later:
        return _succeed(world, intent, charge)
    charge |= {"status": "failed", "paid": False, "failure_code": "insufficient_funds"}
    charge["failure_message"] = "The customer's account has insufficient funds to cover this payment."
    intent |= {"status": "requires_payment_method", "payment_method": None}
    intent["last_payment_error"] = {
        "type": "card_error",
        "code": "insufficient_funds",
        "message": charge["failure_message"],
        "charge": charge["id"],
    }
    world.tell("charge.failed", charge)
    world.tell("payment_intent.payment_failed", intent)
    _tell_session(world, intent, has_paid=False)
    return None


def _succeed(world: World, intent: Json, charge: Json) -> None:
    charges.collected(world, charge)
    intent |= {"status": "succeeded", "amount_received": intent["amount"]}
    world.tell("charge.succeeded", charge)
    world.tell("payment_intent.succeeded", intent)
    _tell_session(world, intent, has_paid=True)
    if world.notes[charge["id"]]["card"].is_disputed:
        world.later(0, lambda: disputes.open_dispute(world, charge, "fraudulent"))


def _tell_session(world: World, intent: Json, *, has_paid: bool) -> None:
    """A checkout that was left while the bank worked learns the end of it."""
    session = world.objects.get(world.notes[intent["id"]].get("session", ""))
    if session is None or session["status"] != "complete":
        return
    session["payment_status"] = "paid" if has_paid else "unpaid"
    end = "succeeded" if has_paid else "failed"
    world.tell(f"checkout.session.async_payment_{end}", session)


def refuse(world: World, intent: Json, reason: str) -> Refusal:
    """Note a bank's no on the intent; answers the refusal that says it."""
    method = world.objects[intent["payment_method"]]
    refusal = said_no(reason)
    charge = charges.attempted(world, intent, method, "failed", refusal)
    refusal.error["charge"] = charge["id"]
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_payment_error": refusal.error | {"payment_method": dict(method)},
    }
    world.tell("charge.failed", charge)
    world.tell("payment_intent.payment_failed", intent)
    refusal.error = refusal.error | {"payment_intent": dict(intent), "payment_method": dict(method)}
    return refusal


@route("POST", "/v1/payment_intents")
def create_payment_intent(call: Call) -> Json:
    world, given = call.world, call.given
    if given.get("off_session") and not given.get("confirm"):
        raise invalid("You cannot provide `off_session` without `confirm=true`.", "off_session")
    if given.get("confirm") and "payment_method" not in given:
        raise missing("payment_method")
    intent = create(world, given)
    if "payment_method" in given:
        choose(world, intent, given["payment_method"])
    if given.get("confirm"):
        if not given.get("off_session") and intent["automatic_payment_methods"] and "return_url" not in given:
            raise missing("return_url")
        confirm(
            world, intent, is_off_session=bool(given.get("off_session")), return_url=given.get("return_url", "")
        )
    return intent


@route("GET", "/v1/payment_intents/{intent}")
def retrieve_payment_intent(call: Call) -> Json:
    return _find(call)


@route("POST", "/v1/payment_intents/{intent}")
def update_payment_intent(call: Call) -> Json:
    world, intent = call.world, _find(call)
    intent["metadata"] = merged(intent["metadata"], call.given.get("metadata"))
    if intent["status"] in ("succeeded", "canceled", "processing") and {"amount", "payment_method"} & set(
        call.given
    ):
        raise invalid(
            f"This PaymentIntent's status is {intent['status']}, so it cannot be updated.",
            code="payment_intent_unexpected_state",
        )
    if "payment_method" in call.given:
        choose(world, intent, call.given["payment_method"])
    for name in ("amount", "description", "transfer_group", "setup_future_usage"):
        if name in call.given:
            intent[name] = call.given[name]
    return intent


@route("POST", "/v1/payment_intents/{intent}/confirm")
def confirm_payment_intent(call: Call) -> Json:
    world, intent = call.world, _find(call)
    if "payment_method" in call.given:
        choose(world, intent, call.given["payment_method"])
    is_off_session = bool(call.given.get("off_session"))
    confirm(world, intent, is_off_session=is_off_session, return_url=call.given.get("return_url", ""))
    return intent


@route("POST", "/v1/payment_intents/{intent}/cancel")
def cancel_payment_intent(call: Call) -> Json:
    world, intent = call.world, _find(call)
    if intent["status"] not in _CANCELLABLE or world.notes[intent["id"]].get("session"):
        raise invalid(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']} or belongs to a "
            "Checkout Session.",
            code="payment_intent_unexpected_state",
        )
    cancel(world, intent, call.given.get("cancellation_reason"))
    return intent


def cancel(world: World, intent: Json, reason: str | None) -> None:
    """Give an intent up."""
    intent |= {
        "status": "canceled",
        "canceled_at": world.now,
        "cancellation_reason": reason,
        "next_action": None,
    }
    world.tell("payment_intent.canceled", intent)


@route("GET", "/v1/payment_intents")
def list_payment_intents(call: Call) -> Json:
    return listed(call, "payment_intent", *_FILTERS)


@route("GET", "/v1/payment_intents/search")
def search_payment_intents(call: Call) -> Json:
    return search(call, "payment_intent", ("amount", "currency", "customer", "status"))


def _find(call: Call) -> Json:
    return call.world.get("payment_intent", call.path["intent"], "intent", status=404)
