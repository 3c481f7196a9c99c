"""Operations: whatever breaks between the decision and its answer, what was asked of Stripe happens once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Unavailable
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from payments.inbox import catch_up, inbox
from payments.models import Operation, ProviderEvent
from payments.providers import operations, orders
from payments.providers.orders import Order
from payments.providers.stripe.adapter import StripeProvider
from tests.fakes.stripe.faults import Kind
from tests.fakes.stripe.serving import Served
from tests.payments.stories import event_names, sql
from tests.payments.stripe_calls import paid, recipient
from tests.payments.stripe_stories import move_to_stripe
from tests.rivals import race

EUROS = Money(2_500, "EUR")


class Killed(BaseException):
    """The process is gone: no `except Exception` sees it."""


class There:
    """What is at Stripe before anything is asked, each made when it is wanted: money, a payment, an account, a
    transfer, a kept card."""

    def __init__(self, fake: Served) -> None:
        self.fake, self.client = fake, fake.client()

    @cached_property
    def payment(self) -> str:
        return str(paid(self.client, 90_000, "pm_card_bypassPending").latest_charge)

    @cached_property
    def account(self) -> str:
        assert self.payment
        return str(recipient(self.client, self.fake).id)

    @cached_property
    def transfer(self) -> str:
        told = {"amount": 5_000, "currency": "eur", "destination": self.account}
        return str(self.client.v1.transfers.create(told).id)  # type: ignore[arg-type]

    @cached_property
    def customer(self) -> str:
        return str(self.client.v1.customers.create({"email": "buyer@example.org"}).id)

    @cached_property
    def card(self) -> str:
        return str(self.client.v1.payment_methods.attach("pm_card_visa", {"customer": self.customer}).id)


@pytest.fixture
def there(settings: Any, stripe_fake: Served, monkeypatch: pytest.MonkeyPatch, database: None) -> There:
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.01)
    move_to_stripe(settings, stripe_fake)
    return There(stripe_fake)


def by(at: datetime) -> Actor:
    return Actor.system("test", at=at)


def an_order(kind: str, there: There, participant_id: Any) -> Order:
    made: dict[str, Callable[[], Order]] = {
        "checkout": lambda: orders.Checkout(new_id(), EUROS, "agreement:1"),
        "collect": lambda: orders.Collection(new_id(), EUROS, "agreement:1", there.customer, there.card),
        "refund": lambda: orders.RefundOrder(new_id(), new_id(), there.payment, EUROS),
        "pay_out": lambda: orders.PayoutOrder(new_id(), there.account, EUROS),
        "reverse": lambda: orders.Reversal(new_id(), there.transfer, EUROS),
        "open_account": lambda: orders.AccountOrder(participant_id, "FR"),
    }
    return made[kind]()


PATHS = {
    "checkout": "/v1/checkout/sessions",
    "collect": "/v1/payment_intents",
    "refund": "/v1/refunds",
    "pay_out": "/v1/transfers",
    "reverse": "/v1/transfers/",
    "open_account": "/v2/core/accounts",
}


def made_by(fake: Served, operation: Operation) -> list[str]:
    """The objects at Stripe that the operation made."""
    found = fake.world.objects.values()
    kinds = {
        "checkout.session",
        "payment_intent",
        "refund",
        "transfer",
        "transfer_reversal",
        "v2.core.account",
    }
    return [
        one["id"]
        for one in found
        if one.get("object") in kinds and (one.get("metadata") or {}).get("operation") == str(operation.pk)
    ]


def run_until_over(operation: Operation, now: datetime) -> Operation:
    for attempt in range(6):
        try:
            operation = operations.run(operation.pk, now + timedelta(minutes=attempt))
        except Unavailable:
            continue
        if operation.is_over:
            return operation
    raise AssertionError(f"{operation.kind} is {operation.state} after six attempts")


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("kind", "fault"), [*((kind, Kind.RESET_AFTER) for kind in PATHS), ("refund", Kind.ERROR_KEPT)]
)
def test_an_answer_that_is_lost_after_the_effect_makes_no_second_one(
    there: There, stripe_fake: Served, seller: Actor, now: datetime, kind: str, fault: Kind
) -> None:
    operation = operations.plan(an_order(kind, there, seller.participant_id), provider="stripe", by=by(now))
    stripe_fake.fail(fault, PATHS[kind], times=4)
    done = run_until_over(operation, now)
    assert done.state == "done" and done.attempts > 1
    assert made_by(stripe_fake, done) == [done.provider_reference]


@pytest.mark.one_database
@pytest.mark.parametrize("fault", [Kind.ERROR_BEFORE, Kind.RATE_LIMITED])
def test_what_fails_before_the_effect_is_asked_again_until_it_happens(
    there: There, stripe_fake: Served, seller: Actor, now: datetime, fault: Kind
) -> None:
    operation = operations.plan(an_order("refund", there, None), provider="stripe", by=by(now))
    stripe_fake.fail(fault, PATHS["refund"], times=4)
    done = run_until_over(operation, now)
    assert made_by(stripe_fake, done) == [done.provider_reference]


POINTS = ("planned", "sent", "answered", "stored", "told")
"""Where the process is killed: after the decision was committed, after the mark that it is asked, after Stripe acted
and before our commit, after the answer was stored, and after it was kept in the inbox."""


@pytest.mark.parametrize("point", POINTS)
def test_a_process_that_is_killed_at_any_point_has_one_effect(
    there: There, stripe_fake: Served, monkeypatch: pytest.MonkeyPatch, now: datetime, point: str
) -> None:
    kind = "pay_out"
    operation = operations.plan(an_order(kind, there, None), provider="stripe", by=by(now))
    asking = getattr(StripeProvider, kind)

    def killed_before(*_: Any) -> str:
        raise Killed

    def killed_after(*given: Any) -> str:
        asking(*given)
        raise Killed

    if point in ("sent", "answered"):
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(StripeProvider, kind, killed_before if point == "sent" else killed_after)
            operations.run(operation.pk, now)
    elif point != "planned":
        done = operations.run(operation.pk, now)
        if point == "told":
            inbox.keep_answer(done, at=now)
    states = {"planned": "planned", "sent": "sent", "answered": "sent", "stored": "done", "told": "done"}
    assert operations.found(operation.pk).state == states[point]
    done = run_until_over(operation, now + timedelta(days=2))
    inbox.keep_answer(done, at=now)
    assert made_by(stripe_fake, done) == [done.provider_reference]
    assert ProviderEvent.objects.filter(external_id=f"operation-{done.pk}").count() == 1
    assert event_names(done.pk).count("operation.finished") == 1


def test_a_provider_that_is_down_for_a_day_loses_nothing(
    there: There, stripe_fake: Served, settings: Any, now: datetime
) -> None:
    operation = operations.plan(an_order("pay_out", there, None), provider="stripe", by=by(now))
    settings.EXCHANGE_STRIPE_API_URL = "http://127.0.0.1:1"
    for hour in range(0, 24, 8):
        with pytest.raises(Unavailable):
            operations.run(operation.pk, now + timedelta(hours=hour))
    assert operations.found(operation.pk).state == "sent"
    assert catch_up.run(now) == 0
    operator = by(now + timedelta(hours=3))
    assert operations.stuck(operator, operator.at, at_most=5)[0] == 1
    settings.EXCHANGE_STRIPE_API_URL = stripe_fake.url
    done = operations.run(operation.pk, now + timedelta(days=1))
    assert (done.state, done.attempts) == ("done", 4)
    assert made_by(stripe_fake, done) == [done.provider_reference]
    assert operations.stuck(operator, operator.at, at_most=5) == (0, [])


def test_a_key_that_stripe_does_not_take_leaves_everything_waiting(
    there: There, stripe_fake: Served, settings: Any, now: datetime
) -> None:
    operation = operations.plan(an_order("refund", there, None), provider="stripe", by=by(now))
    settings.EXCHANGE_STRIPE_SECRET_KEY = "nonsense"
    with pytest.raises(Unavailable):
        operations.run(operation.pk, now)
    assert operations.found(operation.pk).state == "sent"


def test_what_stripe_refuses_for_good_fails_and_is_told(
    there: There, stripe_fake: Served, now: datetime
) -> None:
    order = orders.PayoutOrder(new_id(), there.account, Money(10_000_000, "EUR"))
    failed = operations.run(operations.plan(order, provider="stripe", by=by(now)).pk, now)
    assert failed.state == "failed"
    assert "insufficient" in failed.failure
    told = inbox.keep_answer(failed, at=now)
    assert (told.kind, told.payload["failure"]) == ("operation.failed", failed.failure)


def test_the_same_is_asked_once_at_a_time(there: There, now: datetime) -> None:
    order = an_order("refund", there, None)
    operations.plan(order, provider="stripe", by=by(now))
    with pytest.raises(Conflict) as refusal:
        operations.plan(order, provider="stripe", by=by(now))
    assert refusal.value.code == "operation_under_way"
    assert Operation.objects.count() == 1
    for _ in range(2):  # two parts of one payout may be taken back at once
        operations.plan(an_order("reverse", there, None), provider="stripe", by=by(now))


def test_nothing_is_asked_inside_a_transaction(there: There, stripe_fake: Served, now: datetime) -> None:
    operation = operations.plan(an_order("refund", there, None), provider="stripe", by=by(now))
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction.atomic():
        operations.run(operation.pk, now)
    assert operations.found(operation.pk).state == "planned"


def test_an_order_is_read_as_it_was_written(there: There, seller: Actor) -> None:
    for kind in PATHS:
        order = an_order(kind, there, seller.participant_id)
        assert orders.read(kind, orders.written(order)) == order
    keeping = orders.Keeping(new_id(), "EUR")
    assert orders.read(keeping.kind, orders.written(keeping)) == keeping
    kept = orders.Checkout(new_id(), EUROS, "agreement:1", keeps_method_of=new_id())
    assert orders.read(kept.kind, orders.written(kept)) == kept


@pytest.mark.parametrize(
    "change", ["params = '{}'", "target = 'x'", "kind = 'refund'", "provider = 'demo'", "params_sha256 = ''"]
)
def test_the_database_keeps_what_was_asked(now: datetime, database: None, change: str) -> None:
    operation = operations.plan(orders.Keeping(new_id(), "EUR"), provider="stripe", by=by(now))
    with pytest.raises(DatabaseError):
        sql(f"UPDATE payments_operation SET {change} WHERE id = %s", operation.pk)
    with pytest.raises(DatabaseError, match="rows are kept"):
        sql("DELETE FROM payments_operation WHERE id = %s", operation.pk)


def test_an_operation_that_is_over_stays_so(now: datetime, database: None) -> None:
    operation = operations.plan(orders.Keeping(new_id(), "EUR"), provider="demo", by=by(now))
    done = operations.run(operation.pk, now)
    assert operations.run(operation.pk, now + timedelta(days=1)) == done
    with pytest.raises(DatabaseError, match="stays so"):
        sql("UPDATE payments_operation SET state = 'sent' WHERE id = %s", operation.pk)


def test_two_workers_on_one_operation_have_one_effect_and_one_answer(
    own_database: None, settings: Any, stripe_fake: Served, now: datetime
) -> None:
    move_to_stripe(settings, stripe_fake)
    there = There(stripe_fake)
    operation = operations.plan(an_order("pay_out", there, None), provider="stripe", by=by(now))
    outcomes = race([lambda: operations.run(operation.pk, now)] * 3)
    assert {type(outcome) for outcome in outcomes} <= {Operation, Unavailable}
    done = run_until_over(operation, now)
    assert made_by(stripe_fake, done) == [done.provider_reference]
    assert event_names(done.pk) == ["operation.planned", "operation.asked", "operation.finished"]
