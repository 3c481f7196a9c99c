"""The whole demo, with datasets, contracts, sales and downloads, made with the rights of the role that the exchange's
processes run under."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from contracts.models import Transfer
from infra.demo import load
from payments.ledger import ledger
from tests import databases, roles

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.transactional,
    pytest.mark.skipif(databases.is_sqlite(), reason="PostgreSQL only"),
]


def test_the_role_makes_the_whole_demo(own_database: None, settings: Any, tmp_path: Path) -> None:
    settings.EXCHANGE_VAR_DIR = tmp_path
    with roles.role() as name, roles.acting_as(name):
        load.load(timezone.now())
        assert Transfer.objects.filter(state="completed").exists()
        assert ledger.trial_balance().is_sound
