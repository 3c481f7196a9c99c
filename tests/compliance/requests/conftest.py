"""A small world for requests of persons: who asks, and sellers with datasets of persons and their recipients."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from exchange.kernel.actors import Actor


@pytest.fixture
def folders(tmp_path: Path, settings: Any) -> Path:
    """Where assets and indexes of persons lie."""
    settings.EXCHANGE_PERSONS_DIR = tmp_path / "persons"
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"
    return tmp_path


@pytest.fixture
def asked(database: None, now: datetime) -> Callable[..., Any]:
    """A request by the form, with its address confirmed, its person known and the work begun."""
    from compliance.requests import decisions, identity, intake
    from tests import makers

    def make(kind: str = "access", *, by: Actor, email: str = "jane@person.example", **more: Any) -> Any:
        said = {"name": "Jane Roe", "words": "What do you have about me?", **more}
        request = intake.ask(intake.Asked(kind=kind, email=email, **said), by=makers.system(now))
        request = intake.confirm(request, by=makers.system(now))
        identity.identify(request, "address", by=by)
        return decisions.start(request, by=by)

    return make


@pytest.fixture
def personal(folders: Path) -> Callable[[Actor], Any]:
    """A sealed revision of a dataset that is declared to hold data of persons."""
    from datasets import datasets
    from tests import dataset_makers

    def make(seller: Actor) -> Any:
        dataset = dataset_makers.draft(seller, title="Subscribers")
        datasets.declare(dataset, **dataset_makers.PERSONAL, by=seller)
        return dataset_makers.sealed(dataset, seller)

    return make


@pytest.fixture
def took(story: Callable[..., Any]) -> Callable[..., Any]:
    """A buyer took a revision, whole or in part."""

    def make(revision: Any, buyer: Actor, *, sent_bytes: int = 1_000) -> Any:
        told = story(revision.dataset.seller_id, buyer.participant_id)
        told.row.dataset_id, told.row.revision_id = revision.dataset_id, revision.pk
        told.tell("started")
        told.tell("completed" if sent_bytes == 1_000 else "interrupted", sent_bytes, minutes=1)
        return told

    return make
