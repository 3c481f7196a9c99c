"""When a download may be answered by a short link to storage instead of by its bytes. Only where nothing is lost by it
that was promised: what the gateway does not send it cannot count, stop, or keep to an address."""

from contracts.terms import terms as usage_terms
from contracts.terms.terms import Terms
from contracts.tokens.bindings import Binding
from contracts.transfers.admission import Case
from contracts.transfers.ranges import Plan, Wish
from datasets import datasets

_KEPT_BY_GATEWAY = frozenset({"address", "address_country", "copies_used", "bytes_taken", "rows_taken"})
"""Facts that nobody could hold a clause to once a link is given."""


def is_due(case: Case, wish: Wish, plan: Plan, binding: Binding) -> bool:
    """Whether this answer is a link: the seller chose it for data without anything personal, the whole file is asked
    for, and neither the terms nor the token set a limit that only the gateway can keep. Parts come from the gateway,
    because storage's log does not say which part it sent."""
    if not case.entitlement.dataset.may_redirect:
        return False
    is_whole = plan.status == 200 and plan.sends_bytes and plan.length > 0
    if not is_whole or binding or not wish.takes_redirect:
        return False
    is_limited = usage_terms.needs(case.terms, _KEPT_BY_GATEWAY) or not _takes_links(case.terms)
    return not is_limited and datasets.may_redirect(case.entitlement.dataset, case.asset.revision)


def _takes_links(terms: Terms) -> bool:
    ways = [clause.several("any_of") for clause in terms.clauses if clause.kind == "delivery"]
    return all("bucket" in several for several in ways)
