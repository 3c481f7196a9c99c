"""A policy in ODRL read as terms. What a clause reads is written again and held against the policy, and what no
clause has read is refused by name: nothing is dropped, and nothing is guessed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from contracts.clauses import LIBRARY
from contracts.clauses.declaration import Clause, Constraint, Declaration, Rule, Rules
from contracts.clauses.parameters import shown
from contracts.odrl import names
from contracts.odrl.policies import DECLARED_PURPOSE, PROFILE
from contracts.terms import terms
from contracts.terms.terms import Terms
from exchange.kernel.errors import Invalid

MOST_RULES = 500
MOST_VALUES = 50_000
DEEPEST = 12

_PARTS = ("permission", "prohibition", "obligation")
_TYPES = {
    "policy": {"Offer", "Agreement", "Set", "Policy"},
    "permission": {"Permission"},
    "prohibition": {"Prohibition"},
    "obligation": {"Duty"},
}
_PARTIES = ("assigner", "assignee", "target")
_NAMED_AT_MOST = 20
_SILENT_PURPOSE = ("gate", names.key(DECLARED_PURPOSE))


@dataclass(frozen=True)
class Reading:
    """What a policy says: its terms, and beside them whose it is and about what, where it says so."""

    terms: Terms
    uid: str | None
    assigner: str | None
    assignee: str | None
    target: str | None


@dataclass
class _Found:
    """The pieces of a policy that wait to be read, each with its place, and what was found unreadable."""

    pieces: dict[tuple[str, ...], str] = field(default_factory=dict)
    rules: dict[str, list[Rule]] = field(default_factory=lambda: {part: [] for part in _PARTS})
    gate: list[Constraint] = field(default_factory=list)
    parties: dict[str, str | None] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def put(self, piece: tuple[str, ...], place: str) -> None:
        """Let a piece wait to be read; the same one cannot be said twice."""
        if piece in self.pieces:
            self.unread.append(f"{place} (said twice)")
        self.pieces.setdefault(piece, place)


def read(policy: object) -> Reading:
    """The terms that a policy says. Invalid names every part of it that no clause can say."""
    _refuse_too_much(policy)
    found = _Found()
    known = {"@context", "@type", "@id", "profile", "conflict", *_PARTIES, *_PARTS}
    whole = names.members(policy, "policy", known, found.unread)
    _read_frame(whole, found)
    _read_rules(whole, found)
    clauses = [clause for declaration in LIBRARY.values() if (clause := _claimed(declaration, found))]
    if all(clause.kind != "purpose" for clause in clauses):
        found.pieces.pop(_SILENT_PURPOSE, None)
    _refuse_unread([*found.unread, *found.pieces.values()])
    return Reading(
        terms=terms.parse(plain(Terms(tuple(clauses))).to_list()),
        uid=found.parties.get("@id"),
        assigner=found.parties.get("assigner"),
        assignee=found.parties.get("assignee"),
        target=found.parties.get("target"),
    )


def read_offer(policy: object, *, seller_id: UUID, dataset_id: UUID) -> Terms:
    """The terms that a policy says for an offer of this dataset. Invalid, too, where it names another dataset or
    another assigner, or an assignee: an offer's audience is given beside its terms. Its own id is not kept."""
    found = read(policy)
    unread = [
        f"{name}: {shown(given)}, and not {shown(f'urn:uuid:{ours}')}"
        for name, given, ours in (
            ("assigner", found.assigner, seller_id),
            ("target", found.target, dataset_id),
        )
        if given is not None and given.lower() != f"urn:uuid:{ours}"
    ]
    if found.assignee is not None:
        unread.append(f"assignee: {shown(found.assignee)}")
    _refuse_unread(unread)
    return found.terms


def plain(usage: Terms) -> Terms:
    """The same terms without the clauses that silence says too: these alone come back from ODRL."""
    return Terms(tuple(one for one in usage.clauses if one != LIBRARY[one.kind].when_silent))


def _refuse_too_much(policy: object) -> None:
    if not isinstance(policy, Mapping):
        raise Invalid(f"A policy is a JSON object; given {shown(policy)}.", code="unsupported_odrl")
    if names.depth(policy, at_most=DEEPEST) > DEEPEST:
        raise Invalid(f"A policy is {DEEPEST} levels deep at most.", code="unsupported_odrl")
    if names.size(policy, at_most=MOST_VALUES) > MOST_VALUES:
        raise Invalid(f"A policy has {MOST_VALUES:,} values at most.", code="unsupported_odrl")
    rules = sum(len(value) for value in policy.values() if isinstance(value, list))
    if rules > MOST_RULES:
        raise Invalid(f"A policy has {MOST_RULES} rules at most; given {rules}.", code="unsupported_odrl")


def _refuse_unread(unread: list[str]) -> None:
    if unread:
        more = len(unread) - _NAMED_AT_MOST
        listed = "; ".join(unread[:_NAMED_AT_MOST]) + (f"; and {more} more" if more > 0 else "")
        raise Invalid(
            f"No clause says these parts of the policy, and none may be lost: {listed}.",
            code="unsupported_odrl",
        )


def _read_frame(whole: Mapping[str, Any], found: _Found) -> None:
    for number, context in enumerate(names.items(whole.get("@context"))):
        if context not in names.CONTEXTS and context != {"odrl": names.ODRL}:
            found.unread.append(f"@context[{number}]: {shown(context)}")
    _check_type(whole, "policy", "", found)
    if "conflict" in whole:
        strategy = names.identity(whole["conflict"], "conflict", found.unread)
        if strategy is not None and names.term(strategy) != "prohibit":
            found.unread.append(f"conflict: {shown(strategy)}")
    elif whole.get("prohibition"):
        found.unread.append('conflict: it must be "prohibit" where a prohibition limits what is permitted')
    for number, profile in enumerate(names.items(whole.get("profile"))):
        iri = names.identity(profile, f"profile[{number}]", found.unread)
        if iri is not None and iri != PROFILE:
            found.unread.append(f"profile[{number}]: {shown(iri)}")
    for name in ("@id", *_PARTIES):
        if name in whole:
            found.parties[name] = names.identity(whole[name], name, found.unread)


def _read_rules(whole: Mapping[str, Any], found: _Found) -> None:
    rules: dict[str, list[tuple[str, Rule]]] = {part: [] for part in _PARTS}
    targets: dict[str, str | None] = {}
    for part in _PARTS:
        for number, raw in enumerate(names.items(whole.get(part))):
            place = f"{part}[{number}]"
            if (rule := _rule(raw, part, place, targets, found)) is not None:
                rules[part].append((place, rule))
    _read_target(targets, found)
    uses = [(place, rule) for place, rule in rules["permission"] if rule["action"] == "use"]
    if not uses:
        found.unread.append('permission: none permits the action "use"')
    else:
        use_place, use = uses[0]
        for number, constraint in enumerate(use["constraint"]):
            found.put(
                ("gate", names.key(constraint)), f"{use_place}.constraint[{number}]: {names.said(constraint)}"
            )
        found.gate = use["constraint"]
        rules["permission"].remove(uses[0])
    for part in _PARTS:
        for place, rule in rules[part]:
            own = _without_gate(rule, place, found) if part == "permission" else rule
            found.rules[part].append(own)
            found.put(_piece(part, own), f"{place}: {_said(own)}")


def _rule(raw: object, part: str, place: str, targets: dict[str, str | None], found: _Found) -> Rule | None:
    before = len(found.unread)
    given = names.members(raw, place, {"@type", "action", "constraint", *_PARTIES}, found.unread)
    _check_type(given, part, f"{place}.", found)
    for name in ("assigner", "assignee"):
        if name in given:
            party = names.identity(given[name], f"{place}.{name}", found.unread)
            if party is not None and party != found.parties.get(name):
                found.unread.append(f"{place}.{name}: {shown(party)}, and not the policy's")
    targets[place] = (
        names.identity(given["target"], f"{place}.target", found.unread) if "target" in given else None
    )
    action = None
    if "action" in given:
        action = names.identity(given["action"], f"{place}.action", found.unread)
    elif len(found.unread) == before:
        found.unread.append(f"{place}: action is missing")
    constraints = [
        names.constraint(one, f"{place}.constraint[{number}]", found.unread)
        for number, one in enumerate(names.items(given.get("constraint")))
    ]
    if action is None:
        return None
    return {"action": names.term(action), "constraint": [one for one in constraints if one is not None]}


def _check_type(given: Mapping[str, Any], what: str, path: str, found: _Found) -> None:
    if "@type" in given:
        name = names.identity(given["@type"], f"{path}@type", found.unread)
        if name is not None and names.term(name) not in _TYPES[what]:
            found.unread.append(f"{path}@type: {shown(name)}")


def _read_target(targets: Mapping[str, str | None], found: _Found) -> None:
    """One target for all: the policy's own, or the same on each rule."""
    whose = found.parties.get("target")
    common = whose or next((target for target in targets.values() if target is not None), None)
    for place, target in targets.items():
        if target is None and whose is None and common is not None:
            found.unread.append(f"{place}: target is missing")
        elif target is not None and target != common:
            found.unread.append(f"{place}.target: {shown(target)}, and not {shown(common)}")
    found.parties["target"] = common


def _without_gate(rule: Rule, place: str, found: _Found) -> Rule:
    """A permission's own constraints; those that bind the use bind every other permission too."""
    own = [(names.key(one), one) for one in rule["constraint"]]
    for bound in found.gate:
        same = next((pair for pair in own if pair[0] == names.key(bound)), None)
        if same is None:
            found.unread.append(f"{place}: it is not bound by {names.said(bound)}, as the use is")
        else:
            own.remove(same)
    return {"action": rule["action"], "constraint": [one for _, one in own]}


def _claimed(declaration: Declaration, found: _Found) -> Clause | None:
    """The clause of this kind that the policy says: all that it would write was found, and is now read."""
    raw = declaration.reads(
        Rules(
            gate=tuple(found.gate),
            permissions=tuple(found.rules["permission"]),
            prohibitions=tuple(found.rules["prohibition"]),
            obligations=tuple(found.rules["obligation"]),
        )
    )
    read = terms.thaw([{"kind": declaration.kind, **raw}]).clauses if raw is not None else ()
    for clause in (*read, declaration.when_silent):
        if clause is None or clause.kind not in LIBRARY:
            continue
        pieces = set(_pieces(declaration.rules(clause)))
        if pieces <= found.pieces.keys():
            for piece in pieces:
                del found.pieces[piece]
            return clause
    return None


def _pieces(rules: Rules) -> Iterator[tuple[str, ...]]:
    """The pieces of which these rules consist, in their one form."""
    for constraint in rules.gate:
        yield "gate", names.key(_normal(constraint))
    for part, several in zip(_PARTS, (rules.permissions, rules.prohibitions, rules.obligations), strict=True):
        for rule in several:
            own = [_normal(constraint) for constraint in rule.get("constraint", [])]
            yield _piece(part, {"action": names.term(rule["action"]), "constraint": own})


def _normal(constraint: Constraint) -> Constraint:
    unread: list[str] = []
    normal = names.constraint(constraint, "", unread)
    if normal is None:
        raise ValueError(f"a clause writes what cannot be read: {'; '.join(unread)}")
    return normal


def _piece(part: str, rule: Rule) -> tuple[str, ...]:
    return part, rule["action"], *sorted(names.key(one) for one in rule["constraint"])


def _said(rule: Rule) -> str:
    bounds = ", ".join(names.said(one) for one in rule["constraint"])
    action = shown(rule["action"])
    return f"action {action} where {bounds}" if bounds else f"action {action}"
