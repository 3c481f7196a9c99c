"""Announced revisions between the two sides of a sale: what the contract keeps of them, who sees that one is late, and
who is told."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contracts.agreements import agreements
from contracts.entitlements import deliveries
from contracts.models import Entitlement
from contracts.sales import story
from contracts.sales.facts import sale_visible_to
from datasets.models import Dataset
from datasets.schedules import schedules
from exchange.kernel.actors import Actor
from exchange.participants.models import Member, Notice
from exchange.participants.notices import rows as notice_rows
from tests import dataset_makers, makers, sales

ALL_LATER = {"kind": "revisions", "includes_future": True}
PASSED = "An announced day passed without a revision"
DAYS = ["2026-12-31", "2027-01-31", "2027-02-28"]


@pytest.fixture
def dataset(seller: Actor) -> Dataset:
    made = dataset_makers.published(seller)
    schedules.announce(made, first_on=date(2026, 12, 31), every=1, unit="months", count=3, by=seller)
    return made


@pytest.fixture
def right(dataset: Dataset, seller: Actor, buyer: Actor) -> Entitlement:
    """A licence of 60 days that includes later revisions: until 21 January 2027."""
    terms = [ALL_LATER, {"kind": "duration", "days": 60}]
    return sales.sold(sales.offer(dataset, seller, terms=terms), buyer, seller)


@pytest.fixture
def people(seller: Actor, buyer: Actor, now: datetime) -> dict[str, Member]:
    return {
        name: makers.member(makers.participant_of(actor), "trader", now)
        for name, actor in (("seller", seller), ("buyer", buyer))
    }


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def moments(actor: Actor, right: Entitlement, now: datetime) -> list[tuple[str, str, bool]]:
    past, coming = story.told(sale_visible_to(actor.moved_to(now), right.agreement_id), now=now)
    return [
        (f"{one.at:%Y-%m-%d}", one.title, one.is_to_come) for one in (*past, *coming) if "revision" in one.title
    ]


def test_the_contract_keeps_what_was_announced_where_it_includes_later_revisions(
    right: Entitlement, dataset: Dataset, seller: Actor, buyer: Actor
) -> None:
    kept = agreements.document(right.agreement)["schedule"]
    assert kept == {"first_on": DAYS[0], "every": 1, "unit": "months", "count": 3, "due": DAYS}
    schedules.end(dataset, by=seller)
    right.agreement.refresh_from_db()
    assert agreements.is_intact(right.agreement) and agreements.document(right.agreement)["schedule"] == kept
    other = sales.sold(sales.offer(dataset, seller, terms=[]), buyer, seller)
    assert agreements.document(other.agreement)["schedule"] is None


def test_both_sides_and_the_officer_see_what_is_late_and_what_is_due(
    right: Entitlement, dataset: Dataset, seller: Actor, buyer: Actor, officer: Actor
) -> None:
    for actor in (seller, buyer, officer):
        assert moments(actor, right, at("2026-12-31")) == [("2026-12-31", "A new revision is due", True)]
        assert moments(actor, right, at("2027-01-01")) == [("2027-01-01", PASSED, False)]
    dataset_makers.sealed(dataset, seller.moved_to(at("2027-01-04")))
    for actor in (seller, buyer, officer):
        assert moments(actor, right, at("2027-01-05")) == [
            ("2027-01-01", PASSED, False),
            ("2027-01-04", "Sealed revision 2", False),
        ]
    assert moments(buyer, right, at("2027-01-02")) == [("2027-01-01", PASSED, False)], (
        "the same was true on that day"
    )
    shown = deliveries.announced(right, now=at("2027-01-05"))
    assert shown is not None and (shown.late, [row.mark.words for row in shown.rows]) == (0, ["4 days late"])


def test_a_licence_without_later_revisions_shows_no_days(
    dataset: Dataset, seller: Actor, buyer: Actor, now: datetime
) -> None:
    for terms in ([], [{"kind": "revisions", "includes_future": False}]):
        right = sales.sold(sales.offer(dataset, seller, terms=terms), buyer, seller)
        assert deliveries.announced(right, now=now) is None
        assert moments(buyer, right, at("2027-01-05")) == []


def test_both_sides_are_told_once_of_what_is_late_and_the_buyer_when_it_comes(
    right: Entitlement, dataset: Dataset, seller: Actor, people: dict[str, Member], react: Any
) -> None:
    react()
    Notice.objects.all().delete()

    def told(now: datetime) -> dict[str, list[str]]:
        react(now)
        found = {}
        for name, member in people.items():
            rows = list(Notice.objects.filter(member=member).order_by("pk"))
            assert all(notice_rows.place_of(row) for row in rows)
            found[name] = [row.title for row in notice_rows.rows_of(rows)]
            assert all("…" not in f"{row.title}{row.sentence}" for row in notice_rows.rows_of(rows))
        return found

    for minutes in (0, 10, 20):
        schedules.mark_late(now=at("2027-01-01") + timedelta(minutes=minutes))
    late = "A revision of “Cities of France” is late"
    assert told(at("2027-01-01")) == {
        "seller": ["Your revision of “Cities of France” is late"],
        "buyer": [late],
    }
    dataset_makers.sealed(dataset, seller.moved_to(at("2027-01-04")))
    came = "The late revision of “Cities of France” has come"
    yours = "Revision 2 of “Cities of France” is now yours"
    assert sorted(told(at("2027-01-04"))["buyer"]) == sorted([late, came, yours])
    later = seller.moved_to(at("2027-01-05"))
    schedules.announce(dataset, first_on=date(2027, 1, 15), every=2, unit="weeks", count=9, by=later)
    schedules.end(dataset, by=later)
    assert told(at("2027-01-05"))["buyer"][-2:] == [
        "The schedule of “Cities of France” has changed",
        "No further revision of “Cities of France” is announced",
    ]


def test_the_api_shows_it_to_whoever_sees_the_dataset_and_changes_it_for_its_seller(
    seller: Actor, buyer: Actor, officer: Actor, outsider: Actor
) -> None:
    dataset = dataset_makers.published(seller)
    sales.offer(dataset, seller)
    path = f"/api/v1/datasets/{dataset.pk}/schedule"
    doors = [Client(headers=makers.Door(actor).headers) for actor in (seller, buyer, officer, outsider)]
    own = doors[0]

    def put(door: Client, **changes: Any) -> Any:
        return door.put(path, {**wanted, **changes}, content_type="application/json")

    first = timezone.now().date() + timedelta(days=40)
    wanted = {"first_on": first.isoformat(), "every": 3, "unit": "weeks", "count": 2}
    nothing = own.get(path).json()
    assert nothing["first_on"] is None and nothing["deliveries"] == []
    for door in doors[1:]:
        assert put(door).status_code in (403, 404) and door.delete(path).status_code in (403, 404)
    assert own.get(path).json() == nothing
    days = [first + timedelta(weeks=3), first]
    assert [one["due_on"] for one in put(own).json()["deliveries"]] == [day.isoformat() for day in days]
    shown = [door.get(path).json() for door in doors]
    assert all(one == shown[0] for one in shown), "its offer is public"
    assert put(own, first_on="2026-01-01").json()["type"].endswith(":first_day_past")
    assert put(own, count=0).status_code == 422 and put(own, every="2").status_code == 422
    assert own.get(path).json() == shown[0]
    assert own.delete(path).status_code == 204 and own.get(path).json() == nothing
    assert own.delete(path).json()["type"].endswith(":no_schedule")
