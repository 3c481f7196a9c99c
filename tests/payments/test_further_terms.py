"""The reminder before a further term: in time, once for each term, and none where nothing follows any more."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from exchange.kernel.actors import Actor
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from exchange.kernel.text import timestamp
from exchange.participants.models import Notice
from exchange.participants.notices import mails as notice_mails
from exchange.participants.notices import rows as notice_rows
from payments.models import Subscription
from payments.plans import months, plans
from payments.subscriptions import arrears, further_terms, subscriptions
from payments.subscriptions.subscriptions import Consent
from tests import makers
from tests.contracts.pages.conftest import Reader
from tests.over_time import MONTHLY, pay
from tests.payments.stories import event_names
from tests.rivals import codes, race

pytestmark = pytest.mark.by_the_clock

React = Callable[..., int]
DAY = timedelta(days=1)
NEAR = "subscription.renewal_near"


@pytest.fixture(autouse=True)
def house(operator: Actor) -> None:
    """An exchange that may sell."""


def agreed(buyer: Actor, seller: Actor, *, begun_at: datetime | None = None, **changes: Any) -> Subscription:
    """A subscription that is followed by further terms."""
    assert buyer.participant_id is not None and seller.participant_id is not None
    return subscriptions.begin(
        reference=f"agreement:{new_id()}",
        subject=f"dataset:{new_id()}",
        buyer_id=buyer.participant_id,
        seller_id=seller.participant_id,
        plan=plans.parse({**MONTHLY, "periods": 1, **changes}),
        renewal=Consent(buyer.name, buyer.at),
        by=makers.system(begun_at or buyer.at),
    )


def count_of(subscription: Subscription) -> int:
    return event_names(subscription.pk).count(NEAR)


def at(subscription: Subscription, moment: datetime) -> int:
    """The clock at a moment: periods first, then reminders; answers how often this one was reminded of by then."""
    subscriptions.advance_due(moment)
    further_terms.remind_due(moment)
    return count_of(subscription)


@pytest.mark.parametrize("days", [14, 1, 30])
def test_it_comes_the_days_before_that_the_setting_says(
    buyer: Actor, seller: Actor, settings: Any, days: int
) -> None:
    settings.EXCHANGE_RENEWAL_REMINDER_DAYS = days
    found = agreed(buyer, seller)
    ends = months.later(found.began_at, 1)
    assert at(found, ends - days * DAY - timedelta(seconds=1)) == 0
    assert at(found, ends - days * DAY) == 1


@pytest.mark.parametrize("shape", [{"periods": 12}, {"periods": 1, "months": 12}, {"periods": 4, "months": 3}])
def test_a_term_of_a_year_is_told_once_before_its_end(
    buyer: Actor, seller: Actor, settings: Any, shape: dict[str, Any]
) -> None:
    """Also with days that reach over several periods."""
    settings.EXCHANGE_RENEWAL_REMINDER_DAYS = 45
    found = agreed(buyer, seller, **shape)
    ends, told = months.later(found.began_at, 12), {}
    for days in range(0, 366, 5):
        told[days] = at(found, found.began_at + days * DAY)
        found.refresh_from_db()
    first = next(days for days, count in told.items() if count)
    assert ends - 45 * DAY <= found.began_at + first * DAY < ends - 39 * DAY
    assert set(told.values()) == {0, 1}


def test_every_term_has_its_own_and_the_facts_say_what_comes(buyer: Actor, seller: Actor) -> None:
    found = agreed(buyer, seller)
    for term in (1, 2, 3):
        ends = months.later(found.began_at, term)
        for hours in range(0, 15 * 24, 24):  # the clock repeats itself every few minutes
            assert at(found, ends - 14 * DAY + timedelta(hours=hours)) == term or hours >= 14 * 24
        pay(found, f"period:{term + 1}", ends)
    facts = [json.loads(bytes(event.leaf))["facts"] for event in Event.objects.filter(name=NEAR).order_by("pk")]
    assert [one["renews_at"] for one in facts][:3] == [
        timestamp(months.later(found.began_at, term)) for term in (1, 2, 3)
    ]
    assert {(one["price_minor"], one["currency"]) for one in facts} == {("1000", "EUR")}


@pytest.mark.parametrize("how", ["never agreed", "taken back", "cancelled", "revoked"])
def test_where_nothing_follows_nobody_is_told(buyer: Actor, seller: Actor, how: str) -> None:
    found = agreed(buyer, seller)
    if how == "never agreed":
        Subscription.objects.update(renewed_by="", renewed_at=None)
    elif how == "taken back":
        subscriptions.renew(found, is_wanted=False, by=buyer)
    elif how == "cancelled":
        subscriptions.cancel(found, by=buyer)
    else:
        subscriptions.stop(found.reference, calls_off=True, by=makers.system(buyer.at))
    ends = months.later(found.began_at, 1)
    for days in (14, 7, 1):
        assert at(found, ends - days * DAY) == 0


def test_agreed_to_anew_it_is_still_told_once(buyer: Actor, seller: Actor) -> None:
    found = agreed(buyer, seller)
    near = months.later(found.began_at, 1) - 10 * DAY
    assert at(found, near) == 1
    subscriptions.renew(found, is_wanted=False, by=buyer)
    subscriptions.renew(found, is_wanted=True, by=buyer)
    assert at(found, near + DAY) == 1


def test_who_agrees_late_is_told_at_once_and_what_is_over_is_not_told(buyer: Actor, seller: Actor) -> None:
    found = agreed(buyer, seller)
    subscriptions.renew(found, is_wanted=False, by=buyer)
    ends = months.later(found.began_at, 1)
    subscriptions.renew(found, is_wanted=True, by=buyer)
    further_terms.remind_due(ends)
    assert count_of(found) == 0, "it has begun by then"
    further_terms.remind_due(ends - 2 * DAY)
    assert count_of(found) == 1


def test_what_is_late_is_told_too_for_it_goes_on_once_it_is_paid(buyer: Actor, seller: Actor) -> None:
    found = agreed(buyer, seller, periods=2)
    due = months.later(found.began_at, 1)
    subscriptions.advance_due(due)
    for day in (1, 3, 5, 7):
        arrears.remind_due(due + day * DAY)
    found.refresh_from_db()
    assert found.state == "past_due"
    assert at(found, months.later(found.began_at, 2) - 10 * DAY) == 1


@pytest.mark.transactional
def test_of_rivals_one_reminds(buyer: Actor, seller: Actor, own_database: None) -> None:
    found = agreed(buyer, seller)
    near = months.later(found.began_at, 1) - 3 * DAY
    said = race([lambda: further_terms.remind(found.pk, now=near) for _ in range(4)])
    assert set(codes(said)) == {"won"} and said.count(True) == 1
    assert count_of(found) == 1


@pytest.mark.transactional
def test_a_reminder_and_a_stop_leave_no_reminder_of_what_was_stopped_before(
    buyer: Actor, seller: Actor, own_database: None
) -> None:
    for _ in range(3):
        found = agreed(buyer, seller)
        near = months.later(found.began_at, 1) - 3 * DAY
        mine = Subscription.objects.get(pk=found.pk)
        race(
            [
                lambda pk=found.pk, near=near: further_terms.remind(pk, now=near),
                lambda row=mine: subscriptions.renew(row, is_wanted=False, by=buyer),
            ]
        )
        names = [name for name in event_names(found.pk) if name in (NEAR, "subscription.renewal_withdrawn")]
        assert names in ([NEAR, "subscription.renewal_withdrawn"], ["subscription.renewal_withdrawn"])
        assert not further_terms.remind(found.pk, now=near)


def test_one_that_fails_does_not_stand_in_the_way_of_others(
    buyer: Actor, seller: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = agreed(buyer, seller), agreed(buyer, seller)
    whole = further_terms.remind

    def fails(subscription_id: Any, *, now: datetime) -> bool:
        if subscription_id == one.pk:
            raise RuntimeError("a cable came loose")
        return whole(subscription_id, now=now)

    monkeypatch.setattr(further_terms, "remind", fails)
    near = months.later(one.began_at, 1) - DAY
    assert further_terms.remind_due(near) == 1
    monkeypatch.undo()
    assert (further_terms.remind_due(near), count_of(one), count_of(other)) == (1, 1, 1)


def test_its_buyer_reads_it_in_the_site_and_by_mail(
    buyer: Actor, seller: Actor, react: React, now: datetime
) -> None:
    member = makers.member(makers.participant_of(buyer), "trader", now, "buy@example.org")
    react()
    Notice.objects.all().delete()
    mail.outbox.clear()
    found = agreed(buyer, seller, begun_at=now - 25 * DAY)
    assert further_terms.remind_due(now) == 1
    react()
    react()
    [notice] = Notice.objects.filter(member=member, news=f"{NEAR}/buyer")
    [row] = notice_rows.rows_of([notice])
    assert "renews on" in row.title and "€10.00 before VAT" in row.sentence
    assert "Let it end with this term" in row.sentence
    notice_mails.send_due(now=now + timedelta(hours=1))
    letters = [letter for letter in mail.outbox if letter.to == ["buy@example.org"]]
    assert len(letters) == 1 and "€10.00 before VAT" in letters[0].body
    assert f"/notices/{notice.pk}" in letters[0].body
    opened = Reader(member).get(f"/notices/{notice.pk}")
    assert opened["Location"] == f"/sales/{found.reference.partition(':')[2]}/payments"
