"""Terms written as an ODRL 2.2 policy in JSON-LD. What silence adds is written too, so that a policy says all
that the text says."""

from typing import Any, Literal
from uuid import UUID

from contracts.clauses import LIBRARY
from contracts.clauses.access import OWN
from contracts.clauses.declaration import Constraint, Rule, Rules
from contracts.terms.terms import Terms, in_force

CONTEXT = "http://www.w3.org/ns/odrl.jsonld"
PROFILE = "urn:comptoir:odrl:1"
DECLARED_PURPOSE: Constraint = {
    "leftOperand": "purpose",
    "operator": "isA",
    "rightOperand": {"@id": f"{OWN}declaredPurpose"},
}
"""What terms that name no purpose say of it: the one that the buyer declares, and no other."""


def written(terms: Terms, *, uid: str, assigner: str, assignee: str | None, target: str) -> dict[str, Any]:
    """The terms as an ODRL 2.2 policy in JSON-LD: an Agreement when there is an assignee, else an Offer.

    An Offer carries its target in each rule, because the Dataspace Protocol allows none on the policy itself.
    """
    clauses = in_force(terms)
    rules = [LIBRARY[clause.kind].rules(clause) for clause in clauses]
    if all(clause.kind != "purpose" for clause in clauses):
        rules.insert(0, Rules(gate=(DECLARED_PURPOSE,)))
    gate = [constraint for rule in rules for constraint in rule.gate]
    use: Rule = {"action": "use"}
    aimed: Rule = {} if assignee else {"target": target}
    policy: dict[str, Any] = {
        "@context": [CONTEXT],
        "@type": "Agreement" if assignee else "Offer",
        "@id": uid,
        "profile": PROFILE,
        "conflict": "prohibit",
        "assigner": assigner,
    }
    if assignee:
        policy |= {"assignee": assignee, "target": target}
    permissions = (use, *_each(rules, "permissions"))
    policy["permission"] = [_bound(rule, gate) | aimed for rule in permissions]
    if prohibitions := _each(rules, "prohibitions"):
        policy["prohibition"] = [rule | aimed for rule in prohibitions]
    if obligations := _each(rules, "obligations"):
        policy["obligation"] = [rule | aimed for rule in obligations]
    return policy


def offered(terms: Terms, *, offer_id: UUID, seller_id: UUID, dataset_id: UUID) -> dict[str, Any]:
    """The policy of an offer: nobody's yet, and about the dataset."""
    return written(
        terms,
        uid=f"urn:uuid:{offer_id}",
        assigner=f"urn:uuid:{seller_id}",
        assignee=None,
        target=f"urn:uuid:{dataset_id}",
    )


def _each(rules: list[Rules], field: Literal["permissions", "prohibitions", "obligations"]) -> tuple[Rule, ...]:
    return tuple(rule for several in rules for rule in getattr(several, field))


def _bound(rule: Rule, gate: list[dict[str, Any]]) -> Rule:
    constraints = [*gate, *rule.get("constraint", [])]
    return {"action": rule["action"]} | ({"constraint": constraints} if constraints else {})
