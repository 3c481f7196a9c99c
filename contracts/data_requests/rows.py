"""What pages show of data requests and answers: their state in a word, and how each offer fits, line by line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext as _

from contracts import badges, queries
from contracts.badges import Badge
from contracts.data_requests import fitting
from contracts.data_requests import queries as data_request_queries
from contracts.data_requests.fitting import Fit
from contracts.models import DataRequest, DataRequestAnswer, Negotiation, Offer
from contracts.terms import rights
from contracts.terms import terms as usage_terms
from contracts.terms.rights import purpose_words
from datasets import words
from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from exchange.look import formats
from exchange.look.refusals import described
from payments.plans import plans
from payments.plans import words as plan_words
from payments.plans.plans import Plan


@dataclass(frozen=True)
class Row:
    """A data request in a list; `answers` are those that the reader may see."""

    wanted: DataRequest
    badge: Badge
    themes: list[str]
    purpose: str
    budget: Money | None
    answers: int


@dataclass(frozen=True)
class AnswerRow:
    """An answer with what its offer costs, how it is held up, and how it fits, by the choice that fits best; `talk` is
    the buyer's request for it."""

    given: DataRequestAnswer
    badge: Badge
    plan: Plan
    has_choices: bool
    standings: list[tuple[str, int]]
    fits: list[Badge]
    is_on_market: bool
    talk: Negotiation | None
    talk_badge: Badge | None


def rows(found: Sequence[DataRequest], *, by: Actor) -> list[Row]:
    """The rows of a list."""
    counts = answer_counts(by, (row.pk for row in found))
    return [_row(row, by, counts.get(row.pk, 0)) for row in found]


def answer_counts(by: Actor, row_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many answers to each of these the actor may see, withdrawn ones aside."""
    seen = data_request_queries.answers_visible_to(by).filter(data_request__in=list(row_ids))
    live = seen.exclude(state=DataRequestAnswer.State.WITHDRAWN)
    return dict(live.order_by().values_list("data_request_id").annotate(Count("pk")))


def of_data_request(row: DataRequest) -> Badge:
    """Whether it is open, or how it ended."""
    if row.state == DataRequest.State.OPEN:
        return Badge(_("Open until %(day)s") % {"day": formats.day(row.closes_at)}, "info", "clock")
    outcomes = {
        DataRequest.Outcome.FOUND: Badge(_("Closed, found"), "ok", "check"),
        DataRequest.Outcome.NOT_FOUND: Badge(_("Closed, not found"), "", "cross"),
        DataRequest.Outcome.LAPSED: Badge(_("Closed, its time is over"), "", "clock"),
        DataRequest.Outcome.WITHDRAWN: Badge(_("Withdrawn by an officer"), "stop", "stop"),
    }
    return outcomes[DataRequest.Outcome(row.outcome)]


def of_answer(state: str) -> Badge:
    """Where an answer stands."""
    kinds = {
        DataRequestAnswer.State.GIVEN: Badge(_("Answered"), "info", "check"),
        DataRequestAnswer.State.WITHDRAWN: Badge(_("Withdrawn"), "", "cross"),
        DataRequestAnswer.State.DECLINED: Badge(_("Declined by the buyer"), "", "cross"),
    }
    return kinds[DataRequestAnswer.State(state)]


def answer_row(given: DataRequestAnswer, *, by: Actor) -> AnswerRow:
    """One answer as its reader may know it."""
    offer, wanted = given.offer, given.data_request
    knows = data_request_queries.knows_budget(by, wanted)
    best = fitting.of(offer, wanted, at=by.at, with_budget=knows)
    talk = queries.open_negotiation(by, offer) if by.participant_id == given.buyer_id else None
    return AnswerRow(
        given,
        of_answer(given.state),
        best.plan,
        bool(offer.choices),
        _standings(best.choice.terms),
        [_fit(one) for one in best.fits],
        all(one.about != "market" for one in best.fits),
        talk,
        badges.of_negotiation(talk.state) if talk else None,
    )


def choices(found: Iterable[Offer]) -> list[tuple[UUID, str, str]]:
    """Offers to choose an answer from: id, what it is called, and what it costs."""
    return [(offer.pk, f"{offer.dataset.title} · {offer.title}", _price(offer)) for offer in found]


def _row(row: DataRequest, by: Actor, answers: int) -> Row:
    themes = [str(words.THEMES.get(code, code)) for code in row.themes]
    budget = row.budget if data_request_queries.knows_budget(by, row) else None
    return Row(row, of_data_request(row), themes, purpose_words(row.purpose), budget, answers)


def _standings(terms: object) -> list[tuple[str, int]]:
    deed = rights.deed_of(usage_terms.thaw(terms), names={})
    counts = (
        (kind, sum(row.standing == kind for row in deed)) for kind in ("enforced", "evidenced", "promised")
    )
    return [(kind, count) for kind, count in counts if count]


def _price(offer: Offer) -> str:
    plan = plans.parse(offer.plan)
    if plan.price is None:
        return plan_words.name(plan)
    words = _("from %(amount)s, excl. VAT") if offer.choices else _("%(amount)s, excl. VAT")
    return words % {"amount": plan_words.whole(plan)}


def _fit(one: Fit) -> Badge:
    """What was asked for, and how the offer answers it, in the reader's language."""
    if one.about == "budget" and one.is_met is None:
        return Badge(_("In another currency than the budget"), "warn", "tilde")
    met = {
        "purpose": (_("Purpose permitted"), _("Purpose not permitted")),
        "country": (_("Country permitted"), _("Country not permitted")),
        "budget": (_("Within the budget"), _("Over the budget")),
        "market": ("", _("Not on the market any more")),
        "destination": ("", described(403, one.reason).sentence.rstrip(".")),
        "clause": ("", _("Stands against it: %(clause)s") % {"clause": rights.heading_of(one.clause)}),
    }
    yes, no = met[one.about]
    return Badge(yes, "ok", "check") if one.is_met else Badge(no, "stop", "cross")
