"""Proofs and bundles over HTTP, as files."""

from uuid import UUID

from django.http import HttpResponse
from ninja import Router

from compliance.bundles import evidence
from exchange.look.answers import as_file
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])


@router.get("/events/{uuid:event_id}/proof")
def event_proof(request: ApiRequest, event_id: UUID) -> HttpResponse:
    """The event with its proof, as one `.tlog-proof` file that `comptoir-verify proof` checks offline."""
    text = evidence.proof_of(event_id, visible_to=request.auth)
    return as_file(text.encode(), name=f"{event_id}.tlog-proof", media_type="text/plain; charset=utf-8")


@router.get("/transfers/{uuid:transfer_id}/evidence")
def transfer_evidence(request: ApiRequest, transfer_id: UUID) -> HttpResponse:
    """All events of a transfer with their proofs, as a zip that `comptoir-verify bundle` checks offline."""
    data = evidence.bundle_about(f"transfer:{transfer_id}", visible_to=request.auth)
    return as_file(data, name=f"transfer-{transfer_id}.zip", media_type="application/zip")
