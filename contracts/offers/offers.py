"""Offers: a dataset on terms, at a price, for an audience, for a time. Once published, what an offer says never
changes; another offer takes its place."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from contracts.choices import choices as ways
from contracts.choices.choices import Choice
from contracts.groups import groups as seller_groups
from contracts.licence_texts import licence_texts
from contracts.models import Offer, OfferAudience
from contracts.odrl import reading
from contracts.terms import conditions
from contracts.terms import terms as usage_terms
from datasets import datasets
from datasets.models import Dataset, PersonalData
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.ids import new_id
from exchange.kernel.states import transition
from exchange.kernel.text import timestamp
from exchange.participants import queries as participants
from exchange.participants.members import members
from payments.plans import plans

MOST_NAMED = 500


@transaction.atomic
def draft(
    dataset: Dataset,
    *,
    title: str,
    terms: object = None,
    policy: object = None,
    plan: object = None,
    choices: object = None,
    named: Collection[UUID] | None = None,
    groups: Collection[UUID] = (),
    by_link: bool = False,
    sale: str = Offer.Sale.VALIDATION,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    by: Actor,
) -> Offer:
    """Write an offer that nobody sees yet; `named` and the members of `groups` are the only participants it will exist
    for, None is all, or with `by_link` who is given its private link. What it permits is given as `terms` or, in ODRL,
    as `policy`; what it costs as one `plan`, or as `choices` between clauses and plans. It can be asked for from
    `valid_from` until before `valid_until`."""
    _require_seller(dataset.seller_id, by)
    named = list(named or ()) if groups else named
    _require_sale(sale, None if groups else named, valid_until)
    if valid_until is not None and valid_until <= (valid_from or by.at):
        raise Invalid("an offer must end after it begins, and not in the past", code="invalid_validity")
    found = _read_choices(_read_terms(dataset, terms, policy), plan, choices)
    if sale != Offer.Sale.VALIDATION and any(plans.parse(one.plan).is_quote for one in found):
        raise Invalid(
            "a quote is named in an answer to a request; choose sale by validation",
            code="quote_needs_validation",
        )
    least = ways.least(found)
    offer = Offer.objects.create(
        id=new_id(),
        dataset=dataset,
        seller_id=dataset.seller_id,
        title=text.line(title, name="title"),
        terms=least.terms,
        plan=least.plan,
        choices=ways.frozen(found) if least.number else [],
        audience=_audience(named, by_link),
        sale=sale,
        valid_from=valid_from,
        valid_until=valid_until,
        created_at=by.at,
    )
    if named is not None:
        _name_audience(offer, named, groups, by)
    events.record("offer.drafted", offer, by=by, typed={"title": offer.title})
    return offer


@transaction.atomic
def publish(offer: Offer, *, by: Actor) -> Offer:
    """Put a draft offer on the market, now or when it begins, so any cleared buyer of its audience may request it. For
    a signed offer this is the seller's signature."""
    _require_seller(offer.seller_id, by)
    if not offer.dataset.is_published:
        raise Conflict("the dataset must be published before its offers", code="dataset_not_published")
    if offer.sale == Offer.Sale.INSTANT and datasets.has_personal_data(offer.dataset):
        raise Conflict(
            "instant sale is only for datasets without personal data; choose sale by validation",
            code="personal_data_needs_validation",
        )
    if offer.sale == Offer.Sale.SIGNED and offer.seller.asks_second_member:
        raise Forbidden(
            "this organisation has two of its members sign; one cannot sign in advance for both",
            code="second_member_needed",
        )
    _require_in_time(offer, by.at)
    conditions.require_not_over(usage_terms.parse(offer.terms), by.at)
    signed: dict[str, Any] = {"published_by": by.name}
    if offer.sale == Offer.Sale.SIGNED:
        revision = datasets.require_publishable(offer.dataset)
        signed["published_class"] = datasets.class_in_force(offer.dataset, revision)
    if offer.valid_from is not None and by.at < offer.valid_from:
        return transition(offer, "schedule", by=by, **signed)
    return transition(offer, "publish", by=by, published_at=by.at, **signed)


@transaction.atomic
def withdraw(offer: Offer, *, by: Actor) -> Offer:
    """Take an offer off the market; requests in flight and agreements keep their terms."""
    by.require(Scope.SELL)
    if not by.acts_for(offer.seller_id):
        raise Forbidden("only the seller may do this")
    return transition(offer, "withdraw", by=by)


def hold(offer: Offer) -> None:
    """Keep an offer as it is now until the transaction ends, and bring the caller's copy up to it. Who holds a
    negotiation too, holds its offer first."""
    offer.refresh_from_db(from_queryset=Offer.objects.select_for_update(of=("self",)))


def hold_many(offer_ids: Collection[UUID]) -> dict[UUID, Offer]:
    """Several, as they are now, with their datasets and sellers. Others may hold them so too: who sells an offer does
    not change it, and the crowd that wants one need not wait for each other."""
    wanted = sorted(set(offer_ids))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM contracts_offer WHERE id = ANY(%s) ORDER BY id FOR SHARE", [wanted])
    rows = Offer.objects.select_related("dataset", "seller").filter(pk__in=wanted)
    return {offer.pk: offer for offer in rows}


def require_open(offer: Offer, at: datetime) -> None:
    """Refuse an offer that is not on the market, or whose time is over, whether or not the sweep has seen it."""
    _require_in_time(offer, at)
    if not offer.is_published or not offer.dataset.is_published:
        raise Conflict("this offer is not on the market", code="offer_not_published")


def is_signed(offer: Offer, data_class: str) -> bool:
    """Whether the seller's signature under an offer holds for data of this class: not where it is more personal than
    it was, or where two members must sign since."""
    if offer.sale != Offer.Sale.SIGNED or offer.seller.asks_second_member:
        return False
    classes = PersonalData.values
    return classes.index(data_class) <= classes.index(offer.published_class)


def move_due(*, now: datetime, at_most: int = 500) -> int:
    """Open the offers whose time has come and end those whose time is over, each in a transaction of its own; answers
    how many. `require_open` looks at the time itself, so a late sweep sells nothing."""
    by = Actor.system("move_offers", at=now)
    live = Offer.objects.order_by("pk")
    lapsed = live.filter(state__in=[Offer.State.SCHEDULED, Offer.State.PUBLISHED], valid_until__lte=now)
    count = sum(_move(offer, "lapse", by) for offer in lapsed[:at_most])
    opened = live.filter(state=Offer.State.SCHEDULED, valid_from__lte=now)
    return count + sum(_move(offer, "open", by, published_at=now) for offer in opened[:at_most])


def _move(offer: Offer, verb: str, by: Actor, **changes: Any) -> bool:
    try:
        with transaction.atomic():
            transition(offer, verb, by=by, **changes)
    except Conflict:  # its seller withdrew it first
        return False
    return True


def _require_in_time(offer: Offer, at: datetime) -> None:
    if offer.valid_until is not None and offer.valid_until <= at:
        raise Conflict(f"this offer was valid until {timestamp(offer.valid_until)}", code="offer_lapsed")


def _require_sale(sale: str, named: Collection[UUID] | None, valid_until: datetime | None) -> None:
    if sale not in Offer.Sale.values:
        raise Invalid(f"sale must be one of {', '.join(Offer.Sale.values)}; it is {sale!r}")
    if sale == Offer.Sale.SIGNED and (named is None or len(set(named)) != 1 or valid_until is None):
        raise Invalid(
            "a signed offer names the one organisation that it is for, and the moment until which it may accept",
            code="signed_for_one",
        )


def _require_seller(seller_id: UUID, by: Actor) -> None:
    by.require(Scope.SELL)
    if not by.acts_for(seller_id):
        raise Forbidden("only the seller may do this")
    members.require_cleared(seller_id)


def _read_terms(dataset: Dataset, terms: object, policy: object) -> usage_terms.Terms:
    if (terms is None) == (policy is None):
        raise Invalid("Give either terms or a policy in ODRL.", code="terms_or_policy")
    if policy is None:
        found = usage_terms.parse(terms)
    else:
        found = reading.read_offer(policy, seller_id=dataset.seller_id, dataset_id=dataset.pk)
    licence_texts.require_kept(found, seller_id=dataset.seller_id)
    conditions.require_checkable(found)
    return found


def _read_choices(terms: usage_terms.Terms, plan: object, given: object) -> list[Choice]:
    if (plan is None) == (given is None):
        raise Invalid("give either a plan or choices, each with a plan of its own", code="plan_or_choices")
    if given is None:
        return [Choice(None, [], terms.to_list(), plans.parse(plan).to_dict())]
    return ways.read(given, terms)


def _audience(named: Collection[UUID] | None, by_link: bool) -> str:
    if named is not None and by_link:
        raise Invalid("an offer is for named organisations or by a private link, not both")
    if by_link:
        return Offer.Audience.LINK
    return Offer.Audience.PUBLIC if named is None else Offer.Audience.NAMED


def _name_audience(offer: Offer, named: Collection[UUID], wanted_groups: Collection[UUID], by: Actor) -> None:
    wanted = set(named)
    if not (0 if wanted_groups else 1) <= len(wanted) <= MOST_NAMED:
        raise Invalid(f"name from 1 to {MOST_NAMED} participants, or a group; there are {len(wanted)}")
    seller_groups.name_in(offer, wanted_groups, by)
    for participant_id in wanted:
        participants.participant_visible_to(by, participant_id)
    OfferAudience.objects.bulk_create(
        OfferAudience(offer=offer, participant_id=participant_id) for participant_id in sorted(wanted)
    )
