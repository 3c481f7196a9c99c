"""What Stripe tells and what it means here: the object is read, and only what is this exchange's counts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from exchange.kernel.errors import Conflict
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from payments.providers import news
from payments.providers.news import News
from payments.providers.orders import RefundOrder, Reversal
from payments.providers.stripe import amounts
from payments.providers.stripe.adapter import StripeProvider
from payments.providers.stripe.client import API_VERSION
from tests.fakes.stripe.serving import Served
from tests.payments.stripe_calls import paid, recipient
from tests.payments.stripe_stories import move_to_stripe

STRIPE = StripeProvider()


@pytest.fixture
def fake(settings: Any, stripe_fake: Served) -> Served:
    move_to_stripe(settings, stripe_fake)
    return stripe_fake


def read(kind: str, object_id: str) -> Sequence[News]:
    return STRIPE.read(kind, {"object": object_id, "api_major": "dahlia"})


def move(fake: Served, path: str, **told: Any) -> dict[str, Any]:
    answer = httpx.post(f"{fake.url}/_fake/{path}", json=told)
    assert answer.status_code == 200
    return dict(answer.json())


def our_payment(fake: Served, charge_id: UUID, **more: Any) -> Any:
    return paid(fake.client(), 10_000, metadata={"charge": str(charge_id)}, **more)


def test_the_version_that_is_asked_for_is_that_of_the_fake(stripe_specification: Any) -> None:
    assert stripe_specification.version == API_VERSION


def test_a_refund_is_told_once_it_went_and_when_it_came_back(fake: Served) -> None:
    charge_id, refund_id = new_id(), new_id()
    payment = our_payment(fake, charge_id).latest_charge
    order = RefundOrder(refund_id, charge_id, payment, Money(2_500, "EUR"))
    reference = STRIPE.refund(order, new_id())
    assert read("refund.created", reference) == [news.Refunded(refund_id, order.amount, reference)]
    move(fake, "refunds/fail", refund=reference, reason="lost_or_stolen_card")
    assert read("refund.failed", reference) == [news.RefundFailed(refund_id, reference, "lost or stolen card")]


def test_a_refund_that_the_exchange_did_not_ask_for_goes_to_a_person(fake: Served) -> None:
    client = fake.client()
    payment = our_payment(fake, new_id()).latest_charge
    made = client.v1.refunds.create({"charge": payment, "amount": 100})
    with pytest.raises(Conflict) as refusal:
        read("refund.created", made.id)
    assert refusal.value.code == "unknown_refund"


def test_what_is_not_this_exchanges_means_nothing(fake: Served) -> None:
    client = fake.client()
    intent = paid(client)
    refund = client.v1.refunds.create({"payment_intent": intent.id})
    assert read("payment_intent.succeeded", intent.id) == []
    assert read("charge.succeeded", intent.latest_charge) == []
    assert read("refund.created", refund.id) == []
    assert read("customer.created", "cus_1") == []


def test_an_object_that_is_not_there_goes_to_a_person(fake: Served) -> None:
    with pytest.raises(Conflict) as refusal:
        read("payment_intent.succeeded", "pi_nobody_knows")
    assert refusal.value.code == "unknown_object"


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_dispute_is_told_with_its_cost_and_its_end(fake: Served, status: str) -> None:
    charge_id = new_id()
    payment = our_payment(fake, charge_id).latest_charge
    move(fake, "disputes/open", charge=payment)
    (dispute,) = (one["id"] for one in fake.world.objects.values() if one.get("object") == "dispute")
    (opened,) = read("charge.dispute.created", dispute)
    assert isinstance(opened, news.Disputed)
    assert (opened.charge_id, opened.amount, opened.reason) == (charge_id, Money(10_000, "EUR"), "fraudulent")
    assert opened.cost is not None and opened.cost.minor > 0
    assert opened.evidence_due_at is not None and opened.evidence_due_at > datetime.now(UTC)
    move(fake, "disputes/end", dispute=dispute, status=status)
    again, ended = read("charge.dispute.closed", dispute)
    assert again == opened
    assert ended == news.DisputeEnded(dispute, is_won=status == "won")


def test_a_payment_by_a_kept_card_tells_whether_it_was_collected(fake: Served) -> None:
    charge_id = new_id()
    intent = our_payment(fake, charge_id)
    (told,) = read("payment_intent.succeeded", intent.id)
    assert isinstance(told, news.Paid)
    assert (told.charge_id, told.amount, told.reference) == (
        charge_id,
        Money(10_000, "EUR"),
        intent.latest_charge,
    )
    assert told.cost is not None and told.cost.minor > 0
    assert read("charge.updated", intent.latest_charge) == [told]


@pytest.mark.parametrize(
    ("status", "state"),
    [("new", "onboarding"), ("pending", "onboarding"), ("active", "ready"), ("unsupported", "rejected")],
)
def test_an_account_is_ready_when_transfers_reach_it(fake: Served, status: str, state: str) -> None:
    account = recipient(fake.client(), fake, status)
    kind = "v2.core.account[configuration.recipient].capability_status_updated"
    (told,) = read(kind, account.id)
    assert isinstance(told, news.AccountMoved)
    assert (told.account_reference, told.state) == (account.id, state)
    assert bool(told.requirements) == (status == "new")


def test_who_is_paid_out_to_is_led_to_stripe(fake: Served) -> None:
    account = recipient(fake.client(), fake, "new")
    assert STRIPE.onboarding_link(account.id).startswith(fake.url)


def test_what_of_a_transfer_is_taken_back_is_the_answer_to_our_own_order(fake: Served) -> None:
    client = fake.client()
    paid(client, 50_000, "pm_card_bypassPending")
    account = recipient(client, fake)
    transfer = client.v1.transfers.create({"amount": 5_000, "currency": "eur", "destination": account.id})
    order = Reversal(new_id(), transfer.id, Money(2_000, "EUR"))
    reference = STRIPE.reverse(order, new_id())
    payload = {
        "kind": "reverse",
        "params": {
            "payout_id": str(order.payout_id),
            "payout": transfer.id,
            "amount": {"minor": 2_000, "currency": "EUR"},
        },
        "reference": reference,
    }
    assert STRIPE.read("operation.done", payload) == [news.Reversed(order.payout_id, order.amount, reference)]
    assert read("transfer.created", transfer.id) == []


def test_the_balance_is_listed_oldest_first_with_what_was_kept_of_each(fake: Served) -> None:
    client = fake.client()
    first, second = paid(client, 10_000), paid(client, 20_000)
    client.v1.refunds.create({"payment_intent": first.id, "amount": 500})
    since = datetime.now(UTC) - timedelta(hours=1)
    lines = list(STRIPE.balance_lines(since))
    assert [line.amount.minor for line in lines if line.kind == "charge"] == [10_000, 20_000]
    assert lines[0].source == first.latest_charge
    assert lines[1].cost.minor > 0
    assert Money(-500, "EUR") in [line.amount for line in lines]
    assert len({line.id for line in lines}) == len(lines)
    assert second.latest_charge in {line.source for line in lines}


@pytest.mark.parametrize(
    ("ours", "there"),
    [
        (("EUR", 1_234), 1_234),
        (("JPY", 500), 500),
        (("KWD", 1_230), 1_230),
        (("ISK", 5), 500),
        (("UGX", 7), 700),
    ],
)
def test_amounts_are_told_in_stripes_own_units(ours: tuple[str, int], there: int) -> None:
    amount = Money(ours[1], ours[0])
    assert amounts.there(amount) == there
    assert amounts.here(there, ours[0].lower()) == amount


def test_what_stripe_has_no_coin_for_is_refused() -> None:
    with pytest.raises(Conflict):
        amounts.there(Money(150, "MGA"))
    with pytest.raises(Conflict):
        amounts.here(550, "ISK")
