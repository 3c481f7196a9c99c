"""An exchange in the foreground, without demo data, started and ended as a user does it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests import databases
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN_SECONDS = 240
"""A first start migrates, and all the other workers want the same two processors."""


@dataclass
class Running:
    """The process of `python -m infra run`, and what it printed."""

    process: "subprocess.Popen[bytes]"
    url: str
    output: Path
    environment: dict[str, str] = field(repr=False)

    def children(self) -> list[int]:
        """Its processes: web, worker, beat, sequencer, signer, in the order of their start."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(word) for word in found.split()]

    def wait_until_healthy(self) -> None:
        until = time.monotonic() + STARTS_WITHIN_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/health", timeout=2).status_code == 200:
                    return
            time.sleep(0.1)
        raise AssertionError(f"it did not start: {self.output.read_text()}")

    def wait_until_said(self, words: str) -> None:
        until = time.monotonic() + STARTS_WITHIN_SECONDS
        while words not in self.output.read_text():
            is_waiting = self.process.poll() is None and time.monotonic() < until
            assert is_waiting, f"it never said {words!r}: {self.output.read_text()}"
            time.sleep(0.1)


Start = Callable[..., Running]


@contextlib.contextmanager
def starting(folder: Path) -> Iterator[Start]:
    """Start exchanges with their state in `folder`; they are ended with the block."""
    started: list[Running] = []

    def run(**settings: str) -> Running:
        environment = environment_in(folder, **settings)
        output = folder / f"output{len(started)}.txt"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "infra", "run"], cwd=ROOT, env=environment, stdout=file, stderr=file
            )
        started.append(Running(process, f"http://{environment['EXCHANGE_BIND']}", output, environment))
        return started[-1]

    yield run
    for running in started:
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGINT)
            running.process.wait(timeout=120)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start an exchange with its state in the test's folder; it is ended with the test."""
    with starting(tmp_path) as run:
        yield run


@pytest.fixture
def migrated(django_db_setup: None, tmp_path: Path) -> None:
    """Spare the exchange of this test the migrations of a first start."""
    databases.copy_file(tmp_path / "var")


@pytest.fixture(scope="module")
def house(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One running exchange for the tests of a file that leave it running."""
    folder = tmp_path_factory.mktemp("house")
    databases.copy_file(folder / "var")
    with starting(folder) as run:
        running = run()
        running.wait_until_said("Ctrl-C stops everything.")
        yield running


def environment_in(folder: Path, **settings: str) -> dict[str, str]:
    """What an exchange is told that has its state in `folder`, and a port of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EXCHANGE_", "DJANGO_"))}
    own = {"EXCHANGE_VAR_DIR": str(folder / "var"), "EXCHANGE_BIND": f"127.0.0.1:{free_port()}"}
    return kept | own | settings


def gone_within(seconds: float, pids: list[int]) -> bool:
    """Whether all of `pids` have ended before `seconds` are over."""
    until = time.monotonic() + seconds
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
