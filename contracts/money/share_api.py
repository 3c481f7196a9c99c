"""The route by which a seller proposes who earns what part of its dataset."""

from typing import Any
from uuid import UUID

from ninja import Router, Status

from datasets import queries as datasets
from exchange.participants.actors.auth import ApiRequest
from payments.shares import shares
from payments.shares.schemas import SplitIn, SplitOut

router = Router(tags=["contracts"])


@router.post("/datasets/{uuid:dataset_id}/shares", response={201: SplitOut})
def propose_shares(request: ApiRequest, dataset_id: UUID, given: SplitIn) -> Any:
    """Ask every party to accept its part; until all have, the version in force goes on. What was sold stays so."""
    dataset = datasets.dataset_visible_to(request.auth, dataset_id)
    subject, by = f"dataset:{dataset.pk}", request.auth
    if any(part.weight is not None for part in given.parts):
        split = shares.propose_by_weights(
            subject, owner=dataset.seller, weights=given.weights(), measure=given.measure, by=by
        )
    else:
        split = shares.propose(subject, owner=dataset.seller, basis_points=given.basis_points(), by=by)
    return Status(201, SplitOut.of(split))
