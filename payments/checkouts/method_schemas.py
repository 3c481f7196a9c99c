"""What the API takes and shows of ways to pay, and of a provider's pages."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Field, Schema

from exchange.kernel.schemas import In
from payments.models import PaymentMethod


class PageToPayOut(Schema):
    url: str


class KeepIn(In):
    currency: Annotated[str, Field(min_length=3, max_length=3)]


class MethodOut(Schema):
    id: UUID
    provider: str
    label: str
    is_usable: bool
    kept_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, method: PaymentMethod) -> "MethodOut":
        """The way to pay, without the provider's own references."""
        return cls(
            id=method.pk,
            provider=method.provider,
            label=method.label,
            is_usable=method.is_usable,
            kept_at=method.kept_at,
            ended_at=method.ended_at,
        )
