"""In and out shapes of data requests and their answers."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema

from contracts.data_requests import fitting
from contracts.data_requests.data_requests import Wish
from contracts.data_requests.queries import knows_budget
from contracts.models import DataRequest, DataRequestAnswer
from exchange.kernel.actors import Actor
from exchange.kernel.schemas import In, Line, Moment, MoneyIn, MoneyOut, OptionalLine, PageQuery, Prose


class WishIn(In):
    """`budget` is shown to sellers only where `shows_budget` says so."""

    title: Line
    wanted: Prose
    themes: list[str]
    purpose: str
    country: str
    closes_at: Moment
    budget: MoneyIn | None = None
    shows_budget: bool = False

    def wish(self) -> Wish:
        given = {name: getattr(self, name) for name in Wish.__dataclass_fields__}
        return Wish(**{**given, "budget": self.budget.money() if self.budget else None})


class DataRequestIn(WishIn):
    """`sellers` are the only ones for whom it exists; without them it is for all."""

    sellers: list[UUID] | None = None


class ChangeIn(WishIn):
    edition: int | None = None


class AnswerIn(In):
    offer_id: UUID
    edition: int | None = None
    note: Prose = ""


class CloseIn(In):
    """`seen`: how many answers you have read of."""

    outcome: Literal["found", "not_found"]
    seen: int | None = None


class DeclineIn(In):
    word: Prose = ""


class DataRequestQuery(PageQuery):
    q: OptionalLine = ""
    theme: OptionalLine = ""
    state: Literal["", "open", "closed"] = ""


class DataRequestOut(Schema):
    """`budget` is null where none is set, and for sellers to whom it is not shown."""

    id: UUID
    buyer_id: UUID
    state: str
    outcome: str
    title: str
    wanted: str
    themes: list[str]
    purpose: str
    country: str
    budget: MoneyOut | None
    audience: str
    edition: int
    published_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    reason: str


class FitOut(Schema):
    """`about`: market, purpose, country, budget, destination or clause. `is_met` is null where it cannot be
    compared."""

    about: str
    is_met: bool | None
    reason: str
    clause: str


class AnswerOut(Schema):
    """`plan` and `fits` are of the offer; where it leaves a choice, of the one that fits best."""

    id: UUID
    data_request_id: UUID
    offer_id: UUID
    dataset_id: UUID
    seller_id: UUID
    buyer_id: UUID
    state: str
    choice: int | None
    plan: dict[str, Any]
    note: str
    word: str
    given_at: datetime
    fits: list[FitOut]


def data_request_out(row: DataRequest, actor: Actor) -> dict[str, Any]:
    budget = row.budget if knows_budget(actor, row) else None
    own = {name: getattr(row, name) for name in DataRequestOut.model_fields}
    return own | {"budget": MoneyOut.of(budget) if budget else None}


def answer_out(row: DataRequestAnswer, actor: Actor) -> dict[str, Any]:
    wanted = row.data_request
    best = fitting.of(row.offer, wanted, at=actor.at, with_budget=knows_budget(actor, wanted))
    own = ("id", "data_request_id", "offer_id", "seller_id", "buyer_id", "state", "note", "word", "given_at")
    return {name: getattr(row, name) for name in own} | {
        "dataset_id": row.offer.dataset_id,
        "choice": best.choice.number,
        "plan": dict(best.choice.plan),
        "fits": [vars(one) for one in best.fits],
    }
