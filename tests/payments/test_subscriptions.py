"""What is paid over time: its clock, what the buyer decides, and what happens where no money comes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.models import Event
from payments.charges import charges
from payments.models import Arrear, Charge, Subscription
from payments.plans import months, plans
from payments.subscriptions import arrears, subscriptions
from tests import makers
from tests.over_time import IN_PARTS, asked, begun, pay, run
from tests.payments.stories import event_names, everything, sql
from tests.rivals import codes, race

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def house(operator: Actor) -> None:
    """An exchange that may sell."""


def fresh(subscription: Subscription) -> Subscription:
    return Subscription.objects.get(pk=subscription.pk)


def refused(act: Callable[[], object], kind: type[Exception], code: str) -> None:
    before = everything(), list(Subscription.objects.values())
    with pytest.raises(kind) as refusal:
        act()
    assert getattr(refusal.value, "code", None) == code
    assert (everything(), list(Subscription.objects.values())) == before


def test_months_are_counted_from_one_anchor() -> None:
    anchor = datetime(2027, 1, 31, 12, tzinfo=UTC)
    found = [f"{months.later(anchor, count):%Y-%m-%d}" for count in (0, 1, 2, 12, 13, 36)]
    assert found == ["2027-01-31", "2027-02-28", "2027-03-31", "2028-01-31", "2028-02-29", "2030-01-31"]


def test_each_period_is_charged_when_it_begins_and_the_term_ends_by_itself(buyer: Actor, seller: Actor) -> None:
    subscription = begun(buyer, seller)
    start = subscription.began_at
    run(months.later(start, 1) - timedelta(seconds=1))
    assert (asked(subscription), fresh(subscription).number) == ({}, 1)
    run(months.later(start, 1))
    assert asked(subscription) == {"period:2": ("created", 1_000)}
    pay(subscription, "period:2", months.later(start, 1))
    run(months.later(start, 2))
    pay(subscription, "period:3", months.later(start, 2))
    run(months.later(start, 3))
    ended = fresh(subscription)
    assert (ended.state, ended.number, ended.next_at) == ("ended", 3, None)
    assert list(asked(subscription)) == ["period:2", "period:3"]
    assert event_names(subscription.pk) == [
        "subscription.begun",
        "subscription.advanced",
        "subscription.advanced",
        "subscription.ended",
    ]


def test_it_begins_once_for_one_agreement(buyer: Actor, seller: Actor) -> None:
    first = begun(buyer, seller)
    again = subscriptions.begin(
        reference=first.reference,
        subject=first.subject,
        buyer_id=first.buyer_id,
        seller_id=first.seller_id,
        plan=plans.parse(first.plan),
        by=makers.system(buyer.at + DAY),
    )
    assert (again.pk, Subscription.objects.count()) == (first.pk, 1)


def test_a_trial_is_charged_from_its_end_on(buyer: Actor, seller: Actor) -> None:
    subscription = begun(buyer, seller, trial_days=14)
    assert (subscription.state, subscription.number) == ("trialing", 0)
    run(subscription.began_at + 14 * DAY)
    assert (fresh(subscription).state, asked(subscription)) == ("active", {"period:1": ("created", 1_000)})
    assert fresh(subscription).next_at == months.later(subscription.began_at + 14 * DAY, 1)


def test_who_cancels_in_the_trial_pays_nothing(buyer: Actor, seller: Actor) -> None:
    subscription = begun(buyer, seller, trial_days=14)
    subscriptions.cancel(subscription, by=buyer)
    run(subscription.began_at + 14 * DAY)
    assert (fresh(subscription).state, asked(subscription)) == ("ended", {})


def test_a_cancellation_holds_at_the_end_of_the_period_and_can_be_taken_back(
    buyer: Actor, seller: Actor
) -> None:
    subscription = subscriptions.cancel(begun(buyer, seller), by=buyer)
    assert (subscription.state, subscription.cancelled_at) == ("active", buyer.at)
    kept = subscriptions.keep_on(subscription, by=buyer.moved_to(buyer.at + DAY))
    assert kept.cancelled_at is None
    subscriptions.cancel(kept, by=buyer)
    run(months.later(subscription.began_at, 1))
    assert (fresh(subscription).state, asked(subscription)) == ("ended", {})
    refused(lambda: subscriptions.keep_on(subscription, by=buyer), Conflict, "subscription_over")


def test_another_term_follows_by_the_buyers_consent_alone(buyer: Actor, seller: Actor) -> None:
    subscription = subscriptions.renew(begun(buyer, seller, periods=1), is_wanted=True, by=buyer)
    assert (subscription.renewed_by, subscription.renewed_at) == (buyer.name, buyer.at)
    run(months.later(subscription.began_at, 1))
    assert (asked(subscription), fresh(subscription).last_period) == ({"period:2": ("created", 1_000)}, 2)
    pay(subscription, "period:2", months.later(subscription.began_at, 1))
    subscriptions.renew(subscription, is_wanted=False, by=buyer)
    run(months.later(subscription.began_at, 2))
    assert (fresh(subscription).state, list(asked(subscription))) == ("ended", ["period:2"])


def test_what_the_plan_does_not_offer_cannot_be_renewed(buyer: Actor, seller: Actor) -> None:
    plain = begun(buyer, seller, is_renewable=False)
    refused(lambda: subscriptions.renew(plain, is_wanted=True, by=buyer), Conflict, "renewal_not_offered")
    cancelled = subscriptions.cancel(begun(buyer, seller), by=buyer)
    refused(
        lambda: subscriptions.renew(cancelled, is_wanted=True, by=buyer), Conflict, "subscription_cancelled"
    )


def test_the_seller_decides_nothing_for_the_buyer(buyer: Actor, seller: Actor) -> None:
    subscription = begun(buyer, seller)
    for act in (
        lambda: subscriptions.cancel(subscription, by=seller),
        lambda: subscriptions.keep_on(subscription, by=seller),
        lambda: subscriptions.renew(subscription, is_wanted=True, by=seller),
    ):
        refused(act, Forbidden, "not_the_buyer")


def test_the_parts_of_a_price_come_on_their_days_and_complete_it(buyer: Actor, seller: Actor) -> None:
    subscription = begun(buyer, seller, IN_PARTS)
    start = subscription.began_at
    refused(lambda: subscriptions.cancel(subscription, by=buyer), Conflict, "parts_are_owed")
    run(start + 60 * DAY)  # the clock stood still for a month
    assert asked(subscription) == {"instalment:2": ("created", 3_000), "instalment:3": ("created", 3_000)}
    pay(subscription, "instalment:3", start + 60 * DAY)
    assert fresh(subscription).state == "active"
    pay(subscription, "instalment:2", start + 61 * DAY)
    assert (fresh(subscription).state, event_names(subscription.pk)[-1]) == ("ended", "subscription.completed")


def test_the_buyer_is_reminded_and_then_it_is_past_due_and_ends(buyer: Actor, seller: Actor) -> None:
    subscription = begun(buyer, seller, periods=12)
    due = months.later(subscription.began_at, 1)
    run(due)
    states = {}
    for day in range(1, 23):
        run(due + day * DAY)
        states[day] = (Arrear.objects.get().reminders, fresh(subscription).state)
    assert [states[day][0] for day in (1, 2, 3, 5, 7, 20)] == [1, 1, 2, 3, 4, 4]
    assert [states[day][1] for day in (6, 7, 20, 21)] == ["active", "past_due", "past_due", "ended"]
    assert asked(subscription) == {"period:2": ("failed", 1_000)}
    reminded = Event.objects.filter(name="subscription.reminded")
    assert reminded.count() == len(arrears.REMINDER_DAYS)


def test_a_clock_that_stood_still_reminds_as_often_as_one_that_ran(buyer: Actor, seller: Actor) -> None:
    subscription = begun(buyer, seller, periods=12)
    due = months.later(subscription.began_at, 1)
    run(due)
    run(due + 25 * DAY)
    assert (Arrear.objects.get().reminders, fresh(subscription).state) == (1, "active")


def test_money_sets_it_right_whenever_it_comes(buyer: Actor, seller: Actor) -> None:
    subscription = begun(buyer, seller, periods=12)
    due = months.later(subscription.began_at, 1)
    for day in (0, 1, 3, 5, 7):
        run(due + day * DAY)
    assert fresh(subscription).state == "past_due"
    pay(subscription, "period:2", due + 9 * DAY)
    arrears.settle(Charge.objects.get(occasion="period:2").pk, by=makers.system(due + 9 * DAY))
    assert fresh(subscription).state == "active"
    run(due + 22 * DAY)
    assert (fresh(subscription).state, Arrear.objects.get().next_at) == ("active", None)
    assert event_names(subscription.pk).count("subscription.recovered") == 1


def test_what_is_declined_is_tried_again_with_the_reminder(buyer: Actor, seller: Actor) -> None:
    subscription = begun(buyer, seller)
    due = months.later(subscription.began_at, 1)
    run(due)
    charge = Charge.objects.get(occasion="period:2")
    with transaction.atomic():
        charges.transition(charge, "decline", by=makers.system(due), failure="card declined")
    run(due + DAY)
    planned = Event.objects.filter(name="operation.planned")
    assert planned.count() == 1


def test_where_the_right_is_revoked_what_is_unpaid_is_called_off(buyer: Actor, seller: Actor) -> None:
    subscription = begun(buyer, seller, IN_PARTS)
    run(subscription.began_at + 30 * DAY)
    by = makers.system(subscription.began_at + 31 * DAY)
    assert subscriptions.stop(subscription.reference, calls_off=False, by=by) is not None
    assert fresh(subscription).state == "active"  # an agreed price is owed to its last part
    for _ in range(2):
        subscriptions.stop(subscription.reference, calls_off=True, by=by)
    assert (fresh(subscription).state, asked(subscription)) == ("ended", {"instalment:2": ("failed", 3_000)})
    assert subscriptions.stop("agreement:none", calls_off=True, by=by) is None


def test_one_that_cannot_be_charged_stands_in_nobodys_way(
    buyer: Actor, seller: Actor, outsider: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, well = begun(buyer, seller), begun(outsider, seller)
    create = charges.create

    def fails(**given: object) -> Charge:
        if given["reference"] == stuck.reference:
            raise RuntimeError("no")
        return create(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(charges, "create", fails)
    assert subscriptions.advance_due(months.later(well.began_at, 1)) == 1
    assert (fresh(stuck).number, fresh(well).number) == (1, 2)


def test_the_database_keeps_what_was_signed_and_what_has_ended(buyer: Actor, seller: Actor) -> None:
    subscription = begun(buyer, seller)
    table = "payments_subscription"
    for column, value in (("plan", "{}"), ("buyer_id", seller.participant_id), ("reference", "agreement:x")):
        with pytest.raises(DatabaseError):
            sql(f"UPDATE {table} SET {column} = %s WHERE id = %s", value, subscription.pk)
    with pytest.raises(DatabaseError):
        sql(f"DELETE FROM {table} WHERE id = %s", subscription.pk)
    subscriptions.stop(subscription.reference, calls_off=True, by=makers.system(buyer.at))
    with pytest.raises(DatabaseError):
        sql(f"UPDATE {table} SET number = 9 WHERE id = %s", subscription.pk)


def test_of_two_workers_one_advances(own_database: None, buyer: Actor, seller: Actor) -> None:
    subscription = begun(buyer, seller)
    due = months.later(subscription.began_at, 1)
    race([lambda: subscriptions.advance(subscription.pk, now=due)] * 4)
    assert (fresh(subscription).number, list(asked(subscription))) == (2, ["period:2"])


def test_a_cancellation_and_the_clock_agree_on_who_was_first(
    own_database: None, buyer: Actor, seller: Actor
) -> None:
    for _ in range(3):
        subscription = begun(buyer, seller)
        due = months.later(subscription.began_at, 1)
        outcomes = race(
            [
                lambda row=subscription: subscriptions.cancel(row, by=buyer),
                lambda row=subscription, at=due: subscriptions.advance(row.pk, now=at),
            ]
        )
        codes(outcomes)
        found = fresh(subscription)
        is_charged = bool(asked(subscription))
        assert (found.state == "ended") != is_charged
