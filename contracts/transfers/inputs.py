"""What an Event keeps of the inputs of a judgement beside what its leaf says anyway, and how they are read back: states
where one is not in order, the channel where it is not the gateway. What was counted and from where it came are not in
the leaf of a start: the database reserved the one, the vault has the other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from compliance.destinations.destinations import Basis
from contracts.clauses import LIBRARY
from contracts.clauses.declaration import Facts
from contracts.terms import rules
from contracts.terms.terms import Terms
from contracts.transfers.judgements import Judgement, Known, Wanted
from exchange.kernel.canonical import Fact

IN_LEAF = {
    "purpose": "purpose",
    "use_country": "country_of_use",
    "buyer_country": "country_to",
    "recipient_id": "buyer",
}
"""Facts that a leaf says in its own words."""

SEALED = frozenset({"address", "address_country"})
"""Facts that are personal data, or follow from it."""

COUNTED = frozenset({"copies_used"})
"""What is reserved by the statement that starts a transfer, and known beforehand to a refusal alone."""

_IN_ORDER = ("active", "verified", "verified", "sealed")
"""The right, the buyer, the seller, and the revision."""

_USUAL = {"delivery": "gateway"}
_FROM_ELSEWHERE = frozenset({*IN_LEAF, *SEALED, *COUNTED, "now", "groups", "active_since"})
_MOMENTS = frozenset(field.name for field in fields(Facts) if field.type == datetime | None)
_ALL = tuple(field.name for field in fields(Facts))


def kept(known: Known, judgement: Judgement) -> Mapping[str, Fact]:
    """The inputs as a leaf keeps them; the same for every start of a case, however it was decided."""
    return dict(_kept(known, judgement))


def of_refusal(known: Known, **more: Fact) -> Mapping[str, Fact]:
    """What a refusal keeps besides: its moment, exactly, and what was counted where a clause asks for it."""
    counted = {name: getattr(known.facts, name) for name in sorted(COUNTED & _needed(known.terms))}
    return {"now": micro(known.now), **counted, **more}


def read(facts: Mapping[str, Any], terms: Terms, *, at: datetime, origin: Mapping[str, str]) -> Known:
    """What was known, from a leaf's facts, the terms that were signed, and the origin as far as it can be read."""
    decided = facts["decided"]
    right, buyer, seller, revision = states(decided)
    now = moment(decided.get("now")) or at
    found: dict[str, Any] = {name: facts.get(word) or None for name, word in IN_LEAF.items()}
    found |= {name: origin.get(name) or None for name in SEALED} | _USUAL
    for name in _ALL:
        if name in decided and name != "now":
            found[name] = moment(decided[name]) if name in _MOMENTS else decided[name]
    return Known(
        terms=terms,
        state=right,
        buyer_state=buyer,
        seller_state=seller,
        revision_state=revision,
        wanted=Wanted(decided.get("wanted", Wanted.AGREED)),
        ends_at=moment(decided.get("ends_at")),
        personal_data=str(facts["class"]),
        certifications=frozenset(decided.get("certifications", ())),
        now=now,
        facts=Facts(now=now, **found),
        egress=decided.get("egress"),
        bases=tuple(basis_of(one) for one in decided.get("bases", ())),
    )


def of_basis(basis: Basis) -> Mapping[str, Fact]:
    """A transfer basis as a leaf keeps it: ids, words of the law, and days."""
    return {
        name: value.isoformat() if isinstance(value, date) else value for name, value in vars(basis).items()
    }


def basis_of(kept: Mapping[str, Any]) -> Basis:
    """What `of_basis` wrote."""
    days = {
        name: date.fromisoformat(kept[name]) if kept[name] else None
        for name in ("valid_from", "valid_to", "review_due")
    }
    return Basis(**{**kept, **days})


def is_kept(decided: Mapping[str, Any]) -> bool:
    """Whether these are the inputs of a judgement, and not of a refusal before it."""
    return not decided.keys().isdisjoint({"states", "wanted", "profile"})


def states(decided: Mapping[str, Any]) -> Sequence[str]:
    """Those of the right, the buyer, the seller and the revision."""
    found: Sequence[str] = decided.get("states", _IN_ORDER)
    return found


def asks_for(terms: Terms, names: frozenset[str]) -> bool:
    """Whether a clause that can be read decides by one of these facts."""
    return not names.isdisjoint(_needed(terms))


def micro(found: datetime | None) -> str | None:
    """A moment to the microsecond: what is decided at an end must come out the same again."""
    return found.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z") if found else None


def moment(text: str | None) -> datetime | None:
    """What `micro` wrote."""
    return datetime.fromisoformat(text) if text else None


def _kept(known: Known, judgement: Judgement) -> Iterator[tuple[str, Fact]]:
    yield "rules", rules.CURRENT
    found = (known.state, known.buyer_state, known.seller_state, known.revision_state)
    if found != _IN_ORDER:
        yield "states", found
    if judgement.profile is not None:
        yield "profile", judgement.profile.sha256
    if known.wanted is not Wanted.AGREED:
        yield "wanted", str(known.wanted)
    if known.ends_at is not None:
        yield "ends_at", micro(known.ends_at)
    if known.facts.active_since is not None:
        yield "active_since", micro(known.facts.active_since)
    if known.certifications:
        yield "certifications", sorted(known.certifications)
    if judgement.egress is not None:
        yield "egress", judgement.egress
    if known.bases:
        yield "bases", [of_basis(basis) for basis in known.bases]
    for name in sorted(_needed(known.terms) - _FROM_ELSEWHERE):
        value = getattr(known.facts, name)
        if value != _USUAL.get(name):
            yield name, micro(value) if name in _MOMENTS else value


def _needed(terms: Terms) -> frozenset[str]:
    """The facts by which the clauses that can be read decide."""
    return frozenset().union(*(LIBRARY[one.kind].needs for one in terms.clauses if one.kind in LIBRARY))
