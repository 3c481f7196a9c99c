"""May these bytes leave, now? Decides one attempt from facts that the gateway holds, and says why not. Reads only;
`transfers` reserves and records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from compliance import gates
from compliance.destinations import Destination
from contracts import address_countries, bindings
from contracts import terms as usage_terms
from contracts.clauses import LIBRARY
from contracts.clauses.declaration import Facts
from contracts.models import Entitlement
from datasets import datasets
from datasets import queries as dataset_queries
from datasets.models import Asset, Declaration
from exchange.kernel.canonical import Fact
from exchange.participants.models import Participant

STATE_REFUSALS = {
    Entitlement.State.PENDING: "entitlement_pending",
    Entitlement.State.SUSPENDED: "entitlement_suspended",
    Entitlement.State.EXPIRED: "entitlement_expired",
    Entitlement.State.REVOKED: "entitlement_revoked",
}
SENTENCES = {
    "entitlement_pending": "this licence waits for its payment",
    "entitlement_suspended": "this licence is suspended",
    "entitlement_expired": "this licence has ended",
    "entitlement_revoked": "this licence was revoked",
    "participant_not_verified": "one of the two organisations is not verified, or is suspended",
    "revision_revoked": "the seller revoked this revision",
    "use_country_not_allowed": "the terms do not permit the declared country of use",
    "out_of_hours": "the terms permit no download at this hour",
    "revision_not_included": "the terms do not include this revision",
    "revision_not_cleared": "this revision is not measured, or not cleared for sale",
    "delivery_not_allowed": "the terms do not permit this way of delivery",
    "asset_not_included": "this file is not part of what was licensed",
    "token_expired": "this link has expired; ask for a new one",
    "not_the_buyer": "this licence belongs to another organisation",
    "copies_spent": "every licensed copy of this file was taken",
    "country_not_allowed": "the terms do not permit this country",
    "address_country_not_allowed": "the terms do not permit the country of this network address",
    "address_not_allowed": "the terms do not permit this network address",
    "expired": "the term of this licence has ended",
    "purpose_not_allowed": "the terms do not permit this purpose",
    "recipient_not_named": "the terms name other recipients",
    "no_adequacy_decision": "this is personal data, and no adequacy decision covers the buyer's country",
    "decision_not_in_force": "this is personal data, and the adequacy decision for the buyer's country has ended",
    "country_unknown": "this is personal data, and the buyer's country is not known",
    "destination_refused": "this is personal data, and it may not go to the buyer's country",
    "undecidable": "a clause cannot be decided from what is known, so it refuses",
    "transfer_over": "this transfer is over; start a new one",
    "transfer_spent": "this transfer has sent its whole allowance; start a new one",
    "transfer_lapsed": "this transfer can no longer be gone on with; start a new one",
    "no_such_transfer": "this token names a transfer that does not exist",
    "internal": "something failed here; no byte was sent",
    **bindings.SENTENCES,
}

_AT_GATEWAY = frozenset({"address", "address_country", "delivery"})
"""Facts that nobody knows before the gateway is asked."""


@dataclass(frozen=True)
class Case:
    """Everything that a decision about one asset for one buyer rests on."""

    entitlement: Entitlement
    asset: Asset
    buyer: Participant
    seller: Participant
    declaration: Declaration | None
    personal_data: str
    terms: usage_terms.Terms


@dataclass(frozen=True)
class Judgement:
    """What was found of a case: `code` is None when nothing speaks against it, `clause` is the kind of clause that
    does. What comes after a refusal was not asked: then there are no verdicts, or no destination."""

    code: str | None
    verdicts: Sequence[usage_terms.Verdict] | None = None
    destination: Destination | None = None
    clause: str | None = None


@dataclass(frozen=True)
class Decision:
    """`code` is None when the bytes may leave, and `clause` the kind of clause that refuses them; `facts` is what the
    Event says of why and where to."""

    code: str | None
    facts: Mapping[str, Fact]
    clause: str | None = None


def sentence(code: str, clause: str | None = None) -> str:
    """Why an attempt is refused, for a person; where a clause refuses, which one."""
    if code.startswith("condition_not_met:"):
        return "this is personal data, and the buyer has not shown the certification that its country needs"
    said = SENTENCES.get(code, f"refused: {code}")
    return said if clause is None else f"refused by the clause {clause}: {said}"


def naming(clause: str | None) -> Mapping[str, str]:
    """What a refusal says to a program of the clause that refuses."""
    return {} if clause is None else {"clause": clause}


def case(entitlement: Entitlement, asset: Asset) -> Case:
    """Read what a decision needs, as the database has it in this transaction."""
    return Case(
        entitlement=entitlement,
        asset=asset,
        buyer=entitlement.buyer,
        seller=entitlement.seller,
        declaration=dataset_queries.current_declaration(entitlement.dataset_id),
        personal_data=datasets.class_in_force(entitlement.dataset, asset.revision),
        terms=usage_terms.thaw(entitlement.terms),
    )


def decide(
    case: Case,
    *,
    now: datetime,
    address: str | None,
    copies_used: int | None,
    delivery: str = "gateway",
    at_gateway: bool = True,
) -> Decision:
    """Judge a case, and say what the Event tells of it."""
    judgement = judge(
        case, now=now, address=address, copies_used=copies_used, delivery=delivery, at_gateway=at_gateway
    )
    return Decision(judgement.code, facts_of(case, judgement), judgement.clause)


def judge(
    case: Case,
    *,
    now: datetime,
    address: str | None,
    copies_used: int | None,
    delivery: str = "gateway",
    at_gateway: bool = True,
) -> Judgement:
    """Check states, then every clause, then the end and the destination. At the desk that issues a token it is not yet
    known from where and how the data is fetched, so clauses about that wait for the gateway."""
    if (code := _standing_refusal(case)) is not None:
        return Judgement(code)
    facts = facts_at(case, now, address=address, copies_used=copies_used, delivery=delivery)
    verdicts = usage_terms.evaluate(case.terms, facts)
    for verdict in verdicts:
        if not verdict.ok and (at_gateway or not _waits_for_the_gateway(verdict.kind)):
            return Judgement(str(verdict.reason or "undecidable"), verdicts, clause=verdict.kind)
    if case.entitlement.ends_at is not None and case.entitlement.ends_at <= now:
        return Judgement("entitlement_expired", verdicts)
    destination = gates.destination(
        case.personal_data, case.buyer.verified_country, frozenset(case.buyer.certifications), now.date()
    )
    code = None if destination.allowed else destination.reason or "destination_refused"
    return Judgement(code, verdicts, destination)


def facts_at(
    case: Case, now: datetime, *, address: str | None, copies_used: int | None, delivery: str = "gateway"
) -> Facts:
    """What is known of a case when it is decided."""
    entitlement, asset = case.entitlement, case.asset
    return Facts(
        # A right that is in force has begun, whatever the clock of this gateway says.
        now=max(now, entitlement.activated_at or now),
        purpose=entitlement.purpose,
        use_country=entitlement.country,
        buyer_country=case.buyer.verified_country or None,
        recipient_id=str(case.buyer.pk),
        address=address,
        address_country=address_countries.country_of(address),
        copies_used=copies_used,
        active_since=entitlement.activated_at,
        groups=gates.groups_on(now.date()),
        delivery=delivery,
        revision_number=asset.revision.number,
        revision_sealed_at=asset.revision.sealed_at,
        agreed_number=asset.revision.number if _is_agreed(case) else entitlement.revision.number,
    )


def facts_of(case: Case, judgement: Judgement) -> Mapping[str, Fact]:
    """What an Event says of a judgement: why and where to, each clause, and what carries the data there."""
    facts = dict(why_and_where(case))
    if judgement.verdicts is not None:
        if judgement.clause is not None:
            facts["clause"] = judgement.clause
        facts["clauses"] = [
            {
                "kind": v.kind,
                "standing": str(v.standing),
                "ok": v.ok,
                "reason": str(v.reason) if v.reason else None,
            }
            for v in judgement.verdicts
        ]
    if (destination := judgement.destination) is not None:
        facts["mechanism"] = destination.mechanism
        facts["decision"] = destination.decision
        facts["legal_profile"] = destination.profile_version
    return facts


def _standing_refusal(case: Case) -> str | None:
    entitlement, asset = case.entitlement, case.asset
    if entitlement.state != Entitlement.State.ACTIVE:
        return STATE_REFUSALS[Entitlement.State(entitlement.state)]
    verified = Participant.State.VERIFIED
    if case.buyer.state != verified or case.seller.state != verified:
        return "participant_not_verified"
    if asset.revision.dataset_id != entitlement.dataset_id:
        return "asset_not_included"
    if not asset.revision.is_sealed:
        return "revision_revoked"
    if not _is_agreed(case):
        return _other_revision_refusal(case)
    return None


def _other_revision_refusal(case: Case) -> str | None:
    """Terms that say nothing of revisions are for the agreed one alone; another must be fit to be sold, too."""
    if all(clause.kind != "revisions" for clause in case.terms.clauses):
        return "asset_not_included"
    return None if datasets.is_cleared(case.asset.revision) else "revision_not_cleared"


def _is_agreed(case: Case) -> bool:
    return case.asset.revision_id == case.entitlement.revision_id


def _waits_for_the_gateway(kind: str) -> bool:
    return kind in LIBRARY and not LIBRARY[kind].needs.isdisjoint(_AT_GATEWAY)


def why_and_where(case: Case) -> Mapping[str, Fact]:
    """What accountability asks of every attempt, refused ones too: what, why, from where and where to."""
    entitlement, asset, declaration = case.entitlement, case.asset, case.declaration
    return {
        "agreement": str(entitlement.agreement_id),
        "entitlement": str(entitlement.pk),
        "dataset": str(entitlement.dataset_id),
        "revision": str(asset.revision_id),
        "asset": str(asset.pk),
        "sha256": asset.sha256,
        "size_bytes": str(asset.size_bytes),
        "class": case.personal_data,
        "legal_basis": declaration.legal_basis if declaration else "",
        "purpose": entitlement.purpose,
        "country_from": case.seller.verified_country,
        "country_to": case.buyer.verified_country,
        "country_of_use": entitlement.country,
    }
