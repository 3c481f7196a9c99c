"""An upload by a tus client that is not ours (tuspy), over HTTP: in pieces with checksums, stopped, and gone on with by
another client on another gateway."""

import hashlib
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from contracts.gateway.gateway import Gateway
from datasets.models import Asset
from datasets.revisions import assets, revisions
from exchange.kernel.actors import Actor
from tests import dataset_makers
from tests.docs import pages

pytestmark = [pytest.mark.usefixtures("own_database"), pytest.mark.by_the_clock]

DATA = dataset_makers.numbers(300_000)


@pytest.fixture
def serve() -> Callable[[], Any]:
    """`with serve() as home:` runs a gateway of its own."""

    @contextmanager
    def run() -> Iterator[str]:
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(Gateway(), lifespan="off", log_config=None, ws="none"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        until = time.monotonic() + 20
        while not server.started:
            assert thread.is_alive() and time.monotonic() < until, "the gateway did not start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()

    return run


@pytest.fixture
def asset(seller: Actor) -> Asset:
    revision = revisions.open_revision(dataset_makers.draft(seller), seller)
    return assets.announce(revision, name="a.csv", media_type="text/csv", by=seller)


def test_a_client_that_is_not_ours_sends_stops_and_goes_on(
    asset: Asset, seller: Actor, serve: Callable[[], Any], settings: Any, tmp_path: Path
) -> None:
    settings.EXCHANGE_UPLOAD_DIR = tmp_path / "uploads"
    file = tmp_path / "a.csv"
    file.write_bytes(DATA)
    link = f"/u/{assets.upload_token(asset, seller)[0]}"
    options = {"chunk_size": 300_000, "upload_checksum": True}
    with serve() as home:
        client = TusClient(home + link)
        first = client.uploader(str(file), metadata={"filename": "a.csv"}, **options)
        first.upload(stop_at=900_000)
        assert first.offset == 900_000
    with serve() as home:
        second = TusClient(home).uploader(str(file), url=home + link, **options)
        assert second.offset == 900_000
        second.upload()
        assert second.get_offset() == len(DATA)
        with pytest.raises(TusCommunicationError):
            TusClient(home + link).uploader(str(file)).upload()
    asset.refresh_from_db()
    assert asset.sha256 == hashlib.sha256(DATA).hexdigest()


def test_curl_begins_and_goes_on_as_the_guide_says(
    asset: Asset, seller: Actor, serve: Callable[[], Any], settings: Any, tmp_path: Path
) -> None:
    settings.EXCHANGE_UPLOAD_DIR = tmp_path / "uploads"
    (tmp_path / "cities.csv").write_bytes(DATA)
    begin, go_on = (
        code for code in pages.blocks(pages.DOCS / "use/seller.md", "sh") if "Tus-Resumable" in code
    )
    with serve() as home:
        link = f"{home}/u/{assets.upload_token(asset, seller)[0]}"

        def run(lines: str) -> None:
            environment = {"PATH": os.environ["PATH"], "UPLOAD": link}
            subprocess.run(["sh", "-ec", lines], cwd=tmp_path, env=environment, check=True, capture_output=True)

        run(begin)
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
        }
        assert httpx.patch(link, content=DATA[:123_456], headers=headers).status_code == 204
        run(go_on)
    asset.refresh_from_db()
    assert asset.sha256 == hashlib.sha256(DATA).hexdigest()
