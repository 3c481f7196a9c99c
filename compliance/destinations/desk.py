"""An officer's looks at the law and at the register of transfer bases: each is an Event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import cast
from uuid import UUID

from django.db import transaction

from compliance import desk
from compliance.destinations import bases
from compliance.destinations.destinations import Basis, Destination, PersonalData, decide
from compliance.legal import deadlines, in_force
from compliance.legal import profile as profiles
from compliance.legal.profile import Adequacy, LegalProfile
from compliance.models import InstalledProfile, TransferBasis
from exchange.kernel import pagination
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Invalid
from exchange.kernel.pagination import Page
from exchange.participants.models import Participant

MOST_SHOWN = 20


@dataclass(frozen=True)
class Question:
    """May data of this class go to an importer there, on that day? Without an importer, to anybody there who has shown
    what is `shown`."""

    country: str | None
    personal_data: str
    on: date
    importer_id: UUID | None = None
    exporter_id: UUID | None = None
    dataset_id: UUID | None = None
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answered:
    """The answer, by which law, for whom."""

    question: Question
    destination: Destination
    profile: LegalProfile
    importer: Participant | None


@dataclass(frozen=True)
class InForce:
    """The law as it is: `installed` is None for the profile that ships and for a file; `is_old` where its day lies
    longer back than it says itself that it should, `waits` a newer one that ships with the software."""

    profile: LegalProfile
    installed: InstalledProfile | None
    is_file: bool
    is_old: bool
    waits: LegalProfile | None


@transaction.atomic
def ask(question: Question, *, by: Actor) -> Answered:
    """Answer as the gate would, by the law in force and the register."""
    by.require(Scope.AUDIT)
    profile, importer = in_force.current(), None
    shown, held = frozenset(question.shown), tuple[Basis, ...]()
    if question.importer_id is not None:
        importer = Participant.objects.filter(pk=question.importer_id).first()
        if importer is None:
            raise Invalid("there is no such organisation", code="unknown_organisation")
        is_home = importer.verified_country == question.country
        shown = frozenset(importer.certifications) if is_home else frozenset()
        held = bases.of(importer.pk, exporter_id=question.exporter_id, dataset_id=question.dataset_id)
    found = decide(
        profile,
        country=question.country,
        personal_data=cast(PersonalData, question.personal_data),
        certifications=shown,
        on=question.on,
        bases=held,
    )
    asked: dict[str, Fact] = {
        "what": "destination",
        "country": question.country,
        "class": question.personal_data,
    }
    if importer is not None:
        asked["importer"] = str(importer.pk)
    desk.note(
        "officer.viewed", by, {**asked, "answer": found.mechanism or found.reason, "profile": profile.sha256}
    )
    return Answered(question, found, profile, importer)


@transaction.atomic
def look_at_bases(*, cursor: str | None, limit: int, by: Actor) -> Page[TransferBasis]:
    """A page of the register, the newest first."""
    found = pagination.page(bases.bases_visible_to(by), cursor=cursor, limit=limit)
    if by.can(Scope.AUDIT):
        desk.note("officer.viewed", by, {"what": "transfer_bases"})
    return found


@transaction.atomic
def open_basis(basis_id: UUID, *, by: Actor) -> TransferBasis:
    """One row of the register."""
    found = bases.basis_visible_to(by, basis_id)
    if by.can(Scope.AUDIT):
        desk.note("officer.viewed", by, {"what": "transfer_basis", "basis": str(basis_id)})
    return found


def law_in_force(*, by: Actor) -> InForce:
    """The law by which is decided now, for an officer."""
    by.require(Scope.AUDIT)
    profile, packaged = in_force.current(), profiles.load()
    newest = in_force.newest_installed()
    is_installed = bool(newest) and profile.sha256 == newest
    installed = InstalledProfile.objects.filter(profile_id=newest).first() if is_installed else None
    is_newer = packaged.serial > profile.serial and packaged.sha256 != profile.sha256
    return InForce(
        profile=profile,
        installed=installed,
        is_file=installed is None and profile.sha256 != packaged.sha256,
        is_old=is_old(profile, by.at),
        waits=packaged if is_newer else None,
    )


def history(*, by: Actor) -> Sequence[InstalledProfile]:
    """The profiles that were installed, the newest first."""
    by.require(Scope.AUDIT)
    return list(InstalledProfile.objects.select_related("profile").order_by("-serial")[:MOST_SHOWN])


def is_old(profile: LegalProfile, at: datetime) -> bool:
    """Whether the day that a profile speaks of lies further back than it says that it should; one that does not say is
    old."""
    if "profile.old" not in profile.names_of_periods():
        return True
    return deadlines.day_after(profile.period("profile.old"), profile.as_of) < at.astimezone(UTC).date()


def adequacy(profile: LegalProfile, on: date) -> list[tuple[Adequacy, bool]]:
    """The decisions of the Commission by country, each with whether it holds on that day."""
    rows = sorted(profile.adequacy, key=lambda row: (row.country, row.valid_from))
    return [(row, row.in_force(on)) for row in rows]
