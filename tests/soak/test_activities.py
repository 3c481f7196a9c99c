"""A million transfers behind a register of processing and the map: every form says the same count, in little memory."""

import csv
import io
import json
import os
import tracemalloc
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.compliance.conftest import PublicLog, Story
from tests.records import multiply

ROWS = int(os.environ.get("COMPTOIR_SOAK_ROWS", "1000000"))
MOST_BYTES = 100_000_000

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7_200)]


def test_a_million_transfers_are_one_line_of_each_form(
    own_database: None, tmp_path: Path, settings: Any, seller: Any, buyer: Any, officer: Any
) -> None:
    from django.apps import apps
    from openpyxl import load_workbook

    from compliance.activities import as_paper, desk, queries, words
    from compliance.flows.queries import Asked, ways
    from compliance.models import Flow
    from datasets import datasets
    from exchange.kernel import events
    from tests import dataset_makers as make

    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"
    log = PublicLog(tmp_path / "log", tmp_path / "signer")
    dataset = make.draft(seller)
    datasets.declare(dataset, **make.PERSONAL, by=seller)
    dataset.refresh_from_db()
    events.record("dataset.published", dataset, by=seller)
    told = Story(seller.participant_id, buyer.participant_id)
    told.row.dataset_id = dataset.pk
    told.whole()
    log.seal()
    multiply(told.row.pk, ROWS)
    Flow.objects.all().delete()
    import_module("compliance.migrations.0017_records_of_processing").sum_up_flows(apps, None)
    tracemalloc.start()
    [way] = ways(officer, Asked())
    made = {form: desk.export(form, by=seller).content for form in desk.FORMS}
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (way.transfers, peak < MOST_BYTES) == (ROWS, True), peak
    [_, line] = csv.DictReader(io.StringIO(made["csv"].decode(), newline=""))
    assert line["transfers"] == f"DE:eea:{ROWS}"
    [activity] = json.loads(made["jsonld"])["hasRecordOfActivity"]
    assert activity["transfers"][0]["count"] == ROWS
    for form in ("xlsx", "cnil"):
        cells = [cell.value for sheet in load_workbook(io.BytesIO(made[form])) for row in sheet for cell in row]
        assert any(str(ROWS) in str(value) for value in cells)
    found = queries.register_visible_to(seller)
    assert str(ROWS) in as_paper.html(found, words.called(found, by=seller), at=seller.at)
