"""A million transfers taken along as CSV, JSON Lines and Parquet: each in a process that holds little, and all three
with the same rows."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.db import connection

from compliance.models import Export
from tests.compliance.conftest import PublicLog, Story
from tests.records import multiply

ROOT = Path(__file__).resolve().parents[2]
ROWS = int(os.environ.get("COMPTOIR_SOAK_ROWS", "1000000"))
MOST_BYTES = 300_000_000

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7_200)]

MAKE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "infra.settings"
import django
django.setup()
from uuid import UUID
from django.utils import timezone
from compliance.exports import kept as kept_exports
kept_exports.make(UUID(sys.argv[1]), now=timezone.now())
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


@pytest.fixture
def log(tmp_path: Path, settings: Any) -> PublicLog:
    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"
    settings.EXCHANGE_EXPORTS_DIR = tmp_path / "exports"
    return PublicLog(tmp_path / "log", tmp_path / "signer")


@pytest.fixture
def environment(log: PublicLog, tmp_path: Path) -> dict[str, str]:
    given = connection.settings_dict
    url = f"sqlite:///{given['NAME']}"
    if connection.vendor == "postgresql":
        url = f"postgres://{given['USER']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    folders = {"LOG_DIR": log.public, "SIGNER_DIR": log.own, "EXPORTS_DIR": tmp_path / "exports"}
    return {
        **os.environ,
        "EXCHANGE_DATABASE_URL": url,
        **{f"EXCHANGE_{name}": str(folder) for name, folder in folders.items()},
    }


def test_a_million_rows_in_three_forms(
    own_database: None, log: PublicLog, environment: dict[str, str], seller: Any, buyer: Any, officer: Any
) -> None:
    from compliance.exports import kept as kept_exports
    from compliance.queries import Filters

    told = Story(seller.participant_id, buyer.participant_id).whole()
    log.publish()
    multiply(told.row.pk, ROWS)
    counts = {}
    for form in Export.Form.values:
        asked = kept_exports.ask(Filters(), form=form, by=officer)
        begun = time.monotonic()
        made = subprocess.run(
            [sys.executable, "-c", MAKE, str(asked.pk)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr[-2_000:]
        peak = int(made.stdout.split()[-1]) * 1_024
        asked.refresh_from_db()
        print(
            f"{form}: {asked.rows:,} rows, {asked.size_bytes / 1e6:.0f} MB, "
            f"{time.monotonic() - begun:.0f} s, at most {peak / 1e6:.0f} MB of memory"
        )
        assert peak <= MOST_BYTES
        assert asked.rows == ROWS
        counts[form] = COUNTS[form](kept_exports._path(asked))
    assert set(counts.values()) == {ROWS}


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _objects(path: Path) -> int:
    with path.open("rb") as file:
        for line in file:
            last = line
    end: int = json.loads(last)["end"]["rows"]
    assert end == _lines(path) - 2
    return end


def _parquet(path: Path) -> int:
    [(count,)] = duckdb.sql(f"SELECT count(*) FROM read_parquet('{path}')").fetchall()
    return int(count)


COUNTS: dict[str, Callable[[Path], int]] = {
    "csv": lambda path: _lines(path) - 1,
    "jsonl": _objects,
    "parquet": _parquet,
}
