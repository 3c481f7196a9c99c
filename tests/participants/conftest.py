"""A refusal changes nothing: the fixture that says so by looking at every row."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exchange.kernel.errors import ExchangeError

NOT_COMPARED = ("auth.User", "participants.Pseudonym")  # last_login, first sight


def _rows() -> Any:
    from tests import snapshots

    models = snapshots.models_of("participants", "kernel", "auth")
    return snapshots.rows_of(model for model in models if model._meta.label not in NOT_COMPARED)


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
