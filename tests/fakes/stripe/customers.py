"""Customers and their payment methods."""

from typing import Any

from tests.fakes.stripe.cards import CARDS, TOKENS, Card, method_for, said_no
from tests.fakes.stripe.forms import missing
from tests.fakes.stripe.refusals import absent, declined, invalid
from tests.fakes.stripe.routes import Call, listed, merged, page, route
from tests.fakes.stripe.world import World

Json = dict[str, Any]
_PLAIN = ("name", "email", "description", "phone", "preferred_locales")


@route("POST", "/v1/customers")
def create_customer(call: Call) -> Json:
    world = call.world
    made = world.new("customer", "cus_", length=14, metadata=merged({}, call.given.get("metadata")))
    made |= {
        "balance": 0,
        "delinquent": False,
        "invoice_prefix": made["id"][-8:].upper(),
        "invoice_settings": world.blank("invoice_setting_customer_setting"),
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
    }
    _describe(made, call.given)
    if "payment_method" in call.given:
        attach(world, resolved(world, call.given["payment_method"]), made["id"])
    world.tell("customer.created", made)
    return made


def _describe(customer: Json, given: Json) -> None:
    for name in _PLAIN:
        if name in given:
            customer[name] = given[name] or None
    if "address" in given:
        blank = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
        customer["address"] = blank | given["address"] if given["address"] else None


@route("POST", "/v1/customers/{customer}")
def update_customer(call: Call) -> Json:
    customer = find(call.world, call.path["customer"], status=404)
    customer["metadata"] = merged(customer["metadata"], call.given.get("metadata"))
    _describe(customer, call.given)
    default = call.given.get("invoice_settings", {}).get("default_payment_method")
    if default:
        customer["invoice_settings"]["default_payment_method"] = resolved(call.world, default)["id"]
    call.world.tell("customer.updated", customer)
    return customer


@route("GET", "/v1/customers/{customer}")
def retrieve_customer(call: Call) -> Json:
    return find(call.world, call.path["customer"], status=404)


@route("GET", "/v1/customers")
def list_customers(call: Call) -> Json:
    return listed(call, "customer", "email")


def find(world: World, name: str, param: str = "customer", *, status: int = 400) -> Json:
    """A customer of the asking account."""
    return world.get("customer", name, param, status=status)


@route("POST", "/v1/payment_methods")
def create_payment_method(call: Call) -> Json:
    given = call.given
    kind = given.get("type")
    if kind is None:
        raise missing("type")
    if kind not in ("card", "sepa_debit"):
        raise invalid(
            f'The payment method type "{kind}" is invalid here: the fake has cards and SEPA debits.', "type"
        )
    if kind not in given:
        raise missing(kind)
    card = _debit(given[kind]) if kind == "sepa_debit" else _card(given[kind])
    who = {name: value for name, value in given.get("billing_details", {}).items() if value}
    if kind == "sepa_debit" and not ({"name", "email"} <= set(who)):
        raise missing("billing_details[email]" if "name" in who else "billing_details[name]")
    return method_for(call.world, card, billing_details=who, metadata=merged({}, given.get("metadata")))


def _card(given: Json) -> Card:
    if "number" in given:
        raise declined(
            "card_declined",
            "Sending credit card numbers directly to the Stripe API is generally unsafe. Use a test token instead.",
        )
    name = str(given.get("token", "")).removeprefix("tok_")
    number = TOKENS.get(f"card_{name}")
    if number is None:
        raise absent("token", str(given.get("token")), "card[token]")
    return CARDS[number]


def _debit(given: Json) -> Card:
    card = CARDS.get(str(given.get("iban", "")).replace(" ", "").upper())
    if card is None or not card.is_bank:
        raise invalid("The IBAN you provided is invalid.", "sepa_debit[iban]", code="invalid_bank_account_iban")
    return card


def resolved(world: World, name: str, param: str = "payment_method", *, status: int = 400) -> Json:
    """A payment method of the asking account; a name of Stripe's tests stands for a new one."""
    number = TOKENS.get(name.removeprefix("pm_"))
    if number is not None:
        return method_for(world, CARDS[number])
    found = world.get("payment_method", name, param, status=status)
    if world.notes[name].get("is_spent"):
        raise invalid(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment or was "
            "detached from a Customer, and may not be used again.",
            param,
        )
    return found


def attach(world: World, method: Json, customer: str) -> None:
    """Make a payment method a customer's own."""
    if method["customer"] == customer:
        return
    if method["customer"] is not None:
        raise invalid("The payment method you provided has already been attached to a customer.")
    find(world, customer)
    method["customer"] = customer
    world.tell("payment_method.attached", method)


@route("GET", "/v1/payment_methods/{payment_method}")
def retrieve_payment_method(call: Call) -> Json:
    return resolved(call.world, call.path["payment_method"], status=404)


@route("POST", "/v1/payment_methods/{payment_method}/attach")
def attach_payment_method(call: Call) -> Json:
    method = resolved(call.world, call.path["payment_method"], status=404)
    if "customer" not in call.given:
        raise missing("customer")
    card = call.world.notes[method["id"]]["card"]
    if card.decline and card.asks == "never":
        raise said_no(card.decline)
    attach(call.world, method, call.given["customer"])
    return method


@route("POST", "/v1/payment_methods/{payment_method}/detach")
def detach_payment_method(call: Call) -> Json:
    method = resolved(call.world, call.path["payment_method"], status=404)
    if method["customer"] is None:
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            "payment_method",
        )
    before, method["customer"] = method["customer"], None
    call.world.notes[method["id"]]["is_spent"] = True
    call.world.tell("payment_method.detached", method, customer=before)
    return method


@route("GET", "/v1/customers/{customer}/payment_methods")
def list_of_customer(call: Call) -> Json:
    customer = find(call.world, call.path["customer"], status=404)
    return page(call, _owned(call, customer["id"]))


@route("GET", "/v1/customers/{customer}/payment_methods/{payment_method}")
def retrieve_of_customer(call: Call) -> Json:
    method = resolved(call.world, call.path["payment_method"], status=404)
    if method["customer"] != call.path["customer"]:
        raise absent("payment method", method["id"], "payment_method", status=404)
    return method


@route("GET", "/v1/payment_methods")
def list_payment_methods(call: Call) -> Json:
    if "customer" not in call.given:
        return page(call, [])
    return page(call, _owned(call, find(call.world, call.given["customer"])["id"]))


def _owned(call: Call, customer: str) -> list[Json]:
    kind = call.given.get("type")
    found = [one for one in call.world.all("payment_method") if one["customer"] == customer]
    return [one for one in found if kind in (None, one["type"])]
