"""What the API's shapes share: strict input, text that can be shown, money, pages."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from ninja import Schema
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

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


def _written(value: object) -> object:
    if value is not None and not isinstance(value, str | date):
        raise ValueError("a date is text, written YYYY-MM-DD")
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("this time is outside the years 1 to 9999") from None


Day = Annotated[date, BeforeValidator(_written)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


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


class QueryIn(In):
    """A query string: what it does not name is refused too, because a misspelt filter would show everything."""

    @model_validator(mode="after")
    def _know_every_name(self, info: ValidationInfo) -> Self:
        # Names that no field has are dropped before they come here, so they are looked up in the request.
        if info.context and (request := info.context.get("request")):
            known = {field.alias or name for name, field in type(self).model_fields.items()}
            if unknown := sorted(set(request.GET) - known):
                raise ValueError(
                    f"there is no filter “{unknown[0][:80]}”; there are {', '.join(sorted(known))}"
                )
        return self


class PageQuery(QueryIn):
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = PAGE_SIZE


class PageOut(Schema, Generic[Row]):
    items: list[Row]
    next_cursor: str | None


class ReasonIn(In):
    reason: Annotated[str, _refusing(text.reason)]
