"""Whether new terms and a new price are better or worse for a buyer, clause by clause. Pure and total: a change that no
rule here can weigh counts as worse, so nothing gets worse in silence."""

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from contracts.clauses import LIBRARY, purposes
from contracts.clauses.declaration import Clause
from contracts.terms.terms import Terms
from payments.plans.plans import Plan
from payments.plans.refund_policies import KINDS as REFUNDS
from payments.plans.refund_policies import Policy

PRICE = "price"


class Direction(StrEnum):
    """What a change means for the buyer; `other` where neither side of it permits all that the other does."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    OTHER = "other"


@dataclass(frozen=True)
class Change:
    """One clause, or the price, before and after; None where there is no such clause."""

    kind: str
    before: Clause | Plan | None
    after: Clause | Plan | None
    direction: Direction


Rule: TypeAlias = Callable[[Clause, Clause], Direction]


@dataclass(frozen=True)
class Weight:
    """How changes of one kind weigh: of its parameters, and of a clause that comes or goes."""

    rule: Rule
    added: Direction = Direction.WORSE
    removed: Direction = Direction.BETTER


def compare(before: Terms, after: Terms) -> list[Change]:
    """Every kind of clause in either terms, in the order of the library; what silence says counts as said."""
    was, now = _by_kind(before), _by_kind(after)
    order = {kind: place for place, kind in enumerate(LIBRARY)}
    kinds = sorted({*was, *now}, key=lambda kind: (order.get(kind, len(order)), kind))
    return [_change(kind, was.get(kind), now.get(kind)) for kind in kinds]


def of_plans(before: Plan, after: Plan) -> Change:
    """The price before and after; another currency is worse, since rates are not ours to know, and what is paid in
    another way cannot be weighed."""
    if replace(before, refund=None) == replace(after, refund=None):
        direction = Direction.SAME
    elif after.is_free or before.is_free:
        direction = Direction.BETTER if after.is_free else Direction.WORSE
    elif before.price is None or after.price is None or _unpriced(before) != _unpriced(after):
        direction = Direction.OTHER
    elif before.price.currency != after.price.currency:
        direction = Direction.WORSE
    else:
        direction = _less(before.price.minor, after.price.minor)
    if not (before.is_free or after.is_free):
        direction = _together((direction, _given_back(before.refund, after.refund)))
    return Change(PRICE, before, after, direction)


def worse(changes: Iterable[Change]) -> tuple[str, ...]:
    """The kinds that need the buyer's consent."""
    return tuple(one.kind for one in changes if one.direction in (Direction.WORSE, Direction.OTHER))


def _unpriced(plan: Plan) -> Plan:
    """How a plan is paid, whatever it costs and whatever may be asked back."""
    return replace(plan, price=None, refund=None)


def _given_back(before: Policy | None, after: Policy | None) -> Direction:
    """What may be asked back; what the exchange has where a plan is silent is not ours to know."""
    if before == after:
        return Direction.SAME
    if before is None or after is None:
        return Direction.OTHER
    kinds = _more(REFUNDS.index(before.kind), REFUNDS.index(after.kind))
    return _together((kinds, _more(before.window_days, after.window_days)))


def _by_kind(terms: Terms) -> dict[str, Clause]:
    silent = {one.kind: one.when_silent for one in LIBRARY.values() if one.when_silent is not None}
    return silent | {clause.kind: clause for clause in terms.clauses}


def _change(kind: str, before: Clause | None, after: Clause | None) -> Change:
    weight = _WEIGHTS.get(kind)
    if before == after:
        direction = Direction.SAME if kind in LIBRARY else Direction.OTHER
    elif weight is None:
        direction = Direction.OTHER
    elif before is None or after is None:
        direction = weight.added if before is None else weight.removed
    else:
        try:
            direction = weight.rule(before, after)
        except (TypeError, ValueError):  # a clause that this version reads otherwise
            direction = Direction.OTHER
    return Change(kind, before, after, direction)


def _more(before: int, after: int) -> Direction:
    if before == after:
        return Direction.SAME
    return Direction.BETTER if after > before else Direction.WORSE


def _less(before: int, after: int) -> Direction:
    return _more(after, before)


def _together(directions: Sequence[Direction]) -> Direction:
    """Several parameters of one clause: one that is worse is not made good by another."""
    told = set(directions) - {Direction.SAME}
    if len(told) > 1:
        return Direction.OTHER
    return told.pop() if told else Direction.SAME


def _covering(before: Iterable[str], after: Iterable[str], covers: Callable[[str, str], bool]) -> Direction:
    """Two lists of what is permitted, where one item may permit another."""
    was, now = tuple(before), tuple(after)
    keeps = all(any(covers(new, old) for new in now) for old in was)
    adds_nothing = all(any(covers(old, new) for old in was) for new in now)
    if keeps and adds_nothing:
        return Direction.SAME
    if keeps:
        return Direction.BETTER
    return Direction.WORSE if adds_nothing else Direction.OTHER


def _list(covers: Callable[[str, str], bool] = str.__eq__) -> Rule:
    return lambda before, after: _covering(before.several("any_of"), after.several("any_of"), covers)


def _contains(wide: str, narrow: str) -> bool:
    outer, inner = ipaddress.ip_network(wide), ipaddress.ip_network(narrow)
    if isinstance(outer, ipaddress.IPv4Network) and isinstance(inner, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(outer, ipaddress.IPv6Network) and isinstance(inner, ipaddress.IPv6Network):
        return inner.subnet_of(outer)
    return False


def _number(name: str, direction: Callable[[int, int], Direction] = _more) -> Rule:
    return lambda before, after: direction(before.number(name), after.number(name))


def _ranked(name: str, *words: str) -> Rule:
    return lambda before, after: _more(words.index(before.words(name)), words.index(after.words(name)))


def _flag(before: Clause, after: Clause) -> Direction:
    return _more(before.flag("allowed"), after.flag("allowed"))


def _later(before: Clause, after: Clause) -> Direction:
    was, now = before.words("on"), after.words("on")  # written YYYY-MM-DD, so text sorts as days do
    return Direction.BETTER if now > was else Direction.WORSE


def _unlike(before: Clause, after: Clause) -> Direction:
    return Direction.OTHER


def _checked_places(before: Clause, after: Clause) -> Direction:
    if before.flag("is_checked") != after.flag("is_checked"):
        return Direction.OTHER
    return _list()(before, after)


def _derived(before: Clause, after: Clause) -> Direction:
    allowed = _ranked("allowed", "no", "internal", "yes")(before, after)
    if before.has("licence") and after.has("licence") and before.words("licence") != after.words("licence"):
        return Direction.OTHER
    return _together((allowed, _less(before.has("licence"), after.has("licence"))))


def _processors(before: Clause, after: Clause) -> Direction:
    allowed = _ranked("allowed", "none", "named", "any")(before, after)
    if allowed == Direction.SAME and before.words("allowed") == "named":
        return _covering(before.several("names"), after.several("names"), str.__eq__)
    return allowed


def _volume(before: Clause, after: Clause) -> Direction:
    """Where no number is given, there is no limit."""
    return _together([_more(_most(name, before), _most(name, after)) for name in ("rows", "bytes")])


def _most(name: str, clause: Clause) -> int:
    return clause.number(name) if clause.has(name) else 2**53


def _secrecy(before: Clause, after: Clause) -> Direction:
    """A duty without years has no end."""
    if before.has("years") and after.has("years"):
        return _less(before.number("years"), after.number("years"))
    return _more(before.has("years"), after.has("years"))


def _audit(before: Clause, after: Clause) -> Direction:
    notice = _number("notice_days")(before, after)
    return _together((notice, _number("times_a_year", _less)(before, after)))


def _warranty(before: Clause, after: Clause) -> Direction:
    return _together([_number(name)(before, after) for name in ("rows_percent", "filled_percent")])


_WEIGHTS: Mapping[str, Weight] = {
    "purpose": Weight(_list(purposes.covers)),
    "country": Weight(_list()),
    "recipients": Weight(_list()),
    "addresses": Weight(_list(_contains)),
    "end_date": Weight(_later),
    "duration": Weight(_number("days")),
    "copies": Weight(_number("max")),
    "volume": Weight(_volume),
    "combination": Weight(_flag),
    "model_training": Weight(_ranked("allowed", "no", "non_commercial", "yes")),
    "publication": Weight(_flag),
    "redistribution": Weight(_flag),
    "attribution": Weight(_unlike),
    "deletion": Weight(_number("days")),
    "sector": Weight(_list()),
    "use_country": Weight(_list()),
    "address_country": Weight(_checked_places),
    "affiliates": Weight(_list()),
    "hours": Weight(_unlike),
    "delivery": Weight(_list()),
    "derived_works": Weight(_derived),
    "sub_processors": Weight(_processors),
    "confidentiality": Weight(_secrecy),
    "audit": Weight(_audit),
    "licence": Weight(_unlike),
    "warranty": Weight(_warranty, added=Direction.BETTER, removed=Direction.WORSE),
}
"""Kinds that are not here (revisions, liability, governing_law, and new ones) count as `other` wherever they differ."""
