"""Uploads under way are held by one process at a time, and what a killed one has taken in stays."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from datasets.revisions import arrivals
from datasets.revisions.arrivals import InUse
from exchange.kernel.errors import NotFound

ROOT = Path(__file__).resolve().parents[2]
_HOLDER = textwrap.dedent(
    """
    import sys, time
    from uuid import UUID
    from django.utils import timezone
    from datasets.revisions import arrivals
    arrival = arrivals.begin(UUID(sys.argv[1]), length=10, note="", sender="one", now=timezone.now())
    arrival.append(b"12345")
    print("held", flush=True)
    time.sleep(60)
    """
)


@pytest.fixture(autouse=True)
def uploads_folder(settings: Any, tmp_path: Path) -> Path:
    settings.EXCHANGE_UPLOAD_DIR = tmp_path / "var" / "uploads"
    return tmp_path / "var" / "uploads"


def test_a_killed_holder_leaves_its_bytes_and_no_lock(tmp_path: Path) -> None:
    asset_id = uuid4()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EXCHANGE_")}
    environment = kept | {
        "EXCHANGE_VAR_DIR": str(tmp_path / "var"),
        "DJANGO_SETTINGS_MODULE": "infra.settings",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", _HOLDER, str(asset_id)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        assert arrivals.hold(asset_id, sender="one", now=timezone.now()) is None
        with pytest.raises(InUse):
            arrivals.hold(asset_id, sender="two", now=timezone.now())
        assert not arrivals.forget(asset_id)
        holder.kill()
    arrival = arrivals.hold(asset_id, sender="one", now=timezone.now())
    assert arrival is not None and (arrival.offset, arrival.read(0, 10)) == (5, b"12345")
    arrival.release()
    arrival.release()
    assert arrivals.forget(asset_id)


def test_what_was_begun_anew_is_another_upload(uploads_folder: Path) -> None:
    asset_id, now = uuid4(), timezone.now()
    first = arrivals.begin(asset_id, length=10, note="first", sender="one", now=now)
    assert first is not None
    first.append(b"1234567")
    first.cut(5)
    assert (kept := arrivals.kept(asset_id)) and (kept.offset, kept.percent, kept.length) == (5, 50, 10)
    first.release()
    second = arrivals.begin(asset_id, length=20, note="second", sender="one", now=now)
    assert second is not None and second.offset == 0
    assert second.about.key != first.about.key
    second.forget()
    assert list(uploads_folder.iterdir()) == []
    with pytest.raises(NotFound):
        arrivals.hold(asset_id, sender="one", now=now)
