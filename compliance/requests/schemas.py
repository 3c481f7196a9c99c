"""What the API of requests of persons takes and answers. Who asks is shown in one call alone, which is recorded."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from compliance.models import RequestPause, SearchedRevision, SellerSearch, SubjectRequest
from exchange.kernel.schemas import In, Moment, PageQuery

Words = Annotated[str, Field(min_length=2, max_length=10_000)]
Reason = Annotated[str, Field(min_length=10, max_length=4_000)]
Delay = Annotated[str, Field(max_length=512)]


class PersonRequestsQuery(PageQuery):
    which: Literal["open", "unconfirmed", "closed", "late"] | None = None


class PersonSearchesQuery(PageQuery):
    state: SellerSearch.State | None = None


class PersonRequestIn(In):
    """What came by letter, by e-mail or in person. `received_at` is when it came."""

    kind: SubjectRequest.Kind
    channel: Literal["email", "letter", "in_person"]
    received_at: Moment
    name: Annotated[str, Field(min_length=1, max_length=200)]
    email: Annotated[str, Field(max_length=254)] = ""
    address: Annotated[str, Field(max_length=500)] = ""
    words: Annotated[str, Field(max_length=10_000)] = ""
    language: Literal["en", "fr"] = "en"


class PersonRequestOut(Schema):
    """A request under its pseudonym. `due_at` follows from the legal profile named beside it."""

    id: UUID
    state: str
    person: str
    kind: str
    channel: str
    language: str
    received_at: datetime
    due_at: datetime
    extended_at: datetime | None
    paused_at: datetime | None
    confirmed_at: datetime | None
    check_method: str
    limited_by: str
    ground: str
    delay_reason: str
    answer_sha256: str
    profile_version: str
    profile_sha256: str
    closed_at: datetime | None


class PersonOut(Schema):
    """Who asks; all empty once it was erased."""

    id: UUID
    state: str
    name: str = ""
    email: str = ""
    address: str = ""
    words: str = ""


class CountsOut(Schema):
    """How much of each kind the exchange itself keeps of the person."""

    accounts: int
    memberships: int
    invitations: int
    notices: int
    names: int
    sealed: int


class CheckIn(In):
    method: SubjectRequest.Check
    is_confirmed: bool = True


class PauseIn(In):
    why: RequestPause.Why
    question: Reason


class PersonRefusalIn(In):
    """`ground` is a code of the legal profile, such as 17(3)(b). After `due_at`, say by `delay_reason` why so late."""

    ground: Annotated[str, Field(max_length=40)]
    reason: Reason
    delay_reason: Delay = ""


class PersonAnswerIn(In):
    """After `due_at`, say by `delay_reason` why so late."""

    answer: Annotated[str, Field(min_length=10, max_length=10_000)]
    delay_reason: Delay = ""


class PersonLetterIn(In):
    message: Words


class AskSellersIn(In):
    """`told` is what each seller may know to find the person: no more than that. Without sellers, all are asked whose
    datasets are declared to hold data of persons."""

    told: Annotated[str, Field(min_length=3, max_length=2_000)]
    sellers: list[UUID] | None = None


class TellRecipientsIn(In):
    message: Annotated[str, Field(min_length=10, max_length=2_000)]


class ToldRecipientsOut(Schema):
    """The notices that were opened; `compliance/notices` has their recipients."""

    notices: list[UUID]


class SearchedOut(Schema):
    dataset_id: UUID
    revision_id: UUID
    finding: str
    means: str


class PersonSearchOut(Schema):
    id: UUID
    state: str
    request_id: UUID
    seller_id: UUID
    asked_at: datetime
    due_at: datetime
    closed_at: datetime | None
    revisions: list[SearchedOut]

    @staticmethod
    def resolve_revisions(row: SellerSearch) -> list[SearchedRevision]:
        return list(row.revisions.order_by("dataset_id", "revision_id"))


class TellingOut(Schema):
    """Whom the seller searches for."""

    id: UUID
    state: str
    told: str


class DigestIn(In):
    """The digest of the person, as the tool for indexes of persons prints it. It is not kept."""

    digest: Annotated[str, Field(max_length=64)]


class FindingIn(In):
    revision_id: UUID
    is_found: bool


class FindingsIn(In):
    findings: Annotated[list[FindingIn], Field(min_length=1, max_length=10_000)]


class IndexOut(Schema):
    """An index of persons as it was filed; `sha256` is of the file."""

    id: UUID
    dataset_id: UUID
    revision_id: UUID
    persons: int
    sha256: str
    filed_at: datetime
