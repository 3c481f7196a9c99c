"""How a talk begins: what must hold before an offer is asked for, and the first round. What is sold at once, or was
signed in advance, has the seller's signature with it. One way, for one request and for many."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError

from contracts.choices import choices
from contracts.choices.choices import Choice
from contracts.clauses import countries, purposes
from contracts.models import Negotiation, Offer, Round, Side, Signature
from contracts.negotiations import deadlines, rounds, signatures
from contracts.negotiations.grounds import Grounds
from contracts.negotiations.rounds import Proposal
from contracts.negotiations.signatures import Given
from contracts.odrl import frozen_forms
from contracts.offers import offers
from contracts.terms import conditions
from datasets.datasets import OnSale
from exchange.kernel import events, text
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Invalid
from exchange.kernel.events import Happening
from exchange.kernel.ids import new_id
from exchange.kernel.states import Move, transition, transition_many
from exchange.kernel.text import timestamp
from exchange.participants import queries as participants

MOST_AFFILIATES = 50


@dataclass(frozen=True)
class Asked:
    """What a buyer declares when it asks for an offer, or for one `choice` of it."""

    purpose: str
    country: str
    use: str
    affiliates: Collection[UUID] = ()
    choice: int | None = None


@dataclass(frozen=True)
class Opening:
    """A request that may be made: its rows, which are not kept yet. `signs` is how the seller's side signs it, None
    where its members decide; `overdue` are the buyer's earlier talks whose time is over."""

    negotiation: Negotiation
    first: Round
    choice: int | None
    overdue: Sequence[Negotiation]
    signs: Given | None
    by: Actor


def judge(offer: Offer, asked: Asked, grounds: Grounds, *, by: Actor) -> Opening:
    """Draw up a request for an offer that is held. Its terms, price and revision are frozen now."""
    buyer = grounds.buyer(by)
    if by.participant_id == offer.seller_id:
        raise Conflict("an organisation cannot license its own dataset", code="own_offer")
    offers.require_open(offer, by.at)
    grounds.require_audience(offer, by)
    grounds.require_answered(offer.dataset_id, buyer.pk)
    sold = grounds.on_sale(offer.dataset)
    purposes.require(asked.purpose)
    countries.require(asked.country)
    chosen = choices.chosen(offer, asked.choice)
    terms = frozen_forms.terms(chosen.terms)
    conditions.require_not_over(terms, by.at)
    conditions.require_permitted(terms, asked.purpose, asked.country, buyer, by.at)
    conditions.require_way_open(offer.dataset, sold.data_class, buyer, by.at)
    overdue = grounds.overdue(offer, buyer, by.at)
    negotiation = Negotiation(
        id=new_id(),
        offer=offer,
        dataset=offer.dataset,
        revision=sold.revision,
        seller=offer.seller,
        buyer=buyer,
        purpose=asked.purpose,
        country=asked.country,
        use=text.prose(asked.use, name="use", at_least=10, at_most=2_000),
        affiliates=_affiliates(asked.affiliates, by),
        terms=chosen.terms,
        plan=chosen.plan,
        round=0,
        decide_by=deadlines.decision(by.at),
        requested_by=by.name,
        requested_at=by.at,
    )
    first = _first_round(negotiation, chosen, by)
    return Opening(negotiation, first, asked.choice, overdue, _sellers_part(negotiation, sold, by), by)


def write_many(openings: Sequence[Opening]) -> list[Signature | None]:
    """Keep these requests, each with the signature of the seller's side where it has it; those are approved then."""
    for overdue in (row for one in openings for row in one.overdue):
        transition(overdue, "lapse", by=openings[0].by.as_system("lapse"))
    try:
        Negotiation.objects.bulk_create([one.negotiation for one in openings])
    except IntegrityError:
        raise Conflict("you have an open request for this offer already", code="already_requested") from None
    Round.objects.bulk_create([one.first for one in openings])
    events.record_many([_requested(one) for one in openings])
    given = signatures.give_first([one.signs for one in openings if one.signs])
    transition_many([_approval(one.negotiation, one.signs.by) for one in openings if one.signs], "approve")
    signed = iter(given)
    return [next(signed) if one.signs else None for one in openings]


def approve(negotiation: Negotiation, *, by: Actor) -> Negotiation:
    """The seller's side of a talk that is held has signed in full: the buyer may sign now."""
    return transition_many([_approval(negotiation, by)], "approve")[0]


def _approval(negotiation: Negotiation, by: Actor) -> Move[Negotiation]:
    """A signed offer's end is the buyer's deadline, where its seller only applies it."""
    offer, deadline = negotiation.offer, deadlines.acceptance(None, by.at)
    if by.is_system and offer.sale == Offer.Sale.SIGNED and offer.valid_until is not None:
        deadline = min(deadline, offer.valid_until)
    changes = {"approved_by": by.name, "approved_at": by.at, "accept_by": deadline}
    return Move(negotiation, by, changes, facts={"accept_by": timestamp(deadline)})


def _sellers_part(negotiation: Negotiation, sold: OnSale, by: Actor) -> Given | None:
    offer = negotiation.offer
    if offer.sale == Offer.Sale.INSTANT:
        if sold.is_personal:
            raise Conflict(
                "personal data was found in this dataset since the offer was published; the seller must approve",
                code="personal_data_needs_validation",
            )
        return Given(negotiation, Side.SELLER, by.as_system("instant_sale"))
    if offers.is_signed(offer, sold.data_class):
        return Given(negotiation, Side.SELLER, by.as_system("signed_offer"), offer.published_by)
    return None


def _first_round(negotiation: Negotiation, chosen: Choice, by: Actor) -> Round:
    first = rounds.draw(negotiation, Proposal(Side.BUYER, chosen.terms, chosen.plan), by=by)
    negotiation.round, negotiation.proposal = first.number, first.sha256
    return first


def _requested(one: Opening) -> Happening:
    facts: dict[str, Fact] | None = {"choice": one.choice} if one.choice else None
    typed = {"use": one.negotiation.use}
    return Happening("negotiation.requested", one.negotiation, one.by, facts=facts, typed=typed)


def _affiliates(wanted: Collection[UUID], by: Actor) -> list[str]:
    """The ids of other participants, sorted; a flat list that nobody walks, so organisations may name each other."""
    named = sorted(str(one) for one in wanted)
    if len(named) > MOST_AFFILIATES or len(set(named)) != len(named) or str(by.participant_id) in named:
        raise Invalid(
            f"name up to {MOST_AFFILIATES} other organisations as affiliates, each of them once",
            code="affiliate_malformed",
        )
    for one in wanted:
        participants.participant_visible_to(by, one)
    return named
