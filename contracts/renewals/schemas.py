"""The shapes of renewals and amendments over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field, StrictBool

from contracts.clauses.declaration import Clause
from contracts.negotiations.schemas import Digest, Number
from contracts.renewals.renewals import Renewal
from contracts.terms.comparison import Direction
from contracts.terms.terms import Terms
from exchange.kernel.schemas import In, OptionalLine, Prose
from payments.plans.plans import Plan

Kinds = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=65)]


class ChangeOut(Schema):
    """A clause before and after, null where there is none; `price` is one of them, as a plan. `direction` is of the
    buyer: what is `worse`, or `other`, which nobody can weigh, needs consent."""

    kind: str
    direction: Direction
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class RenewalOut(Schema):
    """What a renewal by an offer, or one choice of it, would change. `worse` is what needs consent, `digest` names all
    that was read."""

    offer_id: UUID
    choice: int | None
    title: str
    sale: str
    revision_before: int
    revision_after: int
    changes: list[ChangeOut]
    worse: list[str]
    digest: Digest


class RenewalsOut(Schema):
    items: list[RenewalOut]


class RenewIn(In):
    """`worse`: each item that you take although it is worse, by its name. `coupon`, `keeps_method` and `renews` are
    those of a signature, and refused (`signed_later`) where the seller answers first."""

    offer_id: UUID
    choice: Number | None = None
    digest: Digest
    worse: Kinds = []
    coupon: OptionalLine = ""
    keeps_method: StrictBool = False
    renews: StrictBool = False


class ConsentIn(In):
    """`digest` is the `proposal` that was read; `worse`, each item that you take although it is worse."""

    digest: Digest
    worse: Kinds


class ConsentOut(Schema):
    """`consents` hold for the round of digest `consented_to` and for no other."""

    negotiation_id: UUID
    kind: str
    consents: list[str]
    consented_to: str


class AmendIn(In):
    """`{"kind", "set": {parameters}}` or `{"kind", "remove": true}` for each clause that changes; `plan` is a price
    that comes on top of what was paid."""

    changes: list[dict[str, Any]] | None = None
    plan: dict[str, Any] | None = None
    note: Prose = ""


def renewal_out(found: Renewal) -> dict[str, Any]:
    return {
        "offer_id": found.offer.pk,
        "choice": found.choice,
        "title": found.offer.title,
        "sale": found.offer.sale,
        "revision_before": found.right.revision.number,
        "revision_after": found.revision.number,
        "changes": [
            {
                "kind": one.kind,
                "direction": one.direction,
                "before": _wire(one.before),
                "after": _wire(one.after),
            }
            for one in found.changes
        ],
        "worse": list(found.worse),
        "digest": found.digest,
    }


def _wire(side: Clause | Plan | None) -> dict[str, Any] | None:
    if isinstance(side, Clause):
        return Terms((side,)).to_list()[0]
    return dict(side.to_dict()) if side else None
