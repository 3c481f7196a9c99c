"""The rounds of a negotiation: what each side put on the table, each hashed together with the round before it, so that
a signature names one proposal and no other."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.models import Negotiation, Round
from exchange.kernel import canonical
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Invalid
from exchange.kernel.text import timestamp

VERSION = "comptoir.round/1"


@dataclass(frozen=True)
class Proposal:
    """What a side puts on the table, before it is numbered and hashed."""

    side: str
    terms: Sequence[Mapping[str, Fact]]
    plan: Mapping[str, Fact]
    accept_by: datetime | None = None
    note: str = ""


def draw(negotiation: Negotiation, proposal: Proposal, *, by: Actor) -> Round:
    """The next round, hashed and not kept yet: its number and digest go onto the negotiation first."""
    row = Round(
        negotiation=negotiation,
        number=negotiation.round + 1,
        side=proposal.side,
        terms=list(proposal.terms),
        plan=dict(proposal.plan),
        accept_by=proposal.accept_by,
        note=proposal.note,
        previous_sha256=negotiation.proposal,
        made_by=by.name,
        made_at=by.at,
    )
    row.sha256 = digest_of(row)
    return row


def digest_of(row: Round) -> str:
    """The SHA-256 over what a round says, who talks about what, and the round before it."""
    return hashlib.sha256(written(row)).hexdigest()


def written(row: Round) -> bytes:
    """A round as it is hashed."""
    talk = row.negotiation
    said: dict[str, Fact] = {
        "v": VERSION,
        "negotiation": str(talk.pk),
        "number": row.number,
        "side": row.side,
        "seller": str(talk.seller_id),
        "buyer": str(talk.buyer_id),
        "offer": str(talk.offer_id),
        "dataset": str(talk.dataset_id),
        "revision": str(talk.revision_id),
        "purpose": talk.purpose,
        "country": talk.country,
        "affiliates": talk.affiliates,
        "terms": row.terms,
        "plan": row.plan,
        "accept_by": timestamp(row.accept_by) if row.accept_by else None,
        "at": timestamp(row.made_at),
        "previous": row.previous_sha256,
    }
    return canonical.encode(said)


def head(negotiation: Negotiation) -> Round:
    """The round that stands."""
    return Round.objects.get(negotiation=negotiation, number=negotiation.round)


def of(negotiation: Negotiation) -> list[Round]:
    """All rounds of a negotiation, the first one first."""
    return list(Round.objects.filter(negotiation=negotiation).select_related("negotiation").order_by("number"))


def numbered(negotiation: Negotiation, number: int) -> Round:
    """One round by its number; Invalid where there is none."""
    found = Round.objects.filter(negotiation=negotiation, number=number).first()
    if found is None:
        raise Invalid(f"this negotiation has the rounds 1 to {negotiation.round}; there is no {number}")
    return found


def is_unbroken(rows: Sequence[Round]) -> bool:
    """Whether the rounds are numbered without a gap, and each names the one before it and hashes to its digest."""
    previous = ""
    for number, row in enumerate(rows, start=1):
        if (row.number, row.previous_sha256, row.sha256) != (number, previous, digest_of(row)):
            return False
        previous = row.sha256
    return True


def require_shown(negotiation: Negotiation, shown: str | None) -> None:
    """Refuse who has read another round than the one that stands. In the first round nothing can have changed, so it
    need not be named."""
    if shown is None and negotiation.round > 1:
        raise Invalid(
            f"this negotiation is in round {negotiation.round}: give the digest of the round that you have read",
            code="digest_missing",
        )
    if shown is not None and shown != negotiation.proposal:
        raise Conflict(
            "the terms or the price have changed since you read them; read the round that stands now",
            code="stale_round",
        )
