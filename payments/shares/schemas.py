"""What the API takes and shows of who earns what part of a subject."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field

from exchange.kernel.errors import Invalid
from exchange.kernel.pagination import Page
from exchange.kernel.schemas import In, OptionalLine, PageOut
from payments.models import Split

_Whole = Annotated[int, Field(strict=True, ge=0, le=10**15)]


class PartIn(In):
    """A party's part: `basis_points` of 10,000, or what it has contributed as a `weight`."""

    party_id: UUID
    basis_points: _Whole | None = None
    weight: _Whole | None = None


class SplitIn(In):
    """All parties give basis points, or all give weights; `measure` then says what these count, such as rows."""

    parts: Annotated[list[PartIn], Field(min_length=1, max_length=50)]
    measure: OptionalLine = ""

    def basis_points(self) -> dict[UUID, int]:
        return self._only({part.party_id: part.basis_points for part in self.parts})

    def weights(self) -> dict[UUID, int]:
        return self._only({part.party_id: part.weight for part in self.parts})

    def _only(self, given: Mapping[UUID, int | None]) -> dict[UUID, int]:
        found = {party: value for party, value in given.items() if value is not None}
        if len(found) != len(self.parts) or any(
            part.basis_points is not None and part.weight is not None for part in self.parts
        ):
            raise Invalid(
                "name each party once, all with basis_points or all with weights", code="shares_do_not_add_up"
            )
        return found


class ShareOut(Schema):
    party_id: UUID
    name: str
    basis_points: int
    weight: int | None
    accepted_at: datetime | None


class SplitOut(Schema):
    id: UUID
    state: str
    subject: str
    number: int
    seller_id: UUID
    measure: str
    reason: str
    shares: list[ShareOut]
    proposed_at: datetime
    decided_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, split: Split) -> "SplitOut":
        """A version with the part of each party; one of zero agrees to leave."""
        return cls(
            id=split.pk,
            state=split.state,
            subject=split.subject,
            number=split.number,
            seller_id=split.owner_id,
            measure=split.measure,
            reason=split.reason,
            shares=[
                ShareOut(
                    party_id=share.party_id,
                    name=share.party.name,
                    basis_points=share.basis_points,
                    weight=share.weight,
                    accepted_at=share.accepted_at,
                )
                for share in split.shares.select_related("party").order_by("party_id")
            ],
            proposed_at=split.proposed_at,
            decided_at=split.decided_at,
            ended_at=split.ended_at,
        )

    @classmethod
    def page_of(cls, page: Page[Split]) -> "PageOut[SplitOut]":
        """A page of versions."""
        return PageOut(items=[cls.of(row) for row in page.items], next_cursor=page.next_cursor)
