"""A refusal that must leave reviews, verdicts and the log as they were."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from exchange.kernel.errors import ExchangeError


@pytest.fixture(autouse=True)
def storage_folder(settings: Any, tmp_path: Path) -> Path:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"
    return tmp_path / "assets"


@pytest.fixture
def refused(database: None) -> Callable[..., Any]:
    """`with refused(Conflict, "wrong_state"):` expects that refusal, and that it changed nothing."""
    from compliance.models import Review, Verdict
    from datasets.models import Dataset, Declaration, Revision
    from exchange.kernel.models import Event
    from tests import snapshots

    @contextmanager
    def expect(kind: type[ExchangeError], code: str) -> Iterator[None]:
        def seen() -> Any:
            rows = snapshots.rows_of([Review, Verdict, Dataset, Declaration, Revision])
            return rows, Event.objects.exclude(name="officer.viewed").count()

        before = seen()
        with pytest.raises(kind) as refusal:
            yield
        assert refusal.value.code == code, refusal.value.detail
        assert seen() == before

    return expect
