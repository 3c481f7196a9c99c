"""transition() and transition_many(): the one way a state changes."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event
from exchange.kernel.states import Move, transition, transition_many
from exchange.participants.models import Participant
from tests.rivals import race


def test_a_transition_writes_state_changes_and_event_together(row: Participant, by: Actor) -> None:
    moved = transition(
        row, "verify", by=by, verified_country="DE", facts={"n": 1}, typed={"evidence": "register"}
    )
    assert moved is row
    assert (row.state, row.verified_country) == ("verified", "DE")
    event = Event.objects.get(subject=f"participant:{row.pk}")
    assert (event.name, event.at) == ("participant.verified", by.at)
    assert event.detail.body == {"evidence": "register"}


def test_a_stale_copy_cannot_win(row: Participant, by: Actor) -> None:
    stale = Participant.objects.get(pk=row.pk)
    transition(row, "verify", by=by, verified_country="DE")
    with pytest.raises(Conflict, match="cannot verify this participant: it is verified") as refusal:
        transition(stale, "verify", by=by, verified_country="FR")
    assert refusal.value.code == "wrong_state"
    row.refresh_from_db()
    assert row.verified_country == "DE"
    assert Event.objects.filter(name="participant.verified").count() == 1


def test_a_row_that_is_gone_cannot_move(row: Participant, by: Actor) -> None:
    Participant.objects.filter(pk=row.pk).delete()
    with pytest.raises(Conflict, match="it is None"):
        transition(row, "verify", by=by)
    assert not Event.objects.exists()


def test_every_verb_moves_from_its_states_and_from_no_other(row: Participant, by: Actor) -> None:
    for verb, (sources, target, name) in Participant.TRANSITIONS.items():
        for state in Participant.State.values:
            row = place(row, state)
            if state in sources:
                assert transition(row, verb, by=by).state == target
                assert Event.objects.latest("id").name == name
                continue
            before = Event.objects.count()
            with pytest.raises(Conflict):
                transition(row, verb, by=by)
            row.refresh_from_db()
            assert (row.state, Event.objects.count()) == (state, before)


def place(row: Participant, state: str) -> Participant:
    """The row in a state, however it may have come there."""
    with connection.cursor() as cursor:
        adapted = connection.ops.adapt_unknown_value(row.pk.hex if connection.vendor == "sqlite" else row.pk)
        cursor.execute("UPDATE participants_participant SET state = %s WHERE id = %s", [state, adapted])
    row.refresh_from_db()
    return row


def test_a_verb_that_the_table_does_not_know_is_a_mistake(row: Participant, by: Actor) -> None:
    with pytest.raises(KeyError):
        transition(row, "promote", by=by)


def test_the_database_knows_the_words_of_a_state(row: Participant) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        place(row, "promoted")
    row.refresh_from_db()
    assert row.state == "applied"


@pytest.mark.usefixtures("own_database")
def test_a_transition_needs_an_open_transaction(row: Participant, by: Actor) -> None:
    with pytest.raises(RuntimeError, match="verify needs an open transaction"):
        transition(row, "verify", by=by)
    row.refresh_from_db()
    assert row.state == "applied" and not Event.objects.exists()


@pytest.mark.usefixtures("own_database")
def test_of_two_rivals_exactly_one_moves_the_row(row: Participant, by: Actor) -> None:
    def verify() -> str:
        with transaction.atomic():
            return transition(Participant.objects.get(pk=row.pk), "verify", by=by).state

    answers = race([verify] * 4)
    assert answers.count("verified") == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 3
    assert Event.objects.filter(name="participant.verified").count() == 1


def test_several_rows_move_together_or_none_does(
    row: Participant, by: Actor, now: datetime, django_assert_max_num_queries: Any
) -> None:
    rows = [row, *(Participant.objects.create(name=name, country="FR", created_at=now) for name in ("B", "C"))]
    countries = ("FR", "DE", "IT")
    moves = [Move(one, by, {"verified_country": country}) for one, country in zip(rows, countries, strict=True)]
    with django_assert_max_num_queries(4):
        assert transition_many(moves, "verify") == rows
    for one, country in zip(rows, countries, strict=True):
        assert (one.state, one.verified_country) == ("verified", country)
        kept = Participant.objects.get(pk=one.pk)
        assert (kept.state, kept.verified_country) == ("verified", country)
        assert Event.objects.filter(subject=f"participant:{one.pk}", name="participant.verified").count() == 1
    Participant.objects.filter(pk=rows[1].pk).update(state="suspended")
    with pytest.raises(Conflict) as refused, transaction.atomic():
        transition_many([Move(one, by) for one in rows], "suspend")
    assert refused.value.code == "wrong_state"
    assert Participant.objects.filter(state="suspended").count() == 1
    assert not Event.objects.filter(name="participant.suspended").exists()
    assert transition_many([], "suspend") == []
