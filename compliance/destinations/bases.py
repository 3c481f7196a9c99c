"""The register of transfer bases: recorded by an officer, confirmed by another, revoked for a reason. A derogation
carries one transfer and is not repeated."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from compliance.destinations.destinations import Basis
from compliance.legal import deadlines, in_force
from compliance.legal.profile import LegalProfile
from compliance.legal.readings import is_country
from compliance.models import TransferBasis
from compliance.retention.legal_holds import names_of
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.states import transition
from exchange.participants.models import Participant

State, Mechanism = TransferBasis.State, TransferBasis.Mechanism
MOST_READ = 50
"""Of one importer's bases for one country; more than that are not looked at."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Entry:
    """What an officer records. `exporter_id` is None where the paper stands for every seller."""

    importer_id: UUID
    country: str
    mechanism: str
    document: str
    valid_from: date
    valid_to: date | None = None
    exporter_id: UUID | None = None
    module: str = ""
    ground: str = ""
    dataset_id: UUID | None = None
    document_sha256: str = ""
    assessment: str = ""
    assessed_on: date | None = None
    review_due: date | None = None
    measures: str = ""
    reasons: str = ""


@transaction.atomic
def record(entry: Entry, *, by: Actor) -> TransferBasis:
    """Enter a transfer basis, which counts once it is confirmed."""
    by.require(Scope.AUDIT)
    if by.participant_id is None:
        raise Forbidden("the register is kept by the exchange's officers", code="scope_missing")
    profile, today = in_force.current(), by.at.astimezone(UTC).date()
    kind = _kind(entry, profile)
    typed = _typed(entry, kind)
    # Two derogations for one importer are recorded one after the other.
    importer = Participant.objects.select_for_update().filter(pk=entry.importer_id).first()
    if importer is None or not _is_known(entry.exporter_id):
        raise Invalid("there is no such organisation", code="unknown_organisation")
    _require_place(entry, profile)
    assessed_on, review_due = _assessed(entry, profile, today)
    if entry.valid_to is not None and entry.valid_to < max(entry.valid_from, today):
        raise Invalid("the last day lies before the first, or in the past", code="basis_over")
    if kind == Mechanism.DEROGATION:
        _require_first(entry, profile, by.at)
    in_force.keep(profile, now=by.at)
    basis = TransferBasis.objects.create(
        importer=importer,
        exporter_id=entry.exporter_id,
        country=entry.country,
        mechanism=kind,
        module=entry.module,
        ground=entry.ground,
        dataset_id=entry.dataset_id,
        document_sha256=entry.document_sha256,
        assessed_on=assessed_on,
        review_due=review_due,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        profile_version=profile.version,
        profile_sha256=profile.sha256,
        operator_id=by.participant_id,
        entered_by=by.name,
        entered_at=by.at,
        **typed,
    )
    events.record(
        "transferbasis.recorded", basis, by=by, typed={name: said for name, said in typed.items() if said}
    )
    return basis


@transaction.atomic
def confirm(basis: TransferBasis, *, by: Actor) -> TransferBasis:
    """Let a basis count. Where the settings ask for four eyes, whoever recorded it cannot."""
    by.require(Scope.AUDIT)
    if settings.EXCHANGE_BASIS_FOUR_EYES and by.name in names_of(basis.entered_by):
        raise Forbidden("another officer confirms what you have recorded", code="same_person")
    return transition(basis, "confirm", by=by, confirmed_by=by.name, confirmed_at=by.at)


@transaction.atomic
def revoke(basis: TransferBasis, reason: str, *, by: Actor) -> TransferBasis:
    """End a basis for good; the next transfer under it is refused."""
    by.require(Scope.AUDIT)
    given = text.reason(reason)
    return transition(basis, "revoke", by=by, typed={"reason": given}, revoked_at=by.at, revoked_for=given)


def spend(basis_id: UUID, *, transfer_id: UUID, agreement_id: UUID, by: Actor) -> bool:
    """Freeze a derogation to the one transfer that it carries; whether it was there to be used."""
    basis = TransferBasis.objects.get(pk=basis_id)
    used = {"transfer": str(transfer_id), "agreement": str(agreement_id)}
    try:
        transition(
            basis,
            "spend",
            by=by,
            facts=used,
            transfer_id=transfer_id,
            agreement_id=agreement_id,
            spent_at=by.at,
        )
    except Conflict:
        return False
    return True


def of(
    importer_id: UUID,
    *,
    exporter_id: UUID | None,
    dataset_id: UUID | None,
    transfer_id: UUID | None = None,
) -> tuple[Basis, ...]:
    """What the register holds for an importer that a decision may rest on, the newest first; `transfer_id` is the
    transfer that is to go on."""
    rows = TransferBasis.objects.filter(
        Q(exporter_id=None) | Q(exporter_id=exporter_id),
        Q(dataset_id=None) | Q(dataset_id=dataset_id),
        importer_id=importer_id,
    )
    standing = rows.exclude(state=State.REVOKED).order_by("-entered_at", "-pk")
    return tuple(as_known(row, transfer_id) for row in standing[:MOST_READ])


def as_known(row: TransferBasis, transfer_id: UUID | None = None) -> Basis:
    """A row as a decision knows it."""
    is_in_use = row.state == State.SPENT and transfer_id is not None and row.transfer_id == transfer_id
    return Basis(
        id=str(row.pk),
        mechanism=row.mechanism,
        country=row.country,
        detail=row.module or row.ground,
        state="in_use" if is_in_use else row.state,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        review_due=row.review_due,
    )


def bases_visible_to(actor: Actor) -> QuerySet[TransferBasis]:
    """The register for officers; its own rows for an importer or exporter."""
    rows = TransferBasis.objects.select_related("importer", "exporter").order_by("-entered_at", "-pk")
    if actor.can(Scope.AUDIT):
        return rows
    actor.require(Scope.READ)
    return rows.filter(Q(importer_id=actor.participant_id) | Q(exporter_id=actor.participant_id))


def basis_visible_to(actor: Actor, basis_id: UUID) -> TransferBasis:
    """One row of the register."""
    found = bases_visible_to(actor).filter(pk=basis_id).first()
    if found is None:
        raise NotFound("there is no such transfer basis")
    return found


def _kind(entry: Entry, profile: LegalProfile) -> TransferBasis.Mechanism:
    """The mechanism, once the profile knows it and what belongs to it."""
    if entry.mechanism not in Mechanism.values or (safeguard := profile.safeguard(entry.mechanism)) is None:
        raise Invalid("the legal profile knows no such mechanism", code="basis_malformed")
    kind = Mechanism(entry.mechanism)
    modules = {module.code for module in safeguard.modules}
    if (entry.module not in modules) if modules else entry.module:
        raise Invalid(f"the module is one of {', '.join(sorted(modules)) or 'none'}", code="basis_malformed")
    is_derogation = kind == Mechanism.DEROGATION
    grounds = {ground.code for ground in profile.grounds("49(1)")} if is_derogation else {""}
    if entry.ground not in grounds or (entry.dataset_id is not None) != is_derogation:
        raise Invalid(
            "a derogation names its ground and the one dataset that it is for, and nothing else does",
            code="basis_malformed",
        )
    if entry.document_sha256 and not _SHA256.fullmatch(entry.document_sha256):
        raise Invalid("a SHA-256 has 64 characters from 0 to 9 and a to f", code="basis_malformed")
    return kind


def _typed(entry: Entry, kind: TransferBasis.Mechanism) -> Mapping[str, str]:
    is_derogation = kind == Mechanism.DEROGATION
    return {
        "document": text.line(entry.document, name="document"),
        "assessment": text.line(entry.assessment, name="assessment", at_least=0),
        "measures": text.prose(entry.measures, name="measures", at_most=4_000),
        "reasons": text.prose(
            entry.reasons, name="reasons", at_least=10 if is_derogation else 0, at_most=4_000
        ),
    }


def _is_known(participant_id: UUID | None) -> bool:
    return participant_id is None or Participant.objects.filter(pk=participant_id).exists()


def _require_place(entry: Entry, profile: LegalProfile) -> None:
    if not is_country(entry.country):
        raise Invalid("a country is named by its ISO 3166-1 code of two letters", code="country_malformed")
    if entry.country in profile.eea:
        raise Conflict("within the European Economic Area nothing is needed", code="no_basis_needed")


def _assessed(entry: Entry, profile: LegalProfile, today: date) -> tuple[date | None, date | None]:
    """The day of the assessment, and when it is looked at again: as the profile asks, or earlier."""
    if entry.assessed_on is None:
        return None, None
    if entry.assessed_on > today:
        raise Invalid("an assessment lies in the past", code="basis_malformed")
    latest = deadlines.day_after(profile.period("tia.review"), entry.assessed_on)
    if entry.review_due is not None and not entry.assessed_on < entry.review_due <= latest:
        raise Invalid(
            f"an assessment of {entry.assessed_on} is looked at again by {latest}", code="review_late"
        )
    return entry.assessed_on, entry.review_due or latest


def _require_first(entry: Entry, profile: LegalProfile, at: datetime) -> None:
    """Refuse a derogation for what one was taken for a while ago: it would be repetitive."""
    apart = profile.period("derogation.apart")
    earlier = TransferBasis.objects.filter(
        ~Q(state=State.REVOKED),
        importer_id=entry.importer_id,
        dataset_id=entry.dataset_id,
        mechanism=Mechanism.DEROGATION,
    ).order_by("-entered_at")
    for row in earlier[:1]:
        over = deadlines.day_after(apart, row.entered_at.astimezone(UTC).date())
        if at < datetime.combine(over, time.min, UTC):
            raise Conflict(
                "a derogation is for one transfer, and this importer has had one for this dataset; the next is "
                f"possible from {over}",
                code="derogation_repeated",
            )
