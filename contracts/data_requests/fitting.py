"""How an offer fits what a data request asks for: its terms held against purpose, country and buyer, its price against
the budget, and its data against the law. It says what does not fit and never refuses: the buyer decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts import queries
from contracts.choices import choices
from contracts.choices.choices import Choice
from contracts.models import DataRequest, Offer
from contracts.terms import conditions
from contracts.terms import terms as usage_terms
from contracts.terms.terms import Terms
from datasets import datasets
from exchange.kernel.errors import ExchangeError
from payments.plans import plans
from payments.plans.plans import Plan

About = Literal["market", "purpose", "country", "budget", "destination", "clause"]
_KINDS: dict[str, About] = {
    "purpose": "purpose",
    "model_training": "purpose",
    "country": "country",
    "use_country": "country",
}


@dataclass(frozen=True)
class Fit:
    """One thing that was asked for. `is_met` is None where it cannot be compared; `reason` is the code of what stands
    against it, and `clause` the kind of the clause that does."""

    about: About
    is_met: bool | None
    reason: str = ""
    clause: str = ""


@dataclass(frozen=True)
class Fitted:
    """An offer, or the one of its choices that fits best and, of those, costs least; and how it fits."""

    choice: Choice
    plan: Plan
    fits: Sequence[Fit]


def of(offer: Offer, wanted: DataRequest, *, at: datetime, with_budget: bool) -> Fitted:
    """Everything that was asked for, and how the offer answers it. The budget is left out for who may not know it."""
    around, found = [*_market(offer, wanted, at), *_destination(offer, wanted, at)], []
    for choice in choices.of(offer):
        plan = plans.parse(choice.plan)
        fits = _terms(usage_terms.thaw(choice.terms), wanted, at)
        fits += _budget(plan, wanted) if with_budget else []
        found.append(Fitted(choice, plan, [*fits, *around]))
    return min(found, key=_rank)


def _rank(one: Fitted) -> tuple[int, int]:
    unmet = sum(fit.is_met is False for fit in one.fits)
    return unmet, one.plan.whole.minor if one.plan.whole else 0


def _market(offer: Offer, wanted: DataRequest, at: datetime) -> list[Fit]:
    is_open = queries.offers_open_to(wanted.buyer_id, at).filter(pk=offer.pk).exists()
    return [] if is_open else [Fit("market", False, "offer_not_published")]


def _terms(terms: Terms, wanted: DataRequest, at: datetime) -> list[Fit]:
    verdicts = conditions.against(terms, wanted.purpose, wanted.country, wanted.buyer, at)
    against = {verdict.kind: str(verdict.reason) for verdict in verdicts}
    asked: tuple[About, ...] = ("purpose", "country")
    found = []
    for about in asked:
        kind = next((kind for kind in against if _KINDS.get(kind) == about), "")
        found.append(Fit(about, not kind, against.get(kind, ""), kind))
    others = [Fit("clause", False, reason, kind) for kind, reason in against.items() if kind not in _KINDS]
    try:
        conditions.require_not_over(terms, at)
    except ExchangeError as refusal:
        others.append(Fit("clause", False, refusal.code, "end_date"))
    return found + others


def _budget(plan: Plan, wanted: DataRequest) -> list[Fit]:
    budget, price = wanted.budget, plan.whole
    if budget is None:
        return []
    if price is None:
        return [Fit("budget", True) if plan.is_free else Fit("budget", None, "price_open")]
    if price.currency != budget.currency:
        return [Fit("budget", None, "other_currency")]
    return [Fit("budget", True) if price.minor <= budget.minor else Fit("budget", False, "over_budget")]


def _destination(offer: Offer, wanted: DataRequest, at: datetime) -> list[Fit]:
    try:
        revision = datasets.require_publishable(offer.dataset)
        conditions.require_destination(offer.dataset, revision, wanted.buyer, at)
    except ExchangeError as refusal:
        return [Fit("destination", False, refusal.code)]
    return []
