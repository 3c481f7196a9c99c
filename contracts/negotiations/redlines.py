"""Single clauses changed, and the difference between two rounds: pure, from clause lists alone."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from contracts.clauses import LIBRARY
from contracts.clauses.parameters import shown
from contracts.terms import terms as usage_terms
from contracts.terms.terms import ClauseText, Language, Terms
from exchange.kernel.errors import Invalid

Status = Literal["added", "removed", "changed", "same"]
Mark = Literal["", "was", "now"]

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")
_MOST_TOKENS = 2_000


@dataclass(frozen=True)
class Part:
    """A run of words: in both sentences, only in the one that was, or only in the one that is now."""

    mark: Mark
    words: str


@dataclass(frozen=True)
class ClauseChange:
    """One clause before and after, as the contract's text has it; empty where it is not in the text."""

    kind: str
    status: Status
    before: str
    after: str
    standing: str
    parts: tuple[Part, ...]


def apply(terms: Terms, changes: object) -> Terms:
    """The terms with single clauses set or removed: `{"kind", "set": {parameters}}` or `{"kind", "remove": true}`.
    Invalid names the change, and what `parse` holds against the terms that come of it."""
    if not isinstance(changes, list | tuple) or not changes:
        raise _invalid(f"changes must be a list of one or more changes; given {shown(changes)}")
    if len(changes) > usage_terms.MOST_CLAUSES:
        raise _invalid(f"there may be {usage_terms.MOST_CLAUSES} changes at most; given {len(changes)}")
    clauses = {str(clause["kind"]): clause for clause in terms.to_list()}
    touched: set[str] = set()
    for number, change in enumerate(changes, start=1):
        kind = _kind(number, change)
        if kind in touched:
            raise _invalid(f"change {number} ({kind}): this clause is changed twice; say it once")
        touched.add(kind)
        _apply_one(number, kind, change, clauses)
    changed = usage_terms.parse(list(clauses.values()))
    if changed == terms:
        raise Invalid("these changes leave every clause as it is", code="empty_change")
    return changed


def difference(
    before: Terms, after: Terms, language: Language, *, names: Mapping[str, str] | None = None
) -> list[ClauseChange]:
    """Every clause of either text in the order of the contract, those that silence adds included."""
    was, now = _by_kind(before, language, names), _by_kind(after, language, names)
    wire_was, wire_now = _wire(before), _wire(after)
    kinds = list(now) + [kind for kind in was if kind not in now]
    order = {kind: place for place, kind in enumerate(LIBRARY)}
    kinds.sort(key=lambda kind: order.get(kind, -1 if kind == "use" else len(order)))
    return [
        _change(kind, was.get(kind), now.get(kind), is_same=wire_was.get(kind) == wire_now.get(kind))
        for kind in kinds
    ]


def marked(before: str, after: str) -> tuple[Part, ...]:
    """Both sentences as one run of words, what was and what is now marked."""
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    if max(len(old), len(new)) > _MOST_TOKENS:
        return (Part("was", before), Part("now", after))
    parts: list[Part] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(Part("", "".join(old[a:b])))
            continue
        parts += [Part("was", "".join(old[a:b]))] if b > a else []
        parts += [Part("now", "".join(new[c:d]))] if d > c else []
    return tuple(parts)


def _change(kind: str, was: ClauseText | None, now: ClauseText | None, *, is_same: bool) -> ClauseChange:
    before, after = was["text"] if was else "", now["text"] if now else ""
    standing = (now or was or {"standing": ""})["standing"]
    if was is None:
        return ClauseChange(kind, "added", before, after, standing, (Part("now", after),))
    if now is None:
        return ClauseChange(kind, "removed", before, after, standing, (Part("was", before),))
    if is_same and before == after:
        return ClauseChange(kind, "same", before, after, standing, (Part("", after),))
    return ClauseChange(kind, "changed", before, after, standing, marked(before, after))


def _by_kind(terms: Terms, language: Language, names: Mapping[str, str] | None) -> dict[str, ClauseText]:
    return {row["kind"]: row for row in usage_terms.text(terms, language, names=names)}


def _wire(terms: Terms) -> dict[str, dict[str, Any]]:
    return {str(clause["kind"]): clause for clause in terms.to_list()}


def _kind(number: int, change: object) -> str:
    if not isinstance(change, Mapping) or not isinstance(change.get("kind"), str):
        raise _invalid(f'change {number} must be an object with a "kind"; given {shown(change)}')
    kind = str(change["kind"])
    if kind not in LIBRARY:
        raise Invalid(
            f"change {number}: there is no kind {shown(kind)}; the kinds are {', '.join(LIBRARY)}",
            code="unknown_clause",
        )
    return kind


def _apply_one(
    number: int, kind: str, change: Mapping[str, object], clauses: dict[str, dict[str, Any]]
) -> None:
    does = set(change) - {"kind"}
    if does == {"remove"} and change["remove"] is True:
        if kind not in clauses:
            raise _invalid(f"change {number} ({kind}): there is no such clause to remove")
        del clauses[kind]
        return
    given: object = change.get("set")
    if does == {"set"} and isinstance(given, Mapping) and "kind" not in given:
        clauses[kind] = {"kind": kind, **given}
        return
    raise _invalid(
        f'change {number} ({kind}) must have either "set", an object of the clause\'s parameters, or "remove": true'
    )


def _invalid(detail: str) -> Invalid:
    return Invalid(detail, code="invalid_change")
