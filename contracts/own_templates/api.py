"""The templates that a seller keeps, over HTTP. Offers are written from their clauses; nothing refers to them."""

from typing import Any
from uuid import UUID

from ninja import Query, Router, Status

from contracts.models import OwnTemplate
from contracts.own_templates import own_templates
from contracts.own_templates import schemas as shape
from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["contracts"])
_ONE = "/templates/{uuid:template_id}"


@router.get("/templates", response=PageOut[shape.TemplateOut])
def list_templates(request: ApiRequest, wanted: Query[PageQuery]) -> Any:
    """Your own, newest first."""
    rows = own_templates.templates_visible_to(request.auth)
    found = page(rows, cursor=wanted.cursor, limit=wanted.limit)
    return {"items": found.items, "next_cursor": found.next_cursor}


@router.post("/templates", response={201: shape.TemplateOut})
def keep_template(request: ApiRequest, body: shape.TemplateIn) -> Any:
    """Keep clauses under a name; the same again are the same template."""
    return Status(201, own_templates.keep(body.name, body.terms, by=request.auth))


@router.get(_ONE, response=shape.TemplateOut)
def show_template(request: ApiRequest, template_id: UUID) -> Any:
    return _found(request, template_id)


@router.patch(_ONE, response=shape.TemplateOut)
def change_template(request: ApiRequest, template_id: UUID, body: shape.TemplateChangeIn) -> Any:
    """Another name, other clauses, or both; offers that began with it stay as they are."""
    return own_templates.change(_found(request, template_id), name=body.name, terms=body.terms, by=request.auth)


@router.delete(_ONE, response={204: None})
def drop_template(request: ApiRequest, template_id: UUID) -> Any:
    own_templates.drop(_found(request, template_id), by=request.auth)
    return Status(204, None)


def _found(request: ApiRequest, template_id: UUID) -> OwnTemplate:
    return own_templates.template_visible_to(request.auth, template_id)
