"""The API of groups: a seller's lists of participants, for which its offers exist."""

from typing import Any
from uuid import UUID

from ninja import Query, Router, Status

from contracts.groups import groups
from contracts.groups import schemas as shape
from contracts.models import Group
from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["contracts"])
_ONE = "/groups/{uuid:group_id}"


@router.get("/groups", response=PageOut[shape.GroupOut])
def list_groups(request: ApiRequest, wanted: Query[PageQuery]) -> Any:
    found = page(groups.groups_visible_to(request.auth), cursor=wanted.cursor, limit=wanted.limit)
    return {"items": [shape.group_out(row) for row in found.items], "next_cursor": found.next_cursor}


@router.post("/groups", response={201: shape.GroupOut})
def create_group(request: ApiRequest, body: shape.GroupIn) -> Any:
    return Status(201, shape.group_out(groups.create(body.name, by=request.auth)))


@router.get(_ONE, response=shape.GroupOut)
def show_group(request: ApiRequest, group_id: UUID) -> Any:
    return shape.group_out(_found(request, group_id))


@router.patch(_ONE, response=shape.GroupOut)
def rename_group(request: ApiRequest, group_id: UUID, body: shape.GroupIn) -> Any:
    return shape.group_out(groups.rename(_found(request, group_id), body.name, by=request.auth))


@router.delete(_ONE, response={204: None})
def delete_group(request: ApiRequest, group_id: UUID) -> Any:
    """Only a group that no offer names."""
    groups.delete(_found(request, group_id), by=request.auth)
    return Status(204, None)


@router.post(f"{_ONE}/members", response=shape.GroupOut)
def admit_member(request: ApiRequest, group_id: UUID, body: shape.MemberIn) -> Any:
    """From now on the offers of the group exist for this participant."""
    return shape.group_out(groups.admit(_found(request, group_id), body.participant_id, by=request.auth))


@router.delete(f"{_ONE}/members/{{uuid:participant_id}}", response=shape.GroupOut)
def dismiss_member(request: ApiRequest, group_id: UUID, participant_id: UUID) -> Any:
    """From now on they do not exist for it; what was signed stands."""
    return shape.group_out(groups.dismiss(_found(request, group_id), participant_id, by=request.auth))


def _found(request: ApiRequest, group_id: UUID) -> Group:
    return groups.group_visible_to(request.auth, group_id)
