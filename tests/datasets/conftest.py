"""A storage of the test's own, a look at everything that a refusal must leave as it was, and tables from bytes."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from datasets.contents import CSV
from datasets.profiles.tables import open_table
from exchange.kernel.errors import ExchangeError

Refuses = Callable[..., Any]


@pytest.fixture(autouse=True)
def storage_folder(settings: Any, tmp_path: Path) -> Path:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"
    return tmp_path / "assets"


@pytest.fixture
def snapshot(storage_folder: Path) -> Callable[[], Any]:
    """All rows of this app, the count of Events (but officers' looks) and every stored object."""
    from datasets.models import Asset, Dataset, Declaration, Profile, Revision
    from exchange.kernel.models import Event
    from tests import snapshots

    def take() -> Any:
        rows = snapshots.rows_of([Dataset, Declaration, Revision, Asset, Profile])
        stored = sorted(path.name for path in storage_folder.glob("*")) if storage_folder.exists() else []
        return rows, Event.objects.exclude(name="officer.viewed").count(), stored

    return take


@pytest.fixture
def refused(snapshot: Callable[[], Any]) -> Refuses:
    """`with refused(Conflict, "wrong_state"):` expects that refusal, and that it changed nothing."""

    @contextmanager
    def expect(kind: type[ExchangeError], code: str, match: str | None = None) -> Iterator[None]:
        before = snapshot()
        with pytest.raises(kind, match=match) as refusal:
            yield
        assert refusal.value.code == code, refusal.value.detail
        assert snapshot() == before

    return expect


@pytest.fixture
def opened(tmp_path: Path) -> Any:
    """Open bytes as a table in a folder of their own."""

    def open_bytes(data: bytes, media_type: str = CSV, seconds: float = 60) -> Any:
        folder = tmp_path / os.urandom(6).hex()
        folder.mkdir()
        (folder / "table").write_bytes(data)
        return open_table(folder / "table", media_type, memory="500MB", seconds=seconds)

    return open_bytes
