"""In and out shapes of the negotiations API."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field, StrictBool

from contracts.models import Negotiation, Rider, Round, Side, Signature
from contracts.negotiations import redlines, riders, rounds, signatures
from contracts.terms import terms as usage_terms
from exchange.kernel.schemas import In, Line, Moment, MoneyOut, OptionalLine, Prose, QueryIn

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Number = Annotated[int, Field(ge=1, le=32_767)]


class RequestIn(In):
    """`affiliates`: the organisations that the buyer will use the data with. `choice`: by its number, where the offer
    has several."""

    offer_id: UUID
    purpose: Line
    country: Annotated[str, Field(min_length=2, max_length=2)]
    use: Prose
    affiliates: list[UUID] = []
    choice: Number | None = None


class SignIn(In):
    """`digest`: the `proposal` that was read. It may be left out in the first round alone. Where the first of two
    members has signed a rider, the second names its `sha256` here, and gives nothing besides."""

    digest: Digest | None = None


class NegotiationAcceptIn(SignIn):
    """`coupon`: a code that takes something off what is charged at the signature, whether that price is for all or was
    agreed with you alone: both count. `keeps_method`: you agree that the provider keeps your way to pay for what falls
    due later; where nothing is paid at the signature, give it on the page of `POST /payment-methods`. `renews`: where
    the plan `is_renewable`, you consent that each term is followed by another at the same price and on the same terms,
    until you take that back by `POST /subscriptions/{id}/renewal`; without it nothing renews."""

    coupon: OptionalLine = ""
    keeps_method: StrictBool = False
    renews: StrictBool = False


class CounterIn(In):
    """Single `changes`, `{"kind", "set": {parameters}}` or `{"kind", "remove": true}`, or whole `terms`. `digest` is
    the `proposal` that they answer; `accept_by` is the seller's to set."""

    changes: list[dict[str, Any]] | None = None
    terms: list[dict[str, Any]] | None = None
    plan: dict[str, Any] | None = None
    accept_by: Moment | None = None
    note: Prose = ""
    digest: Digest | None = None


class RefusalIn(In):
    reason: Prose = ""


class NegotiationOut(Schema):
    """`proposal` is the digest of the round that stands. `decide_by` binds the seller while it is requested,
    `accept_by` the buyer afterwards."""

    id: UUID
    state: str
    offer_id: UUID
    dataset_id: UUID
    revision_id: UUID
    seller_id: UUID
    buyer_id: UUID
    purpose: str
    country: str
    use: str
    affiliates: list[UUID]
    terms: list[dict[str, Any]]
    plan: dict[str, Any]
    round: int
    proposal: str
    decide_by: datetime | None
    accept_by: datetime | None
    reason: str
    agreement_id: UUID | None
    requested_at: datetime
    approved_at: datetime | None
    accepted_at: datetime | None


class RiderOut(Schema):
    """What the first of a buyer's two members agreed to besides the round: `off` is what a coupon takes off, whose
    place is taken only when the contract is made. The second signs the same by `sha256`, or not at all."""

    sha256: Digest
    off: MoneyOut | None
    keeps_method: bool
    renews: bool


class HalfSignedOut(NegotiationOut):
    """One member has signed, and as many as `signatures_missing` of the same organisation sign next."""

    signatures_missing: int
    rider: RiderOut | None


class AcceptedOut(Schema):
    id: UUID
    state: str
    agreement_id: UUID
    entitlement_id: UUID
    charge_id: UUID | None


class SignatureOut(Schema):
    """`leaf_sha256`: the leaf of the Event in the log. `rider`: what it agreed to besides the round, where another
    member signs next."""

    side: str
    place: int
    needed: int
    event_id: UUID
    leaf_sha256: str
    signed_at: datetime
    rider: RiderOut | None


class RoundOut(Schema):
    """`sha256` covers what the round says and `previous_sha256`."""

    number: int
    side: str
    terms: list[dict[str, Any]]
    plan: dict[str, Any]
    accept_by: datetime | None
    note: str
    previous_sha256: str
    sha256: str
    made_at: datetime
    signatures: list[SignatureOut]


class RoundsOut(Schema):
    items: list[RoundOut]
    is_unbroken: bool


class DifferenceQuery(QueryIn):
    """Two rounds by their numbers: by default the last one, and the one before it."""

    before: Number | None = None
    after: Number | None = None
    language: Literal["en", "fr"] = "en"


class PartOut(Schema):
    """`mark`: `was` and `now` stand in one of the two sentences alone; empty, in both."""

    mark: Literal["", "was", "now"]
    words: str


class ClauseChangeOut(Schema):
    kind: str
    status: Literal["added", "removed", "changed", "same"]
    before: str
    after: str
    standing: str
    parts: list[PartOut]


class DifferenceOut(Schema):
    before: int
    after: int
    clauses: list[ClauseChangeOut]
    plan_before: dict[str, Any]
    plan_after: dict[str, Any]


def negotiation_out(negotiation: Negotiation) -> dict[str, Any]:
    agreement = getattr(negotiation, "agreement", None)
    own = {name: getattr(negotiation, name) for name in NegotiationOut.model_fields if name != "agreement_id"}
    return own | {"agreement_id": agreement.pk if agreement else None}


def half_signed_out(negotiation: Negotiation, side: str) -> dict[str, Any]:
    return negotiation_out(negotiation) | {
        "signatures_missing": signatures.missing(negotiation, side),
        "rider": _rider_out(riders.of(negotiation) if side == Side.BUYER else None),
    }


def rounds_out(negotiation: Negotiation) -> dict[str, Any]:
    rows, given = rounds.of(negotiation), signatures.under(negotiation)
    return {
        "items": [_round_out(row, [one for one in given if one.proposal == row.sha256]) for row in rows],
        "is_unbroken": rounds.is_unbroken(rows),
    }


def difference_out(negotiation: Negotiation, wanted: DifferenceQuery) -> dict[str, Any]:
    after = rounds.numbered(negotiation, wanted.after or negotiation.round)
    before = rounds.numbered(negotiation, wanted.before or max(1, after.number - 1))
    clauses = redlines.difference(
        usage_terms.thaw(before.terms), usage_terms.thaw(after.terms), wanted.language
    )
    return {
        "before": before.number,
        "after": after.number,
        "clauses": clauses,
        "plan_before": before.plan,
        "plan_after": after.plan,
    }


def _round_out(row: Round, given: list[Signature]) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in RoundOut.model_fields if name != "signatures"}
    return own | {"signatures": [_signature_out(one) for one in given]}


def _signature_out(row: Signature) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in SignatureOut.model_fields if name != "rider"}
    return own | {"rider": _rider_out(getattr(row, "rider", None))}


def _rider_out(row: Rider | None) -> dict[str, Any] | None:
    if row is None:
        return None
    off = MoneyOut.of(row.off) if row.off else None
    return {"sha256": row.sha256, "off": off, "keeps_method": row.keeps_method, "renews": row.renews}
