"""The seller's doors: datasets, revisions and assets. The catalogue's doors are in `contracts`."""

from typing import Any
from uuid import UUID

from django.conf import settings
from ninja import Query, Router, Status

from datasets import datasets, queries
from datasets import schemas as shape
from datasets.models import Asset
from datasets.revisions import assets, revisions
from exchange.kernel.actors import Actor
from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery, ReasonIn
from exchange.participants.actors.auth import ApiRequest
from exchange.participants.repeats import answers_secret

router = Router(tags=["datasets"])


@router.post("/datasets", response={201: shape.DatasetOut})
def create_dataset(request: ApiRequest, body: shape.DatasetIn) -> Any:
    return Status(201, shape.dataset_out(datasets.create(**body.model_dump(), by=request.auth)))


@router.patch("/datasets/{uuid:dataset_id}", response=shape.DatasetOut)
def describe_dataset(request: ApiRequest, dataset_id: UUID, body: shape.DatasetChanges) -> Any:
    """Change what is said about a dataset; only the fields that are given change."""
    dataset = queries.dataset_visible_to(request.auth, dataset_id)
    changes = body.model_dump(exclude_unset=True)
    return shape.dataset_out(datasets.describe(dataset, by=request.auth, **changes))


@router.post("/datasets/{uuid:dataset_id}/declare", response=shape.DatasetOut)
def declare_dataset(request: ApiRequest, dataset_id: UUID, body: shape.DeclarationIn) -> Any:
    """Declare how personal the data is; replaces the declaration before."""
    dataset = queries.dataset_visible_to(request.auth, dataset_id)
    datasets.declare(dataset, **body.model_dump(), by=request.auth)
    return shape.dataset_out(dataset)


@router.post("/datasets/{uuid:dataset_id}/publish", response=shape.DatasetOut)
def publish_dataset(request: ApiRequest, dataset_id: UUID) -> Any:
    dataset = queries.dataset_visible_to(request.auth, dataset_id)
    return shape.dataset_out(datasets.publish(dataset, by=request.auth))


@router.post("/datasets/{uuid:dataset_id}/retire", response=shape.DatasetOut)
def retire_dataset(request: ApiRequest, dataset_id: UUID) -> Any:
    dataset = queries.dataset_visible_to(request.auth, dataset_id)
    return shape.dataset_out(datasets.retire(dataset, by=request.auth))


@router.post("/datasets/{uuid:dataset_id}/allow-redirects", response=shape.DatasetOut)
def allow_redirects(request: ApiRequest, dataset_id: UUID) -> Any:
    """Let downloads be answered by links of seconds to storage; for data without anything personal alone."""
    dataset = queries.dataset_visible_to(request.auth, dataset_id)
    return shape.dataset_out(datasets.allow_redirects(dataset, by=request.auth))


@router.post("/datasets/{uuid:dataset_id}/forbid-redirects", response=shape.DatasetOut)
def forbid_redirects(request: ApiRequest, dataset_id: UUID) -> Any:
    dataset = queries.dataset_visible_to(request.auth, dataset_id)
    return shape.dataset_out(datasets.forbid_redirects(dataset, by=request.auth))


@router.get("/datasets/{uuid:dataset_id}/revisions", response=PageOut[shape.RevisionLineOut])
def list_revisions(request: ApiRequest, dataset_id: UUID, wanted: Query[PageQuery]) -> Any:
    rows = queries.revisions_visible_to(request.auth, dataset_id)
    found = page(rows, cursor=wanted.cursor, limit=wanted.limit)
    items = [shape.revision_line_out(revision) for revision in found.items]
    return {"items": items, "next_cursor": found.next_cursor}


@router.post("/datasets/{uuid:dataset_id}/revisions", response={201: shape.OwnRevisionOut})
def open_revision(request: ApiRequest, dataset_id: UUID) -> Any:
    dataset = queries.dataset_visible_to(request.auth, dataset_id)
    return Status(201, shape.own_revision_out(revisions.open_revision(dataset, by=request.auth)))


@router.get("/revisions/{uuid:revision_id}", response=shape.OwnRevisionOut)
def show_revision(request: ApiRequest, revision_id: UUID) -> Any:
    return shape.own_revision_out(queries.revision_visible_to(request.auth, revision_id))


@router.post("/revisions/{uuid:revision_id}/seal", response=shape.OwnRevisionOut)
def seal_revision(request: ApiRequest, revision_id: UUID) -> Any:
    revision = queries.revision_visible_to(request.auth, revision_id)
    return shape.own_revision_out(revisions.seal(revision, by=request.auth))


@router.post("/revisions/{uuid:revision_id}/revoke", response=shape.OwnRevisionOut)
def revoke_revision(request: ApiRequest, revision_id: UUID, body: ReasonIn) -> Any:
    revision = queries.revision_visible_to(request.auth, revision_id)
    return shape.own_revision_out(revisions.revoke(revision, body.reason, by=request.auth))


@router.post("/revisions/{uuid:revision_id}/assets", response={201: shape.UploadOut})
@answers_secret
def announce_asset(request: ApiRequest, revision_id: UUID, body: shape.AssetIn) -> Any:
    """Announce a file; PUT its bytes to `upload_url` before `expires_at`."""
    revision = queries.revision_visible_to(request.auth, revision_id)
    asset = assets.announce(revision, name=body.name, media_type=body.media_type, by=request.auth)
    return Status(201, _upload_out(asset, request.auth))


@router.post("/assets/{uuid:asset_id}/upload-url", response=shape.UploadOut)
@answers_secret
def renew_upload_url(request: ApiRequest, asset_id: UUID) -> Any:
    """A fresh upload link, for a file that has not come."""
    return _upload_out(queries.asset_visible_to(request.auth, asset_id), request.auth)


@router.delete("/assets/{uuid:asset_id}", response={204: None})
def remove_asset(request: ApiRequest, asset_id: UUID) -> Any:
    """Take a file out of a revision that is still open."""
    assets.remove(queries.asset_visible_to(request.auth, asset_id), by=request.auth)
    return Status(204, None)


def _upload_out(asset: Asset, by: Actor) -> dict[str, Any]:
    token, expires_at = assets.upload_token(asset, by=by)
    return {
        "id": asset.pk,
        "name": asset.name,
        "media_type": asset.media_type,
        "upload_url": f"{settings.EXCHANGE_URL}/u/{token}",
        "expires_at": expires_at,
    }
