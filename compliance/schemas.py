"""What the API of the desk, of reviews and of the log's health takes and answers."""

import json
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from compliance.models import Export, Review, TransferRecord
from compliance.queries import Filters, LogHealth
from compliance.transfers.desk import Opened
from exchange.kernel.models import Event
from exchange.kernel.schemas import Moment, PageQuery, QueryIn

Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
PersonalData = Literal["none", "pseudonymised", "personal", "special"]
Proof = Literal["waiting", "sealed", "checkpointed"]


class FilterQuery(QueryIn):
    """All that is given must hold; `country` is where the data went, `from` and `to` bound the start."""

    seller: UUID | None = None
    buyer: UUID | None = None
    dataset: UUID | None = None
    revision: UUID | None = None
    asset: UUID | None = None
    country: Country | None = None
    mechanism: Annotated[str, Field(pattern="^[a-z_]{1,24}$")] | None = None
    result: TransferRecord.Result | None = None
    personal_data: PersonalData | None = None
    since: Annotated[Moment | None, Field(alias="from")] = None
    until: Annotated[Moment | None, Field(alias="to")] = None

    def filters(self) -> Filters:
        return Filters(**{name: getattr(self, name) for name in Filters.__dataclass_fields__})


class TransfersQuery(FilterQuery, PageQuery):
    pass


class ExportQuery(FilterQuery):
    format: Literal["csv", "jsonl"]


class ExportIn(FilterQuery):
    format: Export.Form


class ExportOut(Schema):
    """`checkpoint` is origin, size and root of the head that proves it; empty until the file is there."""

    id: UUID
    state: str
    form: str
    filters: dict[str, str]
    rows: int
    size_bytes: int
    sha256: str
    checkpoint: str
    asked_at: datetime
    expires_at: datetime


class ReviewsQuery(PageQuery):
    state: Review.State | None = None


class TransferRecordOut(Schema):
    id: UUID
    state: str
    result: str
    reason: str
    seller_id: UUID | None
    buyer_id: UUID | None
    dataset_id: UUID | None
    revision_id: UUID | None
    asset_id: UUID | None
    entitlement_id: UUID | None
    agreement_id: UUID | None
    personal_data: str
    country_from: str
    country_to: str
    mechanism: str
    purpose: str
    legal_basis: str
    size_bytes: int
    sent_bytes: int
    started_at: datetime
    last_at: datetime
    first_leaf: int
    last_leaf: int

    @staticmethod
    def resolve_state(row: TransferRecord) -> str:
        return row.result


class LeafOut(Schema):
    """An Event: its leaf as it stands in the log, and what was kept beside it."""

    id: UUID
    name: str
    at: datetime
    leaf_index: int | None
    proof: Proof
    leaf: dict[str, Any]
    detail: dict[str, Any] | None


class OpenedOut(Schema):
    """`clauses` and `sealed` are as the first Event gives them: how each clause was decided, and the vault's
    record of the network address with the hash of its ciphertext."""

    id: UUID
    state: str
    record: TransferRecordOut
    agreement_id: UUID | None
    clauses: list[dict[str, Any]]
    sealed: dict[str, Any] | None
    events: list[LeafOut]

    @classmethod
    def of(cls, opened: Opened) -> "OpenedOut":
        record = opened.record
        leaves = [_leaf_out(event, opened.proven_leaves) for event in opened.events]
        facts = leaves[0].leaf.get("facts", {}) if leaves else {}
        return cls(
            id=record.pk,
            state=record.result,
            record=TransferRecordOut.from_orm(record),
            agreement_id=record.agreement_id,
            clauses=facts.get("clauses") or [],
            sealed=facts.get("sealed"),
            events=leaves,
        )


class ReviewOut(Schema):
    id: UUID
    state: str
    subject: str
    version: str
    seller_id: UUID
    contradictions: list[dict[str, str]]
    reason: str
    opened_at: datetime
    decided_at: datetime | None


class AlarmOut(Schema):
    """What the monitor inside the exchange found wrong with the published log; `kind` is for programs. `reason` is the
    officer's who acknowledged it."""

    id: UUID
    kind: str
    sentence: str
    raised_at: datetime
    acknowledged_at: datetime | None
    reason: str


class MismatchOut(Schema):
    """What one record knows and another does not. `subject` and `detail` name a transfer, a token by its hash, or a
    read of storage."""

    id: UUID
    kind: str
    subject: str
    detail: str
    sent_bytes: int | None
    logged_bytes: int | None
    found_at: datetime


class RefusalCountOut(Schema):
    """How many requests came on a day with a link that was never ours; `code` says what was wrong with it."""

    id: UUID
    day: date
    code: str
    count: int


class ShreddedOut(Schema):
    """How many keys were destroyed: one for each year and organisation of a person."""

    keys: int


class LogHealthOut(Schema):
    """`alarm` is the signer's, `alarms` are the monitor's. `unfollowed_count` leaves are sealed, and not in the desk's
    rows yet."""

    is_well: bool
    alarm: str | None
    unsealed_count: int
    oldest_unsealed_seconds: float | None
    oldest_unsigned_seconds: float | None
    checkpoint_size: int
    checkpoint_age_seconds: float | None
    unfollowed_count: int
    oldest_unfollowed_seconds: float | None
    alarms: list[AlarmOut]

    @staticmethod
    def resolve_unfollowed_count(health: LogHealth) -> int:
        return health.behind.leaves if health.behind else 0

    @staticmethod
    def resolve_oldest_unfollowed_seconds(health: LogHealth) -> float | None:
        return health.behind.seconds if health.behind else None


def _leaf_out(event: Event, proven_leaves: int) -> LeafOut:
    proof: Proof = "waiting"
    if event.leaf_index is not None:
        proof = "checkpointed" if event.leaf_index < proven_leaves else "sealed"
    detail = getattr(event, "detail", None)
    return LeafOut(
        id=event.pk,
        name=event.name,
        at=event.at,
        leaf_index=event.leaf_index,
        proof=proof,
        leaf=json.loads(bytes(event.leaf)),
        detail=detail.body if detail else None,
    )
