"""What the page of a redline shows beside its form: the clauses in order, and what differs with what is filled in."""

from typing import Any

from django.utils.translation import gettext as _

from contracts import queries
from contracts.negotiations import redlines, rows
from contracts.negotiations.redline_forms import RedlineForm
from contracts.offers.clause_forms import Choices
from contracts.terms import rights
from contracts.terms import terms as usage_terms
from contracts.terms.terms import Terms
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Invalid
from exchange.look.refusals import sentence_of
from payments.plans import plans


def nameable(actor: Actor, terms: Terms) -> Choices:
    """The participants whom the actor may name in a clause, and those who are named already."""
    known = {str(row_id): name for row_id, name in queries.possible_buyers(actor)}
    return sorted((known | queries.names_in(terms)).items(), key=lambda one: one[1])


def shown(form: RedlineForm) -> dict[str, Any]:
    """The clauses that stand, those that could be added, and the difference so far."""
    text = usage_terms.text(form.before, rights.language(), names=queries.names_in(form.before))
    standing, others = form.rows({row["kind"]: row for row in text})
    is_adding = any(row.is_open for row in others)
    return {"form": form, "standing": standing, "others": others, "is_adding": is_adding, **difference(form)}


def difference(form: RedlineForm) -> dict[str, Any]:
    """What differs with what is filled in; what cannot become terms is said in its place."""
    if not form.is_bound:
        return {"difference": None, "wrong": ""}
    if not form.is_valid():
        return {
            "difference": None,
            "wrong": _("Some entries are missing or wrong. They are marked in the form."),
        }
    changes = form.changes()
    try:
        after = redlines.apply(form.before, changes) if changes else form.before
        plan = plans.parse(form.plan())
    except Invalid as refusal:
        return {"difference": None, "wrong": sentence_of(refusal)}
    return {
        "difference": rows.difference(form.before, after, form.plan_before, plan),
        "wrong": "",
    }
