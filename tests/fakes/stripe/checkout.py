"""Checkout sessions: a hosted page on which a buyer pays, or keeps a payment method, until it expires."""

from typing import Any

from tests.fakes.stripe import intents, setups
from tests.fakes.stripe.cards import Card, method_for
from tests.fakes.stripe.customers import find
from tests.fakes.stripe.forms import missing
from tests.fakes.stripe.refusals import invalid
from tests.fakes.stripe.routes import INCLUDED, Call, listed, merged, require_amount, route
from tests.fakes.stripe.world import DAY, World

Json = dict[str, Any]
_SHORTEST_SECONDS = 30 * 60
_SMALLEST = 50
_KEPT_AS_GIVEN = ("cancel_url", "client_reference_id", "customer_email", "locale", "submit_type", "success_url")
_FILTERS = ("customer", "payment_intent", "status")


@route("POST", "/v1/checkout/sessions")
def create_session(call: Call) -> Json:
    world, given = call.world, call.given
    _require(call)
    lines = _lines(world, given)
    currency = lines[0]["currency"] if lines else given.get("currency")
    total = sum(line["amount_total"] for line in lines)
    session = world.new(
        "checkout.session",
        "cs_test_a1",
        length=56,
        mode=given["mode"],
        currency=currency,
        metadata=merged({}, given.get("metadata")),
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        custom_fields=[],
        custom_text=world.blank("payment_pages_checkout_session_custom_text"),
        customer=find(world, given["customer"])["id"] if "customer" in given else None,
        expires_at=given.get("expires_at", world.now + DAY),
        payment_method_types=given.get("payment_method_types") or ["card", "sepa_debit"],
        payment_status="unpaid" if given["mode"] == "payment" else "no_payment_required",
        shipping_options=[],
        status="open",
        ui_mode="hosted_page",
    )
    session |= {name: given[name] for name in _KEPT_AS_GIVEN if name in given}
    if given["mode"] == "payment":
        session |= {"amount_subtotal": total, "amount_total": total, "customer_creation": "if_required"}
        session["total_details"] = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
        if "customer_creation" in given:
            session["customer_creation"] = given["customer_creation"]
    session["url"] = f"{world.url}/c/pay/{session['id']}"
    world.notes[session["id"]] |= {"lines": lines, "given": given}
    if given["mode"] == "setup":
        _plan_setup(world, session, given)
    world.later(session["expires_at"] - world.now, lambda: _lapse(world, session))
    return session


def _require(call: Call) -> None:
    given, now = call.given, call.world.now
    mode = given.get("mode")
    if mode is None:
        raise missing("mode")
    if mode == "subscription" or given.get("ui_mode", "hosted_page") != "hosted_page":
        raise AssertionError("the fake has hosted pages for payments and setups alone")
    if mode == "payment" and not given.get("line_items"):
        raise missing("line_items")
    if "success_url" not in given:
        raise missing("success_url")
    if {"customer", "customer_email"} <= set(given):
        raise invalid("You may only specify one of these parameters: customer, customer_email.", "customer")
    other = {"payment": "setup_intent_data", "setup": "payment_intent_data"}[mode]
    if other in given:
        raise invalid(f"You can not pass `{other}` in `{mode}` mode.", other)
    if mode == "setup" and "currency" not in given and not given.get("payment_method_types"):
        raise missing("currency")
    lasts = given.get("expires_at", now + DAY) - now
    if lasts < _SHORTEST_SECONDS:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
            "expires_at",
        )
    if lasts > DAY:
        raise invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            "expires_at",
        )


def _lines(world: World, given: Json) -> list[Json]:
    lines = [_line(world, item, number) for number, item in enumerate(given.get("line_items", ()))]
    if lines:
        currencies = {line["currency"] for line in lines}
        if len(currencies) > 1:
            raise invalid("All line items must have the same currency.", "line_items")
        total = sum(line["amount_total"] for line in lines)
        require_amount(total, lines[0]["currency"], "line_items")
        if total < _SMALLEST:
            raise invalid(
                "The Checkout Session's total amount due must add up to at least 50 minor units.",
                code="amount_too_small",
            )
    return lines


def _line(world: World, item: Json, number: int) -> Json:
    param = f"line_items[{number}]"
    price = item.get("price_data")
    if price is None:
        raise missing(f"{param}[price_data]")
    if "unit_amount" not in price:
        raise missing(f"{param}[price_data][unit_amount]")
    if "product_data" not in price:
        raise missing(f"{param}[price_data][product_data]")
    require_amount(price["unit_amount"], price["currency"], f"{param}[price_data][unit_amount]")
    quantity = item.get("quantity", 1)
    if quantity < 1:
        raise invalid("Quantity must be at least 1.", f"{param}[quantity]")
    amount = price["unit_amount"] * quantity
    return world.blank("item") | {
        "id": world.id("li_1"),
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": price["product_data"]["name"],
        "price": _price(world, price),
        "quantity": quantity,
    }


def _price(world: World, given: Json) -> Json:
    return world.blank("price") | {
        "id": world.id("price_1"),
        "active": False,
        "billing_scheme": "per_unit",
        "created": world.now,
        "currency": given["currency"],
        "product": world.id("prod_", 14),
        "type": "one_time",
        "unit_amount": given["unit_amount"],
        "unit_amount_decimal": str(given["unit_amount"]),
        "tax_behavior": given.get("tax_behavior", "unspecified"),
    }


def _plan_setup(world: World, session: Json, given: Json) -> None:
    told = {name: given[name] for name in ("customer", "payment_method_types") if name in given}
    intent = setups.create(world, told | given.get("setup_intent_data", {}))
    session |= {"setup_intent": intent["id"], "customer_creation": given.get("customer_creation")}
    world.notes[intent["id"]]["session"] = session["id"]


def lines_of(world: World, session: Json) -> Json:
    """What is paid for, which a session shows when it is asked."""
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return {"object": "list", "data": world.notes[session["id"]]["lines"], "has_more": False, "url": url}


INCLUDED["checkout.session", "line_items"] = lines_of


def submit(world: World, session: Json, card: Card, who: Json) -> Json:
    """The buyer presses the button: answers the intent, which may ask its holder; raises the bank's no."""
    if session["status"] != "open":
        raise invalid("This Checkout Session is not open.")
    notes = world.notes[session["id"]]
    notes["who"] = who
    if session["customer_email"] or "email" in who:
        session["customer_details"] = _details(world, who)
    kind = "sepa_debit" if card.is_bank else "card"
    if kind not in session["payment_method_types"]:
        raise invalid(f"This page does not take {kind}.")
    method = method_for(world, card, billing_details=who)
    intent = _intent(world, session)
    if intent["object"] == "setup_intent":
        setups.choose(world, intent, method["id"])
        setups.confirm(world, intent)
    else:
        intents.choose(world, intent, method["id"])
        intents.confirm(world, intent)
    completed(world, session)
    return intent


def _intent(world: World, session: Json) -> Json:
    """The payment intent is made when the buyer first tries."""
    given = world.notes[session["id"]]["given"]
    told = dict(given.get("payment_intent_data", {}))
    wants_customer = "setup_future_usage" in told or session["customer_creation"] == "always"
    if wants_customer and session["customer"] is None:
        session["customer"] = _new_customer(world, session)
    known = world.objects.get(session["setup_intent"] or session["payment_intent"] or "")
    if known is not None:
        known["customer"] = session["customer"]
        return known
    told |= {"amount": session["amount_total"], "currency": session["currency"]}
    told["payment_method_types"] = session["payment_method_types"]
    if session["customer"] is not None:
        told["customer"] = session["customer"]
    intent = intents.create(world, told)
    session["payment_intent"] = intent["id"]
    world.notes[intent["id"]]["session"] = session["id"]
    return intent


def _new_customer(world: World, session: Json) -> str:
    who = world.notes[session["id"]]["who"]
    made = world.new("customer", "cus_", length=14, metadata={}, balance=0, invoice_prefix=world.id("", 8))
    made |= {"name": who.get("name"), "email": who.get("email"), "preferred_locales": []}
    made["invoice_settings"] = world.blank("invoice_setting_customer_setting")
    world.tell("customer.created", made)
    name: str = made["id"]
    return name


def _details(world: World, who: Json) -> Json:
    told: Json = {"email": who.get("email"), "name": who.get("name"), "tax_exempt": "none", "tax_ids": []}
    return world.blank("payment_pages_checkout_session_customer_details") | told


def completed(world: World, session: Json) -> None:
    """Close the session once its intent is through, or in a bank's hands."""
    intent = world.objects[session["payment_intent"] or session["setup_intent"]]
    if session["status"] != "open" or intent["status"] not in ("succeeded", "processing"):
        return
    session |= {"status": "complete", "url": None}
    if intent["object"] == "payment_intent" and intent["status"] == "succeeded":
        session["payment_status"] = "paid"
    world.tell("checkout.session.completed", session)


def expire(world: World, session: Json) -> None:
    """Close a session without a payment."""
    session |= {"status": "expired", "url": None}
    intent = world.objects.get(session["payment_intent"] or session["setup_intent"] or "")
    if intent is not None and intent["object"] == "payment_intent":
        intents.cancel(world, intent, "automatic")
    world.tell("checkout.session.expired", session)


def _lapse(world: World, session: Json) -> None:
    if session["status"] == "open":
        expire(world, session)


@route("GET", "/v1/checkout/sessions/{session}")
def retrieve_session(call: Call) -> Json:
    return _find(call)


@route("GET", "/v1/checkout/sessions/{session}/line_items")
def list_line_items(call: Call) -> Json:
    return lines_of(call.world, _find(call))


@route("GET", "/v1/checkout/sessions")
def list_sessions(call: Call) -> Json:
    return listed(call, "checkout.session", *_FILTERS)


@route("POST", "/v1/checkout/sessions/{session}")
def update_session(call: Call) -> Json:
    session = _find(call)
    session["metadata"] = merged(session["metadata"], call.given.get("metadata"))
    return session


@route("POST", "/v1/checkout/sessions/{session}/expire")
def expire_session(call: Call) -> Json:
    session = _find(call)
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
            f"`{session['status']}`.",
        )
    expire(call.world, session)
    return session


def _find(call: Call) -> Json:
    return call.world.get("checkout.session", call.path["session"], "session", status=404)
