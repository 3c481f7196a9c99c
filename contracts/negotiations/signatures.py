"""Who signed which round. An organisation may ask for two of its members; a second one is another person, never the
same under another name or role, and never a machine."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.models import Negotiation, Side, Signature
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.events import Happening
from exchange.kernel.ids import new_id
from exchange.participants.members import members
from exchange.participants.models import Participant


@dataclass(frozen=True)
class Given:
    """One side signs the round that stands. `signed_by` is who signed before, with the offer, which `by` only
    applies; `earlier` are the signatures of its side."""

    negotiation: Negotiation
    side: str
    by: Actor
    signed_by: str = ""
    earlier: Sequence[Signature] = ()


def give(negotiation: Negotiation, side: str, *, by: Actor) -> bool:
    """Sign the round that stands for one side, inside the verb that holds the row; True when its side has signed in
    full. A new round has no signatures."""
    [signature] = give_first([Given(negotiation, side, by, earlier=of(negotiation, side))])
    return signature.place == signature.needed


def give_first(given: Sequence[Given]) -> list[Signature]:
    """Sign each, by sides of which no more is known than is given."""
    rows = [_signature(one) for one in given]
    recorded = events.record_many(
        [_signed(one, row) for one, row in zip(given, rows, strict=True)],
    )
    for row, event in zip(rows, recorded, strict=True):
        row.event_id, row.leaf_sha256 = event.pk, event.leaf_hash.hex()
    return Signature.objects.bulk_create(rows)


def _signature(given: Given) -> Signature:
    negotiation, side, by, earlier = given.negotiation, given.side, given.by, given.earlier
    needed = earlier[0].needed if earlier else needed_of(_signing(negotiation, side), by)
    member = members.member_behind(by)
    if needed > 1 and member is None:
        raise Forbidden(
            "this organisation has two of its members sign; a program cannot sign for them",
            code="second_member_needed",
        )
    if member is not None and any(
        signature.member and signature.member.user_id == member.user_id for signature in earlier
    ):
        raise Conflict("you have signed already; another member signs next", code="same_member")
    return Signature(
        id=new_id(),
        negotiation=negotiation,
        proposal=negotiation.proposal,
        side=side,
        place=len(earlier) + 1,
        needed=needed,
        actor=given.signed_by or by.name,
        member=member,
        signed_at=by.at,
    )


def _signed(given: Given, row: Signature) -> Happening:
    return Happening(
        "negotiation.signed",
        given.negotiation,
        given.by,
        facts={
            "side": given.side,
            "place": row.place,
            "missing": row.needed - row.place,
            "signed_by": given.signed_by or None,
        },
    )


def of(negotiation: Negotiation, side: str | None = None) -> list[Signature]:
    """The signatures under the round that stands, the seller's first; or those of one side."""
    rows = Signature.objects.filter(negotiation=negotiation, proposal=negotiation.proposal)
    if side is not None:
        rows = rows.filter(side=side)
    return list(rows.select_related("member", "rider").order_by("-side", "place"))


def under(negotiation: Negotiation) -> list[Signature]:
    """The signatures under any of its rounds."""
    rows = Signature.objects.filter(negotiation=negotiation).select_related("rider")
    return list(rows.order_by("pk"))


def missing(negotiation: Negotiation, side: str) -> int:
    """How many signatures a side still has to give under the round that stands."""
    return missing_beside(of(negotiation, side), negotiation, side)


def missing_beside(given: Sequence[Signature], negotiation: Negotiation, side: str) -> int:
    """The same, where those of the round are read already."""
    own = [one for one in given if one.side == side]
    needed = own[0].needed if own else (2 if _signing(negotiation, side).asks_second_member else 1)
    return needed - len(own)


def needed_of(participant: Participant, by: Actor) -> int:
    """How many signatures an organisation asks for; the exchange itself signs once, as the offer says."""
    return 2 if participant.asks_second_member and not by.is_system else 1


def _signing(negotiation: Negotiation, side: str) -> Participant:
    return negotiation.seller if side == Side.SELLER else negotiation.buyer
