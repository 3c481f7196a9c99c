"""Ten minutes at full load, with processes that die at random."""

import os
from pathlib import Path

import pytest

from tests.faults.conftest import Begin, begin
from tests.faults.test_kills import withstand_kills

__all__ = ["begin"]

pytestmark = [pytest.mark.slow, pytest.mark.server, pytest.mark.both_databases, pytest.mark.timeout(3_600)]

MINUTES = float(os.environ.get("COMPTOIR_SOAK_MINUTES", "10"))


def test_ten_minutes_of_random_deaths_lose_nothing(begin: Begin, tmp_path: Path) -> None:
    print("\n" + withstand_kills(begin, 60 * MINUTES, buyers=16, rows=50_000))
