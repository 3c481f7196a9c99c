"""What the API's shapes share: strict input, text that can be shown, money, pages."""

from typing import Annotated, Any, Generic, TypeVar

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field

from exchange.kernel import money, text
from exchange.kernel.errors import Invalid
from exchange.kernel.pagination import LARGEST_PAGE, PAGE_SIZE

Row = TypeVar("Row")


class In(Schema):
    """An input: what it does not name is refused, so a misspelt field is never dropped in silence."""

    model_config = ConfigDict(extra="forbid")


def _refusing(clean: Any, **limits: Any) -> AfterValidator:
    def validate(value: str) -> str:
        try:
            return str(clean(value, **limits))
        except Invalid as refusal:
            raise ValueError(refusal.detail) from None

    return AfterValidator(validate)


Line = Annotated[str, _refusing(text.line, name="this text")]
LongLine = Annotated[str, _refusing(text.line, name="this text", at_most=500)]
Prose = Annotated[str, _refusing(text.prose, name="this text")]
OptionalLine = Annotated[str, _refusing(text.line, name="this text", at_least=0)]


class MoneyIn(In):
    amount_minor: Annotated[int, Field(strict=True)]
    currency: Annotated[str, Field(min_length=3, max_length=3)]

    def money(self) -> money.Money:
        return money.price(self.amount_minor, self.currency)


class MoneyOut(Schema):
    amount_minor: int
    currency: str

    @classmethod
    def of(cls, value: money.Money) -> "MoneyOut":
        return cls(amount_minor=value.minor, currency=value.currency)


class PageQuery(In):
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = PAGE_SIZE


class PageOut(Schema, Generic[Row]):
    items: list[Row]
    next_cursor: str | None


class ReasonIn(In):
    reason: Annotated[str, _refusing(text.reason)]
