"""The kinds of records whose time runs out: which are old enough, which a legal hold keeps, and how they go. Years of
the log are another matter, see `prunings`."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from compliance.models import (
    Breach,
    BreachRecipient,
    BreachReport,
    BreachScope,
    BreachStop,
    Export,
    LegalHold,
    SubjectRequest,
)
from compliance.retention import told
from compliance.retention.held import Standing
from exchange.kernel.actors import Actor
from exchange.participants import vault
from exchange.participants.actors import actors
from exchange.participants.models import Pseudonym, VaultKey, VaultRecord

Scope = LegalHold.Scope
_OVER = "The period of the legal profile is over."
_Rows = Sequence[Any]


@dataclass(frozen=True)
class Kind:
    """`expired` are the rows that are older than a moment, `held` those of a batch that stay, `drop` takes a batch
    away."""

    name: str
    expired: Callable[[datetime], QuerySet[Any]]
    held: Callable[[_Rows, Standing], Collection[object]]
    drop: Callable[[_Rows, Actor], None]


def _addresses(cutoff: datetime) -> QuerySet[VaultRecord]:
    """What was sealed of who acted; what people asked of the exchange is under names of another form."""
    of_actors = Q(key__id__startswith="pn_") | Q(key__id__startswith="cl_")
    return VaultRecord.objects.filter(of_actors, sealed__isnull=False, created_at__lt=cutoff)


def _empty_addresses(rows: _Rows, by: Actor) -> None:
    """A person's key goes with the last of its records, once its year is over: then nobody seals under it again."""
    vault.empty([row.pk for row in rows])
    over = Pseudonym.objects.filter(name__in={row.key_id for row in rows}, year__lt=by.at.astimezone(UTC).year)
    vault.shred_emptied(list(over.values_list("name", flat=True)), _OVER, by)


def _pseudonyms(cutoff: datetime) -> QuerySet[Pseudonym]:
    """Of years that were over by then. One whose key still opens something waits until that is gone."""
    living = VaultKey.objects.filter(wrapped__isnull=False).values("pk")
    return Pseudonym.objects.filter(year__lt=cutoff.astimezone(UTC).year).exclude(name__in=living)


def _held_pseudonyms(rows: Sequence[Pseudonym], standing: Standing) -> set[object]:
    named = standing.targets[Scope.PERSON] | standing.names_of_organisations(row.name for row in rows)
    return {
        row.name
        for row in rows
        if row.name in named
        or standing.covers_time(
            datetime(row.year, 1, 1, tzinfo=UTC), datetime(row.year, 12, 31, 23, 59, tzinfo=UTC)
        )
    }


def _forget_names(rows: Sequence[Pseudonym], by: Actor) -> None:
    for year in {row.year for row in rows}:
        actors.forget_names(year, [row.name for row in rows if row.year == year], by.at)


def _requests(cutoff: datetime) -> QuerySet[SubjectRequest]:
    """Requests that were closed by then, of which the vault still holds something."""
    living = VaultKey.objects.filter(pk__startswith="request:", wrapped__isnull=False, created_at__lt=cutoff)
    ids = [UUID(name.partition(":")[2]) for name in living.values_list("pk", flat=True)]
    return SubjectRequest.objects.filter(pk__in=ids, closed_at__lt=cutoff)


def _held_requests(rows: Sequence[SubjectRequest], standing: Standing) -> set[object]:
    asked = standing.targets[Scope.REQUEST]
    return {
        row.pk
        for row in rows
        if str(row.pk) in asked
        or row.person in standing.targets[Scope.PERSON]
        or standing.covers_time(row.received_at, row.closed_at or row.received_at)
    }


def _shred_requests(rows: Sequence[SubjectRequest], by: Actor) -> None:
    for row in rows:
        vault.shred(row.vault_name, _OVER, by)


def _breaches(cutoff: datetime) -> QuerySet[Breach]:
    return Breach.objects.filter(state=Breach.State.CLOSED, closed_at__lt=cutoff)


def _held_breaches(rows: Sequence[Breach], standing: Standing) -> set[object]:
    """Any hold may be about what a breach tells, so each keeps it but one on another time."""
    is_of_things = any(hold.scope not in (Scope.PERIOD, Scope.LOG_YEAR) for hold in standing.holds)
    return {
        row.pk
        for row in rows
        if is_of_things or standing.covers_time(row.detected_at, row.closed_at or row.opened_at)
    }


def _delete_breaches(rows: Sequence[Breach], by: Actor) -> None:
    ids = [row.pk for row in rows]
    BreachRecipient.objects.filter(scope__breach__in=ids).delete()
    for model in (BreachScope, BreachReport, BreachStop):
        model._base_manager.filter(breach__in=ids).delete()
    Breach.objects.filter(pk__in=ids).delete()


def _exports(cutoff: datetime) -> QuerySet[Export]:
    return Export.objects.filter(state=Export.State.EXPIRED, asked_at__lt=cutoff)


def _held_by_time(at: Callable[[Any], datetime]) -> Callable[[_Rows, Standing], set[object]]:
    return lambda rows, standing: {row.pk for row in rows if standing.covers_moment(at(row))}


def _delete_exports(rows: _Rows, by: Actor) -> None:
    Export.objects.filter(pk__in=[row.pk for row in rows]).delete()


KINDS = (
    Kind("sealed_address", _addresses, lambda rows, standing: standing.records(rows), _empty_addresses),
    Kind("actor_identity", _pseudonyms, _held_pseudonyms, _forget_names),
    Kind("request", _requests, _held_requests, _shred_requests),
    Kind("notice", told.recipient_notices, told.held_recipient_notices, told.empty_recipient_notices),
    Kind("breach", _breaches, _held_breaches, _delete_breaches),
    Kind("export", _exports, _held_by_time(lambda row: row.asked_at), _delete_exports),
    Kind("mail", told.member_notices, told.held_member_notices, told.delete_member_notices),
)
"""In the order in which they go: a name is forgotten once nothing is sealed under it."""
