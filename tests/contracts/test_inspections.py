"""Money that waits until the data was delivered whole, and as warranted."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.sales import inspections
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.models import Event, EventDetail
from payments import queries as payments
from payments.holds import holds
from payments.models import Hold
from tests import makers, sales
from tests.dataset_makers import SMALL_CSV, measured

MANY = ({"kind": "purpose", "any_of": ["research"]}, {"kind": "copies", "max": 50})
WARRANTED = (*MANY, {"kind": "warranty", "rows_percent": 60, "filled_percent": 60})
LATER = {"kind": "revisions", "includes_future": True}
DAYS_14 = timedelta(days=14)


def take(right: Any, buyer: Any, at: Any, asset: Any = None) -> None:
    """Download a file whole."""
    asset = asset or sales.asset_of(right)
    started = sales.start(sales.link(right, buyer, asset=asset), at).transfer_id
    assert started is not None
    from contracts.transfers import transfers

    transfers.progress(started, [(0, asset.size_bytes)], now=at)


def sold(seller: Any, buyer: Any, terms: Any = MANY, files: Any = None) -> Any:
    return sales.entitled(seller, buyer, plan=dict(sales.PAID), terms=list(terms), files=files)


def hold_of(right: Any) -> Hold:
    return Hold.objects.get(reference=f"agreement:{right.agreement_id}")


def test_nothing_is_released_before_the_data_was_taken(seller: Any, buyer: Any, now: Any) -> None:
    right = sold(seller, buyer)
    end = now + DAYS_14
    assert (inspections.inspect_due(now=end), holds.release_due(end)) == (0, 0)
    with pytest.raises(Conflict) as refusal:
        holds.release(hold_of(right), by=makers.system(end))
    assert refusal.value.code == "not_delivered"
    take(right, buyer, now)
    assert (inspections.inspect_due(now=now), holds.release_due(now)) == (0, 0)  # the buyer still inspects
    assert (inspections.inspect_due(now=end), holds.release_due(end)) == (1, 1)
    assert inspections.inspect_due(now=end) == 0
    assert hold_of(right).state == "released"


def test_one_of_two_files_is_not_the_whole(seller: Any, buyer: Any, now: Any) -> None:
    right = sold(seller, buyer, files={"a.csv": SMALL_CSV, "b.csv": SMALL_CSV})
    first, second = right.revision.assets.order_by("name")
    take(right, buyer, now, first)
    assert inspections.inspect_due(now=now + DAYS_14) == 0
    take(right, buyer, now, second)
    assert inspections.inspect_due(now=now + DAYS_14) == 1


def test_the_buyers_confirmation_stands_for_the_delivery_too(seller: Any, buyer: Any) -> None:
    right = sold(seller, buyer)
    assert holds.confirm(f"agreement:{right.agreement_id}", by=buyer).state == "released"


def test_a_later_revision_below_its_warranty_stops_the_money_and_lists_what_differs(
    seller: Any, buyer: Any, now: Any
) -> None:
    right = sold(seller, buyer, [*WARRANTED, LATER])
    take(right, buyer, now)
    assert inspections.inspect_due(now=now) == 0
    poor = measured(right.dataset, seller, {"cities.csv": b"city,population\nParis,\n"})
    take(right, buyer, now, poor.assets.get())
    assert inspections.inspect_due(now=now) == 1
    hold = hold_of(right)
    assert hold.state == "contested"
    assert hold.reason == (
        "not as warranted; revision 2: 1 rows, warranted are 2; revision 2: 1 filled values in the column city, "
        "warranted are 2; revision 2: 0 filled values in the column population, warranted are 2"
    )
    detail = EventDetail.objects.get(event__name="hold.stopped")
    assert detail.body["reason"] == hold.reason
    assert b"population" not in bytes(detail.event.leaf)
    assert (inspections.inspect_due(now=now), holds.release_due(now + DAYS_14)) == (0, 0)


def test_the_operators_word_on_a_breach_is_the_last(seller: Any, buyer: Any, operator: Any, now: Any) -> None:
    right = sold(seller, buyer, [*WARRANTED, LATER])
    poor = measured(right.dataset, seller, {"cities.csv": b"city,population\nParis,\n"})
    take(right, buyer, now, poor.assets.get())
    assert inspections.inspect_due(now=now) == 1
    holds.settle(hold_of(right), reason="both sides agreed on the new file", by=operator)
    end = now + DAYS_14
    assert (inspections.inspect_due(now=end), holds.release_due(end)) == (0, 1)


@pytest.mark.parametrize("terms", [[*WARRANTED, LATER], [*MANY, LATER]])
def test_a_later_revision_within_its_warranty_or_without_one_stops_nothing(
    seller: Any, buyer: Any, now: Any, terms: Any
) -> None:
    right = sold(seller, buyer, terms)
    rows = b"city,population\nParis,1\nLyon,2\n" if terms[-2]["kind"] == "warranty" else b"city\n"
    later = measured(right.dataset, seller, {"cities.csv": rows})
    take(right, buyer, now)
    take(right, buyer, now, later.assets.get())
    assert inspections.inspect_due(now=now + DAYS_14) == 1
    assert hold_of(right).state == "open"


def test_the_operator_lets_go_what_a_buyer_never_took(seller: Any, buyer: Any, operator: Any, now: Any) -> None:
    right = sold(seller, buyer)
    reason = "the buyer was reminded twice and takes nothing"
    with pytest.raises(Conflict) as early:
        holds.excuse(hold_of(right), reason=reason, by=operator)
    assert early.value.code == "inspection_running"
    with pytest.raises(Forbidden):
        holds.excuse(hold_of(right), reason=reason, by=seller.moved_to(now + DAYS_14))
    holds.excuse(hold_of(right), reason=reason, by=operator.moved_to(now + DAYS_14))
    assert holds.release_due(now + DAYS_14) == 1


def test_a_hold_older_than_its_limit_alarms_the_operator_once(
    seller: Any, buyer: Any, operator: Any, now: Any
) -> None:
    right = sold(seller, buyer)
    limit = now + timedelta(days=60)
    assert holds.alarm_overdue(limit - timedelta(seconds=1)) == 0
    assert [holds.alarm_overdue(limit) for _ in range(2)] == [1, 0]
    assert hold_of(right).overdue_at == limit
    assert Event.objects.filter(name="hold.overdue").count() == 1
    assert payments.waiting_holds().filter(overdue_at__isnull=False).count() == 1
