"""One keyset cursor and one page-size limit for every list. Ids are UUIDv7, so newest first is by id."""

import base64
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from exchange.kernel.errors import Invalid

PAGE_SIZE = 20
LARGEST_PAGE = 100
_NEWER = "~"  # before a cursor that leads back to newer rows: base64 has no such letter

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    items: list[Row]
    next_cursor: str | None
    newer_cursor: str | None = None


def page(rows: QuerySet[Row], *, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[Row]:
    """At most `limit` of `rows`, newest first: those after the row that `cursor` names, or those just before it."""
    if not 1 <= limit <= LARGEST_PAGE:
        raise Invalid(f"limit must be from 1 to {LARGEST_PAGE}; it is {limit}")
    if cursor is not None and cursor.startswith(_NEWER):
        return _newer(rows, read_cursor(cursor.removeprefix(_NEWER)), limit)
    if cursor is not None:
        rows = rows.filter(pk__lt=read_cursor(cursor))
    found = list(rows.order_by("-pk")[: limit + 1])
    more = len(found) > limit
    newer = f"{_NEWER}{cursor_of(found[0].pk)}" if found and cursor is not None else None
    return Page(found[:limit], cursor_of(found[limit - 1].pk) if more else None, newer)


def _newer(rows: QuerySet[Row], row_id: UUID, limit: int) -> Page[Row]:
    """The page that ends just before a row; the first page where fewer than `limit` are newer."""
    found = list(rows.filter(pk__gt=row_id).order_by("pk")[: limit + 1])
    if len(found) <= limit:
        return page(rows, limit=limit)
    items = found[:limit][::-1]
    return Page(items, cursor_of(items[-1].pk), f"{_NEWER}{cursor_of(items[0].pk)}")


def cursor_of(row_id: UUID) -> str:
    """How a page names the row after which the next one begins."""
    return base64.urlsafe_b64encode(row_id.bytes).decode().rstrip("=")


def read_cursor(cursor: str) -> UUID:
    """The row that a cursor names; Invalid where it names none."""
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
    except (ValueError, TypeError):
        raise Invalid("this cursor is not one that a list answered", code="bad_cursor") from None
