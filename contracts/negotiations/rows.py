"""The rounds of a negotiation as its pages show them: what each changed, by words and marks, and who signed it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts import queries
from contracts.entitlements import successions
from contracts.models import Negotiation, Round, Signature, Succession
from contracts.negotiations import redlines, rounds, signatures
from contracts.negotiations.redlines import ClauseChange, Part
from contracts.terms import rights
from contracts.terms import terms as usage_terms
from contracts.terms.terms import Terms
from payments.plans import plans
from payments.plans.plans import Plan


@dataclass(frozen=True)
class Change:
    """One clause that reads otherwise: `was` and `now` are its two sentences, with what differs marked in each."""

    kind: str
    heading: str
    status: str
    standing: str
    was: Sequence[Part]
    now: Sequence[Part]


@dataclass(frozen=True)
class PriceChange:
    """Another price; None is free."""

    was: Plan
    now: Plan


@dataclass(frozen=True)
class Difference:
    """What leads from one round to the next."""

    changes: Sequence[Change]
    price: PriceChange | None


@dataclass(frozen=True)
class RoundRow:
    """One round with what it changed (None for the first, but of an amendment) and who signed it."""

    round: Round
    difference: Difference | None
    signatures: Sequence[Signature]

    @property
    def is_on_top(self) -> bool:
        """Whether its price comes on top of another contract's: a first round that changes something."""
        return self.round.number == 1


def difference(before: Terms, after: Terms, was: Plan, now: Plan) -> Difference:
    """The clauses that read otherwise, in the reader's language, and the price where it is another."""
    return Difference(changes_of(before, after), PriceChange(was, now) if was != now else None)


def changes_of(before: Terms, after: Terms) -> list[Change]:
    """The clauses that read otherwise, in the reader's language."""
    names = queries.names_in(before) | queries.names_in(after)
    found = redlines.difference(before, after, rights.language(), names=names)
    return [_change(one) for one in found if one.status != "same"]


def amended(negotiation: Negotiation) -> Difference | None:
    """What the round that stands would change in a contract that is to be amended; None in any other talk."""
    return _amended(negotiation, negotiation.terms, negotiation.plan)


def last_difference(negotiation: Negotiation) -> Difference | None:
    """What the round that stands changed; None in the first."""
    if negotiation.round < 2:
        return None
    before, after = (rounds.numbered(negotiation, negotiation.round - back) for back in (1, 0))
    return _between(before, after)


def rows_of(negotiation: Negotiation) -> list[RoundRow]:
    """All rounds, the newest first."""
    rows, given = rounds.of(negotiation), signatures.under(negotiation)
    first = _amended(negotiation, rows[0].terms, rows[0].plan) if rows else None
    made = [
        RoundRow(row, _between(before, row) if before else first, _under(row, given))
        for before, row in zip([None, *rows], rows, strict=False)
    ]
    return made[::-1]


def _amended(negotiation: Negotiation, terms: object, plan: object) -> Difference | None:
    succession = successions.of(negotiation)
    if succession is None or succession.kind != Succession.Kind.AMENDMENT:
        return None
    standing = usage_terms.thaw(succession.right.terms)
    return difference(standing, usage_terms.thaw(terms), Plan("free"), plans.parse(plan))


def _between(before: Round, after: Round) -> Difference:
    return difference(
        usage_terms.thaw(before.terms),
        usage_terms.thaw(after.terms),
        plans.parse(before.plan),
        plans.parse(after.plan),
    )


def _under(row: Round, given: Iterable[Signature]) -> list[Signature]:
    return [one for one in given if one.proposal == row.sha256]


def _change(found: ClauseChange) -> Change:
    return Change(
        kind=found.kind,
        heading=rights.heading_of(found.kind),
        status=found.status,
        standing=found.standing,
        was=[part for part in found.parts if part.mark != "now"],
        now=[part for part in found.parts if part.mark != "was"],
    )
