"""Who stays from one test to the next is what was made, whatever a test did to it, and nobody else is there."""

import pytest
from django.db import connection

from exchange.kernel.actors import Actor
from exchange.participants.members import members
from exchange.participants.models import Participant
from tests import makers
from tests.standing import standing

pytestmark = pytest.mark.xdist_group("standing")  # one after the other, in one process


def others() -> list[str]:
    return sorted(Participant.objects.filter(is_operator=False).values_list("name", flat=True))


@pytest.mark.parametrize("again", [False, True])
def test_what_an_earlier_test_did_is_undone(seller: Actor, buyer: Actor, operator: Actor, again: bool) -> None:
    assert others() == ["Buyer GmbH", "Seller SA"]
    assert not again or standing.found("seller") is seller
    own = makers.participant_of(seller)
    assert own.state == Participant.State.VERIFIED
    members.suspend(own, reason="The register no longer lists it.", by=operator)


def test_who_is_not_asked_for_is_not_there(seller: Actor) -> None:
    assert others() == ["Seller SA"]


def test_in_a_database_of_its_own_nobody_stands(own_database: None, buyer: Actor) -> None:
    assert others() == ["Buyer GmbH"]
    assert standing.found("buyer") is None and not connection.in_atomic_block


@pytest.mark.django_db
def test_whose_connection_was_ended_begin_anew(buyer: Actor) -> None:
    assert others() == ["Buyer GmbH"]
    connection.close()


def test_after_a_connection_was_ended_all_is_as_it_was(seller: Actor, buyer: Actor) -> None:
    assert others() == ["Buyer GmbH", "Seller SA"]
