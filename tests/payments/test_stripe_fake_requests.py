"""The fake takes what Stripe takes and refuses what Stripe refuses, in its words; keys and faults are Stripe's too."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import stripe

from tests.fakes.stripe.faults import Kind
from tests.fakes.stripe.routes import ROUTES, Call
from tests.fakes.stripe.serving import SECRET_KEY, Served
from tests.payments.stripe_calls import browser, page, paid, recipient

Ask = Callable[[stripe.StripeClient], Any]
TRANSFER = {"amount": 100, "currency": "eur", "destination": "acct_1"}
REFUSED: dict[str, tuple[Ask, str, str | None]] = {
    "a parameter that nobody knows": (lambda it: page(it, colour="red"), "parameter_unknown", "colour"),
    "one inside another": (
        lambda it: page(it, payment_intent_data={"colour": "red"}),
        "parameter_unknown",
        "payment_intent_data[colour]",
    ),
    "a mode that there is not": (lambda it: page(it, mode="pay"), "", "mode"),
    "a transfer to nobody": (
        lambda it: it.v1.transfers.create({"amount": 100, "currency": "eur"}),  # type: ignore[typeddict-item]
        "parameter_missing",
        "destination",
    ),
    "a fraction": (
        lambda it: it.v1.payment_intents.create({"amount": 10.5, "currency": "eur"}),  # type: ignore[typeddict-item]
        "parameter_invalid_integer",
        "amount",
    ),
    "less than nothing": (lambda it: paid(it, -5), "parameter_invalid_integer", "amount"),
    "less than Stripe takes": (lambda it: paid(it, 49), "amount_too_small", "amount"),
    "more than Stripe takes": (lambda it: paid(it, 100_000_000), "amount_too_large", "amount"),
    "money that nobody has": (lambda it: page(it, currency="zzz"), "", "currency"),
    "a third decimal that is not zero": (
        lambda it: page(it, 12_345, "kwd"),
        "",
        "line_items[0][price_data][unit_amount]",
    ),
    "a coin that Iceland has not": (lambda it: paid(it, 12_345, currency="isk"), "", "amount"),
    "nothing to pay for": (lambda it: page(it, line_items=[]), "parameter_missing", "line_items"),
    "a page that ends at once": (lambda it: page(it, expires_at=1), "", "expires_at"),
    "an object that is not there": (lambda it: it.v1.refunds.retrieve("re_none"), "resource_missing", "refund"),
    "a transfer to an unknown account": (
        lambda it: it.v1.transfers.create(TRANSFER),  # type: ignore[arg-type]
        "resource_missing",
        "destination",
    ),
    "what cannot be expanded": (
        lambda it: it.v1.customers.create({"expand": ["moon"]}),
        "",
        "expand[0]",
    ),
    "a page of a thousand": (lambda it: it.v1.refunds.list({"limit": 1_000}), "", "limit"),
    "a value of metadata as long as a book": (
        lambda it: it.v1.customers.create({"metadata": {"book": "x" * 501}}),
        "",
        "metadata[book]",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_stripe_refuses_is_refused(stripe_fake: Served, name: str) -> None:
    ask, code, param = REFUSED[name]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        ask(stripe_fake.client())
    assert (refused.value.code or "", refused.value.param) == (code, param)
    kinds = {one["object"] for one in stripe_fake.world.objects.values()}
    assert not kinds & {"checkout.session", "payment_intent", "transfer"}


def test_a_key_of_nobody_opens_nothing(stripe_fake: Served) -> None:
    answer = browser.get(f"{stripe_fake.url}/v1/balance", headers={"Authorization": "Bearer sk_live_x"})
    assert answer.status_code == 401
    with pytest.raises(stripe.PermissionError):
        stripe_fake.client().v1.balance.retrieve(options={"stripe_account": "acct_of_others"})


def test_an_object_of_one_account_is_not_there_for_another(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    made, account = paid(client), recipient(client, stripe_fake)
    with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent"):
        client.v1.payment_intents.retrieve(made.id, options={"stripe_account": account.id})


def test_a_key_answers_again_what_it_answered_and_refuses_something_else(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    charge = paid(client).latest_charge
    key: Any = {"idempotency_key": "operation-1"}
    first = client.v1.refunds.create({"charge": charge, "amount": 400}, key)
    again: Any = client.v1.refunds.create({"charge": charge, "amount": 400}, key)
    assert again.id == first.id and again.last_response.headers["idempotent-replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        client.v1.refunds.create({"charge": charge, "amount": 500}, key)
    assert client.v1.charges.retrieve(charge).amount_refunded == 400


def test_a_key_is_forgotten_after_a_day_and_belongs_to_one_account(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    account = recipient(client, stripe_fake)
    key: Any = {"idempotency_key": "operation-1"}
    first = client.v1.customers.create({}, key)
    there = client.v1.customers.create({}, key | {"stripe_account": account.id})
    stripe_fake.world.advance(86_400)
    later = client.v1.customers.create({}, key)
    assert len({first.id, there.id, later.id}) == 3


def test_a_refusal_is_kept_under_its_key(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            paid(client, method="pm_card_chargeDeclined", key="operation-1")
    assert len(client.v1.payment_intents.list().data) == 1


def test_version_2_mends_what_failed_when_it_is_asked_again(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    stripe_fake.fail(Kind.ERROR_KEPT, "/v2/core/accounts")
    with pytest.raises(stripe.APIError):
        recipient(client, stripe_fake, "new", key="operation-1")
    made = recipient(client, stripe_fake, "new", key="operation-1")
    assert [one.id for one in client.v2.core.accounts.list().data] == [made.id]
    with pytest.raises(stripe.IdempotencyError):
        recipient(client, stripe_fake, "new", key="operation-1", display_name="Another SA")


LOST = (Kind.ERROR_AFTER, Kind.RESET_AFTER, Kind.SILENCE_AFTER)
UNDONE = (Kind.ERROR_BEFORE, Kind.RESET_BEFORE, Kind.SILENCE_BEFORE, Kind.RATE_LIMITED)


@pytest.mark.parametrize("kind", [*LOST, *UNDONE])
def test_a_call_that_failed_is_asked_again_under_its_key_and_has_one_effect(
    stripe_fake: Served, kind: Kind
) -> None:
    client, hasty = stripe_fake.client(), stripe_fake.client(timeout=0.3)
    charge = paid(client).latest_charge
    stripe_fake.fail(kind, "/v1/refunds", seconds=2)
    with pytest.raises(stripe.StripeError) as failed:
        hasty.v1.refunds.create({"charge": charge, "amount": 400}, {"idempotency_key": "operation-1"})
    had_effect = bool(client.v1.refunds.list({"charge": charge}).data)
    assert had_effect == (kind in LOST)
    if kind == Kind.RATE_LIMITED:
        assert (
            isinstance(failed.value, stripe.RateLimitError)
            and (failed.value.headers or {})["retry-after"] == "2"
        )
    client.v1.refunds.create({"charge": charge, "amount": 400}, {"idempotency_key": "operation-1"})
    assert client.v1.charges.retrieve(charge).amount_refunded == 400


def test_an_error_may_be_what_the_key_keeps_though_the_effect_was_had(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    charge = paid(client).latest_charge
    stripe_fake.fail(Kind.ERROR_KEPT, "/v1/refunds")
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.refunds.create({"charge": charge}, {"idempotency_key": "operation-1"})
    assert client.v1.refunds.list({"charge": charge}).data[0].amount == 10_000


def test_the_sdk_itself_gets_over_a_fault_with_one_key(stripe_fake: Served) -> None:
    client = stripe_fake.client(retries=1)
    stripe_fake.fail(Kind.RESET_AFTER, "/v1/customers")
    client.v1.customers.create({})
    assert len(client.v1.customers.list().data) == 1
    assert [status for method, path, status in stripe_fake.world.calls if method == "POST"] == [0, 200]


def test_lists_are_paged_newest_first_and_filtered_by_time(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    made = []
    for _ in range(5):
        made.append(client.v1.customers.create({}).id)
        stripe_fake.world.advance(60)
    first = client.v1.customers.list({"limit": 2})
    assert [one.id for one in first.data] == [made[4], made[3]] and first.has_more
    assert [one.id for one in first.auto_paging_iter()] == made[::-1]
    since = client.v1.customers.retrieve(made[3]).created
    assert {one.id for one in client.v1.customers.list({"created": {"gte": since}}).data} == set(made[3:])


def test_a_search_finds_by_metadata_what_is_not_too_new(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    stripe_fake.world.found_after_seconds = 60
    made = paid(client, metadata={"operation": "1"})
    paid(client, metadata={"operation": "2"})
    query: Any = {"query": "metadata['operation']:'1' AND status:'succeeded'"}
    assert client.v1.payment_intents.search(query).data == []
    stripe_fake.world.advance(60)
    assert [one.id for one in client.v1.payment_intents.search(query).data] == [made.id]
    with pytest.raises(stripe.InvalidRequestError, match="unable to parse"):
        client.v1.payment_intents.search({"query": "metadata['operation']~'1'"})


def test_the_same_seed_makes_the_same_ids(stripe_fake: Served) -> None:
    def made(seed: int) -> str:
        stripe_fake.begin(seed)
        return page(stripe_fake.client()).id  # type: ignore[no-any-return]

    assert made(7) == made(7) != made(8)


def test_an_answer_that_stripe_would_not_give_fails_the_test_that_asked(
    stripe_fake: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    for told in ({"id": "cus_1"}, {"object": "customer", "colour": "red"}):
        monkeypatch.setitem(ROUTES, ("GET", "/v1/customers/{customer}"), partial(_tell, told))
        with pytest.raises(stripe.APIError):
            stripe_fake.client().v1.customers.retrieve("cus_1")
    lies, stripe_fake.world.lies = stripe_fake.world.lies, []
    assert "'object' is a required property" in lies[0] and "'colour'" in lies[1]


def _tell(told: dict[str, Any], call: Call) -> dict[str, Any]:
    return dict(told)


def test_what_the_fake_cannot_do_and_another_version_fail_the_test_too(stripe_fake: Served) -> None:
    with pytest.raises(stripe.APIError):
        stripe_fake.client().v1.coupons.list()
    other = stripe.StripeClient(SECRET_KEY, base_addresses={"api": stripe_fake.url}, max_network_retries=0)
    with pytest.raises(stripe.APIError):
        other.v1.balance.retrieve()
    lies, stripe_fake.world.lies = stripe_fake.world.lies, []
    assert "the fake has not" in lies[0] and "the fake speaks" in lies[1]
