"""What an Event holds, and who may see it."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from exchange.kernel import canonical, events
from exchange.kernel.actors import Actor, Kind, Scope
from exchange.kernel.models import Delivery, Event, EventDetail, EventParty
from exchange.participants.models import Participant


def test_the_leaf_is_canonical_and_says_who_what_and_when(row: Participant, by: Actor) -> None:
    member = Actor(Kind.MEMBER, "m-17", row.pk, frozenset(Scope), by.at)
    event = events.record("participant.seen", row, by=member, facts={"count": 3})
    said = json.loads(bytes(event.leaf))
    assert canonical.encode(said) == bytes(event.leaf)
    assert said.pop("salt")
    assert said == {
        "v": "comptoir.event/1",
        "id": str(event.pk),
        "type": "participant.seen",
        "ts": "2026-11-22T09:00:00.000Z",
        "actor": "m-17",
        "actor_kind": "member",
        "actor_participant": str(row.pk),
        "subject": f"participant:{row.pk}",
        "facts": {"participant": str(row.pk), "country": "FR", "count": 3},
    }
    assert event.subject_id == str(row.pk)


def test_the_leafs_hash_is_that_of_rfc_6962(row: Participant, by: Actor) -> None:
    event = events.record("participant.seen", row, by=by)
    stored = Event.objects.get(pk=event.pk)
    assert bytes(stored.leaf_hash) == hashlib.sha256(b"\x00" + bytes(stored.leaf)).digest()
    assert stored.leaf_index is None


def test_what_a_person_typed_is_in_the_leaf_only_as_a_salted_hash(row: Participant, by: Actor) -> None:
    typed = {"reason": "Ada Lovelace asked for it"}
    first = events.record("participant.seen", row, by=by, typed=typed, detail={"shown": True})
    second = events.record("participant.seen", row, by=by, typed=typed)
    assert b"Lovelace" not in bytes(first.leaf)
    assert EventDetail.objects.get(event=first).body == {"shown": True, **typed}
    said, again = json.loads(bytes(first.leaf)), json.loads(bytes(second.leaf))
    assert said["typed"]["reason"] == events.salted_hash(said["salt"], typed["reason"])
    assert said["typed"] != again["typed"]


def test_an_event_without_words_has_no_detail(row: Participant, by: Actor) -> None:
    events.record("participant.seen", row, by=by)
    assert not EventDetail.objects.exists()


def test_each_party_is_noted_once(row: Participant, by: Actor) -> None:
    other = uuid4()
    row.event_parties = lambda: [row.pk, other, row.pk]  # type: ignore[method-assign]
    event = events.record("participant.seen", row, by=by)
    assert set(EventParty.objects.filter(event=event).values_list("participant_id", flat=True)) == {
        row.pk,
        other,
    }


@pytest.mark.parametrize("facts", [{"share": 0.5}, {"count": 2**53}, {"name": "e\u0301"}])
def test_facts_without_a_canonical_form_are_refused_and_nothing_is_written(
    row: Participant, by: Actor, facts: Any
) -> None:
    with pytest.raises(ValueError):
        events.record("participant.seen", row, by=by, facts=facts)
    assert not Event.objects.exists()


def test_a_leaf_that_fits_no_tile_is_refused(row: Participant, by: Actor) -> None:
    with pytest.raises(ValueError, match=r"the leaf of participant\.seen has"):
        events.record("participant.seen", row, by=by, facts={"x": "y" * events.LARGEST_LEAF_BYTES})
    assert not Event.objects.exists()


def test_only_events_with_reactions_are_delivered(
    row: Participant, by: Actor, reactions: Callable[..., None]
) -> None:
    def one(subject_id: str, now: object) -> None: ...

    def two(subject_id: str, now: object) -> None: ...

    reactions(MappingProxyType({"participant.seen": [one, two]}))
    events.record("participant.seen", row, by=by)
    events.record("participant.passed", row, by=by)
    planned = Delivery.objects.values_list("event__name", "reaction")
    assert {(name, reaction.rpartition(".")[2]) for name, reaction in planned} == {
        ("participant.seen", "one"),
        ("participant.seen", "two"),
    }


def test_what_is_rolled_back_leaves_no_event(row: Participant, by: Actor) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        events.record("participant.seen", row, by=by)
        raise RuntimeError
    assert not Event.objects.exists() and not EventParty.objects.exists()


def test_several_events_are_written_as_one_is_and_in_their_order(
    row: Participant, by: Actor, django_assert_max_num_queries: Any
) -> None:
    names = [f"participant.seen_{place}" for place in range(5)]
    told = [
        events.Happening(name, row, by, facts={"place": place}, typed={"why": name})
        for place, name in enumerate(names)
    ]
    with django_assert_max_num_queries(4):
        written = events.record_many(told)
    assert list(Event.objects.order_by("pk").values_list("name", flat=True)) == names
    for place, event in enumerate(written):
        kept = Event.objects.get(pk=event.pk)
        leaf = json.loads(bytes(kept.leaf))
        assert bytes(kept.leaf_hash) == events.leaf_hash(bytes(kept.leaf)) == event.leaf_hash
        assert leaf["facts"]["place"] == place
        assert leaf["typed"]["why"] == events.salted_hash(leaf["salt"], names[place])
        assert kept.detail.body == {"why": names[place]}
        assert [party.participant_id for party in kept.parties.all()] == [row.pk]
    assert events.record_many([]) == []


def test_what_is_recorded_together_is_written_at_the_end_without_what_was_taken_back(
    row: Participant, by: Actor, django_assert_max_num_queries: Any
) -> None:
    with events.together():
        first = events.record("participant.first", row, by=by)
        with suppress(RuntimeError), transaction.atomic():
            events.record("participant.taken_back", row, by=by)
            raise RuntimeError
        with transaction.atomic(), events.together():
            events.record("participant.second", row, by=by)
        assert not Event.objects.exists()
    assert list(Event.objects.order_by("pk").values_list("name", flat=True)) == [
        "participant.first",
        "participant.second",
    ]
    assert Event.objects.filter(pk=first.pk, leaf_hash=first.leaf_hash).exists()
    with pytest.raises(RuntimeError), events.together():
        events.record("participant.third", row, by=by)
        raise RuntimeError
    assert Event.objects.count() == 2
    events.record("participant.third", row, by=by)  # what failed is over
    assert Event.objects.count() == 3
