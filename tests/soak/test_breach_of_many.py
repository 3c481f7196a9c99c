"""A breach that reaches a million recipients: asked, frozen and paged through in memory that stays as it is."""

import os
import resource
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from compliance.breaches import desk, register, scopes
from compliance.breaches.scopes import Asked
from compliance.models import TransferRecord
from tests.compliance.breaches.conftest import found
from tests.compliance.conftest import PublicLog, Story
from tests.records import multiply

ROWS = int(os.environ.get("COMPTOIR_SOAK_ROWS", "1000000"))
MOST_MORE_BYTES = 100_000_000

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7_200)]


def test_a_breach_of_a_million_recipients(
    own_database: None, tmp_path: Path, settings: Any, seller: Any, buyer: Any, officer: Any
) -> None:
    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"
    told = Story(seller.participant_id, buyer.participant_id).whole()
    PublicLog(tmp_path / "log", tmp_path / "signer").publish()
    multiply(told.row.pk, ROWS)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TransferRecord._meta.db_table} SET buyer_id = id")
    breach = register.open_breach(found(officer.at), by=officer)
    before, begun = _peak(), time.monotonic()
    taken = scopes.take(breach, Asked(dataset=told.row.dataset_id), by=officer)
    page = desk.look_at_recipients(taken, cursor=None, limit=100, by=officer)
    print(
        f"{taken.recipients:,} recipients in {time.monotonic() - begun:.0f} s, {(_peak() - before) / 1e6:.0f} MB more"
    )
    assert taken.recipients == taken.rows.count() == ROWS
    assert len(page.items) == 100 and page.next_cursor
    assert _peak() - before <= MOST_MORE_BYTES


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024
