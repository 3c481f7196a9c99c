"""Payments at the fake: on its pages, without the buyer, by card and by bank; what banks refuse, ask, and take back."""

from typing import Any

import pytest
import stripe

from tests.fakes.stripe.serving import Served
from tests.payments.stripe_calls import (
    DAY,
    GOOD,
    SEPA,
    SEPA_FAILS,
    browser,
    control,
    page,
    paid,
    press_pay,
    told,
)

DECLINED = "4000000000000002"
ASKS = "4000002500003155"
ASKS_ALWAYS = "4000002760003184"


def test_a_buyer_pays_on_the_page_and_comes_back(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    given = {"transfer_group": "sale-1", "metadata": {"charge": "1"}}
    session = page(client, metadata={"charge": "1"}, client_reference_id="1", payment_intent_data=given)
    shown = browser.get(session.url).text
    assert "123.45 EUR" in shown and "No money moves" in shown
    answer = press_pay(session)
    assert answer.headers["location"] == f"http://shop.test/thanks?session={session.id}"
    expand = ["payment_intent.latest_charge.balance_transaction", "line_items"]
    after = client.v1.checkout.sessions.retrieve(session.id, {"expand": expand})
    intent: Any = after.payment_intent
    assert (after.status, after.payment_status, after.url) == ("complete", "paid", None)
    assert after.line_items and after.line_items.data[0].amount_total == 12_345
    assert (intent.amount_received, intent.transfer_group, intent.metadata["charge"]) == (12_345, "sale-1", "1")
    assert intent.latest_charge.balance_transaction.fee == 426
    assert told(stripe_fake) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
        "charge.updated",
    ]
    assert browser.get(session.url).headers["location"] == answer.headers["location"]


@pytest.mark.parametrize("shown", ["12300 JPY", "12.300 KWD", "123.00 EUR", "123.00 ISK"])
def test_amounts_have_the_decimals_of_their_currency(stripe_fake: Served, shown: str) -> None:
    session = page(stripe_fake.client(), 12_300, shown[-3:].lower())
    assert shown in browser.get(session.url).text


def test_a_declined_card_leaves_the_page_open(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    session = page(client)
    assert "Your card was declined." in press_pay(session, DECLINED).text
    assert "insufficient funds" in press_pay(session, "4000000000009995").text
    assert "not one of Stripe" in press_pay(session, "1234").text
    after = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (after.status, after.payment_status) == ("open", "unpaid")
    intent: Any = after.payment_intent
    assert (intent.status, intent.last_payment_error.decline_code) == (
        "requires_payment_method",
        "insufficient_funds",
    )
    assert press_pay(session).status_code == 303
    assert [one.status for one in client.v1.charges.list().data] == ["succeeded", "failed", "failed"]


@pytest.mark.parametrize(("answer", "ends"), [("complete", "complete"), ("fail", "open"), ("abandon", "open")])
def test_a_bank_asks_its_holder(stripe_fake: Served, answer: str, ends: str) -> None:
    client = stripe_fake.client()
    session = page(client)
    challenge = press_pay(session, ASKS).headers["location"]
    assert "3-D Secure" in browser.get(challenge).text
    after = browser.post(challenge, data={"answer": answer})
    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    intent: Any = found.payment_intent
    assert found.status == ends
    if answer == "abandon":
        assert after.headers["location"] == "http://shop.test/basket" and intent.status == "requires_action"
        assert press_pay(session).status_code == 303
    if answer == "fail":
        assert intent.last_payment_error.code == "payment_intent_authentication_failure"


@pytest.mark.parametrize(("number", "end"), [(SEPA, "succeeded"), (SEPA_FAILS, "failed")])
def test_a_debit_ends_days_later(stripe_fake: Served, number: str, end: str) -> None:
    client = stripe_fake.client()
    session = page(client)
    press_pay(session, number)
    found = client.v1.checkout.sessions.retrieve(session.id)
    assert (found.status, found.payment_status) == ("complete", "unpaid")
    control(stripe_fake, "advance", days=4)
    assert f"checkout.session.async_payment_{end}" not in told(stripe_fake)
    control(stripe_fake, "advance", days=1)
    assert told(stripe_fake).count(f"checkout.session.async_payment_{end}") == 1
    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    intent: Any = found.payment_intent
    assert found.payment_status == ("paid" if end == "succeeded" else "unpaid")
    assert intent.latest_charge.status == end


def test_a_page_ends_by_order_or_by_itself(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    first, second = page(client), page(client)
    press_pay(second, DECLINED)
    assert client.v1.checkout.sessions.expire(first.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        client.v1.checkout.sessions.expire(first.id)
    stripe_fake.world.advance(DAY)
    found = client.v1.checkout.sessions.retrieve(second.id, {"expand": ["payment_intent"]})
    assert found.status == "expired" and found.payment_intent.status == "canceled"  # type: ignore[union-attr]
    assert "expired" in browser.get(first.url).text and press_pay(second).status_code == 200
    assert told(stripe_fake).count("checkout.session.expired") == 2


def test_a_method_that_was_kept_pays_without_its_holder(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    told_: Any = {
        "mode": "setup",
        "currency": "eur",
        "customer_creation": "always",
        "success_url": "http://shop.test/",
    }
    session = client.v1.checkout.sessions.create(told_ | {"setup_intent_data": {"metadata": {"keeper": "1"}}})
    assert 'class="total"' not in browser.get(str(session.url)).text
    challenge = press_pay(session, ASKS).headers["location"]
    browser.post(challenge, data={"answer": "complete"})
    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
    setup: Any = found.setup_intent
    assert (found.status, setup.status, setup.metadata["keeper"]) == ("complete", "succeeded", "1")
    kept = client.v1.customers.payment_methods.list(setup.customer).data
    assert [one.id for one in kept] == [setup.payment_method]
    intent = paid(client, method=setup.payment_method, customer=setup.customer)
    assert intent.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="belongs to"):
        paid(client, method=setup.payment_method)


def test_a_payment_on_the_page_may_keep_the_method_too(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    session = page(
        client, customer_creation="always", payment_intent_data={"setup_future_usage": "off_session"}
    )
    press_pay(session)
    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    intent: Any = found.payment_intent
    assert paid(client, method=intent.payment_method, customer=intent.customer).status == "succeeded"


def test_a_method_that_was_not_kept_is_spent(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    first = paid(client)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        paid(client, method=first.payment_method)


@pytest.mark.parametrize(
    ("method", "code", "reason"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_authenticationRequired", "authentication_required", "authentication_required"),
    ],
)
def test_without_its_holder_a_card_may_be_refused(
    stripe_fake: Served, method: str, code: str, reason: str | None
) -> None:
    client = stripe_fake.client()
    with pytest.raises(stripe.CardError) as refused:
        paid(client, method=method, metadata={"operation": "1"})
    error: Any = refused.value
    assert (error.http_status, error.code) == (402, code)
    assert error.json_body["error"].get("decline_code") == reason
    intent = client.v1.payment_intents.retrieve(error.json_body["error"]["payment_intent"]["id"])
    assert (intent.status, intent.metadata["operation"]) == ("requires_payment_method", "1")
    assert told(stripe_fake)[-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_with_its_holder_a_card_asks(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    told_: Any = {"amount": 500, "currency": "eur", "payment_method": "pm_card_authenticationRequired"}
    intent: Any = client.v1.payment_intents.create(told_ | {"confirm": True, "return_url": "http://shop.test/"})
    assert intent.status == "requires_action"
    browser.post(intent.next_action.redirect_to_url.url, data={"answer": "complete"})
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    waits = client.v1.payment_intents.create({"amount": 500, "currency": "eur"})
    assert client.v1.payment_intents.cancel(waits.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.cancel(intent.id)


def test_refunds_give_back_what_was_paid_and_no_more(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    intent = paid(client)
    first = client.v1.refunds.create({"charge": intent.latest_charge, "amount": 4_000})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        client.v1.refunds.create({"charge": intent.latest_charge, "amount": 6_001})
    client.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"charge": intent.latest_charge})
    assert (first.status, refused.value.code) == ("succeeded", "charge_already_refunded")
    charge = client.v1.charges.retrieve(intent.latest_charge, {"expand": ["refunds"]})
    assert charge.refunded and [one.amount for one in charge.refunds.data] == [6_000, 4_000]  # type: ignore[union-attr]
    lines = client.v1.balance_transactions.list({"type": "refund"}).data
    assert sorted(one.net for one in lines) == [-6_000, -4_000]


def test_a_refund_may_be_pending_and_may_come_back(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    slow = client.v1.refunds.create({"payment_intent": paid(client, method="pm_card_pendingRefund").id})
    back = client.v1.refunds.create({"payment_intent": paid(client, method="pm_card_refundFail").id})
    assert (slow.status, back.status) == ("pending", "succeeded")
    control(stripe_fake, "advance", days=20)
    failed = client.v1.refunds.retrieve(back.id, {"expand": ["charge"]})
    assert client.v1.refunds.retrieve(slow.id).status == "succeeded"
    assert (failed.status, failed.failure_reason, failed.charge.amount_refunded) == ("failed", "unknown", 0)  # type: ignore[union-attr]
    assert told(stripe_fake)[-1] == "refund.failed"


def test_a_card_number_is_not_taken_but_on_the_page(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    card: Any = {"type": "card", "card": {"number": GOOD, "exp_month": 12, "exp_year": 2034, "cvc": "123"}}
    with pytest.raises(stripe.CardError, match="unsafe"):
        client.v1.payment_methods.create(card)
    made = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    customer = client.v1.customers.create({})
    client.v1.payment_methods.attach(made.id, {"customer": customer.id})
    client.v1.payment_methods.detach(made.id)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        paid(client, method=made.id, customer=customer.id)
