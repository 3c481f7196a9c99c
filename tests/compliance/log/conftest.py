"""Transfers that are told and published in one line, a database that loses one, and real witnesses on loopback, run in
threads, that know the log of the test."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from compliance.witness import known_logs
from compliance.witness.rules import Witness
from compliance.witness.server import Server
from compliance.witness.state import State


class RunningWitness:
    """A witness that listens, or is dead."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = State(folder).create(f"{folder.name}.example")
        self.port = 0
        self._server: Server | None = None

    def start(self, vkey: str) -> None:
        """Listen, at the same port as before."""
        prefix = vkey.partition("+")[0].rpartition("/")[0]
        witness = Witness(State(self.folder), known_logs.parse(f"{vkey} {prefix}"))
        self._server = Server(("127.0.0.1", self.port), witness)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def setting(self) -> str:
        return f"{self.key} http://127.0.0.1:{self.port}"


@pytest.fixture
def seal_one(story: Callable[..., Any], public_log: Any, now: datetime) -> Callable[..., Any]:
    """Tell a whole transfer and seal it; answers it."""

    def run(at: datetime = now) -> Any:
        told = story().whole()
        public_log.seal(at)
        return told

    return run


@pytest.fixture
def sign_one(seal_one: Callable[..., Any], public_log: Any, now: datetime) -> Callable[..., Any]:
    """Tell a whole transfer, seal it and sign it; answers it."""

    def run(at: datetime = now) -> Any:
        told = seal_one(at)
        public_log.signer().run_once(at)
        return told

    return run


@pytest.fixture
def lose_one(backup: Callable[..., Any], sign_one: Callable[..., Any]) -> Callable[[], None]:
    """Sign a transfer, and restore the database as it was before it."""

    def run() -> None:
        restore = backup()
        sign_one()
        restore()

    return run


@pytest.fixture
def assert_whole(verify: Callable[..., Any], public_log: Any) -> Callable[..., None]:
    """A stranger verifies a published log."""

    def check(log: int | str = 2026) -> None:
        done = verify("log", public_log.folder(log), "--vkey", public_log.vkey(log))
        assert done.returncode == 0, done.stdout + done.stderr

    return check


@pytest.fixture
def witnesses(
    tmp_path: Path, settings: Any, public_log: Any
) -> Iterator[Callable[[int], list[RunningWitness]]]:
    """Start so many witnesses, and let the exchange ask them."""
    made: list[RunningWitness] = []

    def start(count: int) -> list[RunningWitness]:
        from compliance.log import names

        vkey = str(public_log.signer().known("2026").vkey)
        assert vkey.startswith(names.origin_of("2026"))
        for number in range(count):
            made.append(RunningWitness(tmp_path / f"w{number}"))
            made[-1].start(vkey)
        settings.EXCHANGE_OUTBOUND_NETWORKS = ["127.0.0.0/8"]
        settings.EXCHANGE_WITNESSES = [one.setting for one in made]
        return made

    yield start
    for one in made:
        one.stop()
