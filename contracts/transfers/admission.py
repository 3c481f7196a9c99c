"""May these bytes leave, now? Reads what one attempt is judged by, has it judged (`judgements`), and says why and why
not, with all that it followed from; `transfers` reserves and records."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from compliance import legal
from compliance.destinations import bases
from compliance.destinations.destinations import Basis
from contracts.clauses.declaration import Facts
from contracts.entitlements import volumes
from contracts.entitlements.volumes import Volume
from contracts.models import Entitlement
from contracts.terms import address_countries, destination_words, rules
from contracts.terms import terms as usage_terms
from contracts.tokens import bindings
from contracts.transfers import inputs, judgements
from contracts.transfers.judgements import Judgement, Known, Wanted
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
    "volume_spent": "this copy would take more than the terms permit",
    "rows_unknown": "the terms limit the rows, and those of this file were not counted",
    "delivery_not_allowed": "the terms do not permit this way of delivery",
    "asset_not_included": "this file is not part of what was licensed",
    "token_expired": "this link has expired; ask for a new one",
    "not_the_buyer": "this licence belongs to another organisation",
    "copies_spent": "every licensed copy of this file was taken",
    "country_not_allowed": "the terms do not permit this country",
    "sector_not_allowed": "the terms do not permit the sector of the buyer",
    "sector_unknown": "the terms permit certain sectors alone, and the operator has seen none of the buyer",
    "address_country_not_allowed": "the terms do not permit the country of this network address",
    "address_not_allowed": "the terms do not permit this network address",
    "expired": "the term of this licence has ended",
    "purpose_not_allowed": "the terms do not permit this purpose",
    "recipient_not_named": "the terms name other recipients",
    "no_adequacy_decision": "this is personal data, and no adequacy decision covers the buyer's country",
    "decision_not_in_force": "this is personal data, and the adequacy decision for the buyer's country has ended",
    "country_unknown": "this is personal data, and the buyer's country is not known",
    "destination_refused": "this is personal data, and it may not go to the buyer's country",
    **destination_words.SENTENCES,
    "undecidable": "a clause cannot be decided from what is known, so it refuses",
    "transfer_over": "this transfer is over; start a new one",
    "transfer_spent": "this transfer has sent its whole allowance; start a new one",
    "transfer_lapsed": "this transfer can no longer be gone on with; start a new one",
    "no_such_transfer": "this token names a transfer that does not exist",
    "spend_cap_reached": "this would cost more in this period than the buyer's own cap",
    "usage_unknown": "this licence is paid by the row, and the rows of this file were not counted",
    "subscription_over": "nothing more can be charged under this licence, so nothing more leaves",
    "internal": "something failed here; no byte was sent",
    **bindings.SENTENCES,
}


@dataclass(frozen=True)
class Case:
    """Everything that a decision about one asset for one buyer rests on; the volume where the terms ask for it."""

    entitlement: Entitlement
    asset: Asset
    buyer: Participant
    seller: Participant
    declaration: Declaration | None
    personal_data: str
    terms: usage_terms.Terms
    volume: Volume | None = None


@dataclass(frozen=True)
class Decision:
    """`code` is None when the bytes may leave, and `clause` the kind of clause that refuses them; `facts` is what the
    Event says of why and where to, `decided` what it followed from; `asks_address` whether a clause looked at the
    network address; `left` says what the clause leaves; `derogation` is what this transfer would use up."""

    code: str | None
    facts: Mapping[str, Fact]
    decided: Mapping[str, Fact]
    clause: str | None = None
    asks_address: bool = False
    left: str = ""
    derogation: UUID | None = None

    def told(self) -> Mapping[str, Fact]:
        """What the Event says of it."""
        refusal = {} if self.code is None else {"code": self.code}
        return {**self.facts, **naming(self.clause), **refusal, "decided": self.decided}

    def refused(self, code: str, *, now: datetime, **more: Fact) -> "Decision":
        """The same, refused after all; `more` is what that follows from."""
        return replace(self, code=code, decided={**self.decided, "now": inputs.micro(now), **more})


def sentence(code: str, clause: str | None = None, left: str = "") -> str:
    """Why an attempt is refused, for a person; where a clause refuses, which one, and what it leaves."""
    if code.startswith("condition_not_met:"):
        return "this is personal data, and the buyer has not shown the certification that its country needs"
    said = SENTENCES.get(code, f"refused: {code}") + (f" ({left})" if left else "")
    return said if clause is None else f"refused by the clause {clause}: {said}"


def naming(clause: str | None) -> Mapping[str, str]:
    """What a refusal says to a program of the clause that refuses."""
    return {} if clause is None else {"clause": clause}


def case(entitlement: Entitlement, asset: Asset, *, goes_on: bool = False) -> Case:
    """Read what a decision needs, as the database has it in this transaction. What `goes_on` was counted before."""
    terms = usage_terms.thaw(entitlement.terms)
    volume = None
    if usage_terms.needs(terms, volumes.FACTS):
        volume = volumes.NOTHING if goes_on else volumes.of(entitlement, asset)
    return Case(
        entitlement=entitlement,
        asset=asset,
        buyer=entitlement.buyer,
        seller=entitlement.seller,
        declaration=dataset_queries.current_declaration(entitlement.dataset_id),
        personal_data=datasets.class_in_force(entitlement.dataset, asset.revision),
        terms=terms,
        volume=volume,
    )


def decide(
    case: Case,
    *,
    now: datetime,
    address: str | None,
    copies_used: int | None,
    delivery: str = "gateway",
    at_gateway: bool = True,
    transfer_id: UUID | None = None,
) -> Decision:
    """Judge a case, keep the law that it was judged by, and say what the Event tells of it. The register of transfer
    bases is read only where nothing else opens the way; `transfer_id` is the transfer that is to go on."""
    known = known_of(case, now, address=address, copies_used=copies_used, delivery=delivery)
    judgement = judgements.judged(known, legal.current, at_gateway=at_gateway)
    if judgement.lacks_basis and (held := _bases(case, transfer_id)):
        known = replace(known, bases=held)
        judgement = judgements.judged(known, legal.current, at_gateway=at_gateway)
    if judgement.profile is not None:
        legal.keep(judgement.profile, now=now)
    decided = {**inputs.kept(known, judgement), **(inputs.of_refusal(known) if judgement.code else {})}
    asks_address = judgement.verdicts is not None and inputs.asks_for(case.terms, inputs.SEALED)
    left = case.volume.left(case.terms) if case.volume and judgement.code == "volume_spent" else ""
    return Decision(
        judgement.code,
        facts_of(case, judgement),
        decided,
        judgement.clause,
        asks_address,
        left,
        judgements.derogation(judgement),
    )


def turned_down(case: Case, code: str, *, now: datetime, **more: Fact) -> Decision:
    """A refusal for what a token says, before anything else is asked; `more` is what it follows from."""
    decided: Mapping[str, Fact] = {"rules": rules.CURRENT, "now": inputs.micro(now), **more}
    return Decision(code, why_and_where(case), decided)


def known_of(
    case: Case, now: datetime, *, address: str | None, copies_used: int | None, delivery: str = "gateway"
) -> Known:
    """What is known of a case when it is decided."""
    entitlement, revision, buyer = case.entitlement, case.asset.revision, case.buyer
    return Known(
        terms=case.terms,
        state=entitlement.state,
        buyer_state=buyer.state,
        seller_state=case.seller.state,
        revision_state=revision.state,
        wanted=_wanted(case),
        ends_at=entitlement.ends_at,
        personal_data=case.personal_data,
        certifications=frozenset(buyer.certifications),
        now=now,
        egress=None if case.personal_data == "none" else address_countries.asked_of(address),
        facts=Facts(
            now=now,
            purpose=entitlement.purpose,
            use_country=entitlement.country,
            buyer_country=buyer.verified_country or None,
            sector=buyer.verified_sector,
            recipient_id=str(buyer.pk),
            address=address,
            address_country=address_countries.country_of(address),
            copies_used=copies_used,
            active_since=entitlement.activated_at,
            delivery=delivery,
            revision_number=revision.number,
            revision_sealed_at=revision.sealed_at,
            agreed_number=revision.number if _is_agreed(case) else entitlement.revision.number,
            **(asdict(case.volume) if case.volume else {}),
        ),
    )


def facts_of(case: Case, judgement: Judgement) -> Mapping[str, Fact]:
    """What an Event says of a judgement: why and where to, each clause, and what carries the data there."""
    return {**why_and_where(case), **judgements.told(judgement)}


def _bases(case: Case, transfer_id: UUID | None) -> tuple[Basis, ...]:
    entitlement = case.entitlement
    return bases.of(
        entitlement.buyer_id,
        exporter_id=entitlement.seller_id,
        dataset_id=entitlement.dataset_id,
        transfer_id=transfer_id,
    )


def _wanted(case: Case) -> Wanted:
    if _is_agreed(case):
        return Wanted.AGREED
    if case.asset.revision.dataset_id != case.entitlement.dataset_id:
        return Wanted.FOREIGN
    if any(clause.kind == "revisions" for clause in case.terms.clauses):
        return Wanted.OTHER if datasets.is_cleared(case.asset.revision) else Wanted.UNCLEARED
    return Wanted.OTHER


def _is_agreed(case: Case) -> bool:
    return case.asset.revision_id == case.entitlement.revision_id


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
