"""One keyset cursor and one page-size limit for every list. Ids are UUIDv7, so newest first is by id."""

import base64
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from exchange.kernel.errors import Invalid

PAGE_SIZE = 20
LARGEST_PAGE = 100

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    items: list[Row]
    next_cursor: str | None


def page(rows: QuerySet[Row], *, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[Row]:
    """At most `limit` of `rows`, newest first, after the row that `cursor` names."""
    if not 1 <= limit <= LARGEST_PAGE:
        raise Invalid(f"limit must be from 1 to {LARGEST_PAGE}; it is {limit}")
    if cursor is not None:
        rows = rows.filter(pk__lt=_read(cursor))
    found = list(rows.order_by("-pk")[: limit + 1])
    more = len(found) > limit
    return Page(found[:limit], _cursor(found[limit - 1].pk) if more else None)


def _cursor(row_id: UUID) -> str:
    return base64.urlsafe_b64encode(row_id.bytes).decode().rstrip("=")


def _read(cursor: str) -> UUID:
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
    except (ValueError, TypeError):
        raise Invalid("this cursor is not one that a list answered", code="bad_cursor") from None
