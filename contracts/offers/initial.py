"""What the terms builder begins with: another offer, or clauses from elsewhere, as its form has them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts.choices import plan_forms, price_forms
from contracts.choices.forms import SEVERAL
from contracts.clauses import countries
from contracts.clauses.declaration import Sentence
from contracts.clauses.licences import LICENCES
from contracts.models import Offer, OwnTemplate
from contracts.offers import clause_forms
from contracts.own_templates import templates_of_terms
from contracts.own_templates.templates_of_terms import TEMPLATES
from contracts.terms import terms as usage_terms
from contracts.terms.terms import Terms
from exchange.look.formats import is_french
from payments.plans import plans

_PERMISSIONS = ("combination", "publication", "redistribution")
_TERMS = {(True, True): "both", (True, False): "days", (False, True): "end_date", (False, False): "open"}


def like(offer: Offer, named: Sequence[UUID], groups: Sequence[UUID] = ()) -> dict[str, Any]:
    """What a form begins with that is to write an offer like this one."""
    told = {
        "title": offer.title,
        "audience": offer.audience,
        "named": [str(one) for one in named],
        "named_groups": [str(one) for one in groups],
        "sale": offer.sale,
    }
    price = plan_forms.initial_of(plans.parse(offer.plan))
    if offer.choices:
        price |= {"price": SEVERAL, SEVERAL: offer.choices, "currency": _currency(offer)}
        for row in offer.choices:
            price |= price_forms.initial_refund(plans.parse(row["plan"]))
    return told | price | of_terms(usage_terms.thaw(offer.terms), named)


def made_for(
    initial: dict[str, Any] | None, buyer: str, others: Sequence[tuple[UUID, str]]
) -> dict[str, Any] | None:
    """The same for one organisation alone, where `buyer` is the id of one of `others`."""
    if buyer not in {str(row_id) for row_id, _name in others}:
        return initial
    return {**(initial or {}), "audience": Offer.Audience.NAMED, "named": [buyer]}


def of_terms(terms: Terms, named: Sequence[UUID] = ()) -> dict[str, Any]:
    """What the questions about clauses begin with; `named` is the audience that the offer will have."""
    clauses = {clause.kind: clause for clause in terms.clauses}
    limits = usage_terms.limits(terms)
    places = list(clauses["country"].several("any_of")) if "country" in clauses else []
    recipients = clauses["recipients"].several("any_of") if "recipients" in clauses else ()
    is_audience = sorted(recipients) == sorted(str(one) for one in named)
    return {
        "purposes": list(clauses["purpose"].several("any_of")) if "purpose" in clauses else [],
        "permissions": [kind for kind in _PERMISSIONS if kind in clauses and clauses[kind].flag("allowed")],
        "training": clauses["model_training"].words("allowed") if "model_training" in clauses else "no",
        "place": "eea" if places == [countries.EEA] else "named" if places else "anywhere",
        "countries": [] if places == [countries.EEA] else places,
        "addresses": list(clauses["addresses"].several("any_of")) if "addresses" in clauses else [],
        "term": _TERMS[bool(limits.duration_days), bool(limits.end_date)],
        "days": limits.duration_days,
        "end_date": limits.end_date,
        "copies": limits.copies_max,
        "deletion": limits.deletion_days,
        "attribution": clauses["attribution"].words("text") if "attribution" in clauses else "",
        "is_named_in_terms": bool(recipients) and is_audience,
    } | clause_forms.initial_of(
        clause for clause in terms.clauses if clause.kind != "recipients" or not is_audience
    )


def of_template(code: str, *, source: str) -> dict[str, Any]:
    """What a form begins with that starts from a template or a licence; NotFound for a word that is neither."""
    known = TEMPLATES.get(code)
    title = _said(known.name) if known else LICENCES[code].title if code in LICENCES else ""
    is_free = code == "open_data" or code in LICENCES
    terms = templates_of_terms.terms_of(code, source=source)
    return {"title": title, "price": "free" if is_free else "paid"} | of_terms(terms)


def of_own(template: OwnTemplate) -> dict[str, Any]:
    """What a form begins with that starts from a template of the seller's own."""
    return {"title": template.name} | of_terms(usage_terms.thaw(template.terms))


def templates() -> list[tuple[str, str, str]]:
    """Each template's code, name and note, in the reader's language."""
    return [(known.code, _said(known.name), _said(known.note)) for known in TEMPLATES.values()]


def _currency(offer: Offer) -> str:
    """The one in which an offer's choices cost, where any does."""
    prices = [plans.parse(row["plan"]).price for row in offer.choices]
    return next((price.currency for price in prices if price), "EUR")


def _said(sentence: Sentence) -> str:
    return sentence.fr if is_french() else sentence.en
