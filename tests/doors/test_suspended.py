"""Who is suspended reads what it is a party to, takes back what it offered, and trades nothing."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.db import transaction

from exchange.kernel.actors import Actor
from exchange.participants.members import members
from tests import makers
from tests.doors import whole_sale
from tests.doors.operations import PREFIX, REASON
from tests.doors.roles import (
    BOTH_SIDES,
    BUYERS,
    NOT_FOUND,
    SELLERS,
    STOPPING,
    SUSPENDED,
    TAKING_BACK,
    heard,
    named,
)
from tests.doors.whole_sale import House


@pytest.fixture
def house(db: None, tmp_path: Path, now: datetime) -> Iterator[House]:
    """One for each test, because what is tried here changes it."""
    with whole_sale.built(tmp_path, now) as made:
        yield made


def suspend(actor: Actor, house: House) -> None:
    members.suspend(makers.participant_of(actor), reason=REASON["reason"], by=house.operator)


@pytest.mark.parametrize(
    ("side", "trading"), [("seller", SELLERS | BOTH_SIDES), ("buyer", BUYERS | BOTH_SIDES)]
)
def test_who_is_suspended_reads_and_does_not_trade(house: House, side: str, trading: set[str]) -> None:
    actor: Actor = getattr(house, side)
    suspend(actor, house)
    before = whole_sale.rows()
    for operation in named(trading):
        said = heard(operation, house, actor)
        assert SUSPENDED in said and said <= {SUSPENDED, NOT_FOUND}, (str(operation), said)
    assert whole_sale.rows() == before
    client = house.http(actor)
    for noun in ("agreement", "entitlement", "transfer", "charge", "negotiation"):
        shown = client.get(f"{PREFIX}/{noun}s/{house.ids[f'{noun}_id'][0]}")
        assert (shown.status_code, shown.json()["id"]) == (200, house.ids[f"{noun}_id"][0])


def test_who_is_suspended_may_still_take_back(house: House) -> None:
    for actor in (house.seller, house.buyer):
        suspend(actor, house)
    for operation in named(TAKING_BACK):
        with transaction.atomic():
            said = heard(operation, house, house.seller) | heard(operation, house, house.buyer)
            transaction.set_rollback(True)  # the next verb is tried on the same rows
        assert (200, "") in said and SUSPENDED not in said, (str(operation), said)


def test_a_suspended_seller_does_not_resume_what_the_operator_may(house: House) -> None:
    resume, _, stop = sorted(named(STOPPING), key=str)
    assert heard(stop, house, house.seller) == {(200, "")}
    suspend(house.seller, house)
    assert heard(resume, house, house.seller) == {SUSPENDED}
    assert heard(resume, house, house.operator) == {(200, "")}
