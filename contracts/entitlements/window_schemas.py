"""Out shapes of what a right reaches."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema

from contracts.entitlements import windows
from contracts.models import Entitlement
from datasets import datasets
from datasets import queries as dataset_queries
from datasets.models import Revision


class ReachedFileOut(Schema):
    id: UUID
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    copies_used: int


class ReachedOut(Schema):
    """One revision that a right reaches. `is_agreed`: the contract names it; `is_cleared`: it is measured, readable and
    through the gate."""

    id: UUID
    number: int
    state: str
    digest: str
    sealed_at: datetime
    is_agreed: bool
    is_cleared: bool
    files: list[ReachedFileOut]


def reached_out(right: Entitlement, revisions: Sequence[Revision]) -> list[dict[str, Any]]:
    """These revisions of a right, with their files."""
    files = dataset_queries.assets_of_several(one.pk for one in revisions)
    used = windows.copies_used(right, [one.pk for one in revisions])
    own = ("id", "number", "state", "digest", "sealed_at")
    return [
        {name: getattr(one, name) for name in own}
        | {
            "is_agreed": one.pk == right.revision_id,
            "is_cleared": datasets.is_cleared(one),
            "files": [
                {
                    "id": asset.pk,
                    "name": asset.name,
                    "media_type": asset.media_type,
                    "size_bytes": asset.size_bytes,
                    "sha256": asset.sha256,
                    "copies_used": used.get(asset.pk, 0),
                }
                for asset in files.get(one.pk, ())
            ],
        }
        for one in revisions
    ]
