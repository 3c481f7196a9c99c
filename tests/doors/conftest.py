"""One house for each file, in a database of its own: what is tried at the doors must leave it as it was."""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from tests import databases

if TYPE_CHECKING:
    from tests.doors.whole_sale import House


@pytest.fixture
def now() -> datetime:
    """The real time: the API asks the clock, so what it finds must be of today."""
    return timezone.now()


@pytest.fixture(scope="module")
def house(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator["House"]:
    from tests.doors import whole_sale

    with (
        django_db_blocker.unblock(),
        databases.own(f"doors_{secrets.token_hex(6)}"),
        whole_sale.built(tmp_path_factory.mktemp("doors"), timezone.now()) as made,
    ):
        yield made


@pytest.fixture
def changed(house: "House") -> Callable[[], list[str]]:
    """Which tables have changed since the test began."""
    from tests.doors import whole_sale

    before = whole_sale.rows()
    return lambda: [name for name, rows in whole_sale.rows().items() if rows != before[name]]
