"""When a rule of a policy is active for what somebody asks to do. Three answers: yes, no, and None where the world
does not say; what this does not know of ODRL is refused, never passed over."""

import operator
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from contracts.clauses.access import OWN
from contracts.clauses.declaration import Constraint
from contracts.clauses.pieces import days
from contracts.odrl import names
from exchange.kernel.errors import Invalid

Known: TypeAlias = Container[str] | int | timedelta | datetime | None
"""What the world says of a left operand: all that it is, or how much; None is "not known"."""

_USES = {"aggregate", "derive", "distribute", "read", "reproduce", "use", "write"}
_TRANSFERS = {"give", "sell", "transfer"}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "neq": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
}
_MEMBERSHIPS = {"eq", "isA", "isAnyOf"}


@dataclass(frozen=True)
class Asked:
    """What somebody asks to do, and with what."""

    action: str
    party: str
    target: str


@dataclass(frozen=True)
class World:
    """The state of the world: the time, who or what is part of which collection, and what else is known."""

    now: datetime
    part_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    known: Mapping[str, Known] = field(default_factory=dict)


def is_active(rule: object, asked: Asked, world: World) -> bool | None:
    """Whether a permission or prohibition is about what is asked, and its constraints hold. Invalid names what it
    cannot decide by; the constraints of a rule about something else decide nothing."""
    unread: list[str] = []
    known = {"@id", "@type", "action", "assigner", "assignee", "target", "constraint"}
    given = names.members(rule, "rule", known, unread)
    action = names.identity(given["action"], "rule.action", unread) if "action" in given else None
    about = [
        action is None or _includes(names.term(action), names.term(asked.action)),
        _is_or_is_part(given, "assignee", asked.party, world, unread),
        _is_or_is_part(given, "target", asked.target, world, unread),
    ]
    constraints = [] if False in about else names.items(given.get("constraint"))
    holds = [_holds(one, f"rule.constraint[{n}]", world, unread) for n, one in enumerate(constraints)]
    if unread:
        raise Invalid(f"This rule cannot be decided: {'; '.join(unread)}.", code="unsupported_odrl")
    return _all([*about, *holds])


def permits(policy: Mapping[str, Any], asked: Asked, world: World) -> bool:
    """Whether a policy under which prohibitions win permits what is asked; what the world does not say permits
    nothing."""
    permissions = [is_active(rule, asked, world) for rule in names.items(policy.get("permission"))]
    prohibitions = [is_active(rule, asked, world) for rule in names.items(policy.get("prohibition"))]
    return True in permissions and all(active is False for active in prohibitions)


def _includes(action: str, asked: str) -> bool:
    for name in (action, asked):
        if name not in _USES | _TRANSFERS and not name.startswith(OWN):
            raise Invalid(f"There is no action {name}.", code="unsupported_odrl")
    if action == "use":
        return asked in _USES or asked.startswith(OWN)
    return action == asked or (action == "transfer" and asked in _TRANSFERS)


def _is_or_is_part(given: Mapping[str, Any], name: str, asked: str, world: World, unread: list[str]) -> bool:
    if name not in given:
        return True
    whole = names.identity(given[name], f"rule.{name}", unread)
    return whole == asked or whole in world.part_of.get(asked, ())


def _holds(raw: object, path: str, world: World, unread: list[str]) -> bool | None:
    for connective, answer in (("and", _all), ("or", _any)):
        if isinstance(raw, Mapping) and {names.term(str(key)) for key in raw} - {"@type", "@id"} == {
            connective
        }:
            inner = next(value for key, value in raw.items() if names.term(str(key)) == connective)
            several = enumerate(names.items(inner))
            return answer([_holds(one, f"{path}.{connective}[{n}]", world, unread) for n, one in several])
    constraint = names.constraint(raw, path, unread)
    return None if constraint is None else _compare(constraint, path, world, unread)


def _compare(constraint: Constraint, path: str, world: World, unread: list[str]) -> bool | None:
    left, compared, right = constraint["leftOperand"], constraint["operator"], constraint["rightOperand"]
    if left != "dateTime" and left not in world.known:
        unread.append(f"{path}: {names.said(constraint)}")
        return None
    known = world.now if left == "dateTime" else world.known[left]
    if known is None:
        return None
    if isinstance(known, int | timedelta | datetime):
        bound = _measure(right, known)
        if bound is not None and compared in _ORDERS:
            return _ORDERS[compared](known, bound)
    elif compared in _MEMBERSHIPS:
        return any(_word(item) in known for item in names.items(right))
    unread.append(f"{path}: {names.said(constraint)}")
    return None


def _measure(right: object, known: int | timedelta | datetime) -> int | timedelta | datetime | None:
    """The operand as what it is compared with; None when it is no such thing."""
    text = right["@value"] if isinstance(right, dict) and "@value" in right else ""
    try:
        if isinstance(known, datetime):
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo is not None else None
        if isinstance(known, timedelta):
            period = days(right)
            return timedelta(days=period) if isinstance(period, int) else None
        return int(text)
    except (ValueError, OverflowError):
        return None


def _word(item: object) -> str:
    return str(item.get("@id", item.get("@value"))) if isinstance(item, dict) else str(item)


def _all(answers: list[bool | None]) -> bool | None:
    return False if False in answers else None if None in answers else True


def _any(answers: list[bool | None]) -> bool | None:
    return True if True in answers else None if None in answers else False
