"""Leaves made in advance: all of a transfer's leaf but what is new each time, so that writing one costs a few copies of
bytes. What a leaf is stays with `events.leaf_of`, which made the mould."""

import re
import secrets
from collections.abc import Mapping

from contracts.models import Transfer
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact

# Of the same alphabet as what takes their place, and so unlikely that no leaf has them by chance.
_TRANSFER, _EVENT, _SALT, _AT = (secrets.token_hex(16).encode() for _ in range(4))
_PLACES = re.compile(b"|".join((_TRANSFER, _EVENT, _SALT, _AT)))
_ORDER = [_TRANSFER, _EVENT, _SALT, _TRANSFER, _AT]


class Mould:
    """The leaves of one Event's name about transfers that differ in their id and moment alone."""

    def __init__(self, name: str, transfer: Transfer, *, by: Actor, facts: Mapping[str, Fact]) -> None:
        transfer.pk = _TRANSFER.decode()
        leaf = events.leaf_of(
            name,
            event_id=_EVENT.decode(),
            salt=_SALT.decode(),
            at=_AT.decode(),
            subject=events.subject_of(transfer),
            by=by,
            facts={**transfer.event_facts(), **facts},
        )
        assert _PLACES.findall(leaf) == _ORDER, "the mould of a leaf lacks a place"
        self._parts = _PLACES.split(leaf)

    def cast(self, transfer_id: str, event_id: str, at: bytes) -> bytes:
        """The leaf of an Event with these ids, at a moment as `timestamp` writes it."""
        first, second, third, fourth, fifth, last = self._parts
        own, event, salt = transfer_id.encode(), event_id.encode(), events.new_salt().encode()
        return b"".join((first, own, second, event, third, salt, fourth, own, fifth, at, last))
