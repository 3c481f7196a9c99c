"""One form for what JSON-LD lets people write in many: bare, prefixed and full names, one item or a list of one,
plain and typed literals. Nothing is fetched; what has no place here is named and kept out."""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from contracts.clauses.declaration import Constraint
from contracts.clauses.parameters import shown

ODRL = "http://www.w3.org/ns/odrl/2/"
XSD = "http://www.w3.org/2001/XMLSchema#"
CONTEXTS = (
    "http://www.w3.org/ns/odrl.jsonld",
    "https://w3id.org/dspace/2025/1/context.jsonld",
    "https://w3id.org/dspace/2025/1/odrl-profile.jsonld",
)

_ALIASES = {"uid": "@id", "type": "@type"}
_DATATYPES = {
    "dateTime": "dateTime",
    "elapsedTime": "duration",
    "delayPeriod": "duration",
    "count": "integer",
    "absoluteSize": "integer",
}
_THINGS = {"purpose", "recipient", "event"}


def term(name: str) -> str:
    """A name of ODRL in its bare form; every other name as it is."""
    for prefix in (ODRL, "odrl:"):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def members(raw: object, path: str, known: Collection[str], unread: list[str]) -> dict[str, Any]:
    """The members of an object under their bare names; those not known are noted as unread."""
    if not isinstance(raw, Mapping):
        unread.append(f"{path}: {shown(raw)} is not an object")
        return {}
    found: dict[str, Any] = {}
    for key, value in raw.items():
        name = _ALIASES.get(term(str(key)), term(str(key)))
        if name not in known:
            unread.append(f"{path}.{_cut(name)}")
        elif name in found:
            unread.append(f"{path}.{_cut(name)}: said twice")
        else:
            found[name] = value
    return found


def items(value: object) -> list[Any]:
    """What is a list as it is, what is one item as a list of one, and nothing as an empty list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def identity(value: object, path: str, unread: list[str]) -> str | None:
    """The name or IRI that is given as text, as an object with an `@id` alone, or as a list of one of these."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Mapping) and set(value) == {"@id"}:
        value = value["@id"]
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        unread.extend(f"{path}.{_cut(key)}" for key in value if key not in {"@id", "rdf:value", "@value"})
    unread.append(f"{path}: {shown(value)}")
    return None


def constraint(raw: object, path: str, unread: list[str]) -> Constraint | None:
    """One constraint in its one form; None when a part of it was noted as unread."""
    before = len(unread)
    wanted = ("leftOperand", "operator", "rightOperand")
    found = members(raw, path, {"@type", *wanted}, unread)
    if found.get("@type", "Constraint") not in ("Constraint", "odrl:Constraint", f"{ODRL}Constraint"):
        unread.append(f"{path}.@type: {shown(found['@type'])}")
    if len(unread) == before:
        unread.extend(f"{path}: {name} is missing" for name in wanted if name not in found)
    if len(unread) > before:
        return None
    left = identity(found["leftOperand"], f"{path}.leftOperand", unread)
    operator = identity(found["operator"], f"{path}.operator", unread)
    if left is None or operator is None:
        return None
    right = _right(found["rightOperand"], term(left), f"{path}.rightOperand", unread)
    if len(unread) > before:
        return None
    return {"leftOperand": term(left), "operator": term(operator), "rightOperand": right}


def said(one: Constraint) -> str:
    """A constraint in short, for a message."""
    return f"{_cut(one['leftOperand'])} {_cut(one['operator'])} {shown(_plain(one['rightOperand']))}"


def key(one: Constraint) -> str:
    """The same text for constraints that say the same: a set has no order, and `eq` is a set of one."""
    operator, right = one["operator"], one["rightOperand"]
    if operator in ("eq", "isAnyOf") and (operator == "isAnyOf" or not isinstance(right, list)):
        operator, right = "isAnyOf", sorted(items(right), key=_text)
    return _text([one["leftOperand"], operator, right])


def depth(raw: object, *, at_most: int) -> int:
    """How deep lists and objects stand in each other, counted no further than one beyond the limit."""
    level, reached = [raw], 0
    while level and reached <= at_most:
        level = [inner for outer in level for inner in _inner(outer)]
        reached += bool(level)
    return reached


def size(raw: object, *, at_most: int) -> int:
    """How many values there are, counted no further than one beyond the limit."""
    waiting, counted = [raw], 0
    while waiting and counted <= at_most:
        counted += 1
        waiting.extend(_inner(waiting.pop()))
    return counted


def _right(raw: object, left: str, path: str, unread: list[str]) -> object:
    if isinstance(raw, list):
        return [_one(item, left, f"{path}[{number}]", unread) for number, item in enumerate(raw)]
    return _one(raw, left, path, unread)


def _one(raw: object, left: str, path: str, unread: list[str]) -> object:
    if isinstance(raw, str):
        return _of_text(raw, left)
    if type(raw) is int:
        return {"@value": str(raw), "@type": f"{XSD}integer"}
    if isinstance(raw, Mapping) and set(raw) == {"@id"} and isinstance(raw["@id"], str):
        return {"@id": _full(raw["@id"], "odrl:", ODRL)}
    if isinstance(raw, Mapping) and "@value" in raw and set(raw) <= {"@value", "@type"}:
        value, datatype = raw["@value"], raw.get("@type", f"{XSD}string")
        if isinstance(value, str | int) and not isinstance(value, bool) and isinstance(datatype, str):
            datatype = _full(datatype, "xsd:", XSD)
            if datatype == f"{XSD}string":
                return _of_text(str(value), left)
            return _literal(str(value), datatype)
    unread.append(f"{path}: {shown(raw)}")
    return None


def _of_text(text: str, left: str) -> object:
    if left in _THINGS:
        return {"@id": _full(text, "odrl:", ODRL)}
    return _literal(text, f"{XSD}{_DATATYPES[left]}") if left in _DATATYPES else text


def _literal(value: str, datatype: str) -> dict[str, str]:
    if datatype == f"{XSD}dateTime":
        value = _moment(value)
    return {"@value": value, "@type": datatype}


def _moment(text: str) -> str:
    """A moment in UTC where the text has a time zone; any other text as it is."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None or moment.microsecond:
            return text
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError):
        return text


def _full(name: str, prefix: str, base: str) -> str:
    return base + name.removeprefix(prefix) if name.startswith(prefix) else name


def _plain(operand: object) -> object:
    if isinstance(operand, list):
        return [_plain(item) for item in operand]
    if isinstance(operand, dict):
        return operand.get("@id", operand.get("@value"))
    return operand


def _inner(outer: object) -> Iterator[object]:
    if isinstance(outer, Mapping):
        yield from outer.values()
    elif isinstance(outer, list):
        yield from outer


def _cut(name: object) -> str:
    return shown(name)[1:-1] if isinstance(name, str) else shown(name)


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
