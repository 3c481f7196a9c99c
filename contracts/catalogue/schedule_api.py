"""The door at which whoever may see a dataset reads when later revisions are announced to come, and came."""

from typing import Any
from uuid import UUID

from ninja import Router

from contracts.catalogue import catalogue
from datasets.schedules import schemas as shape
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["datasets"])


@router.get("/datasets/{uuid:dataset_id}/schedule", response=shape.ScheduleOut)
def show_schedule(request: ApiRequest, dataset_id: UUID) -> Any:
    """What is announced, and how it was kept; without a schedule its fields are null."""
    dataset = catalogue.dataset_visible_to(request.auth, dataset_id)
    return shape.schedule_out(dataset, today=request.auth.at.date())
