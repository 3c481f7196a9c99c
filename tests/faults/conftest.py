"""Exchanges that a test may break, and slow readers that are in the middle of a download when it does."""

import contextlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import Demo, Exchange, eventually, running

Begin = Callable[..., Exchange]


@pytest.fixture
def begin(loaded_demo: Demo, tmp_path: Path) -> Iterator[Begin]:
    """Start an exchange of the test's own, with settings of its own; it is ended with the test."""
    with contextlib.ExitStack() as until_then:

        def run(**options: object) -> Exchange:
            return until_then.enter_context(running(loaded_demo, tmp_path, **options))

        yield run


@dataclass(frozen=True)
class SlowReader:
    """curl, in the middle of a download."""

    process: "subprocess.Popen[bytes]"
    file: Path

    def ends_cut(self) -> bytes:
        """Wait until curl has noticed; what had arrived by then."""
        assert self.process.wait(timeout=30) in (18, 56), "closed early, or reset"
        return self.file.read_bytes()


Read = Callable[[str], SlowReader]


@pytest.fixture
def read_slowly(tmp_path: Path) -> Iterator[Read]:
    """Start to download a link at 2 MB a second, and return once some of it is there."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed on this machine")
    started: list[SlowReader] = []

    def run(url: str) -> SlowReader:
        file = tmp_path / f"part{len(started)}"
        command = ["curl", "-sS", "--limit-rate", "2M", "-o", str(file), url]
        reader = SlowReader(subprocess.Popen(command, stderr=subprocess.DEVNULL), file)
        started.append(reader)
        eventually(lambda: file.exists() and file.stat().st_size > 1_000_000, within_seconds=20)
        return reader

    yield run
    for reader in started:
        reader.process.kill()
        reader.process.wait()
