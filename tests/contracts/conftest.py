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
    from django.apps import apps

    from exchange.kernel.models import Event

    def take() -> Any:
        models = [*apps.get_app_config("contracts").get_models(), *apps.get_app_config("payments").get_models()]
        rows = {model.__name__: sorted(map(str, model.objects.values_list())) for model in models}
        return rows, Event.objects.count()

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
