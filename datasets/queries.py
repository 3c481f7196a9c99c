"""Reads of datasets, revisions and assets. A seller sees its own, an officer all; for anybody else they are not
there. (What a buyer may find is decided by the catalogue, above.)"""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from django.db.models import Count, QuerySet, Sum

from datasets.models import Asset, Dataset, Declaration, Profile, Revision
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound

Row = TypeVar("Row", Dataset, Revision, Asset)


def datasets_visible_to(actor: Actor) -> QuerySet[Dataset]:
    """The seller's own datasets; all of them for an officer."""
    rows = Dataset.objects.select_related("seller")
    if _sees_all(actor):
        return rows
    return rows.filter(seller_id=actor.participant_id) if actor.can(Scope.READ) else rows.none()


def dataset_visible_to(actor: Actor, dataset_id: UUID) -> Dataset:
    return _one(datasets_visible_to(actor), dataset_id, "dataset")


def revisions_visible_to(actor: Actor, dataset_id: UUID) -> QuerySet[Revision]:
    """The revisions of a dataset that the actor may see."""
    dataset_visible_to(actor, dataset_id)
    return Revision.objects.filter(dataset_id=dataset_id).select_related("dataset")


def revision_visible_to(actor: Actor, revision_id: UUID) -> Revision:
    rows = Revision.objects.select_related("dataset__seller")
    return _one(rows.filter(dataset__in=datasets_visible_to(actor)), revision_id, "revision")


def asset_visible_to(actor: Actor, asset_id: UUID) -> Asset:
    rows = Asset.objects.select_related("revision__dataset__seller")
    return _one(rows.filter(revision__dataset__in=datasets_visible_to(actor)), asset_id, "asset")


def dataset(dataset_id: UUID | str) -> Dataset:
    return _one(Dataset.objects.select_related("seller"), dataset_id, "dataset")


def revision(revision_id: UUID | str) -> Revision:
    return _one(Revision.objects.select_related("dataset__seller"), revision_id, "revision")


def asset(asset_id: UUID | str) -> Asset:
    return _one(Asset.objects.select_related("revision__dataset__seller"), asset_id, "asset")


def asset_of_revision(revision_id: UUID, wanted: UUID | str) -> Asset:
    """The asset of that revision with this id or this name."""
    rows = Asset.objects.select_related("revision__dataset__seller").filter(revision_id=revision_id)
    rows = rows.filter(name=wanted) if isinstance(wanted, str) else rows.filter(pk=wanted)
    found = rows.first()
    if found is None:
        raise NotFound("there is no such asset")
    return found


def received_asset(asset_id: UUID) -> Asset | None:
    """The asset, if its bytes are there."""
    rows = Asset.objects.select_related("revision__dataset__seller").exclude(received_at=None)
    return rows.filter(pk=asset_id).first()


def current_declaration(dataset_id: UUID) -> Declaration | None:
    """What the seller declared last."""
    return Declaration.objects.filter(dataset_id=dataset_id).order_by("-number").first()


def current_revision(dataset_id: UUID) -> Revision | None:
    """The latest revision that is sealed and not revoked."""
    sealed = Revision.objects.filter(dataset_id=dataset_id, state=Revision.State.SEALED)
    return sealed.select_related("dataset__seller").order_by("-number").first()


def revisions_of(revision_ids: Iterable[UUID]) -> QuerySet[Revision]:
    """These revisions, without their manifests."""
    return Revision.objects.filter(pk__in=list(revision_ids)).select_related("dataset").defer("manifest")


def revision_before(revision: Revision) -> Revision | None:
    """The latest revision before this one that is sealed, not revoked, and measured."""
    rows = Revision.objects.filter(dataset_id=revision.dataset_id, state=Revision.State.SEALED)
    earlier = rows.filter(number__lt=revision.number).exclude(measured_at=None)
    return earlier.defer("manifest").order_by("-number").first()


def assets_of(revision: Revision) -> list[Asset]:
    """The assets of a revision by name, each with its profile where it was measured."""
    return list(revision.assets.select_related("profile").order_by("name"))


def assets_of_several(revision_ids: Iterable[UUID]) -> dict[UUID, list[Asset]]:
    """The assets that each of these revisions has received, by name."""
    rows = (
        Asset.objects.filter(revision__in=list(revision_ids)).exclude(received_at=None).defer("block_digests")
    )
    found: dict[UUID, list[Asset]] = {}
    for asset in rows.order_by("name"):
        found.setdefault(asset.revision_id, []).append(asset)
    return found


def profile_of(asset: Asset) -> Profile | None:
    """What was measured of the asset, if anything was."""
    found: Profile | None = getattr(asset, "profile", None)
    return found


def file_counts(revision_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many files each of these revisions has."""
    rows = Asset.objects.filter(revision__in=list(revision_ids)).exclude(received_at=None).order_by()
    return dict(rows.values_list("revision_id").annotate(Count("pk")))


def file_totals(revision_ids: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
    """How many files each of these revisions has, and how many bytes in all."""
    rows = Asset.objects.filter(revision__in=list(revision_ids)).exclude(received_at=None).order_by()
    summed = rows.values_list("revision_id").annotate(Count("pk"), Sum("size_bytes"))
    return {revision_id: (count, size) for revision_id, count, size in summed}


def titles(dataset_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What datasets are called, for the apps below that know them by id."""
    return dict(Dataset.objects.filter(pk__in=dataset_ids).values_list("pk", "title"))


def titles_like(words: str, *, at_most: int) -> dict[UUID, str]:
    """The datasets whose title holds these words."""
    rows = Dataset.objects.filter(title__icontains=words).order_by("title", "pk")
    return dict(rows.values_list("pk", "title")[:at_most])


def numbers(revision_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The numbers of revisions."""
    rows = Revision.objects.filter(pk__in=revision_ids)
    return {revision_id: str(number) for revision_id, number in rows.values_list("pk", "number")}


def asset_names(asset_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What assets are called."""
    return dict(Asset.objects.filter(pk__in=asset_ids).values_list("pk", "name"))


def _sees_all(actor: Actor) -> bool:
    return actor.is_system or actor.can(Scope.AUDIT)


def _one(rows: QuerySet[Row], row_id: UUID | str, noun: str) -> Row:
    found = rows.filter(pk=row_id).first()
    if found is None:
        raise NotFound(f"there is no {noun} with this id for you")
    return found
