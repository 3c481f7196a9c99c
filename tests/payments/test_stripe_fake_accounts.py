"""Accounts, transfers and what is taken back, disputes, payouts, and the balance that all of them move."""

import contextlib
import random
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.fakes.stripe.serving import Served
from tests.payments.stripe_calls import DAY, browser, control, paid, recipient, told

METHODS = ("pm_card_visa", "pm_card_bypassPending", "pm_card_createDispute", "pm_card_refundFail")
RECIPIENT: Any = {"include": ["configuration.recipient", "requirements"]}


def standing(client: stripe.StripeClient, account: str) -> tuple[str, int]:
    """Whether transfers reach an account, and how much is still wanted of it."""
    found: Any = client.v2.core.accounts.retrieve(account, RECIPIENT)
    transfers = found.configuration.recipient.capabilities.stripe_balance.stripe_transfers
    return transfers.status, len(found.requirements.entries)


def link_for(client: stripe.StripeClient, account: str) -> str:
    use: Any = {"type": "account_onboarding", "account_onboarding": {"configurations": ["recipient"]}}
    use["account_onboarding"] |= {
        "refresh_url": "http://shop.test/again",
        "return_url": "http://shop.test/back",
    }
    return client.v2.core.account_links.create({"account": account, "use_case": use}).url


@pytest.mark.parametrize(
    ("answer", "status", "wanted"), [("active", "active", 0), ("restricted", "restricted", 1)]
)
def test_a_recipient_is_onboarded_by_a_link_that_is_good_once(
    stripe_fake: Served, answer: str, status: str, wanted: int
) -> None:
    client = stripe_fake.client()
    account = recipient(client, stripe_fake, "new")
    assert standing(client, account.id) == ("restricted", 1)
    assert "configuration" not in client.v2.core.accounts.retrieve(account.id).to_dict()
    url = link_for(client, account.id)
    assert "Onboarding" in browser.get(url).text
    assert browser.post(url, data={"answer": answer}).headers["location"] == "http://shop.test/back"
    assert browser.get(url).headers["location"] == "http://shop.test/again"
    assert standing(client, account.id) == (status, wanted)
    assert told(stripe_fake) == [
        "v2.core.account.created",
        "v2.core.account[requirements].updated",
        "v2.core.account[configuration.recipient].capability_status_updated",
    ]
    late = link_for(client, account.id)
    stripe_fake.world.advance(301)
    assert browser.get(late).headers["location"] == "http://shop.test/again"


def test_a_transfer_needs_an_account_that_is_ready(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    account, charge = recipient(client, stripe_fake, "pending"), paid(client).latest_charge
    given: Any = {"amount": 100, "currency": "eur", "destination": account.id, "source_transaction": charge}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create(given)
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    control(stripe_fake, "accounts/move", account=account.id, status="active")
    assert (
        client.v1.transfers.create(given).transfer_group
        == f"group_{client.v1.charges.retrieve(charge).payment_intent}"
    )


def test_transfers_from_one_payment_never_exceed_it(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    account, charge = recipient(client, stripe_fake), paid(client).latest_charge
    given: Any = {
        "currency": "eur",
        "destination": account.id,
        "source_transaction": charge,
        "transfer_group": "sale-1",
    }
    first = client.v1.transfers.create(given | {"amount": 9_000})
    with pytest.raises(stripe.InvalidRequestError, match="must not exceed"):
        client.v1.transfers.create(given | {"amount": 1_001})
    with pytest.raises(stripe.InvalidRequestError, match="currency"):
        client.v1.transfers.create(given | {"amount": 100, "currency": "usd"})
    client.v1.transfers.reversals.create(first.id, {"amount": 5_000})
    client.v1.transfers.create(given | {"amount": 6_000})
    assert [one.amount for one in client.v1.transfers.list({"transfer_group": "sale-1"}).data] == [6_000, 9_000]


def test_a_transfer_without_a_source_needs_money_that_is_there(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    account = recipient(client, stripe_fake)
    paid(client)
    given: Any = {"amount": 5_000, "currency": "eur", "destination": account.id}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create(given)
    assert refused.value.code == "balance_insufficient"
    stripe_fake.world.advance(3 * DAY)
    made = client.v1.transfers.create(given, {"idempotency_key": "another"})
    there = client.v1.balance.retrieve(options={"stripe_account": account.id})
    assert made.balance_transaction and there.available[0].amount == 5_000


def test_a_reversal_takes_back_what_was_transferred_and_no_more(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    account, charge = recipient(client, stripe_fake), paid(client).latest_charge
    given: Any = {"amount": 5_000, "currency": "eur", "destination": account.id, "source_transaction": charge}
    transfer = client.v1.transfers.create(given)
    made = client.v1.transfers.reversals.create(transfer.id, {"amount": 2_000, "metadata": {"operation": "1"}})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unreversed"):
        client.v1.transfers.reversals.create(transfer.id, {"amount": 3_001})
    after = client.v1.transfers.retrieve(transfer.id)
    assert (after.amount_reversed, after.reversed, [one.id for one in after.reversals.data]) == (
        2_000,
        False,
        [made.id],
    )
    client.v1.transfers.reversals.create(transfer.id)
    with pytest.raises(stripe.InvalidRequestError, match="fully reversed"):
        client.v1.transfers.reversals.create(transfer.id)
    assert told(stripe_fake).count("transfer.reversed") == 2


def test_a_reversal_fails_where_the_money_has_left_the_account(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    account, charge = recipient(client, stripe_fake), paid(client).latest_charge
    given: Any = {"amount": 5_000, "currency": "eur", "destination": account.id, "source_transaction": charge}
    transfer = client.v1.transfers.create(given)
    stripe_fake.world.advance(3 * DAY)
    there: Any = {"stripe_account": account.id}
    payout = client.v1.payouts.create({"amount": 4_000, "currency": "eur"}, there)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.reversals.create(transfer.id)
    assert refused.value.code == "balance_insufficient"
    stripe_fake.world.advance(2 * DAY)
    assert client.v1.payouts.retrieve(payout.id, options=there).status == "paid"
    control(stripe_fake, "payouts/fail", payout=payout.id)
    assert client.v1.payouts.retrieve(payout.id, options=there).failure_code == "account_closed"
    assert client.v1.transfers.reversals.create(transfer.id).amount == 5_000
    heard = [one for one in stripe_fake.world.objects.values() if one["object"] == "event" and "account" in one]
    assert [one["type"] for one in heard] == ["payout.created", "payout.paid", "payout.failed"]


def disputed(client: stripe.StripeClient) -> Any:
    paid(client, method="pm_card_createDispute")
    return client.v1.disputes.list().data[0]


@pytest.mark.parametrize(("evidence", "end"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_a_dispute_takes_the_money_and_is_decided(stripe_fake: Served, evidence: str, end: str) -> None:
    client = stripe_fake.client()
    dispute = disputed(client)
    assert (dispute.status, dispute.balance_transactions[0].net) == ("needs_response", -12_000)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"charge": dispute.charge})
    assert refused.value.code == "charge_disputed"
    sent = client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": evidence}})
    assert sent.status == "under_review"
    after = client.v1.disputes.retrieve(dispute.id)
    assert (after.status, len(after.balance_transactions)) == (end, 2 if end == "won" else 1)
    heard = [kind for kind in told(stripe_fake) if kind.startswith("charge.dispute")]
    assert heard[:2] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert heard[-1] == "charge.dispute.closed" and ("charge.dispute.funds_reinstated" in heard) == (
        end == "won"
    )
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        client.v1.disputes.close(dispute.id)


def test_a_dispute_that_nobody_answers_is_lost(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    dispute = disputed(client)
    stripe_fake.world.advance(9 * DAY)
    after = client.v1.disputes.retrieve(dispute.id)
    assert (after.status, after.evidence_details.past_due) == ("lost", True)


def test_any_payment_may_be_disputed_on_order(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    opened = control(
        stripe_fake, "disputes/open", charge=paid(client).latest_charge, reason="product_not_received"
    )
    made = client.v1.disputes.list().data[0]
    assert opened["disputed"] and made.reason == "product_not_received"
    control(stripe_fake, "disputes/end", dispute=made.id, status="won")
    assert client.v1.disputes.retrieve(made.id).status == "won"


def test_an_inquiry_takes_nothing_and_may_be_refunded(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    charge = paid(client).latest_charge
    control(stripe_fake, "disputes/open", charge=charge, is_inquiry=True)
    made = client.v1.disputes.list({"charge": charge}).data[0]
    assert (made.status, made.balance_transactions) == ("warning_needs_response", [])
    assert client.v1.refunds.create({"charge": charge}).status == "succeeded"
    control(stripe_fake, "disputes/end", dispute=made.id, status="warning_closed")
    assert client.v1.disputes.retrieve(made.id).status == "warning_closed"
    assert [kind for kind in told(stripe_fake) if "dispute" in kind] == [
        "charge.dispute.created",
        "charge.dispute.closed",
    ]


def test_the_balance_is_the_sum_of_its_transactions(stripe_fake: Served) -> None:
    client = stripe_fake.client()
    account, charge = recipient(client, stripe_fake), paid(client).latest_charge
    given: Any = {"amount": 5_000, "currency": "eur", "destination": account.id, "source_transaction": charge}
    transfer = client.v1.transfers.create(given)
    client.v1.transfers.reversals.create(transfer.id, {"amount": 1_000})
    client.v1.refunds.create({"charge": charge, "amount": 2_000})
    disputed(client)
    lines = list(client.v1.balance_transactions.list({"limit": 2}).auto_paging_iter())
    balance = client.v1.balance.retrieve()
    assert balance.available[0].amount + balance.pending[0].amount == sum(one.net for one in lines)
    assert sum(one.net for one in lines) == 20_000 - 2 * 350 - 5_000 + 1_000 - 2_000 - 12_000
    stripe_fake.world.advance(3 * DAY)
    assert client.v1.balance.retrieve().pending[0].amount == 0
    since = max(one.created for one in lines) + 1
    assert client.v1.balance_transactions.list({"created": {"gte": since}}).data == []


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_asked_in_whatever_order_no_money_is_made(stripe_fake: Served, seed: int) -> None:
    client, chance = stripe_fake.client(), random.Random(seed)
    account, charges, transfers = recipient(client, stripe_fake).id, [paid(client).latest_charge], [""]

    def transfer() -> None:
        given: Any = {"amount": chance.randint(1, 6_000), "currency": "eur", "destination": account}
        source = {"source_transaction": chance.choice(charges)} if chance.random() < 0.7 else {}
        transfers.append(client.v1.transfers.create(given | source).id)

    acts: list[Callable[[], object]] = [
        lambda: charges.append(paid(client, method=chance.choice(METHODS)).latest_charge),
        lambda: client.v1.refunds.create(
            {"charge": chance.choice(charges), "amount": chance.randint(1, 6_000)}
        ),
        transfer,
        lambda: client.v1.transfers.reversals.create(
            chance.choice(transfers), {"amount": chance.randint(1, 3_000)}
        ),
        lambda: client.v1.payouts.create({"amount": 2_000, "currency": "eur"}, {"stripe_account": account}),
        lambda: control(stripe_fake, "advance", days=chance.randint(1, 8)),
    ]
    for _ in range(25):
        with contextlib.suppress(stripe.InvalidRequestError):
            chance.choice(acts)()
    assert transfers[1:] and len(charges) > 1
    control(stripe_fake, "advance", days=30)
    for options in ({}, {"stripe_account": account}):
        lines = client.v1.balance_transactions.list({"limit": 100}, options).auto_paging_iter()  # type: ignore[arg-type]
        [available] = client.v1.balance.retrieve({}, options).available  # type: ignore[arg-type]
        assert available.amount == sum(one.net for one in lines)
        assert not options or available.amount >= 0
    for charge in client.v1.charges.list({"limit": 100}).data:
        sent = [
            one for one in client.v1.transfers.list({"limit": 100}).data if one.source_transaction == charge.id
        ]
        assert charge.amount_refunded <= charge.amount
        assert sum(one.amount - one.amount_reversed for one in sent) <= charge.amount
