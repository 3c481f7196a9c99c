"""In and out shapes of the API of groups."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema

from contracts.groups import groups
from contracts.models import Group
from exchange.kernel.schemas import In, Line


class GroupIn(In):
    name: Line


class MemberIn(In):
    participant_id: UUID


class GroupMemberOut(Schema):
    participant_id: UUID
    name: str


class GroupOut(Schema):
    """`members` are those of now."""

    id: UUID
    name: str
    created_at: datetime
    members: list[GroupMemberOut]


def group_out(group: Group) -> dict[str, Any]:
    members = [{"participant_id": row_id, "name": name} for row_id, name in groups.members_of(group)]
    return {"id": group.pk, "name": group.name, "created_at": group.created_at, "members": members}
