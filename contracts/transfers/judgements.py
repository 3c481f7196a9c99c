"""May these bytes leave, now? The judgement of one attempt, from what is known of it: pure, so that it can be given
again months later from what its Event has kept. `admission` reads what is known, `replays` finds it in the Event."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import cast
from uuid import UUID

from compliance.destinations import destinations
from compliance.destinations.destinations import Basis, Destination, PersonalData
from compliance.legal.profile import LegalProfile
from contracts.clauses import LIBRARY
from contracts.clauses.declaration import Facts
from contracts.terms import rules
from contracts.terms import terms as usage_terms
from contracts.terms.terms import Terms, Verdict
from exchange.kernel.canonical import Fact

_AT_GATEWAY = frozenset({"address", "address_country", "delivery"})
"""Facts that nobody knows before the gateway is asked."""

_NOTHING_SAID: Mapping[str, Verdict] = {}


class Wanted(StrEnum):
    """The revision that is asked for, beside the one that was agreed."""

    AGREED = "agreed"
    OTHER = "other"
    UNCLEARED = "uncleared"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class Known:
    """What one attempt is judged by, beside the law. `now` is the moment of the attempt, `facts` what its clauses are
    held against but for the moment and the groups of countries, which follow from it. `egress` is the country of the
    network address as personal data asks for it: None where nobody asks, empty where nobody knows. `bases` are the
    buyer's transfer bases, where they were needed."""

    terms: Terms
    state: str
    buyer_state: str
    seller_state: str
    revision_state: str
    wanted: Wanted
    ends_at: datetime | None
    personal_data: str
    certifications: frozenset[str]
    now: datetime
    facts: Facts
    egress: str | None = None
    bases: tuple[Basis, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """What was found: `code` is None when nothing speaks against it, `clause` is the kind of clause that does. What
    comes after a refusal was not asked: then there are no verdicts, no law, or no destination. `egress` is the
    country of the network address that the law was asked about, `outlet` the answer where it is another country."""

    code: str | None
    verdicts: Sequence[Verdict] | None = None
    destination: Destination | None = None
    clause: str | None = None
    profile: LegalProfile | None = field(default=None, repr=False)
    egress: str | None = None
    outlet: Destination | None = None

    @property
    def lacks_basis(self) -> bool:
        """Whether what refuses is where the data would go, so that the register of transfer bases is asked."""
        asked = (self.destination, self.outlet)
        return self.code is not None and any(one is not None and not one.allowed for one in asked)


def judged(
    known: Known,
    law: Callable[[], LegalProfile],
    *,
    at_gateway: bool = True,
    version: int = rules.CURRENT,
    said: Mapping[str, Verdict] = _NOTHING_SAID,
) -> Judgement:
    """Check states, then every clause, then the end and the destination. At the desk that issues a token it is not yet
    known from where and how the data is fetched, so clauses about that wait for the gateway. `said` is what clauses
    said once, where nobody can ask them again."""
    if (code := _standing_refusal(known)) is not None:
        return Judgement(code)
    profile = law()
    verdicts = [
        said.get(verdict.kind, verdict)
        for verdict in usage_terms.evaluate(known.terms, _facts(known, profile), version)
    ]
    for verdict in verdicts:
        if not verdict.ok and (at_gateway or not _waits_for_the_gateway(verdict.kind)):
            code = str(verdict.reason or "undecidable")
            return Judgement(code, verdicts, clause=verdict.kind, profile=profile)
    if known.ends_at is not None and known.ends_at <= known.now:
        return Judgement("entitlement_expired", verdicts, profile=profile)
    destination, outlet = _place(known, profile), _outlet(known, profile)
    code = None if destination.allowed else destination.reason or "destination_refused"
    if code is None and outlet is not None and not outlet.allowed:
        code = "address_country_not_open"
    return Judgement(code, verdicts, destination, profile=profile, egress=known.egress, outlet=outlet)


def told(judgement: Judgement) -> Mapping[str, Fact]:
    """What an Event says of it: each clause, and what carries the data to where it goes."""
    facts: dict[str, Fact] = {}
    if judgement.verdicts is not None:
        facts["clauses"] = [usage_terms.told(verdict) for verdict in judgement.verdicts]
    if (destination := judgement.destination) is not None:
        facts["mechanism"] = destination.mechanism
        facts["decision"] = destination.decision
        facts["legal_profile"] = destination.profile_version
        if destination.basis is not None:
            facts["basis"] = destination.basis.id
    if (outlet := judgement.outlet) is not None:
        facts["egress_mechanism"] = outlet.mechanism
        if outlet.reason is not None:
            facts["egress_reason"] = outlet.reason
    return facts


def derogation(judgement: Judgement) -> UUID | None:
    """The derogation that a transfer so judged would use up; none where it goes on with what has used it."""
    basis = judgement.destination.basis if judgement.destination else None
    is_to_spend = judgement.code is None and basis is not None and basis.mechanism == "derogation"
    return UUID(basis.id) if basis is not None and is_to_spend and basis.state != "in_use" else None


def _place(known: Known, profile: LegalProfile) -> Destination:
    """Whether the law lets the data go to where the buyer is established."""
    return destinations.decide(
        profile,
        country=known.facts.buyer_country,
        personal_data=cast(PersonalData, known.personal_data),  # an unknown class counts as personal
        certifications=known.certifications,
        on=known.now.date(),
        bases=known.bases,
    )


def _outlet(known: Known, profile: LegalProfile) -> Destination | None:
    """Whether it lets the data go to where the network address is, if that is another country: the stricter of the two
    decides. A certification is for the establishment, and a derogation for the transfer to it."""
    if known.egress is None or known.egress == known.facts.buyer_country:
        return None
    return destinations.decide(
        profile,
        country=known.egress or None,
        personal_data=cast(PersonalData, known.personal_data),
        certifications=frozenset(),
        on=known.now.date(),
        bases=[basis for basis in known.bases if basis.mechanism != "derogation"],
    )


def _facts(known: Known, profile: LegalProfile) -> Facts:
    return replace(
        known.facts,
        # A right that is in force has begun, whatever the clock of this gateway says.
        now=max(known.now, known.facts.active_since or known.now),
        groups=destinations.groups(profile, known.now.date()),
    )


def _standing_refusal(known: Known) -> str | None:
    if known.state != "active":
        return f"entitlement_{known.state}"
    if known.buyer_state != "verified" or known.seller_state != "verified":
        return "participant_not_verified"
    if known.wanted is Wanted.FOREIGN:
        return "asset_not_included"
    if known.revision_state != "sealed":
        return "revision_revoked"
    if known.wanted is not Wanted.AGREED and all(clause.kind != "revisions" for clause in known.terms.clauses):
        # Terms that say nothing of revisions are for the agreed one alone.
        return "asset_not_included"
    return "revision_not_cleared" if known.wanted is Wanted.UNCLEARED else None


def _waits_for_the_gateway(kind: str) -> bool:
    return kind in LIBRARY and not LIBRARY[kind].needs.isdisjoint(_AT_GATEWAY)
