"""A refusal changes nothing: the fixture that says so by looking at every row."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange.kernel.errors import ExchangeError

Snapshot = dict[str, list[tuple[Any, ...]]]


def _rows() -> Snapshot:
    from django.apps import apps

    models = [
        m for label in ("participants", "kernel", "auth") for m in apps.get_app_config(label).get_models()
    ]
    return {
        model._meta.label: sorted(model._base_manager.values_list(), key=repr)
        for model in models
        if model._meta.label not in ("auth.User", "participants.Pseudonym")  # last_login, first sight
    }


@pytest.fixture
def unchanged() -> Callable[[], contextlib.AbstractContextManager[None]]:
    """`with unchanged(): …` fails when the block left any row other than it was."""

    @contextlib.contextmanager
    def watching() -> Iterator[None]:
        before = _rows()
        yield
        assert _rows() == before

    return watching


@pytest.fixture
def refused(unchanged: Any) -> Callable[[type[ExchangeError], str], contextlib.AbstractContextManager[None]]:
    """`with refused(Conflict, "wrong_state"): …` wants that refusal, and every row as it was."""

    @contextlib.contextmanager
    def watching(kind: type[ExchangeError], code: str) -> Iterator[None]:
        with unchanged(), pytest.raises(kind) as caught:
            yield
        assert (type(caught.value), caught.value.code) == (kind, code)

    return watching
