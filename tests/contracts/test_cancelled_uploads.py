"""An upload whose request is cancelled, as by a server that ends: it cancels once, and soon after all that runs."""

import asyncio
from pathlib import Path

import pytest

from contracts.gateway import incoming
from contracts.gateway.wire import Message
from datasets.storage.files import FileStorage

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize("turns", range(8))
def test_nothing_half_written_is_left_however_soon_the_server_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    """Without care it was left nearly every time: what was to remove it was cancelled too, before it began."""
    monkeypatch.setattr(incoming, "storage", lambda: FileStorage(tmp_path))
    for _ in range(5):
        inflow = incoming.Inflow()
        asyncio.run(_cancelled_after_its_first_bytes(inflow, tmp_path, turns))
        inflow._disk.shutdown()  # as a process does that ends
        assert list(tmp_path.iterdir()) == []


async def _cancelled_after_its_first_bytes(inflow: incoming.Inflow, folder: Path, turns: int) -> None:
    """The loop of whoever runs this ends `turns` later, and cancels what there is."""
    came = iter([{"type": "http.request", "body": b"a" * 100, "more_body": True}])
    is_asked_again = asyncio.Event()

    async def receive() -> Message:
        for message in came:
            return message
        is_asked_again.set()
        return await asyncio.get_running_loop().create_future()  # nothing more comes

    upload = asyncio.ensure_future(inflow._store(receive, 1_000, None))
    await is_asked_again.wait()
    assert list(folder.glob(".*.part"))
    upload.cancel()
    for _ in range(turns):
        await asyncio.sleep(0)
