"""What the clauses about place, hour, way and revision say at their limits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts.clauses.declaration import Facts, Reason
from contracts.terms import terms
from contracts.terms.terms import Language, evaluate, parse, text
from exchange.kernel.errors import Invalid

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
ALL_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
HOURS: dict[str, Any] = {
    "kind": "hours",
    "days": ["mon"],
    "start": "02:15",
    "end": "03:45",
    "zone": "Europe/Paris",
}


def refusal(facts: Facts, clause: dict[str, Any]) -> Reason | None:
    (verdict,) = [one for one in evaluate(parse([clause]), facts) if one.kind == clause["kind"]]
    return verdict.reason


def said(clause: dict[str, Any], language: Language = "en") -> str:
    (found,) = [row["text"] for row in text(parse([clause]), language) if row["kind"] == clause["kind"]]
    return found


def is_open(at: datetime, **changes: Any) -> bool:
    return refusal(Facts(now=at), HOURS | changes) is None


@pytest.mark.parametrize(
    ("wanted", "changes"),
    [
        ("written HH:MM", {"start": "8:00"}),
        ("from 00:00 to 23:59", {"start": "24:00"}),
        ("from 00:00 to 24:00", {"end": "24:01"}),
        ("it ends when it starts", {"end": "02:15"}),
        ("no item comes twice", {"days": ["mon", "mon"]}),
        ("one of mon, tue", {"days": ["Monday"]}),
        ("name of a time zone", {"zone": "Europe/Atlantis"}),
        ("name of a time zone", {"zone": "EST"}),
        ("name of a time zone", {"zone": "../../etc/passwd"}),
        ("name of a time zone", {"zone": 1}),
    ],
)
def test_hours_that_are_none_are_refused(wanted: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=wanted) as refused:
        parse([HOURS | changes])
    assert refused.value.detail.startswith("Clause 1 (hours): ")


def test_hours_begin_with_their_first_minute_and_end_before_their_last() -> None:
    paris = ZoneInfo("Europe/Paris")
    monday = datetime(2026, 11, 23, 2, 15, tzinfo=paris)
    assert is_open(monday) and is_open(monday + timedelta(minutes=89, seconds=59, microseconds=999_999))
    assert not is_open(monday - timedelta(microseconds=1)) and not is_open(monday + timedelta(minutes=90))
    assert not is_open(monday + timedelta(days=1))
    assert refusal(Facts(now=monday + timedelta(days=1)), HOURS) == Reason.OUT_OF_HOURS
    assert refusal(Facts(now=datetime(2026, 11, 23, 2, 30)), HOURS) == Reason.UNDECIDABLE


@pytest.mark.parametrize(
    ("first", "minutes"),
    [
        # On 28 March 2027 the clocks of Paris go from 02:00 to 03:00: of the window, 03:00 to 03:45 exists.
        (datetime(2027, 3, 28, 0, 0, tzinfo=UTC), 45),
        # On 31 October 2027 they go from 03:00 back to 02:00: 02:15 to 03:00 comes twice.
        (datetime(2027, 10, 31, 0, 0, tzinfo=UTC), 135),
        (datetime(2027, 6, 13, 0, 0, tzinfo=UTC), 90),
    ],
)
def test_hours_follow_the_wall_clock_when_the_clocks_change(first: datetime, minutes: int) -> None:
    moments = [first + timedelta(minutes=step) for step in range(-120, 300)]
    assert sum(is_open(at, days=["sun"]) for at in moments) == minutes


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    night = {"days": ["fri"], "start": "22:00", "end": "06:00", "zone": "Asia/Kathmandu"}  # UTC+05:45
    friday = datetime(2026, 11, 27, 16, 15, tzinfo=UTC)  # 22:00 there
    assert is_open(friday, **night) and is_open(friday + timedelta(hours=7, minutes=59), **night)
    assert not is_open(friday - timedelta(minutes=1), **night)
    assert not is_open(friday + timedelta(hours=8), **night)
    assert not is_open(friday - timedelta(hours=17), **night)  # 05:00 on Friday belongs to Thursday
    assert said(HOURS | night).startswith(
        "A download may begin, or go on after a break, only on Fridays from 22:00 to 06:00 of the next day "
    )


def test_whole_days_are_written_until_twenty_four() -> None:
    whole = {"days": ALL_DAYS, "start": "00:00", "end": "24:00"}
    assert all(is_open(NOW + timedelta(hours=step), **whole) for step in range(24 * 7))
    assert "only every day from 00:00 to 24:00 (Europe/Paris time)" in said(HOURS | whole)
    assert "que tous les jours de 0\u00a0h\u00a000 à 24\u00a0h\u00a000" in said(HOURS | whole, "fr")


def test_days_are_said_in_the_order_of_the_week() -> None:
    assert "only on Mondays, Fridays and Sundays from" in said(HOURS | {"days": ["sun", "fri", "mon"]})
    assert "que les lundi, vendredi et dimanche de" in said(HOURS | {"days": ["sun", "fri", "mon"]}, "fr")


def test_what_is_good_by_the_hour_is_asked_again_each_minute() -> None:
    at = datetime(2026, 11, 23, 1, 20, 31, 5, tzinfo=UTC)
    assert terms.next_change(parse([HOURS]), Facts(now=at)) == datetime(2026, 11, 23, 1, 21, tzinfo=UTC)
    assert terms.next_change(parse([{"kind": "copies", "max": 1}]), Facts(now=at)) is None


@pytest.mark.parametrize(
    ("delivery", "reason"),
    [("gateway", None), ("bucket", Reason.DELIVERY_NOT_ALLOWED), (None, Reason.UNDECIDABLE)],
)
def test_the_way_must_be_one_that_is_named(delivery: str | None, reason: Reason | None) -> None:
    clause = {"kind": "delivery", "any_of": ["sharing", "gateway"]}
    assert refusal(Facts(now=NOW, delivery=delivery), clause) == reason


@pytest.mark.parametrize(
    ("place", "reason"),
    [("FR", None), ("CH", None), ("US", Reason.USE_COUNTRY_NOT_ALLOWED), (None, Reason.UNDECIDABLE)],
)
def test_the_declared_country_of_use_must_be_named(place: str | None, reason: Reason | None) -> None:
    groups = {"EEA": frozenset({"FR"}), "ADEQUATE": frozenset({"CH"})}
    facts = Facts(now=NOW, use_country=place, groups=groups)
    assert refusal(facts, {"kind": "use_country", "any_of": ["ADEQUATE", "EEA"]}) == reason


@pytest.mark.parametrize(
    ("clause", "included"),
    [
        ({"includes_future": False}, [1, 2, 3, 4]),
        ({"includes_future": True}, [1, 2, 3, 4, 5, 6]),
        ({"last": 1, "includes_future": False}, [4]),
        ({"last": 3, "includes_future": True}, [2, 3, 4, 5, 6]),
        ({"last": 1000, "includes_future": False}, [1, 2, 3, 4]),
        ({"since": "2028-02-29", "includes_future": False}, [3, 4]),
        ({"since": "2028-03-01", "includes_future": True}, [4, 5, 6]),
    ],
)
def test_revisions_are_included_from_the_agreed_one_both_ways(
    clause: dict[str, Any], included: list[int]
) -> None:
    """Revision 3 was sealed in the last microsecond of a leap day; the fourth is the agreed one, whenever sealed."""
    known = Facts(now=NOW, agreed_number=4)
    leap = datetime(2028, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC)
    sealed = {1: leap - timedelta(days=400), 2: leap - timedelta(days=1), 3: leap, 4: NOW, 5: leap, 6: leap}
    found = [
        number
        for number, at in sealed.items()
        if refusal(
            replace(known, revision_number=number, revision_sealed_at=at), {"kind": "revisions"} | clause
        )
        is None
    ]
    assert found == included


def test_revisions_need_what_they_are_decided_by() -> None:
    clause = {"kind": "revisions", "since": "2028-02-29", "includes_future": False}
    for facts in (
        Facts(now=NOW),
        Facts(now=NOW, revision_number=1),
        Facts(now=NOW, revision_number=1, agreed_number=2),
    ):
        assert refusal(facts, clause) == Reason.UNDECIDABLE
    with pytest.raises(Invalid, match="takes last or since, not both"):
        parse([clause | {"last": 1}])


def test_revisions_are_said_in_whole_sentences() -> None:
    clause: dict[str, Any] = {"kind": "revisions", "last": 2, "includes_future": False}
    assert said(clause) == (
        "Your access covers the revision that was agreed and the one before it; it covers no later revision."
    )
    assert said(clause | {"last": 1}, "fr") == (
        "Votre accès couvre la révision convenue sans les précédentes, mais aucune révision ultérieure."
    )
