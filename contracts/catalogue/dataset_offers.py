"""The offers beside a dataset: price, what may be done, what is owed, and what this reader can do next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from contracts import badges, queries
from contracts.badges import Badge
from contracts.catalogue import rows as catalogue_rows
from contracts.catalogue.catalogue import Entry
from contracts.catalogue.entries import PERMISSIONS
from contracts.catalogue.rows import Answer, Price, Row
from contracts.choices.rows import Row as ChoiceRow
from contracts.choices.rows import rows_of
from contracts.models import Entitlement, Negotiation, Offer
from contracts.terms import rights
from contracts.terms import terms as usage_terms
from contracts.terms.rights import DeedClause, Right
from datasets.models import Dataset
from exchange.kernel.actors import Actor, Scope
from exchange.participants.models import Participant
from payments.plans import plans, refund_policies
from payments.plans import words as plan_words

MOST_OFFERS = 12


@dataclass(frozen=True)
class OfferLine:
    """One offer, as it is compared: its answers to the five permissions, its price, its limits."""

    offer: Offer
    answers: list[Answer]
    price: Price
    limits: usage_terms.Limits
    is_instant: bool
    is_chosen: bool


@dataclass(frozen=True)
class Chosen:
    """The offer that is looked at: its answers with their conditions, and what is enforced, owed and written."""

    line: OfferLine
    answers: list[tuple[Answer, str]]
    may: list[Right]
    may_not: list[Right]
    must: list[Right]
    deed: list[DeedClause]
    choice_rows: list[ChoiceRow]
    refunds: list[str]
    open_request: Negotiation | None


@dataclass(frozen=True)
class Rail:
    """`holdings` are the rights that the reader's organisation has in this dataset, newest first."""

    row: Row
    lines: list[OfferLine]
    chosen: Chosen | None
    more: int
    is_own: bool
    holdings: list[tuple[Entitlement, Badge]] = field(default_factory=list)


def rail(actor: Actor, dataset: Dataset, offers: Sequence[Offer], wanted: str) -> Rail:
    """The rail for this reader. The cheapest of the offers is looked at unless another is `wanted`."""
    is_sold = dataset.is_published and dataset.seller.state == Participant.State.VERIFIED
    on_market = [offer for offer in offers if offer.is_published and is_sold]
    entries = [Entry(dataset, [offer]) for offer in on_market[:MOST_OFFERS]]
    rows = catalogue_rows.of(entries or [Entry(dataset, [])], {})
    ordered = sorted(zip(on_market, rows, strict=False), key=lambda pair: _cost(pair[1].price))
    chosen_id = next((offer.pk for offer, _row in ordered if str(offer.pk) == wanted), None)
    if chosen_id is None and ordered:
        chosen_id = ordered[0][0].pk
    lines = [_line(offer, row, offer.pk == chosen_id) for offer, row in ordered]
    mine = actor.participant_id if actor.can(Scope.READ) else None
    return Rail(
        row=rows[0],
        lines=lines,
        chosen=next((_chosen(line, actor, mine) for line in lines if line.is_chosen), None),
        more=max(0, len(on_market) - MOST_OFFERS),
        is_own=mine == dataset.seller_id,
        holdings=_holdings(actor, dataset) if mine else [],
    )


def _cost(price: Price) -> tuple[bool, int]:
    return price.amount is not None, price.amount.minor if price.amount else 0


def _line(offer: Offer, row: Row, is_chosen: bool) -> OfferLine:
    limits = usage_terms.limits(usage_terms.thaw(offer.terms))
    return OfferLine(offer, row.answers, row.price, limits, offer.sale != Offer.Sale.VALIDATION, is_chosen)


def _chosen(line: OfferLine, actor: Actor, mine: UUID | None) -> Chosen:
    terms = usage_terms.thaw(line.offer.terms)
    names = queries.names_in(terms)
    listed = rights.rights_of(
        terms, price=line.price.due, inspection_days=settings.EXCHANGE_INSPECTION_DAYS, names=names
    )
    return Chosen(
        line=line,
        answers=[
            (answer, _condition(name) if answer.kind == "c" else "")
            for name, answer in zip(PERMISSIONS, line.answers, strict=True)
        ],
        may=[right for right in listed.may if right.standing != rights.PROMISED],
        may_not=[right for right in listed.may_not if right.standing != rights.PROMISED],
        must=listed.must,
        deed=rights.deed_of(terms, names=names),
        choice_rows=rows_of(line.offer),
        refunds=_refunds(line.offer),
        open_request=queries.open_negotiation(actor, line.offer) if mine else None,
    )


def _refunds(offer: Offer) -> list[str]:
    """What may be asked back of what is paid: one sentence, but where the choices of an offer differ."""
    asked = [plans.parse(row["plan"]) for row in offer.choices] or [plans.parse(offer.plan)]
    usual = refund_policies.default()
    return list(dict.fromkeys(plan_words.giving_back(one.refund or usual) for one in asked if not one.is_free))


def _condition(permission: str) -> str:
    """What stands behind an "if"."""
    if permission == "analyse":
        return _("For the permitted purposes only.")
    if permission == "train_models":
        return _("For non-commercial ends only.")
    return _("If you name the source.")


def _holdings(actor: Actor, dataset: Dataset) -> list[tuple[Entitlement, Badge]]:
    own = Q(dataset=dataset, buyer_id=actor.participant_id)
    rows = queries.entitlements_visible_to(actor).filter(own).order_by("-pk")[:5]
    return [(row, badges.of_entitlement(row, actor.at)) for row in rows]
