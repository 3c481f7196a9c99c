"""Data requests: a buyer publishes what it looks for and does not find, and sellers answer with offers that it can ask
for. What sellers have answered no longer changes, and both sides act on what they have read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from contracts import queries
from contracts.clauses import countries, purposes
from contracts.data_requests.queries import data_request_visible_to
from contracts.models import DataRequest, DataRequestAnswer, DataRequestAudience, Offer
from datasets.descriptions import descriptions
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from exchange.kernel.states import transition
from exchange.kernel.text import timestamp
from exchange.participants import queries as participants
from exchange.participants.members import members
from exchange.participants.models import Participant

MOST = 20
"""That a buyer has open at once, and publishes within a day."""

MOST_ANSWERS = 5
"""Of one seller to one data request, those included that were withdrawn or declined."""

MOST_NAMED, MOST_THEMES = 100, 3
LONGEST = timedelta(days=365)
LONGEST_WANTED, LONGEST_NOTE, LONGEST_WORD = 4_000, 1_000, 512
_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wish:
    """What a buyer looks for, for which use, at what price at most, and until when sellers may answer."""

    title: str
    wanted: str
    themes: Collection[str]
    purpose: str
    country: str
    closes_at: datetime
    budget: Money | None = None
    shows_budget: bool = False


@transaction.atomic
def publish(wish: Wish, *, named: Collection[UUID] | None = None, by: Actor) -> DataRequest:
    """Ask every verified seller for data, or only those that are `named`."""
    by.require(Scope.BUY)
    buyer = members.require_cleared(by.participant_id)
    fields = _cleaned(wish, by.at)
    _require_room(buyer, by.at)
    audience = DataRequest.Audience.SELLERS if named is None else DataRequest.Audience.NAMED
    made = DataRequest.objects.create(buyer=buyer, audience=audience, published_at=by.at, **fields)
    if named is not None:
        _name_audience(made, named, by)
    events.record("datarequest.published", made, by=by, typed=_typed(made))
    return made


@transaction.atomic
def change(data_request: DataRequest, wish: Wish, *, edition: int | None = None, by: Actor) -> DataRequest:
    """Say otherwise what is looked for, as long as no seller has answered; `edition` is the one that was read."""
    _require_own(data_request, by)
    members.require_cleared(by.participant_id)
    _hold(data_request, by.at)
    _require_edition(data_request, edition)
    if data_request.answers.exists():
        raise Conflict(
            "a seller has answered this data request, so it stays as it is; publish another",
            code="data_request_answered",
        )
    fields = _cleaned(wish, by.at)
    rows = DataRequest.objects.filter(pk=data_request.pk)
    rows.update(**fields, edition=data_request.edition + 1)
    data_request.refresh_from_db()
    events.record("datarequest.changed", data_request, by=by, typed=_typed(data_request))
    return data_request


@transaction.atomic
def answer(
    data_request: DataRequest, offer: Offer, *, edition: int | None = None, note: str = "", by: Actor
) -> DataRequestAnswer:
    """A seller's offer for what is looked for: published, and one that the buyer can ask for."""
    by.require(Scope.SELL)
    if not by.acts_for(offer.seller_id):
        raise Forbidden("only the seller may do this")
    members.require_cleared(offer.seller_id)
    said = text.prose(note, name="note", at_most=LONGEST_NOTE)
    _hold(data_request, by.at)
    data_request_visible_to(by, data_request.pk)
    if data_request.buyer_id == offer.seller_id:
        raise Conflict("an organisation cannot answer its own data request", code="own_data_request")
    _require_edition(data_request, edition)
    if not queries.offers_open_to(data_request.buyer_id, by.at).filter(pk=offer.pk).exists():
        raise Conflict("this offer is not on the market for this buyer", code="offer_not_for_buyer")
    given = data_request.answers.filter(seller=offer.seller_id).count()
    if given >= MOST_ANSWERS:
        raise Conflict(f"a seller answers a data request {MOST_ANSWERS} times at most", code="too_many_answers")
    made = DataRequestAnswer(
        data_request=data_request,
        offer=offer,
        seller_id=offer.seller_id,
        buyer_id=data_request.buyer_id,
        note=said,
        given_at=by.at,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise Conflict(
            "this data request was answered with this offer before", code="already_answered"
        ) from None
    events.record("datarequestanswer.given", made, by=by, typed={"note": said} if said else None)
    return made


@transaction.atomic
def withdraw_answer(given: DataRequestAnswer, *, by: Actor) -> DataRequestAnswer:
    """The seller takes an answer back; the offer itself stays as it is."""
    by.require(Scope.SELL)
    if not by.acts_for(given.seller_id):
        raise Forbidden("only the seller may do this")
    return transition(given, "withdraw", by=by)


@transaction.atomic
def decline(given: DataRequestAnswer, *, word: str = "", by: Actor) -> DataRequestAnswer:
    """The buyer does not want it. Given a word, the seller is told; without one it only sees it."""
    by.require(Scope.BUY)
    if not by.acts_for(given.buyer_id):
        raise Forbidden("only the buyer may do this")
    said = text.prose(word, name="word", at_most=LONGEST_WORD)
    typed = {"word": said} if said else None
    return transition(given, "decline", by=by, facts={"has_word": bool(said)}, typed=typed, word=said)


@transaction.atomic
def close(data_request: DataRequest, *, outcome: str, seen: int | None = None, by: Actor) -> DataRequest:
    """The buyer has found what it looked for, or looks no longer. `seen` is how many answers it has read of: one that
    came since keeps the data request open."""
    _require_own(data_request, by)
    own = (DataRequest.Outcome.FOUND, DataRequest.Outcome.NOT_FOUND)
    if outcome not in own:
        raise Invalid(f"outcome must be one of {', '.join(own)}; it is {outcome!r}")
    _hold(data_request, by.at)
    if seen is not None and data_request.answers.count() != seen:
        raise Conflict("a seller has answered meanwhile; look at it first", code="unseen_answer")
    return transition(
        data_request, "close", by=by, facts={"outcome": outcome}, outcome=outcome, closed_at=by.at
    )


@transaction.atomic
def withdraw(data_request: DataRequest, *, reason: str, by: Actor) -> DataRequest:
    """An officer takes a data request off the exchange; its buyer reads the reason."""
    by.require(Scope.AUDIT)
    given = text.reason(reason)
    outcome = DataRequest.Outcome.WITHDRAWN
    return transition(
        data_request,
        "withdraw",
        by=by,
        facts={"outcome": outcome},
        typed={"reason": given},
        outcome=outcome,
        reason=given,
        closed_at=by.at,
    )


def lapse_due(*, now: datetime, at_most: int = 500) -> int:
    """Close the data requests whose time is over, each in a transaction of its own; answers how many. The verbs look at
    the time themselves, so a late sweep lets nothing through."""
    by = Actor.system("lapse_data_requests", at=now)
    due = DataRequest.objects.filter(state=DataRequest.State.OPEN, closes_at__lte=now).order_by("pk")
    return sum(_lapse(found, by) for found in due[:at_most])


def _lapse(found: DataRequest, by: Actor) -> bool:
    outcome = DataRequest.Outcome.LAPSED
    try:
        with transaction.atomic():
            transition(found, "lapse", by=by, facts={"outcome": outcome}, outcome=outcome, closed_at=by.at)
    except Conflict:  # somebody closed it first
        return False
    return True


def _cleaned(wish: Wish, at: datetime) -> dict[str, Any]:
    """The fields as they are kept; Invalid says which cannot be."""
    themes = sorted({descriptions.clean({"theme": one})["theme"] for one in wish.themes})
    if not 1 <= len(themes) <= MOST_THEMES:
        raise Invalid(f"name from 1 to {MOST_THEMES} themes; there are {len(themes)}", code="unknown_theme")
    purposes.require(wish.purpose)
    countries.require(wish.country)
    if not at < wish.closes_at <= at + LONGEST:
        raise Invalid(
            f"closes_at must lie ahead, and at most {LONGEST.days} days; given {timestamp(wish.closes_at)}",
            code="invalid_deadline",
        )
    budget = wish.budget
    return {
        "title": text.line(wish.title, name="title", at_least=5),
        "wanted": text.prose(wish.wanted, name="wanted", at_least=20, at_most=LONGEST_WANTED),
        "themes": themes,
        "purpose": wish.purpose,
        "country": wish.country,
        "budget_minor": None if budget is None else budget.minor,
        "currency": "" if budget is None else budget.currency,
        "shows_budget": wish.shows_budget and budget is not None,
        "closes_at": wish.closes_at,
    }


def _typed(row: DataRequest) -> dict[str, str]:
    return {"title": row.title, "wanted": row.wanted}


def _require_room(buyer: Participant, at: datetime) -> None:
    """Refuse one more where the buyer has enough; the organisation is held, so that two at once are counted."""
    Participant.objects.select_for_update(no_key=True).get(pk=buyer.pk)
    mine = DataRequest.objects.filter(buyer=buyer)
    is_full = mine.filter(state=DataRequest.State.OPEN).count() >= MOST
    if is_full or mine.filter(published_at__gt=at - _A_DAY).count() >= MOST:
        raise Conflict(
            f"an organisation has {MOST} data requests open at most, and publishes {MOST} within a day",
            code="too_many_data_requests",
        )


def _name_audience(made: DataRequest, named: Collection[UUID], by: Actor) -> None:
    wanted = set(named)
    if not 1 <= len(wanted) <= MOST_NAMED or made.buyer_id in wanted:
        raise Invalid(f"name from 1 to {MOST_NAMED} other organisations; there are {len(wanted)}")
    for participant_id in wanted:
        participants.participant_visible_to(by, participant_id)
    DataRequestAudience.objects.bulk_create(
        DataRequestAudience(id=new_id(), data_request=made, participant_id=participant_id)
        for participant_id in sorted(wanted)
    )


def _hold(data_request: DataRequest, at: datetime) -> None:
    """Hold the row, bring the caller's copy up to it, and refuse one that is closed or whose time is over."""
    data_request.refresh_from_db(from_queryset=DataRequest.objects.select_for_update(of=("self",)))
    if data_request.state != DataRequest.State.OPEN or data_request.closes_at <= at:
        raise Conflict("this data request is closed", code="data_request_closed")


def _require_edition(data_request: DataRequest, edition: int | None) -> None:
    if edition is not None and edition != data_request.edition:
        raise Conflict("the buyer has changed this data request; read it again", code="stale_data_request")


def _require_own(data_request: DataRequest, by: Actor) -> None:
    by.require(Scope.BUY)
    if not by.acts_for(data_request.buyer_id):
        raise Forbidden("only the buyer may do this")
