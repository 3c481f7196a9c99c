"""Choices: an offer whose price varies with what it permits. Each choice is a plan and a few clauses; what any of them
names, the choices alone decide. Pure: read once, when the offer is written, and frozen with it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from contracts.clauses import LIBRARY
from contracts.models import Offer
from contracts.terms import comparison
from contracts.terms import terms as usage_terms
from contracts.terms.comparison import Direction
from contracts.terms.terms import Terms
from exchange.kernel import canonical
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Invalid
from payments.plans import plans
from payments.plans.plans import Plan

KINDS = tuple(kind for kind in ("purpose", "sector", "duration", "revisions") if kind in LIBRARY)
"""What a price may vary with."""

MOST = 24

VERSION = "comptoir.offer/1"

_ORDER = {kind: place for place, kind in enumerate(LIBRARY)}
_AS_GOOD = (Direction.SAME, Direction.BETTER)


@dataclass(frozen=True)
class Choice:
    """One way to take an offer: `own` are the clauses that set it apart, `terms` is all that it permits, at `plan`, in
    their frozen forms. An offer that leaves nothing to choose has one, of number None."""

    number: int | None
    own: Sequence[Mapping[str, Any]]
    terms: Sequence[Mapping[str, Any]]
    plan: Mapping[str, Any]


def read(raw: object, terms: Terms) -> list[Choice]:
    """Read the choices of an offer with these terms. Invalid names the choice, or both that do not go together: two of
    which one can never be the right one, or one and a clause of the terms that says the same."""
    if not isinstance(raw, list | tuple) or not 2 <= len(raw) <= MOST:
        raise _invalid(f"choices must be a list of 2 to {MOST}")
    rows = [_row(number, item) for number, item in enumerate(raw, start=1)]
    decided = {clause.kind for own, _ in rows for clause in own.clauses}
    for clause in terms.clauses:
        if clause.kind in decided:
            number = next(at for at, row in enumerate(rows, start=1) if clause.kind in _kinds(row[0]))
            raise Invalid(
                f"the clause {clause.kind} stands in the terms and in choice {number}: "
                "what choices name, they alone decide",
                code="contradictory_choices",
                more={"clause": clause.kind, "choice": str(number)},
            )
    whole = [_whole(number, terms, own) for number, (own, _) in enumerate(rows, start=1)]
    _require_one_currency([plan for _, plan in rows])
    _require_reachable(whole, [plan for _, plan in rows])
    return [
        Choice(number, own.to_list(), all_of_it.to_list(), plan.to_dict())
        for number, ((own, plan), all_of_it) in enumerate(zip(rows, whole, strict=True), start=1)
    ]


def frozen(found: Sequence[Choice]) -> list[dict[str, Any]]:
    """The choices as an offer keeps them; `of` gives them back."""
    return [{"terms": list(one.own), "plan": dict(one.plan)} for one in found]


def of(offer: Offer) -> list[Choice]:
    """The ways to take an offer, in its seller's order. What an offer itself says is its least priced choice."""
    if not offer.choices:
        return [Choice(None, [], offer.terms, offer.plan)]
    decided = decided_by(offer)
    common = [clause for clause in offer.terms if clause.get("kind") not in decided]
    return [
        Choice(number, row["terms"], sorted([*common, *row["terms"]], key=_place), row["plan"])
        for number, row in enumerate(offer.choices, start=1)
    ]


def decided_by(offer: Offer) -> list[str]:
    """The kinds of clauses that an offer's choices decide, in their order."""
    named = {clause["kind"] for row in offer.choices for clause in row["terms"]}
    return [kind for kind in KINDS if kind in named]


def chosen(offer: Offer, number: int | None) -> Choice:
    """The way that was chosen; Invalid where it must be said and is not, or does not exist."""
    found = {one.number: one for one in of(offer)}
    if number in found:
        return found[number]
    if number is None:
        raise Invalid(f"choose what you ask for: 1 to {len(found)}", code="choice_missing")
    if None in found:
        raise Invalid("this offer leaves nothing to choose", code="choice_unknown")
    raise Invalid(f"this offer has the choices 1 to {len(found)}; there is no {number}", code="choice_unknown")


def digest(offer: Offer, choice: Choice) -> str:
    """The SHA-256 over what a buyer who takes an offer this way reads and signs: all that it permits, and its price."""
    said: dict[str, Fact] = {
        "v": VERSION,
        "offer": str(offer.pk),
        "dataset": str(offer.dataset_id),
        "seller": str(offer.seller_id),
        "choice": choice.number,
        "terms": choice.terms,
        "plan": choice.plan,
    }
    return hashlib.sha256(canonical.encode(said)).hexdigest()


def least(found: Sequence[Choice]) -> Choice:
    """The one that costs least, the first of several."""
    return min(found, key=lambda one: _minor(plans.parse(one.plan)))


def _row(number: int, item: object) -> tuple[Terms, Plan]:
    if not isinstance(item, Mapping) or set(item) != {"terms", "plan"}:
        raise _invalid(f'choice {number} must be an object with "terms" and "plan"')
    try:
        own, plan = usage_terms.parse(item["terms"]), plans.parse(item["plan"])
    except Invalid as refusal:
        raise _of_choice(number, refusal) from None
    if plan.kind not in ("free", "one_off"):
        raise _invalid(f"choice {number}: a choice costs one price, or nothing; given {plan.kind}")
    if others := [kind for kind in _kinds(own) if kind not in KINDS]:
        raise _invalid(f"choice {number}: a price varies with {', '.join(KINDS)}; given {', '.join(others)}")
    return own, plan


def _whole(number: int, terms: Terms, own: Terms) -> Terms:
    try:
        return usage_terms.parse([*terms.to_list(), *own.to_list()])
    except Invalid as refusal:
        raise _of_choice(number, refusal) from None


def _require_one_currency(found: Sequence[Plan]) -> None:
    asked = [(number, plan.price) for number, plan in enumerate(found, start=1) if plan.price]
    for number, price in asked[1:]:
        first, before = asked[0]
        if price.currency != before.currency:
            raise _invalid(f"choices {first} and {number} are in different currencies")


def _require_reachable(terms: Sequence[Terms], found: Sequence[Plan]) -> None:
    """Nobody would take a choice that permits no more than another and costs no less."""
    for dearer, other in permutations(range(len(found)), 2):
        price = comparison.of_plans(found[dearer], found[other])
        weighed = [*comparison.compare(terms[dearer], terms[other]), price]
        if all(one.direction in _AS_GOOD for one in weighed):
            raise Invalid(
                f"choice {dearer + 1} can never be the right one: choice {other + 1} permits as much for no more",
                code="choice_unreachable",
                more={"choice": str(dearer + 1), "other_choice": str(other + 1)},
            )


def _of_choice(number: int, refusal: Invalid) -> Invalid:
    more = {**refusal.more, "choice": str(number)}
    return Invalid(f"choice {number}: {refusal.detail}", code=refusal.code, more=more)


def _invalid(detail: str) -> Invalid:
    return Invalid(detail, code="invalid_choices")


def _kinds(terms: Terms) -> list[str]:
    return [clause.kind for clause in terms.clauses]


def _place(clause: Mapping[str, Any]) -> int:
    return _ORDER.get(str(clause.get("kind")), len(_ORDER))


def _minor(plan: Plan) -> int:
    return plan.price.minor if plan.price else 0
