"""In and out shapes of the templates that sellers keep."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from contracts.own_templates import own_templates
from exchange.kernel.schemas import In

Name = Annotated[str, Field(min_length=1, max_length=own_templates.LONGEST_NAME)]


class TemplateIn(In):
    name: Name
    terms: list[dict[str, Any]]


class TemplateChangeIn(In):
    """What is left out stays as it is."""

    name: Name | None = None
    terms: list[dict[str, Any]] | None = None


class TemplateOut(Schema):
    id: UUID
    seller_id: UUID
    name: str
    terms: list[dict[str, Any]]
    kept_at: datetime
    changed_at: datetime
