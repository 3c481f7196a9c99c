"""The embedded broker: a message is read whole, or not yet."""

from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection


class ReadMeanwhile:
    """Part of a message that looks into the queue while it is being written."""

    def __init__(self, reads: Any) -> None:
        self.reads = reads

    def __json__(self) -> str:
        with pytest.raises(Empty):
            self.reads._get("celery")
        return "written"


def test_who_reads_while_another_writes_finds_nothing_yet_and_then_all_of_it(tmp_path: Path) -> None:
    folder, control = tmp_path / "queue", tmp_path / "control"
    folder.mkdir()
    control.mkdir()
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(control)}
    with Connection("memory://", transport="infra.broker:Transport", transport_options=options) as connection:
        writes, reads = connection.channel(), connection.channel()
        writes._put("celery", {"body": ReadMeanwhile(reads)})
        assert reads._get("celery") == {"body": "written"}
    assert list(folder.iterdir()) == []
