"""Search in Stripe's query language, as far as programs use it: clauses of equality, joined by AND. What is new is not
found at once."""

import re
from typing import Any

from tests.fakes.stripe.refusals import invalid
from tests.fakes.stripe.routes import Call

Json = dict[str, Any]
_CLAUSE = re.compile(
    r"""\s*(-?)(\w+)(?:\[["'](.+?)["']\])?\s*([:<>]=?)\s*(?:["'](.*?)["']|(\d+|null|true|false))\s*"""
)
_JOIN = re.compile(r"AND\b", re.IGNORECASE)


def search(call: Call, kind: str, names: tuple[str, ...]) -> Json:
    """The newest objects of this kind that every clause holds of."""
    clauses = _clauses(call.given["query"], names)
    world = call.world
    seen = [one for one in world.all(kind) if one["created"] + world.found_after_seconds <= world.now]
    found = [one for one in seen if all(_holds(one, *clause) for clause in clauses)]
    limit, start = call.given.get("limit", 10), int(call.given.get("page", 0))
    shown = found[start : start + limit]
    has_more = len(found) > start + limit
    answer = {"object": "search_result", "data": shown, "has_more": has_more, "url": call.path["url"]}
    return answer | {"next_page": str(start + limit) if has_more else None}


def _clauses(query: str, names: tuple[str, ...]) -> list[tuple[bool, str, str | None, str, str | int]]:
    found, rest = [], query
    while True:
        clause = _CLAUSE.match(rest)
        if clause is None:
            raise invalid("We were unable to parse your search query.", "query")
        negated, name, key, operator, text, bare = clause.groups()
        if name not in (*names, "metadata", "created"):
            raise invalid(f"Field `{name}` is an unsupported search field for this resource.", "query")
        found.append((bool(negated), name, key, operator, text if bare is None else _bare(bare)))
        rest = rest[clause.end() :]
        if not rest:
            return found
        join = _JOIN.match(rest)
        if join is None:
            raise invalid("We were unable to parse your search query.", "query")
        rest = rest[join.end() :]


def _bare(word: str) -> Any:
    return {"null": None, "true": True, "false": False}.get(word, int(word) if word.isdigit() else word)


def _holds(one: Json, negated: bool, name: str, key: str | None, operator: str, wanted: Any) -> bool:
    value = one[name].get(key) if key is not None else one.get(name)
    holds = {
        ":": lambda: value == wanted,
        ">": lambda: value > wanted,
        "<": lambda: value < wanted,
        ">=": lambda: value >= wanted,
        "<=": lambda: value <= wanted,
    }
    return bool(holds[operator]()) != negated
