"""In and out shapes of the contracts API."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from contracts import queries
from contracts.catalogue import catalogue
from contracts.choices import choices
from contracts.choices.schemas import ChoiceIn, ChoiceOut, choice_out
from contracts.holdings import holdings
from contracts.holdings.holdings import File, Holding
from contracts.models import Entitlement, Offer, Transfer
from contracts.odrl import policies
from contracts.terms import terms
from datasets.models import Dataset
from datasets.schemas import DatasetLineOut, DatasetOut, dataset_line_out, dataset_out
from exchange.kernel.actors import Actor
from exchange.kernel.schemas import In, Line, Moment, OptionalLine, PageOut, PageQuery


class NamedAudience(In):
    """Participants, and groups of the seller's whose members change."""

    participants: list[UUID] = []
    groups: list[UUID] = []


class OfferIn(In):
    dataset_id: UUID
    title: Line
    terms: list[dict[str, Any]] | None = None
    policy: dict[str, Any] | None = None
    plan: dict[str, Any] | None = None
    choices: list[ChoiceIn] | None = None
    audience: Literal["public", "link"] | NamedAudience = "public"
    sale: Literal["validation", "instant", "signed"] = "validation"
    valid_from: Moment | None = None
    valid_until: Moment | None = None


class ClauseOut(Schema):
    number: int
    kind: str
    text: str
    standing: str


class OfferOut(Schema):
    """Where there are `choices`, the terms and the plan are those of the one that costs least, and each choice has a
    `digest` of its own; else `digest` stands for the terms and the price."""

    id: UUID
    state: str
    dataset_id: UUID
    seller_id: UUID
    title: str
    terms: list[dict[str, Any]]
    text: dict[str, list[ClauseOut]]
    permissions: dict[str, str]
    policy: dict[str, Any]
    plan: dict[str, Any]
    digest: str | None
    choices: list[ChoiceOut]
    audience: str
    sale: str
    valid_from: datetime | None
    valid_until: datetime | None
    created_at: datetime
    published_at: datetime | None


PermissionAnswer = Literal["yes", "if", "no", "allowed"]
"""`allowed` is yes or if."""


class DatasetPageOut(DatasetOut):
    offers: list[OfferOut]


class DatasetQuery(PageQuery):
    q: OptionalLine = ""
    theme: list[OptionalLine] = []
    language: list[OptionalLine] = []
    seller: list[UUID] = []
    seller_country: list[OptionalLine] = []
    personal_data: list[Literal["", "none", "pseudonymised", "personal", "special"]] = []
    state: list[Literal["", "draft", "published", "retired"]] = []
    frequency: list[OptionalLine] = []
    country: list[OptionalLine] = []
    media_type: list[OptionalLine] = []
    price: list[Literal["free", "paid"]] = []
    sale: list[Literal["validation", "instant"]] = []
    analyse: list[PermissionAnswer] = []
    combine: list[PermissionAnswer] = []
    train_models: list[PermissionAnswer] = []
    publish_results: list[PermissionAnswer] = []
    pass_on: list[PermissionAnswer] = []
    order: catalogue.Order = "match"
    facets: bool = False

    def search(self) -> catalogue.Search:
        asked = self.model_dump(exclude={"cursor", "limit", "facets", "q", "order"})
        given = {name: tuple(value for value in values if value != "") for name, values in asked.items()}
        return catalogue.Search(q=self.q, order=self.order, **given)


class CountOut(Schema):
    """`label` is the name of a participant, where the value is its id."""

    value: str
    count: int
    label: str


class CatalogueOut(PageOut[DatasetLineOut]):
    """`total` and `facets` are null where they were not asked for, and while `is_rebuilding`: then the list is not
    ranked. `is_corrected`: nothing has these words, so words one letter off were looked for. `correction`: a text that
    finds much more, where next to nothing has these words."""

    total: int | None
    facets: dict[str, list[CountOut]] | None
    is_corrected: bool
    is_rebuilding: bool
    correction: str | None


class EntitlementOut(Schema):
    id: UUID
    state: str
    agreement_id: UUID
    dataset_id: UUID
    revision_id: UUID
    seller_id: UUID
    buyer_id: UUID
    purpose: str
    terms: list[dict[str, Any]]
    copies_max: int | None
    copies_used: dict[str, int]
    activated_at: datetime | None
    ends_at: datetime | None
    reason: str


class TokenIn(In):
    """A file's id or name, or a transfer to go on with: one of the two. `network`: the address ranges that the token
    is bound to, any when empty."""

    asset: Annotated[UUID | Line | None, Field(union_mode="left_to_right")] = None
    transfer: UUID | None = None
    network: Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=8)] = []


class InformingWordIn(In):
    """`exemption` is one of 14.5.a to 14.5.d where you need not inform the persons; `said` is then why."""

    exemption: Annotated[str, Field(max_length=8)] = ""
    said: Annotated[str, Field(max_length=1_000)] = ""


class InformingWordOut(Schema):
    id: UUID
    buyer_id: UUID
    dataset_id: UUID
    exemption: str
    said: str
    given_at: datetime


class TokenOut(Schema):
    url: str
    expires_at: datetime


class TransferQuery(PageQuery):
    seller: UUID | None = None
    buyer: UUID | None = None
    dataset: UUID | None = None
    revision: UUID | None = None
    entitlement: UUID | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    state: Literal["started", "interrupted", "completed", "aborted", "revoked"] | None = None
    since: Moment | None = None
    until: Moment | None = None

    def wanted(self) -> queries.TransferFilter:
        return queries.TransferFilter(**self.model_dump(exclude={"cursor", "limit"}))


class TransferOut(Schema):
    id: UUID
    state: str
    result: str
    entitlement_id: UUID
    dataset_id: UUID
    revision_id: UUID
    asset_id: UUID
    asset_name: str
    sha256: str
    seller_id: UUID
    buyer_id: UUID
    country: str
    size_bytes: int
    sent_bytes: int
    sent_ranges: list[tuple[int, int]]
    evidence: Literal["gateway", "issued"]
    started_at: datetime
    ended_at: datetime | None
    resumable_until: datetime
    copy_given_back_at: datetime | None


class BucketReadQuery(PageQuery):
    matched: bool | None = None


class BucketReadOut(Schema):
    """`transfer_id` is null where no link that was given explains the read."""

    id: UUID
    request_id: str
    transfer_id: UUID | None
    status: int
    sent_bytes: int
    read_at: datetime


class HeldFileOut(Schema):
    """What all transfers of one file under one right sent together; `is_open`: more may have left than is noted."""

    asset_id: UUID
    name: str
    sha256: str
    size_bytes: int
    extent: Literal["complete", "partial"]
    sent_bytes: int
    sent_ranges: list[tuple[int, int]]
    is_open: bool
    copies: int
    last_at: datetime


class HoldingOut(Schema):
    """What one buyer has of one revision under one right. `keeping`: `licensed` while the right is in force; after it
    `to_delete` until `delete_by`, `overdue` from then on, and `ended` where the terms ask for no deletion; `deleted`
    once the buyer has stated that it deleted all."""

    entitlement_id: UUID
    state: str
    agreement_id: UUID
    dataset_id: UUID
    revision_id: UUID
    seller_id: UUID
    buyer_id: UUID
    extent: Literal["complete", "partial"]
    whole_files: int
    of_files: int
    sent_bytes: int
    of_bytes: int
    is_open: bool
    keeping: holdings.Keeping
    ends_at: datetime | None
    delete_by: datetime | None
    deletion_statement_id: UUID | None
    last_at: datetime
    files: list[HeldFileOut]


def offer_out(offer: Offer) -> dict[str, Any]:
    usage = terms.thaw(offer.terms)
    policy = policies.offered(usage, offer_id=offer.pk, seller_id=offer.seller_id, dataset_id=offer.dataset_id)
    ways = choices.of(offer)
    return _columns(offer, OfferOut) | {
        "text": {"en": terms.text(usage, "en"), "fr": terms.text(usage, "fr")},
        "permissions": terms.permissions(usage),
        "policy": policy,
        "digest": None if ways[0].number else choices.digest(offer, ways[0]),
        "choices": [choice_out(offer, one) for one in ways if one.number],
    }


def dataset_page_out(dataset: Dataset, actor: Actor) -> dict[str, Any]:
    offers = [offer_out(offer) for offer in catalogue.offers_of(actor, dataset)]
    return {**dataset_out(dataset), "offers": offers}


def catalogue_out(found: catalogue.Found) -> dict[str, Any]:
    return {
        "items": [dataset_line_out(entry.dataset) for entry in found.items],
        "next_cursor": found.next_cursor,
        "total": found.total,
        "facets": found.facets,
        "is_corrected": found.is_corrected,
        "is_rebuilding": found.is_rebuilding,
        "correction": found.correction or None,
    }


def entitlement_out(entitlement: Entitlement) -> dict[str, Any]:
    return _columns(entitlement, EntitlementOut) | {"copies_used": queries.copies_used(entitlement)}


def transfer_out(transfer: Transfer) -> dict[str, Any]:
    return _columns(transfer, TransferOut) | {
        "result": "running" if transfer.state == Transfer.State.STARTED else transfer.state,
        "asset_name": transfer.asset.name,
        "sha256": transfer.asset.sha256,
    }


def holding_out(holding: Holding) -> dict[str, Any]:
    right = holding.entitlement
    own = ("whole_files", "of_files", "sent_bytes", "of_bytes", "is_open", "keeping", "delete_by", "last_at")
    return {
        **_columns(right, HoldingOut),
        **{name: getattr(holding, name) for name in own},
        "entitlement_id": right.pk,
        "revision_id": holding.revision.pk,
        "deletion_statement_id": holding.statement.pk if holding.statement else None,
        "extent": "complete" if holding.is_whole else "partial",
        "files": [_held_file_out(file) for file in holding.files],
    }


def _held_file_out(file: File) -> dict[str, Any]:
    return {
        "asset_id": file.asset.pk,
        "name": file.asset.name,
        "sha256": file.asset.sha256,
        "size_bytes": file.size_bytes,
        "extent": "complete" if file.is_whole else "partial",
        "sent_bytes": file.sent_bytes,
        "sent_ranges": file.ranges,
        "is_open": file.is_open,
        "copies": file.copies,
        "last_at": file.last_at,
    }


def _columns(row: object, shape: type[Schema]) -> dict[str, Any]:
    """What a shape shares with its row."""
    names = {field.attname for field in row._meta.concrete_fields}  # type: ignore[attr-defined]
    return {name: getattr(row, name) for name in shape.model_fields if name in names}
