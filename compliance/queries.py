"""What the log proves, and who may see it: the officer's desk, reviews, receipts, and the log's health."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Max, Q, QuerySet

from compliance import asking
from compliance.log import published
from compliance.models import (
    Alarm,
    Checkpoint,
    Export,
    Log,
    LogHead,
    Recipient,
    RecordsMark,
    Review,
    TransferRecord,
)
from compliance.monitor.following import OF_THE_MOMENT
from compliance.proofs import receipts
from compliance.verifier.checkpoints import parse_checkpoint
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Forbidden, NotFound
from exchange.kernel.models import Event
from exchange.participants import queries as participant_queries

_IDS = ("seller", "buyer", "dataset", "revision", "asset")
LATE_SECONDS = 60
"""A log that leaves Events unsealed, or heads unsigned, for longer is not well."""


@dataclass(frozen=True)
class Filters:
    """Which rows of the desk; None asks nothing. `country` is where the data went, times are of the start."""

    seller: UUID | None = None
    buyer: UUID | None = None
    dataset: UUID | None = None
    revision: UUID | None = None
    asset: UUID | None = None
    country: str | None = None
    mechanism: str | None = None
    result: str | None = None
    personal_data: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def condition(self) -> Q:
        columns = {
            "seller_id": self.seller,
            "buyer_id": self.buyer,
            "dataset_id": self.dataset,
            "revision_id": self.revision,
            "asset_id": self.asset,
            "country_to": self.country,
            "mechanism": self.mechanism,
            "result": self.result,
            "personal_data": self.personal_data,
            "started_at__gte": self.since,
            "started_at__lt": self.until,
        }
        return Q(**{column: value for column, value in columns.items() if value is not None})

    @classmethod
    def of(cls, facts: Mapping[str, str]) -> "Filters":
        """The filters that `facts` wrote."""
        return asking.read(cls, facts, _IDS)

    def facts(self) -> dict[str, Fact]:
        """What an Event says of the question: ids, enumerations and times."""
        return asking.facts_of(self)


@dataclass(frozen=True)
class Coverage:
    """The newest signed head: every leaf below `leaves`, counted over all logs, is proven."""

    origin: str
    size: int
    root: bytes
    leaves: int
    log: str
    signed_at: datetime


@dataclass(frozen=True)
class Behind:
    """How many sealed leaves the desk's rows do not say yet, and the age of the oldest, in seconds."""

    leaves: int
    seconds: float

    @property
    def is_late(self) -> bool:
        return self.seconds > LATE_SECONDS


@dataclass(frozen=True)
class LogHealth:
    """How the log fares. Ages are in seconds, None where there is nothing to be old. `alarm` is the signer's, `alarms`
    are the monitor's that stand, `behind` says how far the desk's rows are."""

    alarm: str | None
    unsealed_count: int
    oldest_unsealed_seconds: float | None
    oldest_unsigned_seconds: float | None
    checkpoint_size: int
    checkpoint_age_seconds: float | None
    behind: Behind | None
    alarms: Sequence[Alarm]

    @property
    def is_late(self) -> bool:
        """Whether Events or heads wait for too long, or the signer has stopped."""
        longest = max(self.oldest_unsealed_seconds or 0.0, self.oldest_unsigned_seconds or 0.0)
        return self.alarm is not None or longest > LATE_SECONDS

    @property
    def is_well(self) -> bool:
        """In time, and the monitor sees nothing wrong with it now that no officer knows of; what an entry once said is
        another matter."""
        return not self.is_late and self.fault is None

    @property
    def fault(self) -> Alarm | None:
        """The monitor's newest alarm of those that end once the log is well again, and that nobody acknowledged."""
        return next((one for one in self.alarms_unanswered if one.kind in OF_THE_MOMENT), None)

    @property
    def alarms_unanswered(self) -> list[Alarm]:
        """The alarms that no officer has acknowledged."""
        return [one for one in self.alarms if one.acknowledged_at is None]


def records_visible_to(actor: Actor, filters: Filters | None = None) -> QuerySet[TransferRecord]:
    """The desk's rows: for officers alone."""
    actor.require(Scope.AUDIT)
    return TransferRecord.objects.filter((filters or Filters()).condition())


def record_visible_to(actor: Actor, record_id: UUID) -> TransferRecord:
    """One row of the desk."""
    record = records_visible_to(actor).filter(pk=record_id).first()
    if record is None:
        raise NotFound("the log holds no such transfer")
    return record


def events_of(record: TransferRecord) -> list[Event]:
    """The Events that a row is derived from, and those of the same transfer still on their way into the log."""
    if record.result == TransferRecord.Result.REFUSED:
        mine = Event.objects.filter(pk=record.pk)
    else:
        mine = Event.objects.filter(subject=f"transfer:{record.pk}")
    return list(mine.select_related("detail").order_by("id"))


def events_about(subject: str, *, visible_to: Actor, at_most: int) -> list[Event]:
    """The newest Events about one thing that the actor may see, at most so many, oldest first."""
    newest = participant_queries.events_visible_to(visible_to).filter(subject=subject).order_by("-id")
    found = list(newest[:at_most])[::-1]
    if not found:
        raise NotFound("the log holds nothing of it that you may see")
    return found


def facts_of(found: Sequence[Event]) -> dict[str, Any]:
    """What the first of a row's Events states: why it was allowed or refused, and where its address is sealed."""
    facts = json.loads(bytes(found[0].leaf)).get("facts") if found else None
    return facts if isinstance(facts, dict) else {}


def revisions_of(dataset_id: UUID, *, visible_to: Actor) -> list[UUID]:
    """The revisions of a dataset of which the log says that something left, the latest first: one look into the index
    for each, however many recipients it has."""
    visible_to.require(Scope.AUDIT)
    newest = (
        f"SELECT revision_id FROM {Recipient._meta.db_table} WHERE dataset_id = %s AND transfers > 0 "  # noqa: S608
        "AND revision_id {} ORDER BY revision_id DESC LIMIT 1"
    )
    statement = (
        f"WITH RECURSIVE found(one) AS (SELECT ({newest.format('IS NOT NULL')}) UNION ALL "  # noqa: S608
        f"SELECT ({newest.format('< found.one')}) FROM found WHERE one IS NOT NULL) "
        "SELECT one FROM found WHERE one IS NOT NULL"
    )
    given = Recipient._meta.pk.get_db_prep_value(dataset_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(statement, [given, given])
        return [one if isinstance(one, UUID) else UUID(one) for (one,) in cursor.fetchall()]


def checkpoints(at_most: int) -> list[Checkpoint]:
    """The newest signed heads; they are public."""
    return list(Checkpoint.objects.select_related("log").order_by("-log_id", "-size")[:at_most])


def coverage() -> Coverage | None:
    """How far the log is signed; None before its first checkpoint."""
    return _coverage(Checkpoint.objects.all())


def coverage_of_records() -> Coverage:
    """The newest signed head of which the records say everything, for exports; Conflict before there is one."""
    reach = F("log__first_index") + F("size")
    found = _coverage(Checkpoint.objects.annotate(reach=reach).filter(reach__lte=followed()))
    if found is None:
        raise Conflict("the log has no checkpoint yet, so nothing is proven; try again", code="not_sealed_yet")
    return found


def followed() -> int:
    """How many leaves, counted over all logs, the rows say."""
    return RecordsMark.objects.values_list("leaves", flat=True).get()


def _coverage(found: QuerySet[Checkpoint]) -> Coverage | None:
    newest = found.select_related("log").order_by("-log_id", "-size").first()
    if newest is None:
        return None
    head = parse_checkpoint(newest.note.partition("\n\n")[0] + "\n")
    leaves = newest.log.first_index + head.size
    return Coverage(head.origin, head.size, head.root, leaves, newest.log_id, newest.signed_at)


def exports_visible_to(actor: Actor) -> QuerySet[Export]:
    """All files that officers asked for."""
    actor.require(Scope.AUDIT)
    return Export.objects.all()


def export_visible_to(actor: Actor, export_id: UUID) -> Export:
    """One file that an officer asked for."""
    found = exports_visible_to(actor).filter(pk=export_id).first()
    if found is None:
        raise NotFound("there is no such export")
    return found


def records_for(filters: Mapping[str, str]) -> QuerySet[TransferRecord]:
    """The desk's rows that an export asked for, for tasks; `filters` as an Event says them."""
    return TransferRecord.objects.filter(Filters.of(filters).condition())


def receipt(subject: str, *, visible_to: Actor) -> dict[str, object]:
    """The receipt of "transfer:<id>", as `comptoir-verify` reads it: for its parties and for officers."""
    found = Event.objects.filter(subject=subject)
    if not visible_to.can(Scope.AUDIT):
        if visible_to.participant_id is None:
            raise NotFound("there is no such transfer")
        found = found.filter(parties__participant_id=visible_to.participant_id)
    noun, _, transfer_id = subject.partition(":")
    if noun != "transfer" or not found.exists():
        raise NotFound("there is no such transfer")
    sealed = found.exclude(leaf_index=None).order_by("leaf_index").values_list("leaf_index", "leaf")
    return receipts.make(
        UUID(transfer_id), ((index, bytes(leaf)) for index, leaf in sealed if index is not None)
    )


def reviews_visible_to(actor: Actor, *, state: str | None = None) -> QuerySet[Review]:
    """All reviews for officers, its own for a seller."""
    asked = Q(state=state) if state else Q()
    if actor.can(Scope.AUDIT):
        return Review.objects.filter(asked)
    actor.require(Scope.READ)
    if actor.participant_id is None:
        return Review.objects.none()
    return Review.objects.filter(asked, seller_id=actor.participant_id)


def review_visible_to(actor: Actor, review_id: UUID) -> Review:
    review = reviews_visible_to(actor).filter(pk=review_id).first()
    if review is None:
        raise NotFound("there is no such review")
    return review


def refused_since(moment: datetime, at_most: int = 10_000) -> list[TransferRecord]:
    """The attempts that were refused since then, oldest first, for tasks."""
    rows = TransferRecord.objects.filter(result=TransferRecord.Result.REFUSED, started_at__gte=moment)
    return list(rows.order_by("pk")[:at_most])


def seller_of_review(review_id: UUID) -> UUID:
    """Whose dataset a review looks at, for tasks."""
    return Review.objects.values_list("seller_id", flat=True).get(pk=review_id)


def open_reviews(actor: Actor) -> int:
    """How many datasets wait at the publish gate for this officer; none for anybody else."""
    return Review.objects.filter(state=Review.State.OPEN).count() if actor.can(Scope.AUDIT) else 0


def log_health(*, now: datetime, visible_to: Actor) -> LogHealth:
    """Whether Events reach the log, and the log its signature, in time: for operators and officers."""
    standing = alarms_visible_to(visible_to).order_by("-pk")
    unsealed = Event.objects.filter(leaf_index=None)
    newest = Checkpoint.objects.order_by("-log_id", "-size").first()
    return LogHealth(
        alarm=next(iter(published.alarms()), None),
        unsealed_count=unsealed.count(),
        oldest_unsealed_seconds=_age(unsealed.order_by("id").values_list("at", flat=True).first(), now),
        oldest_unsigned_seconds=_age(_first_unsigned(), now),
        checkpoint_size=newest.size if newest else 0,
        checkpoint_age_seconds=_age(newest.signed_at if newest else None, now),
        behind=behind(now),
        alarms=list(standing),
    )


def alarms_visible_to(actor: Actor) -> QuerySet[Alarm]:
    """The monitor's alarms that stand, the acknowledged ones too: for operators and officers."""
    if not (actor.can(Scope.OPERATE) or actor.can(Scope.AUDIT)):
        raise Forbidden(f"this needs the scope {Scope.OPERATE} or {Scope.AUDIT}", code="scope_missing")
    return Alarm.objects.filter(cleared_at=None)


def alarm_visible_to(actor: Actor, alarm_id: UUID) -> Alarm:
    """One alarm that stands."""
    found = alarms_visible_to(actor).filter(pk=alarm_id).first()
    if found is None:
        raise NotFound("there is no such alarm, or it is over")
    return found


def behind(now: datetime) -> Behind | None:
    """By how much the desk's rows are behind the sealed log; None where they say all of it."""
    said = followed()
    last = Event.objects.aggregate(last=Max("leaf_index"))["last"]
    if last is None or last < said:
        return None
    oldest = Event.objects.filter(leaf_index__gte=said).order_by("leaf_index")
    seconds = _age(oldest.values_list("at", flat=True).first(), now)
    return Behind(last + 1 - said, max(0.0, seconds or 0.0))


def _first_unsigned() -> datetime | None:
    """When the oldest head was sealed that no checkpoint covers."""
    for log in Log.objects.order_by("name"):
        if (
            published.folder_of(log.name).read(published.SUCCESSOR) is not None
        ):  # it ended, and is not signed on
            continue
        signed = log.checkpoints.order_by("-size").values_list("size", flat=True).first() or 0
        head = LogHead.objects.filter(log=log, size__gt=signed).order_by("size").first()
        if head is not None:
            return head.sealed_at
    return None


def _age(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else round((now - moment).total_seconds(), 3)
