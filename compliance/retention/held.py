"""What the standing legal holds cover of a batch that is about to go. In doubt it is kept."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from compliance.models import LegalHold, TransferRecord
from compliance.retention import legal_holds
from exchange.kernel.models import Event
from exchange.participants.models import ApiClient, Pseudonym, VaultRecord

Scope = LegalHold.Scope
_SOON = timedelta(seconds=1)  # a row of the desk knows times to the millisecond
_AT_ONCE = 500


@dataclass(frozen=True)
class Standing:
    """The holds that stand, by what they cover."""

    holds: Sequence[LegalHold]
    targets: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def at(cls, moment: datetime) -> "Standing":
        holds = list(legal_holds.standing(moment).order_by("pk"))
        targets: dict[str, set[str]] = {scope: set() for scope in Scope.values}
        for hold in holds:
            targets[hold.scope].add(hold.target)
        targets[Scope.PERSON] = {
            name for person in targets[Scope.PERSON] for name in legal_holds.names_of(person)
        }
        return cls(holds, targets)

    def covers_moment(self, moment: datetime) -> bool:
        """Whether a hold on a period, or on a year of the log, covers what was made then."""
        return self.covers_time(moment, moment)

    def covers_time(self, first: datetime, last: datetime) -> bool:
        """Whether a hold on a period, or on a year of the log, covers some of this time."""
        return any(overlaps(hold, first, last) for hold in self.holds)

    def records(self, rows: Collection[VaultRecord]) -> set[UUID]:
        """Those of the vault's records, of who acted, that a hold covers: by time, by person, by organisation, or
        because the transfer that they were sealed for is of something held."""
        found = {
            row.pk
            for row in rows
            if self.covers_moment(row.created_at) or row.key_id in self.targets[Scope.PERSON]
        }
        if self.targets[Scope.PARTICIPANT]:
            names = self.names_of_organisations({row.key_id for row in rows})
            found.update(row.pk for row in rows if row.key_id in names)
        return found | self._of_transfers(rows)

    def names_of_organisations(self, names: Iterable[str]) -> set[str]:
        """Those of the names that belong to an organisation that is held."""
        of, wanted = [UUID(one) for one in self.targets[Scope.PARTICIPANT]], list(names)
        people = Pseudonym.objects.filter(name__in=wanted, member__participant__in=of)
        clients = ApiClient.objects.filter(pk__in=wanted, participant__in=of)
        return {*people.values_list("name", flat=True), *clients.values_list("pk", flat=True)}

    def _of_transfers(self, rows: Collection[VaultRecord]) -> set[UUID]:
        datasets, agreements = self.targets[Scope.DATASET], self.targets[Scope.AGREEMENT]
        sellers = self.targets[Scope.PARTICIPANT]
        if not rows or not (datasets or agreements or sellers):
            return set()
        first, last = min(row.created_at for row in rows), max(row.created_at for row in rows)
        held = TransferRecord.objects.filter(
            Q(dataset_id__in=datasets) | Q(agreement_id__in=agreements) | Q(seller_id__in=sellers),
            started_at__range=(first - _SOON, last + _SOON),
        )
        found: set[UUID] = set()
        subjects: list[str] = []
        for pk in held.values_list("pk", flat=True).iterator(chunk_size=_AT_ONCE):
            subjects.append(f"transfer:{pk}")
            if len(subjects) == _AT_ONCE:
                found |= _sealed_for(subjects)
                subjects = []
        return found | _sealed_for(subjects)


@transaction.atomic(savepoint=False)
def require_person_free(record_id: UUID, *, at: datetime) -> None:
    """Conflict where a hold covers anything that the vault keeps of who made one of its records, under any of their
    names. No hold is placed on it before the open transaction ends."""
    legal_holds.fence()
    record = VaultRecord.objects.filter(pk=record_id).first()
    if record is None:
        return
    names = legal_holds.names_of(record.key_id)
    rows = list(VaultRecord.objects.filter(key__in=names, sealed__isnull=False))
    standing = Standing.at(at)
    if standing.records(rows):
        legal_holds.refuse_held(standing.holds)


def overlaps(hold: LegalHold, first: datetime, last: datetime) -> bool:
    """Whether a hold on a period, or on a year of the log, covers some of this time; no other hold does."""
    if hold.scope == Scope.LOG_YEAR:
        return first.astimezone(UTC).year <= int(hold.target) <= last.astimezone(UTC).year
    return hold.since is not None and hold.until is not None and hold.since <= last and first <= hold.until


def _sealed_for(subjects: Sequence[str]) -> set[UUID]:
    """The vault's records that the starts of these transfers name."""
    found = set()
    for leaf in Event.objects.filter(subject__in=subjects, name="transfer.started").values_list(
        "leaf", flat=True
    ):
        sealed = json.loads(bytes(leaf)).get("facts", {}).get("sealed")
        if isinstance(sealed, dict):
            found.add(UUID(sealed["record"]))
    return found
