"""The same stories at a real sandbox of Stripe, where COMPTOIR_STRIPE_TEST_KEY gives its key (`pytest -m stripe_live`):
they show that the fake and Stripe say the same."""

import os
import secrets
from typing import Any

import pytest
import stripe

from tests.fakes.stripe.specification import Specification
from tests.payments.stripe_calls import page, paid

KEY = os.environ.get("COMPTOIR_STRIPE_TEST_KEY", "")
ABSENT = "no key of a Stripe sandbox is given: set COMPTOIR_STRIPE_TEST_KEY to one that begins with sk_test_"
pytestmark = [
    pytest.mark.stripe_live,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not KEY.startswith(("sk_test_", "rk_test_")), reason=ABSENT),
]


@pytest.fixture
def sandbox(stripe_specification: Specification) -> stripe.StripeClient:
    return stripe.StripeClient(KEY, stripe_version=stripe_specification.version, max_network_retries=2)


def as_described(spec: Specification, found: Any, kind: str) -> list[str]:
    """What Stripe itself answers that its description has not: the fake would be refused for it."""
    return list(spec.wrong(found.to_dict(for_json=True), spec.component(kind)))


def test_a_page_is_made_once_under_its_key_and_ends(
    sandbox: stripe.StripeClient, stripe_specification: Specification
) -> None:
    made = page(sandbox, metadata={"charge": "1"})
    assert made.url and as_described(stripe_specification, made, "checkout.session") == []
    assert sandbox.v1.checkout.sessions.expire(made.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.checkout.sessions.expire(made.id)


def test_a_payment_is_refunded_once_and_not_beyond(
    sandbox: stripe.StripeClient, stripe_specification: Specification
) -> None:
    intent = paid(sandbox, 1_000)
    assert (intent.status, as_described(stripe_specification, intent, "payment_intent")) == ("succeeded", [])
    key: Any = {"idempotency_key": secrets.token_hex()}
    first = sandbox.v1.refunds.create({"payment_intent": intent.id, "amount": 400}, key)
    assert sandbox.v1.refunds.create({"payment_intent": intent.id, "amount": 400}, key).id == first.id
    with pytest.raises(stripe.IdempotencyError):
        sandbox.v1.refunds.create({"payment_intent": intent.id, "amount": 500}, key)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        sandbox.v1.refunds.create({"payment_intent": intent.id, "amount": 601})
    assert as_described(stripe_specification, first, "refund") == []


@pytest.mark.parametrize("method", ["pm_card_chargeDeclined", "pm_card_authenticationRequired"])
def test_a_card_is_refused_without_its_holder(sandbox: stripe.StripeClient, method: str) -> None:
    with pytest.raises(stripe.CardError) as refused:
        paid(sandbox, 1_000, method)
    body: Any = refused.value.json_body
    assert body["error"]["payment_intent"]["status"] == "requires_payment_method"


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [({"colour": "red"}, "parameter_unknown", "colour"), ({"mode": "pay"}, None, "mode")],
)
def test_what_is_not_well_formed_is_refused(
    sandbox: stripe.StripeClient, given: dict[str, Any], code: str | None, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        page(sandbox, **given)
    assert (refused.value.code, refused.value.param) == (code, param)


def test_a_recipient_is_opened_and_gets_a_link(sandbox: stripe.StripeClient) -> None:
    wanted = {"stripe_balance": {"stripe_transfers": {"requested": True}}}
    told: Any = {
        "contact_email": "seller@example.org",
        "dashboard": "express",
        "identity": {"country": "fr"},
        "configuration": {"recipient": {"capabilities": wanted}},
        "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
    }
    account = sandbox.v2.core.accounts.create(told)
    use: Any = {"type": "account_onboarding", "account_onboarding": {"configurations": ["recipient"]}}
    use["account_onboarding"] |= {"refresh_url": "https://example.org/", "return_url": "https://example.org/"}
    assert sandbox.v2.core.account_links.create({"account": account.id, "use_case": use}).url
