"""The API of destinations, the register of transfer bases and the legal profile, for officers' own tools; importers and
exporters read their own bases here."""

from datetime import UTC
from typing import Any
from uuid import UUID

from ninja import Query, Router, Status

from compliance.destinations import bases, desk
from compliance.destinations.bases import Entry
from compliance.destinations.desk import Question
from compliance.destinations.schemas import (
    BasisIn,
    BasisOut,
    DestinationOut,
    DestinationQuery,
    InstalledOut,
    LawOut,
    NoteIn,
)
from compliance.legal import installation
from compliance.models import InstalledProfile, TransferBasis
from exchange.kernel.pagination import Page
from exchange.kernel.schemas import PageOut, PageQuery, ReasonIn
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])


@router.get("/compliance/destinations", response=DestinationOut)
def ask_destination(request: ApiRequest, asked: Query[DestinationQuery]) -> dict[str, Any]:
    """May personal data go there, to whom, under which mechanism? As the gate would answer now."""
    given = asked.dict()
    words = given.pop("shown").split(",")
    on = given.pop("on") or request.auth.at.astimezone(UTC).date()
    shown = tuple(word.strip() for word in words if word.strip())
    found = desk.ask(Question(**given, on=on, shown=shown), by=request.auth)
    answer, profile = found.destination, found.profile
    return {
        "allowed": answer.allowed,
        "mechanism": answer.mechanism,
        "decision": answer.decision,
        "basis_id": answer.basis.id if answer.basis else None,
        "reason": answer.reason,
        "until": answer.valid_to,
        "profile_version": profile.version,
        "profile_sha256": profile.sha256,
    }


@router.get("/compliance/destinations/bases", response=PageOut[BasisOut])
def list_transfer_bases(request: ApiRequest, wanted: Query[PageQuery]) -> Page[TransferBasis]:
    """The register of transfer bases, newest first; for an importer or exporter its own."""
    return desk.look_at_bases(cursor=wanted.cursor, limit=wanted.limit, by=request.auth)


@router.post("/compliance/destinations/bases", response={201: BasisOut})
def record_transfer_basis(request: ApiRequest, given: BasisIn) -> Status[TransferBasis]:
    """Record a transfer basis. It counts once it is confirmed."""
    return Status(201, bases.record(Entry(**given.dict()), by=request.auth))


@router.get("/compliance/destinations/bases/{uuid:basis_id}", response=BasisOut)
def read_transfer_basis(request: ApiRequest, basis_id: UUID) -> TransferBasis:
    return desk.open_basis(basis_id, by=request.auth)


@router.post("/compliance/destinations/bases/{uuid:basis_id}/confirm", response=BasisOut)
def confirm_transfer_basis(request: ApiRequest, basis_id: UUID) -> TransferBasis:
    """Confirm what another officer has recorded."""
    return bases.confirm(bases.basis_visible_to(request.auth, basis_id), by=request.auth)


@router.post("/compliance/destinations/bases/{uuid:basis_id}/revoke", response=BasisOut)
def revoke_transfer_basis(request: ApiRequest, basis_id: UUID, given: ReasonIn) -> TransferBasis:
    """End a basis for good; the next transfer under it is refused."""
    return bases.revoke(bases.basis_visible_to(request.auth, basis_id), given.reason, by=request.auth)


@router.get("/compliance/destinations/law", response=LawOut)
def read_law(request: ApiRequest) -> dict[str, Any]:
    """The legal profile in force, and those that were installed."""
    found = desk.law_in_force(by=request.auth)
    source = "file" if found.is_file else "installed" if found.installed else "packaged"
    return {
        "version": found.profile.version,
        "serial": found.profile.serial,
        "sha256": found.profile.sha256,
        "as_of": found.profile.as_of,
        "source": source,
        "is_old": found.is_old,
        "installed": list(desk.history(by=request.auth)),
    }


@router.post("/compliance/destinations/law", response={201: InstalledOut})
def install_law(request: ApiRequest, given: NoteIn) -> Status[InstalledProfile]:
    """Install a signed legal profile; every decision from now on follows it."""
    return Status(201, installation.install(given.note.encode(), by=request.auth))
