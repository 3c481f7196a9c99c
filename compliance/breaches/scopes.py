"""Whom a breach reaches, by the log alone: what an officer asks, and the answer as it was then, frozen beside the
signed head that the desk's rows go back to. Later questions are answered beside it, never over it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from compliance import asking, queries
from compliance.breaches.register import require_officer, require_open
from compliance.health import access
from compliance.models import Breach, BreachRecipient, BreachScope, DeclaredDataset, TransferRecord
from compliance.verifier.spelling import base64_text
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Invalid

_RESULT = TransferRecord.Result
_LEFT = Q(sent_bytes__gt=0) | Q(result=_RESULT.RUNNING) | Q(size_bytes=0, result=_RESULT.COMPLETED)
_TOKEN_DIGITS = 32
_MOST_TRANSFERS_OF_A_TOKEN = 1_000
_MOST_DATASETS = 500
_NEW_ID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}


@dataclass(frozen=True)
class Asked:
    """What the log is asked; all that is given must hold. A participant counts as seller and as recipient; `token` is
    the hash by which the access record names it; times are of the start of a transfer."""

    dataset: UUID | None = None
    revision: UUID | None = None
    participant: UUID | None = None
    token: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def facts(self) -> dict[str, Fact]:
        return asking.facts_of(self)


@transaction.atomic
def take(breach: Breach, asked: Asked, *, by: Actor) -> BreachScope:
    """Ask the log whom a breach reaches, and freeze the answer."""
    require_officer(by)
    _require_sense(asked)
    require_open(breach)
    coverage = queries.coverage_of_records()
    rows = _rows(asked, by.at)
    summed = rows.aggregate(
        transfers=Count("pk"), sent=Sum("sent_bytes"), first=Min("first_leaf"), last=Max("last_leaf")
    )
    taken = BreachScope(
        breach=breach,
        asked=asked.facts(),
        taken_at=by.at,
        origin=coverage.origin,
        size=coverage.size,
        root=base64_text(coverage.root),
        leaves=coverage.leaves,
        transfers=summed["transfers"],
        recipients=rows.values("buyer_id").distinct().count(),
        sent_bytes=summed["sent"] or 0,
        first_leaf=summed["first"],
        last_leaf=summed["last"],
        categories=_declared(rows),
    )
    taken.save(force_insert=True)
    if taken.transfers:
        _freeze(taken, rows)
    events.record("breach.scope_taken", breach, by=by, facts=taken.facts())
    return taken


def _require_sense(asked: Asked) -> None:
    if asked.since and asked.until and asked.since >= asked.until:
        raise Invalid("the period ends after it begins", code="period_wrong")
    token = asked.token
    if token is not None and (len(token) != _TOKEN_DIGITS or set(token) - set("0123456789abcdef")):
        raise Invalid(
            f"a token is named by its hash, {_TOKEN_DIGITS} hexadecimal digits", code="token_hash_wrong"
        )
    if not asked.facts():
        raise Invalid("name a dataset, a participant, a token or a period", code="scope_empty")


def _rows(asked: Asked, now: datetime) -> QuerySet[TransferRecord]:
    """The transfers under which something left, of those that are asked for."""
    found = TransferRecord.objects.filter(_LEFT).exclude(buyer_id=None)
    if asked.dataset:
        found = found.filter(dataset_id=asked.dataset)
    if asked.revision:
        found = found.filter(revision_id=asked.revision)
    if asked.participant:
        found = found.filter(Q(seller_id=asked.participant) | Q(buyer_id=asked.participant))
    if asked.since:
        found = found.filter(last_at__gte=asked.since)
    if asked.until:
        found = found.filter(started_at__lt=asked.until)
    if asked.token:
        found = found.filter(pk__in=_transfers_of(asked.token, asked, now))
    return found


def _transfers_of(token: str, asked: Asked, now: datetime) -> list[UUID]:
    """The transfers to which the access record saw bytes leave by a token."""
    first = (asked.since or now - access.KEPT).astimezone(UTC).date()
    last = min(asked.until or now, now).astimezone(UTC).date()
    found: set[str] = set()
    for day in _days(max(first, (now - access.KEPT).date()), last):
        found.update(one.transfer_id for one in access.accesses_of(day) if one.token == token)
    return [UUID(one) for one in sorted(found)][:_MOST_TRANSFERS_OF_A_TOKEN]


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def _declared(rows: QuerySet[TransferRecord]) -> dict[str, list[str]]:
    """What the sellers declared of the datasets: classes, kinds of data and kinds of persons."""
    classes = set(rows.values_list("personal_data", flat=True).distinct()) - {""}
    datasets = list(rows.values_list("dataset_id", flat=True).distinct()[:_MOST_DATASETS])
    data: set[str] = set()
    persons: set[str] = set()
    for declared in DeclaredDataset.objects.filter(pk__in=[one for one in datasets if one]):
        data.update(declared.processing.get("data", ()))
        persons.update(declared.processing.get("persons", ()))
    return {"classes": sorted(classes), "data": sorted(data), "persons": sorted(persons)}


def _freeze(taken: BreachScope, rows: QuerySet[TransferRecord]) -> None:
    """One row for each recipient and revision, by one statement: the database alone holds them, however many."""
    grouped = (
        rows.order_by()
        .values("buyer_id", "dataset_id", "revision_id")
        .annotate(
            transfers=Count("pk"),
            sent=Sum("sent_bytes"),
            first_at=Min("started_at"),
            latest_at=Max("last_at"),
            first_leaf_=Min("first_leaf"),
            last_leaf_=Max("last_leaf"),
        )
    )
    statement, values = grouped.query.get_compiler(connection=connection).as_sql()
    scope_id = BreachScope._meta.pk.get_db_prep_value(taken.pk, connection)
    table = BreachRecipient._meta.db_table
    columns = "id, scope_id, buyer_id, dataset_id, revision_id, transfers, sent_bytes, first_at, last_at, "
    insert = (
        f"INSERT INTO {table} ({columns} first_leaf, last_leaf) "  # noqa: S608
        f"SELECT {_NEW_ID[connection.vendor]}, %s, found.* FROM ({statement}) AS found"
    )
    with connection.cursor() as cursor:
        cursor.execute(insert, [scope_id, *values])
