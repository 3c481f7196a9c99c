"""Two who decide about one row at the same moment: exactly one decision stands, and the other is refused."""

from collections import Counter
from typing import Any

import pytest

from contracts import tasks
from contracts.entitlements import entitlements
from contracts.models import Agreement, CopyCount, Entitlement, Negotiation, Offer, Transfer
from contracts.negotiations import negotiations
from contracts.offers import offers
from contracts.transfers import transfers
from exchange.kernel.actors import Actor
from exchange.kernel.errors import ExchangeError
from exchange.kernel.models import Event
from payments import queries as payments
from payments.checkouts import pretended_payments
from payments.inbox import inbox
from payments.models import Charge, Posting, ProviderEvent
from tests import dataset_makers, sales
from tests.rivals import race

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database")]

ROUNDS = 3
REASON = "the buyer's report shows another purpose"


def came_to(outcomes: list[Any]) -> Counter[str]:
    """How many won, and with which codes the others were refused; anything else is a defect."""
    for outcome in outcomes:
        if isinstance(outcome, Exception) and not isinstance(outcome, ExchangeError):
            raise outcome
    return Counter(outcome.code if isinstance(outcome, ExchangeError) else "won" for outcome in outcomes)


def told(subject: Any, name: str) -> int:
    """How many Events of that name are about a row."""
    return Event.objects.filter(name=name, subject__endswith=f":{subject.pk}").count()


def test_of_two_publications_of_an_offer_one_stands(seller: Actor) -> None:
    dataset = dataset_makers.published(seller)
    for _ in range(ROUNDS):
        draft = offers.draft(
            dataset, title="Research licence", terms=list(sales.TERMS), plan=dict(sales.FREE), by=seller
        )
        copies = [Offer.objects.get(pk=draft.pk) for _ in range(4)]
        outcomes = race([lambda offer=offer: offers.publish(offer, by=seller) for offer in copies])
        assert came_to(outcomes) == {"won": 1, "wrong_state": 3}
        assert told(draft, "offer.published") == 1


def test_of_two_equal_requests_one_stands(seller: Actor, buyer: Actor) -> None:
    dataset = dataset_makers.published(seller)
    for _ in range(ROUNDS):
        offer = sales.offer(dataset, seller)
        outcomes = race([lambda offer=offer: sales.request(offer, buyer)] * 4)
        assert came_to(outcomes) == {"won": 1, "already_requested": 3}
        [negotiation] = Negotiation.objects.filter(offer=offer)
        assert told(negotiation, "negotiation.requested") == 1


def test_after_approval_and_refusal_at_once_the_refusal_stands(seller: Actor, buyer: Actor) -> None:
    """A seller may take an approval back, so the refusal always wins; the approval only if it came first."""
    dataset = dataset_makers.published(seller)
    for _ in range(ROUNDS):
        asked = sales.request(sales.offer(dataset, seller), buyer)
        mine, other = (Negotiation.objects.get(pk=asked.pk) for _ in range(2))
        approval, refusal = race(
            [
                lambda row=mine: negotiations.approve(row, by=seller),
                lambda row=other: negotiations.refuse(row, reason="", by=seller),
            ]
        )
        assert came_to([refusal]) == {"won": 1}
        assert set(came_to([approval])) <= {"won", "wrong_state"}
        asked.refresh_from_db()
        assert asked.state == "terminated"
        assert told(asked, "negotiation.refused") == 1
        assert told(asked, "negotiation.approved") == int(not isinstance(approval, Exception))


def test_of_two_acceptances_one_signs_and_is_charged(seller: Actor, buyer: Actor) -> None:
    dataset = dataset_makers.published(seller)
    for number in range(1, ROUNDS + 1):
        offer = sales.offer(dataset, seller, plan=sales.PAID)
        asked = negotiations.approve(sales.request(offer, buyer), by=seller)
        copies = [Negotiation.objects.get(pk=asked.pk) for _ in range(4)]
        outcomes = race([lambda row=row: negotiations.accept(row, by=buyer) for row in copies])
        assert came_to(outcomes) == {"won": 1, "wrong_state": 3}
        assert Agreement.objects.count() == Entitlement.objects.count() == Charge.objects.count() == number
        assert told(asked, "negotiation.accepted") == 1


@pytest.mark.parametrize("ending", ["withdrawn by the buyer", "refused by the seller"])
def test_acceptance_and_an_end_cannot_both_stand(seller: Actor, buyer: Actor, ending: str) -> None:
    dataset = dataset_makers.published(seller)
    end, by = (negotiations.terminate, buyer) if "buyer" in ending else (negotiations.refuse, seller)
    for _ in range(ROUNDS):
        asked = negotiations.approve(sales.request(sales.offer(dataset, seller), buyer), by=seller)
        mine, other = (Negotiation.objects.get(pk=asked.pk) for _ in range(2))
        outcomes = race(
            [
                lambda row=mine: negotiations.accept(row, by=buyer),
                lambda row=other: end(row, reason="", by=by),
            ]
        )
        assert came_to(outcomes) == {"won": 1, "wrong_state": 1}
        accepted = not isinstance(outcomes[0], Exception)
        assert Agreement.objects.filter(negotiation=asked).exists() == accepted
        asked.refresh_from_db()
        assert asked.state == ("finalized" if accepted else "terminated")


def test_two_workers_that_complete_one_sale_complete_it_once(seller: Actor, buyer: Actor) -> None:
    dataset = dataset_makers.published(seller)
    for number in range(1, ROUNDS + 1):
        offer = sales.offer(dataset, seller, plan=sales.PAID)
        asked = negotiations.approve(sales.request(offer, buyer), by=seller)
        charge = negotiations.accept(asked, by=buyer).charge
        assert charge is not None
        pretended_payments.make(payments.charge(charge.pk), by=buyer)
        event = ProviderEvent.objects.get(processed_at=None)
        race([lambda event=event: inbox.act(event.pk, buyer.at)] * 2)
        outcomes = race([lambda charge=charge: tasks.complete_sale(str(charge.pk), buyer.at)] * 4)
        assert set(came_to(outcomes)) <= {"won", "wrong_state"}
        entitlement = Entitlement.objects.get(agreement__negotiation=asked)
        assert entitlement.state == "active"
        assert told(entitlement, "entitlement.activated") == told(asked, "negotiation.finalized") == 1
        assert Posting.objects.count() == number


def test_a_start_and_a_revocation_leave_no_transfer_running(seller: Actor, buyer: Actor) -> None:
    """Either the start is refused, or its bytes stop at the gateway's next look."""
    for _ in range(2 * ROUNDS):
        entitlement = sales.entitled(seller, buyer)
        path = sales.link(entitlement, buyer)
        outcomes: list[Any] = race(
            [
                lambda path=path: sales.start(path, buyer.at),
                lambda row=entitlement: entitlements.revoke(row, reason=REASON, by=seller),
            ]
        )
        assert came_to(outcomes[1:]) == {"won": 1}
        verdict = outcomes[0]
        found = Transfer.objects.filter(entitlement=entitlement)
        if verdict.code is None:
            assert [transfer.pk for transfer in found] == [verdict.transfer_id]
            stopped = transfers.stopped_among([verdict.transfer_id], now=buyer.at)
            assert stopped == {verdict.transfer_id: "entitlement_revoked"}
        else:
            assert verdict.code == "entitlement_revoked"
            assert not found.exists()
            assert not CopyCount.objects.filter(entitlement=entitlement, used__gt=0).exists()
        assert sales.start(path, buyer.at).code == "entitlement_revoked"


def test_suspension_and_revocation_end_in_one_state_with_one_event_each(seller: Actor, buyer: Actor) -> None:
    for _ in range(ROUNDS):
        entitlement = sales.entitled(seller, buyer)
        mine, other = (Entitlement.objects.get(pk=entitlement.pk) for _ in range(2))
        outcomes = race(
            [
                lambda row=mine: entitlements.suspend(row, reason=REASON, by=seller),
                lambda row=other: entitlements.revoke(row, reason=REASON, by=seller),
            ]
        )
        assert came_to(outcomes[1:]) == {"won": 1}, "what is suspended may still be revoked"
        assert set(came_to(outcomes[:1])) <= {"won", "wrong_state"}
        entitlement.refresh_from_db()
        assert entitlement.state == "revoked"
        assert told(entitlement, "entitlement.revoked") == 1
        assert told(entitlement, "entitlement.suspended") == int(not isinstance(outcomes[0], Exception))
