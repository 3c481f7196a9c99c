"""A storage of the test's own, and refusals that must change nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from exchange.kernel.errors import ExchangeError
from tests.buckets import s3_server  # noqa: F401 (a fixture)


@pytest.fixture(autouse=True)
def storage_folder(settings: Any, tmp_path: Path) -> Path:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"
    return tmp_path / "assets"


@pytest.fixture
def everything() -> Callable[[], Any]:
    """All rows of contracts and payments, and how many Events there are."""
    from exchange.kernel.models import Event
    from tests import snapshots

    def take() -> Any:
        return snapshots.rows_of(snapshots.models_of("contracts", "payments")), Event.objects.count()

    return take


@pytest.fixture
def refused(everything: Callable[[], Any]) -> Callable[..., Any]:
    """`with refused(Conflict, "wrong_state"):` expects that refusal, and that it changed nothing."""

    @contextmanager
    def expect(kind: type[ExchangeError], code: str) -> Iterator[None]:
        before = everything()
        with pytest.raises(kind) as refusal:
            yield
        assert refusal.value.code == code, refusal.value.detail
        assert everything() == before

    return expect
