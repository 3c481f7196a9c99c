"""May these bytes leave, now? The judgement of one attempt, from what is known of it: pure, so that it can be given
again months later from what its Event has kept. `admission` reads what is known, `replays` finds it in the Event."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import cast

from compliance import destinations
from compliance.destinations import Destination, LegalProfile, PersonalData
from contracts import rules
from contracts import terms as usage_terms
from contracts.clauses import LIBRARY
from contracts.clauses.declaration import Facts
from contracts.terms import Terms, Verdict
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
    held against but for the moment and the groups of countries, which follow from it."""

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


@dataclass(frozen=True)
class Judgement:
    """What was found: `code` is None when nothing speaks against it, `clause` is the kind of clause that does. What
    comes after a refusal was not asked: then there are no verdicts, no law, or no destination."""

    code: str | None
    verdicts: Sequence[Verdict] | None = None
    destination: Destination | None = None
    clause: str | None = None
    profile: LegalProfile | None = field(default=None, repr=False)


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
    destination = destinations.decide(
        profile,
        country=known.facts.buyer_country,
        personal_data=cast(PersonalData, known.personal_data),  # an unknown class counts as personal
        certifications=known.certifications,
        on=known.now.date(),
    )
    code = None if destination.allowed else destination.reason or "destination_refused"
    return Judgement(code, verdicts, destination, profile=profile)


def told(judgement: Judgement) -> Mapping[str, Fact]:
    """What an Event says of it: each clause, and what carries the data to where it goes."""
    facts: dict[str, Fact] = {}
    if judgement.verdicts is not None:
        facts["clauses"] = [usage_terms.told(verdict) for verdict in judgement.verdicts]
    if (destination := judgement.destination) is not None:
        facts["mechanism"] = destination.mechanism
        facts["decision"] = destination.decision
        facts["legal_profile"] = destination.profile_version
    return facts


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
