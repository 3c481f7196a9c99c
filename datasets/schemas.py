"""In and out shapes of datasets, revisions and assets. What was measured is shown as the current declaration
allows: a column that is not declared free of personal data shows counts only."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from compliance.reviews import statements
from datasets import queries
from datasets.declarations.declarations import class_of
from datasets.descriptions import markup
from datasets.models import Asset, Dataset, Declaration, Profile, Revision
from datasets.profiles import profiles
from datasets.profiles.measures import ColumnMeasure
from exchange.kernel.schemas import Day, In

PersonalData = Literal["none", "pseudonymised", "personal", "special"]
Columns = dict[str, PersonalData]


class DatasetIn(In):
    title: str
    summary: str
    description: str = Field("", description="Markdown")
    keywords: list[str] = []
    theme: str = Field(description="one of the EU's 13 data themes, such as ENVI")
    language: str = Field(description="ISO 639-1")
    spatial: list[str] = Field([], description="ISO 3166-1 alpha-2 codes, or names of places")
    temporal_start: Day | None = None
    temporal_end: Day | None = None
    frequency: str = ""


class DatasetChanges(In):
    """Only what is given changes."""

    title: str = ""
    summary: str = ""
    description: str = ""
    keywords: list[str] = []
    theme: str = ""
    language: str = ""
    spatial: list[str] = []
    temporal_start: Day | None = None
    temporal_end: Day | None = None
    frequency: str = ""


class ProcessingIn(In):
    """For the records of processing, in codes; all of it may be left out."""

    data: list[str] = Field([], description="kinds of data, such as email or location")
    persons: list[str] = Field([], description="whose data it is, such as customers or patients")
    passed_on_for: list[str] = Field([], description="purposes that it may be licensed for, as in contracts")
    passed_on_to: str = Field("", description="eea, adequate or anywhere")
    retention_months: int | None = Field(None, description="how long a recipient may keep it at most")


class DeclaredStatementIn(In):
    """What law asks of a seller of personal data beside the classes. What is missing when the dataset is published is
    refused then, by its code and `field`."""

    criminal_law: str = Field("", description="for convictions and offences: the law or authority (Art. 10)")
    ground_evidence: str = Field(
        "", description="for special categories: where the evidence of the ground lies"
    )
    ground_sha256: str = Field("", description="the SHA-256 of that document")
    persons: int | None = Field(None, description="about how many persons; null: each row counts as one")
    screening: list[str] = Field(
        [], description=f"criteria of WP248 that hold: {', '.join(statements.CRITERIA)}"
    )
    dpia_reference: str = ""
    dpia_on: Day | None = None
    dpia_outcome: str = Field("", description=", ".join(statements.OUTCOMES))
    notice_url: str = Field("", description="the notice to the persons (Art. 13 and 14), https://…")
    notice_version: str = ""
    notice_sha256: str = ""
    notice_on: Day | None = None
    notice_exemption: str = Field("", description="why no notice was given: 14.5.a to 14.5.d")
    notice_reason: str = ""
    origin: str = Field("", description=f"from whom it was obtained: {', '.join(statements.ORIGINS)}")
    rights: str = Field("", description=f"by which right it is passed on: {', '.join(statements.RIGHTS)}")
    rights_reference: str = Field("", description="the licence or contract, where it is not your own")
    rights_stated: bool = Field(False, description="that you may pass it on")


class DeclarationIn(In):
    personal_data: PersonalData
    columns: Columns = {}
    legal_basis: str = Field("", description="6.1.a to 6.1.f of the GDPR")
    article_9_ground: str = Field("", description="9.2.a to 9.2.j of the GDPR")
    purposes: list[str] = []
    source: str = ""
    processing: ProcessingIn | None = None
    statement: DeclaredStatementIn | None = None


class AssetIn(In):
    name: str
    media_type: str


class HistogramOut(Schema):
    """How many values lie from each edge to before the next, below the first edge, and from the last on."""

    edges: list[str]
    counts: list[int]
    below: int
    above: int
    is_whole: bool
    is_identifier: bool = Field(description="whether the numbers look like numbering, not like a measure")


class SegmentsOut(Schema):
    """The parts of the rows that `fills` of each column counts in."""

    by: Literal["rows", "month", "year_month", "year"]
    column: str | None
    labels: list[str]
    rows: list[int]


class SampleOut(Schema):
    """Rows drawn by the exchange; null is a gap."""

    columns: list[str]
    rows: list[list[str | None]]


class ColumnOut(Schema):
    """`distinct` is an estimate above 10,000. Empty cells, NA, N/A, NaN and NULL count as not filled."""

    name: str
    type: str
    kind: Literal["number", "moment", "text", "other"]
    personal_data: PersonalData | None
    filled: int
    fill_rate: float
    fills: list[int] | None = Field(description="how many values are filled in each segment")
    distinct: int
    minimum: str | None
    maximum: str | None
    top_values: list[tuple[str, int]] | None
    histogram: HistogramOut | None


class ProfileOut(Schema):
    is_readable: bool
    problem: str
    row_count: int | None
    fill_rate: float
    columns: list[ColumnOut]
    segments: SegmentsOut | None
    sample: SampleOut | None
    measured_at: datetime


class FindingOut(Schema):
    column: str
    kind: str
    data_class: PersonalData
    confidence: str
    matched: int
    sampled: int
    method: str


class AssetOut(Schema):
    id: UUID
    state: Literal["announced", "received"]
    name: str
    media_type: str
    size_bytes: int | None
    sha256: str
    announced_at: datetime
    received_at: datetime | None
    profile: ProfileOut | None


class OwnAssetOut(AssetOut):
    """With the scan's findings, for the seller and officers alone."""

    findings: list[FindingOut]


class UploadOut(Schema):
    id: UUID
    name: str
    media_type: str
    upload_url: str
    expires_at: datetime


class RevisionLineOut(Schema):
    id: UUID
    state: str
    dataset_id: UUID
    number: int
    digest: str
    measuring: Literal["not_sealed", "waiting", "done"]
    opened_at: datetime
    sealed_at: datetime | None
    measured_at: datetime | None


class RevisionOut(RevisionLineOut):
    assets: list[AssetOut]


class OwnRevisionOut(RevisionLineOut):
    assets: list[OwnAssetOut]


class DeclarationOut(Schema):
    number: int
    personal_data: PersonalData
    columns: Columns
    legal_basis: str
    article_9_ground: str
    purposes: list[str]
    source: str
    processing: dict[str, Any]
    declared_at: datetime


class DatasetLineOut(Schema):
    id: UUID
    state: str
    seller_id: UUID
    seller: str
    title: str
    summary: str
    keywords: list[str]
    theme: str
    language: str
    spatial: list[str]
    temporal_start: date | None
    temporal_end: date | None
    frequency: str
    personal_data: PersonalData | None
    created_at: datetime
    published_at: datetime | None


class DatasetOut(DatasetLineOut):
    """`may_redirect`: downloads may be answered by a link to storage."""

    description: str
    description_html: str
    may_redirect: bool
    declaration: DeclarationOut | None
    current_revision: RevisionOut | None


def dataset_line_out(dataset: Dataset) -> dict[str, Any]:
    """One line of a list: no description, no revision; needs no query where `seller` was selected too."""
    return _fields(dataset, DatasetLineOut, but={"seller", "personal_data"}) | {
        "seller": dataset.seller.name,
        "personal_data": dataset.personal_data or None,
    }


def dataset_out(dataset: Dataset) -> dict[str, Any]:
    """The whole dataset, with the revision that can be had now, as anybody who may find it sees it."""
    declaration, revision = queries.current_declaration(dataset.pk), queries.current_revision(dataset.pk)
    return dataset_line_out(dataset) | {
        "description": dataset.description,
        "may_redirect": dataset.may_redirect,
        "description_html": markup.render(dataset.description),
        "declaration": _fields(declaration, DeclarationOut) if declaration else None,
        "current_revision": revision_out(revision, declaration) if revision else None,
    }


def revision_line_out(revision: Revision) -> dict[str, Any]:
    """A revision without its assets."""
    waiting = "done" if revision.measured_at else "waiting"
    return _fields(revision, RevisionLineOut, but={"measuring"}) | {
        "measuring": "not_sealed" if revision.sealed_at is None else waiting
    }


def revision_out(revision: Revision, declaration: Declaration | None) -> dict[str, Any]:
    """A revision with its assets and what may be shown of their profiles under `declaration`."""
    assets = [asset_out(asset, declaration) for asset in queries.assets_of(revision)]
    return revision_line_out(revision) | {"assets": assets}


def own_revision_out(revision: Revision) -> dict[str, Any]:
    """What the seller and officers see: the findings too."""
    declaration = queries.current_declaration(revision.dataset_id)
    assets = [
        asset_out(asset, declaration) | {"findings": _findings_out(queries.profile_of(asset))}
        for asset in queries.assets_of(revision)
    ]
    return revision_line_out(revision) | {"assets": assets}


def asset_out(asset: Asset, declaration: Declaration | None) -> dict[str, Any]:
    profile = queries.profile_of(asset)
    return _fields(asset, AssetOut, but={"state", "profile"}) | {
        "state": "received" if asset.is_received else "announced",
        "profile": profile_out(profile, declaration) if profile else None,
    }


def profile_out(profile: Profile, declaration: Declaration | None) -> dict[str, Any]:
    """What may be shown of a profile under `declaration`, which may have changed since it was measured."""
    shown = profiles.shown(profile, declaration)
    return _fields(profile, ProfileOut, but={"columns", "fill_rate", "segments", "sample"}) | {
        "fill_rate": round(shown.fill_rate, 4),
        "columns": [_column_out(column, shown.row_count, declaration) for column in shown.columns],
        "segments": shown.segments,
        "sample": shown.sample,
    }


def _column_out(column: ColumnMeasure, rows: int, declaration: Declaration | None) -> dict[str, Any]:
    declared = class_of(column["name"], declaration.columns, declaration.personal_data) if declaration else None
    fill_rate = column["filled"] / rows if rows else 0.0
    return {**column, "personal_data": declared, "fill_rate": round(fill_rate, 4)}


def _findings_out(profile: Profile | None) -> list[dict[str, Any]]:
    return [{"column": column, **found} for column, found in profile.findings.items()] if profile else []


def _fields(row: object, shape: type[Schema], *, but: set[str] | None = None) -> dict[str, Any]:
    return {name: getattr(row, name) for name in shape.model_fields if name not in (but or set())}
