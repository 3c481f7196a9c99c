"""Orders: the same as a purchase in steps, for one and for many, each decided on its own."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Model

from contracts.models import (
    Agreement,
    AgreementParty,
    Annex,
    Entitlement,
    Negotiation,
    Round,
    Signature,
)
from contracts.negotiations import negotiations
from contracts.orders import orders
from contracts.orders.orders import Placed
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid, NotFound
from exchange.kernel.models import Event, EventDetail
from exchange.kernel.money import Money
from payments.charges import coupons
from payments.ledger import ledger
from payments.models import Charge, CouponUse, Entry, Hold, Posting, ProviderEvent
from tests import makers, sales
from tests.ordering import instant, wish

pytestmark = pytest.mark.django_db
_OPAQUE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{64}\b|\b[0-9a-f]{16}:[A-Za-z0-9+/=]+"
)
ROWS: Sequence[type[Model]] = (
    Negotiation,
    Round,
    Signature,
    Agreement,
    AgreementParty,
    Annex,
    Entitlement,
    Charge,
    Hold,
    ProviderEvent,
    Posting,
    Entry,
    EventDetail,
)


def refusals(placed: Sequence[Placed]) -> list[str | None]:
    return [one.error.code if isinstance(one.error, ExchangeError) else None for one in placed]


class Left:
    """What one purchase leaves: every row and leaf that was not there before, without ids, digests and salts."""

    def __init__(self) -> None:
        models: Sequence[type[Model]] = (*ROWS, Event)
        self.before = {model: {row.pk for row in model._base_manager.all()} for model in models}

    def rows(self, model: type[Model]) -> list[str]:
        fresh = [row for row in model._base_manager.all() if row.pk not in self.before[model]]
        return sorted(self._plain(_fields(row)) for row in fresh)

    def leaves(self) -> list[str]:
        fresh = Event.objects.exclude(pk__in=self.before[Event])
        return sorted(self._plain(_said(event)) for event in fresh)

    def _plain(self, fields: dict[str, Any]) -> str:
        return _OPAQUE.sub("…", json.dumps(fields, sort_keys=True, default=str))


def _fields(row: Model) -> dict[str, Any]:
    found: dict[str, Any] = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    if "document" in found:
        found["document"] = json.loads(bytes(found["document"]))
    if "identity" in found:
        found["identity"] = json.loads(found["identity"]) | {"salt": ""}
    if "content" in found:
        found["content"] = bytes(found["content"]).decode()
    return {name: str(value) if isinstance(value, UUID | datetime) else value for name, value in found.items()}


def _said(event: Event) -> dict[str, Any]:
    """A leaf without its salt, and who may see it; `…` stands for any id."""
    leaf: dict[str, Any] = json.loads(bytes(event.leaf))
    seen = {str(party) for party in event.parties.values_list("participant_id", flat=True)}
    named = {name for name in ("seller", "buyer") if leaf["facts"].get(name) in seen}
    return leaf | {"salt": "", "typed": sorted(leaf.get("typed", ())), "seen": [len(seen), sorted(named)]}


def test_an_order_leaves_what_a_purchase_in_steps_leaves(seller: Actor, buyer: Actor) -> None:
    offer = instant(seller)

    in_steps = Left()
    accepted = negotiations.accept(sales.request(offer, buyer), by=buyer)
    assert accepted.charge is not None
    sales.pay(accepted.charge.pk, buyer)
    expected = [*map(in_steps.rows, ROWS), in_steps.leaves()]

    at_once = Left()
    placed = orders.place(wish(offer, buyer))
    found = [*map(at_once.rows, ROWS), at_once.leaves()]

    for name, one, other in zip([*ROWS, Event], found, expected, strict=True):
        assert one == other, name
    assert placed.entitlement is not None and placed.entitlement.state == Entitlement.State.ACTIVE
    assert placed.charge is not None and placed.charge.state == Charge.State.PAID
    assert ledger.trial_balance().is_sound


def test_a_free_offer_is_whole_at_once_and_leaves_what_steps_leave(seller: Actor, buyer: Actor) -> None:
    offer = instant(seller, plan=dict(sales.FREE))
    in_steps = Left()
    negotiations.accept(sales.request(offer, buyer), by=buyer)
    expected = [*map(in_steps.rows, ROWS), in_steps.leaves()]

    at_once = Left()
    placed = orders.place(wish(offer, buyer))

    assert [*map(at_once.rows, ROWS), at_once.leaves()] == expected
    assert placed.charge is None and placed.entitlement is not None
    assert placed.entitlement.state == Entitlement.State.ACTIVE


def test_each_order_of_a_group_is_decided_on_its_own(seller: Actor, buyer: Actor, now: datetime) -> None:
    offer = instant(seller)
    french = instant(seller, terms=[{"kind": "country", "any_of": ["FR"]}])
    asking = sales.offer(offer.dataset, seller)
    hidden = instant(seller, named=[makers.trader("Named", "DE", now).participant_id])
    other, third = makers.trader("Other", "AT", now), makers.trader("Third", "IT", now)
    waiting = makers.client(makers.applicant("Waiting", "DE", now), now)

    placed = orders.place_many(
        [
            wish(offer, buyer),
            wish(offer, other, shown="0" * 64),
            wish(french, other),
            wish(asking, other),
            wish(hidden, other),
            wish(offer, seller),
            wish(offer, waiting),
            wish(offer, other, asked={"use": "short"}),
            wish(offer, third, coupon="NOSUCH99"),
            wish(offer, other, asked={"country": "XX"}),
            wish(offer, third),
        ]
    )

    assert refusals(placed) == [
        None,
        "stale_offer",
        "country_not_allowed",
        "not_sold_at_once",
        "not_found",
        "own_offer",
        "participant_not_verified",
        "invalid",
        "coupon_unknown",
        refusals(placed)[9],
        None,
    ]
    assert isinstance(placed[9].error, Invalid)
    assert set(Entitlement.objects.values_list("buyer_id", "state")) == {
        (buyer.participant_id, "active"),
        (third.participant_id, "active"),
    }
    assert Negotiation.objects.count() == Agreement.objects.count() == Charge.objects.count() == 2


def test_of_one_buyer_each_order_for_an_offer_counts(seller: Actor, buyer: Actor, now: datetime) -> None:
    offer, other = instant(seller), makers.trader("Other", "AT", now)

    placed = orders.place_many([wish(offer, one) for one in (buyer, buyer, other, buyer)])

    assert refusals(placed) == [None] * 4
    assert [one.accepted.negotiation.buyer_id for one in placed if one.accepted] == [
        one.participant_id for one in (buyer, buyer, other, buyer)
    ]
    assert Entitlement.objects.filter(state="active").count() == 4


def test_a_coupon_for_three_is_used_by_three_of_a_crowd(seller: Actor, now: datetime) -> None:
    offer = instant(seller)
    coupons.create(code="THREE-3", label="For three", amount=Money(1_000, "EUR"), most_uses=3, by=seller)
    crowd = [makers.trader(f"Buyer {n}", "DE", now) for n in range(7)]

    placed = orders.place_many([wish(offer, one, coupon="THREE-3") for one in crowd])

    assert refusals(placed) == [None] * 3 + ["coupon_spent"] * 4
    assert CouponUse.objects.count() == Charge.objects.filter(net_minor=9_000, state="paid").count() == 3
    assert Negotiation.objects.count() == 3


def test_an_open_request_stands_in_the_way_of_an_order_and_an_old_one_does_not(
    seller: Actor, buyer: Actor
) -> None:
    offer = instant(seller)
    asked = sales.request(offer, buyer)

    with pytest.raises(Conflict) as refusal:
        orders.place(wish(offer, buyer))
    assert refusal.value.code == "already_requested"
    assert Negotiation.objects.count() == 1

    asked.refresh_from_db()
    assert asked.accept_by is not None
    orders.place(wish(offer, buyer.moved_to(asked.accept_by)))

    asked.refresh_from_db()
    assert asked.state == Negotiation.State.TERMINATED
    assert Event.objects.filter(name="negotiation.lapsed").count() == 1


def test_an_organisation_that_has_two_members_sign_orders_nothing_by_one(seller: Actor, buyer: Actor) -> None:
    from exchange.participants.members import members

    offer = instant(seller)
    members.ask_for_second_member(makers.participant_of(buyer), wanted=True, by=buyer)

    with pytest.raises(Forbidden) as refusal:
        orders.place(wish(offer, buyer))

    assert refusal.value.code == "second_member_needed"
    assert not Negotiation.objects.exists()


def test_what_a_group_cannot_be_given_together_is_decided_one_by_one(
    seller: Actor, buyer: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator closes the tax of one side while the group is written: it alone is refused."""
    offer, other = instant(seller), makers.trader("Other", "AT", now)
    gone = makers.participant_of(other)
    good, bad = wish(offer, buyer), wish(offer, other)
    type(gone).objects.filter(pk=gone.pk).update(verified_country="")

    placed = orders.place_many([good, replace(bad, shown=bad.shown), wish(offer, buyer)])

    assert [one.accepted is not None for one in placed] == [True, False, True]
    assert Negotiation.objects.count() == Charge.objects.filter(state="paid").count() == 2


def test_who_may_not_see_an_offer_learns_nothing_by_ordering_it(seller: Actor, buyer: Actor) -> None:
    offer = instant(seller)
    nowhere = replace(wish(offer, buyer), offer_id=buyer.participant_id or offer.pk)

    with pytest.raises(NotFound):
        orders.place(nowhere)


def test_an_order_by_api_is_signed_by_the_digest_that_the_offer_shows(seller: Actor, buyer: Actor) -> None:
    door, offer = makers.Door(buyer), instant(seller)
    shown = json.loads(door.get(f"/api/v1/offers/{offer.pk}").content)["digest"]
    price = door.post(f"/api/v1/offers/{offer.pk}/price", {})
    assert shown == json.loads(price.content)["digest"]
    body = {"offer_id": str(offer.pk), "purpose": "research", "country": "DE", "use": sales.USE}

    refused = [
        door.post("/api/v1/orders", body),
        door.post("/api/v1/orders", body | {"digest": "0" * 64}),
        door.post("/api/v1/orders", body | {"digest": shown, "coupon": "NOSUCH99"}),
    ]
    assert [answer.status_code for answer in refused] == [422, 409, 409]
    assert not Negotiation.objects.exists()

    key = {"Idempotency-Key": "order-1"}
    answers = [door.post("/api/v1/orders", body | {"digest": shown}, headers=key) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.content for answer in answers}) == 1
    placed = json.loads(answers[0].content)
    right = json.loads(door.get(f"/api/v1/entitlements/{placed['entitlement_id']}").content)
    assert placed["is_whole"] and right["state"] == "active"
    assert Charge.objects.get(pk=placed["charge_id"]).state == Charge.State.PAID
    assert Agreement.objects.count() == Posting.objects.filter(kind__startswith="charge.paid").count() == 1


def test_each_choice_has_a_digest_and_another_choice_is_not_what_was_read(seller: Actor, buyer: Actor) -> None:
    short = {"terms": [{"kind": "duration", "days": 30}], "plan": dict(sales.FREE)}
    long = {"terms": [{"kind": "duration", "days": 365}], "plan": dict(sales.PAID)}
    offer = instant(seller, terms=[], plan=None, choices=[short, long])
    answer = json.loads(makers.Door(buyer).get(f"/api/v1/offers/{offer.pk}").content)
    first, second = (one["digest"] for one in answer["choices"])
    assert answer["digest"] is None and first != second

    with pytest.raises(Conflict) as refusal:
        orders.place(wish(offer, buyer, asked={"choice": 2}, shown=first))
    assert refusal.value.code == "stale_offer"
    placed = orders.place(wish(offer, buyer, asked={"choice": 2}, shown=second))
    assert placed.negotiation.plan == dict(sales.PAID)
