"""Who owes an answer about data gets no further right to them: it would be suspended as soon as it is paid for."""

from datetime import datetime
from typing import Any

import pytest

from compliance.models import NoticeRow
from compliance.notices import answers, by_hand, opening, sending
from contracts.models import Agreement, Entitlement, Negotiation
from contracts.negotiations import negotiations
from contracts.orders import orders
from datasets.models import Dataset
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event
from tests import makers, sales
from tests.contracts.pages.conftest import Reader
from tests.ordering import wish

pytestmark = [pytest.mark.django_db, pytest.mark.by_the_clock]


@pytest.fixture
def right(seller: Actor, buyer: Actor, now: datetime, public_log: Any, react: Any) -> Entitlement:
    """A right under which a file was taken."""
    found = sales.entitled(seller, buyer)
    sales.start(sales.link(found, buyer), now)
    react(now)
    return found


@pytest.fixture
def owe(right: Entitlement, opened: Any, public_log: Any, officer: Actor, now: datetime) -> Any:
    """Tell the buyer of the right to delete the data, and give it no more time to answer."""

    def escalated() -> NoticeRow:
        public_log.seal()
        notice = opened(dataset_id=right.dataset_id, revision_ids=[right.revision_id])
        public_log.seal()
        while opening.fill(now=now):
            pass
        sending.send_due(now=now)
        return by_hand.escalate(NoticeRow.objects.get(notice=notice), by=officer)

    return escalated


def paid_at_once(dataset: Dataset, seller: Actor) -> Any:
    return sales.offer(dataset, seller, plan=dict(sales.PAID), sale="instant")


def standing(buyer: Actor) -> tuple[object, ...]:
    """What there is of a buyer: its talks and where they are, its contracts, and what the log says it did."""
    talks = Negotiation.objects.filter(buyer=buyer.participant_id)
    return (
        sorted(talks.values_list("pk", "state", "round")),
        Agreement.objects.filter(buyer=buyer.participant_id).count(),
        sum(buyer.name.encode() in bytes(leaf) for leaf in Event.objects.values_list("leaf", flat=True)),
    )


def test_nothing_is_ordered_asked_for_or_signed_until_it_has_answered(
    right: Entitlement, owe: Any, seller: Actor, buyer: Actor, now: datetime
) -> None:
    dataset, another = right.dataset, makers.trader("Another SA", "FR", now)
    at_once, on_request = paid_at_once(dataset, seller), sales.offer(dataset, seller)
    another_offer = sales.offer(dataset, seller)
    asked = negotiations.approve(sales.request(on_request, buyer), by=seller)
    row = owe()
    stands = standing(buyer)
    placed = orders.place_many([wish(at_once, buyer), wish(at_once, another)])
    assert [getattr(one.error, "code", None) for one in placed] == ["notice_unanswered", None]
    for act in (
        lambda: negotiations.accept(asked, by=buyer),
        lambda: sales.request(another_offer, buyer),
    ):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "notice_unanswered"
    assert standing(buyer) == stands, "nothing was changed"
    assert sales.entitled(seller, buyer).state == "active", "other data may be had"
    answers.answer(row, action="deleted", copies=1, by=buyer)
    assert negotiations.accept(asked, by=buyer).agreement is not None
    assert orders.place(wish(at_once, buyer)).agreement is not None


def test_pages_lead_to_what_waits_for_the_answer(
    right: Entitlement, owe: Any, seller: Actor, buyer: Actor, now: datetime
) -> None:
    at_once = paid_at_once(right.dataset, seller)
    asked = negotiations.approve(sales.request(sales.offer(right.dataset, seller), buyer), by=seller)
    owe()
    member = Reader(makers.member(makers.participant_of(buyer), "trader", now))
    way = '<a href="/my-data/notices">Read what waits for your answer</a>'
    page = member.get(f"/offers/{at_once.pk}/request").content.decode()
    assert way in page and "Send the request" not in page and "Ask, and read" not in page
    refused = member.post(f"/negotiations/{asked.pk}/accept", shown=asked.proposal, has_read="on")
    assert refused.status_code == 409 and way in refused.content.decode()
