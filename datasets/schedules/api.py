"""The seller's doors of schedules. Who may see a dataset reads its schedule: that door is in `contracts`."""

from typing import Any
from uuid import UUID

from ninja import Router, Status

from datasets import queries
from datasets.schedules import schedules
from datasets.schedules import schemas as shape
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["datasets"])


@router.put("/datasets/{uuid:dataset_id}/schedule", response=shape.ScheduleOut)
def announce_schedule(request: ApiRequest, dataset_id: UUID, body: shape.ScheduleIn) -> Any:
    """Announce when later revisions come, or change it. Days that have come due stay, and holders are told."""
    dataset = queries.dataset_visible_to(request.auth, dataset_id)
    schedules.announce(dataset, **body.model_dump(), by=request.auth)
    return shape.schedule_out(dataset, today=request.auth.at.date())


@router.delete("/datasets/{uuid:dataset_id}/schedule", response={204: None})
def end_schedule(request: ApiRequest, dataset_id: UUID) -> Any:
    """Announce no more days. Days that have come due stay, and holders are told."""
    schedules.end(queries.dataset_visible_to(request.auth, dataset_id), by=request.auth)
    return Status(204, None)
