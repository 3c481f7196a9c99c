"""What the API of destinations and law takes and answers."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from compliance.models import TransferBasis
from exchange.kernel.schemas import Day, In, Line, OptionalLine, QueryIn

Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
DataClass = Literal["none", "pseudonymised", "personal", "special"]
Sha256 = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$", description="SHA-256, hexadecimal.")]
Note = Annotated[str, Field(min_length=1, max_length=1_000_000)]


class DestinationQuery(QueryIn):
    """Without a `country` the answer is that of one that nobody knows. `on` is today where it is missing; `shown` are
    words such as `dpf`, by commas, where no importer is named."""

    country: Country | None = None
    personal_data: DataClass = "personal"
    importer_id: UUID | None = None
    exporter_id: UUID | None = None
    dataset_id: UUID | None = None
    shown: Annotated[str, Field(max_length=200)] = ""
    on: Day | None = None


class DestinationOut(Schema):
    """`mechanism` and `decision` carry the data, `until` at the latest; or `reason` refuses it."""

    allowed: bool
    mechanism: str | None
    decision: str | None
    basis_id: UUID | None
    reason: str | None
    until: date | None
    profile_version: str
    profile_sha256: str


class BasisIn(In):
    """Standard clauses name their `module`, a derogation its `ground`, its `dataset_id` and its `reasons`. Without
    `exporter_id` it stands for every seller; without `review_due` the legal profile says when."""

    importer_id: UUID
    exporter_id: UUID | None = None
    country: Country
    mechanism: TransferBasis.Mechanism
    module: Annotated[str, Field(max_length=40)] = ""
    ground: Annotated[str, Field(max_length=40)] = ""
    dataset_id: UUID | None = None
    document: Line
    document_sha256: Sha256 = ""
    assessment: OptionalLine = ""
    assessed_on: Day | None = None
    review_due: Day | None = None
    measures: Annotated[str, Field(max_length=4_000)] = ""
    reasons: Annotated[str, Field(max_length=4_000)] = ""
    valid_from: Day
    valid_to: Day | None = None


class BasisOut(Schema):
    """Who is organisation, dataset, agreement and transfer is said by ids."""

    id: UUID
    state: TransferBasis.State
    importer_id: UUID
    exporter_id: UUID | None
    country: str
    mechanism: TransferBasis.Mechanism
    module: str
    ground: str
    dataset_id: UUID | None
    document: str
    document_sha256: str
    assessment: str
    assessed_on: date | None
    review_due: date | None
    measures: str
    reasons: str
    valid_from: date
    valid_to: date | None
    profile_version: str
    profile_sha256: str
    entered_at: datetime
    confirmed_at: datetime | None
    revoked_at: datetime | None
    revoked_for: str
    agreement_id: UUID | None
    transfer_id: UUID | None
    spent_at: datetime | None


class InstalledOut(Schema):
    id: UUID
    serial: int
    version: str
    sha256: str
    as_of: date
    signed_by: str
    key_id: str
    installed_at: datetime

    @staticmethod
    def resolve_version(row: Any) -> str:
        return str(row.profile.version)

    @staticmethod
    def resolve_sha256(row: Any) -> str:
        return str(row.profile_id)


class LawOut(Schema):
    """The legal profile in force and those that were installed. `source` says where it came from; `is_old` that its day
    lies further back than it says that it should."""

    version: str
    serial: int
    sha256: str
    as_of: date
    source: Literal["installed", "file", "packaged"]
    is_old: bool
    installed: list[InstalledOut]


class NoteIn(In):
    """A legal profile as its publisher signed it, as a C2SP signed note."""

    note: Note
