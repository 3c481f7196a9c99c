"""What a kind of clause reads its parameters back from: pieces of an ODRL policy. A reader may be generous, because
what it reads is written again and held against the policy."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from contracts.clauses.declaration import Clause, Constraint, Raw, Rule, Rules
from contracts.clauses.parameters import Value

Reader: TypeAlias = Callable[[Rules], Raw | None]
Turn: TypeAlias = Callable[[object], object]
"""Makes a parameter of an operand. What it cannot turn it gives back, for the parameter to refuse."""

_DAYS = re.compile(r"P([1-9][0-9]{0,6})D")


def among(left: str, items: Sequence[object]) -> Constraint:
    """The constraint that one of these items must hold."""
    return {"leftOperand": left, "operator": "isAnyOf", "rightOperand": list(items)}


def any_of(left: str, turn: Turn | None = None) -> Reader:
    """The reader of a kind that is one gate `left isAnyOf …`, or `left eq …` for one operand; `turn` makes an item of
    each operand."""

    def read(rules: Rules) -> Raw | None:
        named = (right(rules.gate, left, operator) for operator in ("isAnyOf", "eq"))
        operand = next((one for one in named if one is not None), None)
        if operand is None:
            return None
        items = operand if isinstance(operand, list) else [operand]
        return {"any_of": [turn(item) if turn else item for item in items]}

    return read


def gated(name: str, left: str, operator: str, turn: Turn) -> Reader:
    """The reader of a kind that is one gate with one operand."""
    return lambda rules: _named(name, right(rules.gate, left, operator), turn)


def barred(name: str, action: str, left: str, operator: str, turn: Turn) -> Reader:
    """The reader of a kind that prohibits an action under one constraint."""
    return lambda rules: _named(name, bound(rules.prohibitions, action, left, operator), turn)


def obliged(name: str, action: str, left: str, operator: str, turn: Turn) -> Reader:
    """The reader of a kind that obliges to an action under a constraint."""
    return lambda rules: _named(name, bound(rules.obligations, action, left, operator), turn)


def granted(action: str) -> Reader:
    """The reader of a kind that permits or prohibits one action."""

    def read(rules: Rules) -> Raw | None:
        if rule(rules.permissions, action) is not None:
            return {"allowed": True}
        return {"allowed": False} if rule(rules.prohibitions, action) is not None else None

    return read


def spelt(clause: Clause, lefts: Mapping[str, str]) -> list[Constraint]:
    """A constraint for each of these parameters that the clause has, under the left operand that names it."""
    given = dict(clause.values)
    return [_spell(left, given[name]) for name, left in lefts.items() if name in given]


def spelt_in(about: Rule, lefts: Mapping[str, str]) -> dict[str, object]:
    """The parameters that the constraints of a rule spell."""
    found = {}
    for name, left in lefts.items():
        for constraint in about.get("constraint", []):
            if constraint["leftOperand"] == left:
                operand = constraint["rightOperand"]
                is_list = constraint["operator"] == "isAnyOf" and not isinstance(operand, list)
                found[name] = [operand] if is_list else whole(operand) if isinstance(operand, dict) else operand
    return found


def _spell(left: str, value: Value) -> Constraint:
    if isinstance(value, tuple):
        return among(left, value)
    right: object = value
    if isinstance(value, int):
        right = {"@value": str(value), "@type": "http://www.w3.org/2001/XMLSchema#integer"}
    return {"leftOperand": left, "operator": "eq", "rightOperand": right}


def rule(rules: Iterable[Rule], action: str) -> Rule | None:
    """The first rule about the action."""
    return next((one for one in rules if one["action"] == action), None)


def right(constraints: Iterable[Constraint], left: str, operator: str) -> object:
    """The right operand of the first such constraint; None when there is none."""
    wanted = (left, operator)
    found = (one["rightOperand"] for one in constraints if (one["leftOperand"], one["operator"]) == wanted)
    return next(found, None)


def bound(rules: Iterable[Rule], action: str, left: str, operator: str) -> object:
    """The right operand of the first such constraint on a rule about the action; None when there is none."""
    about = (right(one.get("constraint", []), left, operator) for one in rules if one["action"] == action)
    return next((operand for operand in about if operand is not None), None)


def literal(operand: object) -> object:
    """The text of a literal."""
    return operand.get("@value", operand) if isinstance(operand, dict) else operand


def whole(operand: object) -> object:
    """The number that a literal writes."""
    text = literal(operand)
    is_number = isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 16
    return int(str(text)) if is_number else operand


def days(operand: object) -> object:
    """The days of a period such as P30D."""
    text = literal(operand)
    found = _DAYS.fullmatch(text) if isinstance(text, str) else None
    return int(found[1]) if found else operand


def day_before(operand: object) -> object:
    """The last whole day before a moment."""
    text = literal(operand)
    try:
        return (datetime.fromisoformat(str(text)) - timedelta(days=1)).date().isoformat()
    except (ValueError, OverflowError):
        return operand


def iri(operand: object) -> object:
    """The IRI of a thing, a bare UUID when it is one."""
    found = operand.get("@id", operand) if isinstance(operand, dict) else operand
    return found.removeprefix("urn:uuid:") if isinstance(found, str) else found


def _named(name: str, operand: object, turn: Turn) -> Raw | None:
    return None if operand is None else {name: turn(operand)}
