"""What is paid by use: weighed before a byte leaves, counted with its copy, capped by the buyer, rated and charged."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from contracts.decisions import replays
from contracts.entitlements import entitlements
from contracts.models import CopyCount, Entitlement, Transfer
from contracts.transfers import copies, standings, transfers
from contracts.transfers.ranges import Wish
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.models import Event
from payments.models import Charge, RatedPeriod, Subscription, Usage
from payments.plans import months, plans
from payments.subscriptions import meters, subscriptions
from tests import makers, sales
from tests.over_time import BY_USE, asked, follow, pay, run
from tests.payments.stories import sql
from tests.rivals import race

TERMS = [{"kind": "purpose", "any_of": ["research"]}]
HALF = Wish(range="bytes=0-3")


@pytest.fixture(autouse=True)
def house(operator: Actor) -> None:
    """An exchange that may sell."""


def metered(seller: Actor, buyer: Actor, **changes: Any) -> Entitlement:
    return sales.entitled(seller, buyer, plan={**BY_USE, **changes}, terms=TERMS)


def by(meter: str, **more: Any) -> list[Mapping[str, Any]]:
    tiers = [{"up_to": None, "price_minor": 500, "per": 1}]
    return [{"meter": meter, "model": "per_unit", "included": 0, "tiers": tiers, **more}]


def meter_of(right: Entitlement) -> Subscription:
    return Subscription.objects.get(reference=f"agreement:{right.agreement_id}")


def spent(right: Entitlement) -> int:
    return meters.current(meter_of(right)).total.minor


def take(right: Entitlement, buyer: Actor, **more: Any) -> transfers.Verdict:
    return sales.start(sales.link(right, buyer), buyer.at, **more)


def test_a_copy_is_counted_in_the_transaction_that_starts_it(seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer)
    assert (right.is_metered, right.state, Charge.objects.count()) == (True, "active", 0)
    assert [take(right, buyer).code for _ in range(3)] == [None] * 3
    counted = Usage.objects.order_by("pk").values_list("source", "event_id", "meter", "quantity", "period")
    started = Transfer.objects.order_by("pk").values_list("pk", flat=True)
    assert list(counted) == [("transfer", str(one), "copies", 1, 1) for one in started]
    assert spent(right) == 1_000  # one of three is included


def test_going_on_with_a_copy_uses_a_request_and_nothing_else(seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer, components=[*by("requests"), *by("copies"), *by("bytes", included=10**6)])
    path, size = sales.link(right, buyer), sales.asset_of(right).size_bytes
    for _ in range(3):
        assert sales.start(path, buyer.at, HALF).code is None
    sales.start(path, buyer.at, Wish(method="HEAD"))
    assert meters.used(meter_of(right)) == {"bytes": size, "copies": 1, "requests": 3}


def test_a_start_that_would_pass_the_cap_is_refused_before_a_byte_leaves(seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer, cap_minor=1_000)
    assert [take(right, buyer).code for _ in range(5)] == [None] * 3 + ["spend_cap_reached"] * 2
    assert (spent(right), Transfer.objects.count(), CopyCount.objects.get().used) == (1_000, 3, 3)
    told = json.loads(bytes(Event.objects.filter(name="transfer.refused").latest("id").leaf))["facts"]
    assert told["code"] == "spend_cap_reached"
    assert told["decided"]["spend"] == {
        "is_over": False,
        "unknown": [],
        "spent_minor": "1000",
        "would_minor": "1500",
        "cap_minor": "1000",
    }


def test_the_refusal_can_be_given_again_from_the_log(seller: Actor, buyer: Actor, officer: Actor) -> None:
    right = metered(seller, buyer, cap_minor=400)
    assert [take(right, buyer).code for _ in range(2)] == [None, "spend_cap_reached"]
    for name in ("transfer.started", "transfer.refused"):
        found = replays.replay(Event.objects.filter(name=name).latest("id").pk, by=officer)
        assert (found.outcome, found.why) == ("same", None)


def test_the_gateway_says_why_in_words(seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer, cap_minor=400)
    take(right, buyer)
    links = sales.link(right, buyer)
    verdict = sales.start(links, buyer.at)
    assert (
        transfers.admission.sentence(verdict.code or "")
        == "this would cost more in this period than the buyer's own cap"
    )


def test_the_buyer_raises_its_cap_and_goes_on(seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer, cap_minor=400)
    assert [take(right, buyer).code for _ in range(2)] == [None, "spend_cap_reached"]
    meters.set_cap(meter_of(right), 500, by=buyer)
    assert [take(right, buyer).code for _ in range(2)] == [None, "spend_cap_reached"]
    meters.set_cap(meter_of(right), None, by=buyer)
    assert take(right, buyer).code is None
    assert Event.objects.filter(name="subscription.capped").count() == 2


def test_a_cap_is_the_buyers_and_not_below_what_was_spent(seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer)
    for _ in range(3):
        take(right, buyer)
    found = meter_of(right)
    for given, actor, kind, code in (
        (999, buyer, Conflict, "cap_below_spend"),
        (0, buyer, Invalid, "absurd_amount"),
        (10**13, buyer, Invalid, "absurd_amount"),
        (5_000, seller, Forbidden, "not_the_buyer"),
    ):
        with pytest.raises(kind) as refusal:
            meters.set_cap(found, given, by=actor)
        assert refusal.value.code == code
    assert meter_of(right).cap_minor is None
    assert meters.set_cap(found, 1_000, by=buyer).cap_minor == 1_000


def test_what_comes_back_is_not_paid(seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer)
    verdicts = [take(right, buyer) for _ in range(3)]
    transfers.end_unsent(verdicts[0].transfer_id, now=buyer.at)
    transfers.sweep_idle(now=buyer.at + timedelta(seconds=20))
    assert spent(right) == 500
    interrupted = Transfer.objects.get(pk=verdicts[1].transfer_id)
    transfers.sweep_idle(now=buyer.at + timedelta(seconds=60))
    interrupted.refresh_from_db()
    copies.give_back(interrupted, reason="the connection broke at the seller", by=seller)
    assert (spent(right), meters.used(meter_of(right))) == (0, {"copies": 1})
    assert Counter(Usage.objects.values_list("source", flat=True)) == {"transfer": 3, "returned": 2}


def test_rows_that_were_not_counted_are_not_sold_by_the_row(seller: Actor, buyer: Actor) -> None:
    plan = {**BY_USE, "components": by("rows")}
    right = sales.entitled(seller, buyer, files={"photo.bin": b"\x00\x01\x02"}, plan=plan, terms=TERMS)
    assert take(right, buyer).code == "usage_unknown"
    assert (Usage.objects.count(), Transfer.objects.count()) == (0, 0)


def test_a_period_is_rated_and_charged_once_and_comes_out_the_same_again(seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer)
    for _ in range(3):
        take(right, buyer)
    found = meter_of(right)
    end = found.next_at
    run(end)
    assert asked(found) == {"usage:1": ("created", 1_000)}
    rated = RatedPeriod.objects.get()
    assert (rated.usage, rated.total_minor, rated.starts_at, rated.ends_at) == (
        {"copies": 3},
        1_000,
        found.began_at,
        end,
    )
    assert [(line["tier"], line["quantity"], line["amount_minor"]) for line in rated.lines] == [
        (0, 1, 0),
        (1, 2, 1_000),
    ]
    assert meters.is_reproduced(rated, plans.parse(found.plan))
    pay(found, "usage:1", end)
    assert (spent(right), meter_of(right).number) == (0, 2)
    run(months.later(found.began_at, 2))
    assert list(asked(found)) == ["usage:1"]  # nothing was used in the second
    assert RatedPeriod.objects.count() == 2


def test_use_that_becomes_known_late_counts_in_the_next_period(seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer)
    found = meter_of(right)
    run(found.next_at)
    late = meters.weigh(found.reference, {"copies": 2})
    meters.count(late.subscription, late.adds, source="partner", event_id="7", at=found.began_at)
    meters.count(late.subscription, late.adds, source="partner", event_id="7", at=found.began_at)
    assert (meters.used(meter_of(right)), meters.used(found, 1)) == ({"copies": 2}, {})
    usage = Usage.objects.get()
    assert (usage.period, usage.used_at) == (2, found.began_at)


def test_a_credit_beyond_a_period_is_carried_on(seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer, components=by("copies"))
    verdict = take(right, buyer)
    found = meter_of(right)
    run(found.next_at)
    transfers.sweep_idle(now=found.next_at)
    copies.give_back(
        Transfer.objects.get(pk=verdict.transfer_id), reason="a wrong file", by=seller.moved_to(found.next_at)
    )
    run(months.later(found.began_at, 2))
    assert (list(asked(found)), meters.used(meter_of(right))) == (["usage:1"], {"copies": -1})
    assert take(right, buyer.moved_to(months.later(found.began_at, 2))).code is None
    assert spent(right) == 0


def test_the_minimum_is_charged_for_a_period_without_use(seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer, minimum_minor=300)
    found = meter_of(right)
    run(found.next_at)
    assert asked(found) == {"usage:1": ("created", 300)}


def test_what_was_used_is_charged_when_the_right_ends(seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer, components=by("copies"))
    path = sales.link(right, buyer)
    take(right, buyer)
    entitlements.end(right, by=makers.system(buyer.at))
    follow(buyer.at)
    assert (meter_of(right).state, asked(meter_of(right))) == ("ended", {"usage:1": ("created", 500)})
    assert sales.start(path, buyer.at).code == "entitlement_expired"


def test_a_revoked_right_owes_nothing_more(seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer, components=by("copies"))
    take(right, buyer)
    entitlements.revoke(right, reason="the data was taken down", by=seller)
    follow(buyer.at)
    assert asked(meter_of(right)) == {"usage:1": ("failed", 500)}


def test_nothing_leaves_when_nothing_can_be_charged_any_more(seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer)
    path = sales.link(right, buyer)
    subscriptions.stop(f"agreement:{right.agreement_id}", calls_off=False, by=makers.system(buyer.at))
    assert sales.start(path, buyer.at).code == "subscription_over"
    assert Usage.objects.count() == 0


def test_a_metered_right_is_never_decided_from_memory(seller: Actor, buyer: Actor) -> None:
    plain, by_use = sales.entitled(seller, buyer, terms=TERMS), metered(seller, buyer)
    keys = [(right.pk, sales.asset_of(right).pk) for right in (plain, by_use)]
    assert list(standings.read(keys, now=buyer.at)) == keys[:1]


def test_the_database_counts_each_use_once_and_keeps_it(seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer)
    take(right, buyer)
    usage = Usage.objects.get()
    for statement in (
        "UPDATE payments_usage SET quantity = 9 WHERE id = %s",
        "DELETE FROM payments_usage WHERE id = %s",
        "INSERT INTO payments_usage (id, subscription_id, source, event_id, meter, quantity, period, used_at) "
        "SELECT subscription_id, subscription_id, source, event_id, meter, quantity, period, used_at "
        "FROM payments_usage WHERE id = %s",
    ):
        with pytest.raises(DatabaseError):
            sql(statement, usage.pk)
    run(meter_of(right).next_at)
    with pytest.raises(DatabaseError):
        sql(
            "INSERT INTO payments_usage (id, subscription_id, source, event_id, meter, quantity, period, used_at) "
            "SELECT subscription_id, subscription_id, source, 'late', meter, quantity, 1, used_at "
            "FROM payments_usage WHERE id = %s",
            usage.pk,
        )
    with pytest.raises(DatabaseError):
        sql("UPDATE payments_ratedperiod SET total_minor = 0 WHERE subscription_id = %s", usage.subscription_id)


@pytest.mark.transactional
def test_of_rivals_exactly_as_many_start_as_the_cap_has_room_for(
    own_database: None, seller: Actor, buyer: Actor
) -> None:
    second = makers.client(makers.participant_of(buyer), buyer.at)
    for room in (1, 4):
        right = metered(seller, buyer, components=by("copies"), cap_minor=500 * room)
        links = [sales.link(right, client) for client in (buyer, second) * 6]
        verdicts: list[Any] = race([lambda path=path: sales.start(path, buyer.at) for path in links])
        assert Counter(verdict.code for verdict in verdicts) == {None: room, "spend_cap_reached": 12 - room}
        assert spent(right) == 500 * room


@pytest.mark.transactional
def test_a_cap_that_is_lowered_and_a_start_agree_on_who_was_first(
    own_database: None, seller: Actor, buyer: Actor
) -> None:
    for _ in range(3):
        right = metered(seller, buyer, components=by("copies"))
        path = sales.link(right, buyer)
        found = meter_of(right)
        lowered, verdict = race(
            [
                lambda found=found: meters.set_cap(found, 499, by=buyer),
                lambda path=path: sales.start(path, buyer.at),
            ]
        )
        is_started = verdict.code is None
        assert isinstance(lowered, Conflict) == is_started
        assert (spent(right), meter_of(right).cap_minor) == ((500, None) if is_started else (0, 499))


@pytest.mark.transactional
def test_the_end_of_a_period_loses_no_use(own_database: None, seller: Actor, buyer: Actor) -> None:
    right = metered(seller, buyer, components=by("copies"))
    end = meter_of(right).next_at
    links = [sales.link(right, buyer) for _ in range(6)]
    race([*(lambda path=path: sales.start(path, buyer.at) for path in links), lambda: run(end)])
    run(months.later(meter_of(right).began_at, 2))
    assert sum(net for _state, net in asked(meter_of(right)).values()) == 500 * 6
    assert all(
        meters.is_reproduced(rated, plans.parse(meter_of(right).plan)) for rated in RatedPeriod.objects.all()
    )
