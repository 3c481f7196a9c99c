"""The inbox: once, in any order, however often."""

from datetime import datetime
from typing import Any, get_args

import pytest
from django.db import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Invalid
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from exchange.kernel.money import Money
from payments import queries, tasks
from payments.inbox import inbox
from payments.ledger import ledger
from payments.ledger.ledger import Line
from payments.models import Account, Charge, Posting, ProviderEvent
from payments.providers.news import News
from tests.payments.stories import everything, hold_of, new_charge, sql, tell_failed, tell_paid

STORY = ("paid", "failed", "failed again", "too little", "unknown")
"""What a provider may tell of one charge; whatever the order, it was paid."""


@pytest.fixture
def charge(operator: Actor, buyer: Actor, seller: Actor) -> Charge:
    return new_charge(buyer, seller)


def tell(word: str, charge: Charge, at: datetime) -> ProviderEvent:
    event_id = f"{word}-{charge.pk}"
    if word == "paid":
        return tell_paid(charge, at, event_id=event_id)
    if word == "too little":
        return tell_paid(charge, at, event_id=event_id, amount_minor=1, reference="other")
    if word == "unknown":
        return inbox.keep("demo", event_id, "charge.wondered_about", {}, at=at)
    return tell_failed(charge, at, event_id=event_id)


def test_a_payment_is_kept_acted_on_and_marked(charge: Charge, now: datetime) -> None:
    event = tell_paid(charge, now)
    assert (event.processed_at, event.outcome) == (None, "")
    tasks.act_on_provider_event(str(event.pk), now)
    event.refresh_from_db()
    assert (event.processed_at, event.outcome) == (now, "paid")
    assert queries.charge(charge.pk).state == "paid"


def test_an_event_told_again_is_kept_once_as_it_was_first(charge: Charge, now: datetime) -> None:
    first = tell_paid(charge, now)
    before = everything()
    assert tell_paid(charge, now, amount_minor=1).pk == first.pk
    assert everything() == before
    assert Event.objects.filter(name="provider.event_received").count() == 1


def test_acting_again_changes_nothing(charge: Charge, now: datetime) -> None:
    event = tell_paid(charge, now)
    inbox.act(event.pk, now)
    before = everything()
    inbox.act(event.pk, now)
    assert everything() == before


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(STORY * 2))
def test_a_story_told_twice_in_any_order_ends_in_the_same_ledger(
    operator: Actor, buyer: Actor, seller: Actor, now: datetime, order: list[str]
) -> None:
    charge = new_charge(buyer, seller)
    before = {(a.code, a.owner_id): a.minor for a in ledger.trial_balance().accounts}
    for word in order:
        inbox.act(tell(word, charge, now).pk, now)
    trial = ledger.trial_balance()
    moved = {a.code: a.minor - before.get((a.code, a.owner_id), 0) for a in trial.accounts}
    assert moved == {"clearing": 10_000, "platform_fee": -1_000, "seller_held": -9_000}
    assert trial.is_sound
    assert queries.charge(charge.pk).state == "paid"
    assert (hold_of(charge).state, hold_of(charge).amount_minor) == ("open", 9_000)
    assert Posting.objects.filter(reference=charge.reference).count() == 1


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"amount_minor": 9_999}, "amount_differs"),
        ({"amount_minor": 10_001}, "amount_differs"),
        ({"currency": "USD"}, "amount_differs"),
        ({"charge": str(new_id())}, "unknown_charge"),
        ({"charge": "agreement:1"}, "unreadable"),
        ({"charge": None}, "unreadable"),
        ({"amount_minor": "10000"}, "unreadable"),
        ({"amount_minor": True}, "unreadable"),
        ({"amount_minor": -1}, "unreadable"),
        ({"currency": "euro"}, "unreadable"),
        ({"reference": 7}, "unreadable"),
    ],
)
def test_what_does_not_fit_is_set_aside_for_the_operator(
    charge: Charge, now: datetime, changes: dict[str, Any], outcome: str
) -> None:
    event = inbox.act(tell_paid(charge, now, **changes).pk, now)
    assert (event.outcome, event.processed_at) == (outcome, now)
    assert queries.charge(charge.pk).state == "created"
    assert not Posting.objects.exists()
    assert Event.objects.filter(name="provider.event_set_aside").count() == 1


def test_a_second_payment_of_one_charge_is_set_aside(charge: Charge, now: datetime) -> None:
    inbox.act(tell_paid(charge, now).pk, now)
    second = tell_paid(charge, now, event_id="another", reference="another payment")
    assert inbox.act(second.pk, now).outcome == "paid_twice"
    assert Posting.objects.count() == 1
    assert Event.objects.filter(name="provider.event_set_aside").count() == 1


def test_a_late_failure_does_not_unpay(charge: Charge, now: datetime) -> None:
    inbox.act(tell_paid(charge, now).pk, now)
    assert inbox.act(tell_failed(charge, now).pk, now).outcome == "too_late"
    assert queries.charge(charge.pk).state == "paid"


def test_another_providers_word_does_not_settle_a_charge(charge: Charge, now: datetime) -> None:
    event = inbox.keep("bank", "1", "charge.paid", {"charge": str(charge.pk)}, at=now)
    with pytest.raises(Conflict, match="no payment provider called bank"):
        inbox.act(event.pk, now)
    event.refresh_from_db()
    assert event.processed_at is None
    assert queries.charge(charge.pk).state == "created"


def test_when_acting_fails_nothing_is_half_done_and_the_event_still_waits(
    charge: Charge, seller: Actor, now: datetime
) -> None:
    """The posting's key was used for something else, which cannot be: so the whole act is taken back."""
    lines = [
        Line(Account.Code.CLEARING, None, Money(1, "EUR"), "demo"),
        Line(Account.Code.SELLER_HELD, seller.participant_id, Money(-1, "EUR")),
    ]
    ledger.post("test", f"charge.paid:{charge.pk}", lines, reference="", at=now)
    event = tell_paid(charge, now)
    before = everything()
    with pytest.raises(Conflict, match="nothing was booked"):
        inbox.act(event.pk, now)
    assert everything() == before
    assert ProviderEvent.objects.get(pk=event.pk).processed_at is None


@pytest.mark.parametrize(
    ("external_id", "kind"), [("", "k"), ("x" * 121, "k"), ("a\nb", "k"), ("x", "k" * 121)]
)
def test_ids_and_kinds_that_cannot_be_kept_are_refused(
    charge: Charge, now: datetime, external_id: str, kind: str
) -> None:
    with pytest.raises(Invalid):
        inbox.keep("demo", external_id, kind, {}, at=now)
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize(
    "change", ["payload = '{}'", "kind = 'charge.failed'", "outcome = ''", "processed_at = NULL"]
)
def test_the_database_keeps_what_a_provider_said(charge: Charge, now: datetime, change: str) -> None:
    event = inbox.act(tell_paid(charge, now).pk, now)
    with pytest.raises(DatabaseError):
        sql(f"UPDATE payments_providerevent SET {change} WHERE id = %s", event.pk)
    with pytest.raises(DatabaseError, match="rows are kept"):
        sql("DELETE FROM payments_providerevent WHERE id = %s", event.pk)


def test_every_piece_of_news_has_one_verb_that_acts_on_it() -> None:
    acted_on = [*inbox._PAYERS, *inbox._HEARS]
    assert len(acted_on) == len(set(acted_on))
    assert set(acted_on) == set(get_args(News))
