"""The API of the transfer map, for officers."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field

from compliance.flows import desk
from compliance.flows.drawing import Way
from compliance.flows.queries import Asked
from exchange.kernel.schemas import QueryIn
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])
Month = Annotated[str, Field(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")]


class FlowQuery(QueryIn):
    """`from` and `to` are the first and the last month that count, such as 2026-11, in the exchange's own zone."""

    since: Annotated[Month | None, Field(alias="from")] = None
    until: Annotated[Month | None, Field(alias="to")] = None
    dataset: UUID | None = None
    seller: UUID | None = None
    mechanism: Annotated[str, Field(pattern="^[a-z_]{1,24}$")] | None = None

    def asked(self) -> Asked:
        return Asked(_month(self.since), _month(self.until), self.dataset, self.seller, self.mechanism)


class FlowOut(Schema):
    """What was refused counts nowhere; a running transfer counts with the bytes that the log says."""

    country_from: str
    country_to: str
    mechanism: str
    transfers: int
    sent_bytes: int


class FlowsOut(Schema):
    items: list[FlowOut]
    next_cursor: None = None


@router.get("/compliance/flows", response=FlowsOut)
def list_flows(request: ApiRequest, asked: Query[FlowQuery]) -> dict[str, list[Way]]:
    """Where data went, by country and mechanism, the most frequent first."""
    return {"items": desk.look(asked.asked(), by=request.auth)}


def _month(written: str | None) -> date | None:
    return date.fromisoformat(f"{written}-01") if written else None
