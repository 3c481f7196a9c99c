"""Exchanges with the demo, started and stopped as a user does it, each on a port and a folder of its own. The demo
is loaded once a run; every exchange after that is a second start, on a copy of what the first one left."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.environment import TEST_VAR_DIR
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
STARTS_WITHIN_SECONDS = 240
STOPS_WITHIN_SECONDS = 120


class PortTaken(AssertionError):
    """Between looking for a free port and listening on it, another process took it."""


@dataclass(frozen=True)
class Demo:
    """What the first start left: its state folder, its database where that is elsewhere, and what it printed."""

    var: Path
    database: str
    said: str


@dataclass(frozen=True)
class Exchange:
    """A running exchange: where it is, where it keeps its state, and what it prints."""

    url: str
    var: Path
    log: Path
    process: "subprocess.Popen[bytes]"

    def client(self, name: str) -> httpx.Client:
        """The API as the demo client `name` uses it."""
        given = json.loads((self.var / "demo" / "clients.json").read_text())[name]
        answer = httpx.post(
            f"{self.url}/api/v1/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(given["client_id"], given["client_secret"]),
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=bearer, timeout=60)

    def pids(self) -> dict[str, int]:
        """Its processes by name, as each writes to the log file that bears it."""
        found = {}
        for pid in children_of(self.process.pid):
            with contextlib.suppress(OSError):
                found[Path(os.readlink(f"/proc/{pid}/fd/2")).stem] = pid
        return found

    def said(self) -> str:
        """All that it has printed so far."""
        return self.log.read_text()

    def wait_until_healthy(self) -> None:
        """Until it answers, and has said so."""
        until = time.monotonic() + STARTS_WITHIN_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                taken = "Address already in use" in self.said()
                raise (PortTaken if taken else AssertionError)(f"the exchange stopped:\n{self.said()}")
            with contextlib.suppress(httpx.TransportError):
                is_healthy = httpx.get(f"{self.url}/health", timeout=2).status_code == 200
                if is_healthy and "Ctrl-C stops everything." in self.said():
                    return
            time.sleep(0.1)
        raise AssertionError(f"the exchange did not start:\n{self.said()}")

    def signal(self, number: int) -> None:
        """Send a signal to all of its processes: to those first that it watches over."""
        for pid in (*children_of(self.process.pid), self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop(self) -> int:
        """Press Ctrl-C, and wait until all of it is gone; answers the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=STOPS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()  # its processes follow it
            self.process.wait()
            raise AssertionError(f"the exchange did not stop:\n{self.said()}") from None


def start(folder: Path, *, database: str = "", within: Sequence[str] = (), **settings: str) -> Exchange:
    """Run `python -m infra run` with its state in `folder`, and wait until it answers. `within` is a command that
    runs it; `settings` are EXCHANGE_ variables. Where somebody else was quicker at a free port, another is taken."""
    for _ in range(4):
        try:
            return _start(folder, database, within, settings)
        except PortTaken:
            continue
    raise AssertionError("every free port was taken meanwhile")


def _start(folder: Path, database: str, within: Sequence[str], settings: Mapping[str, str]) -> Exchange:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EXCHANGE_", "DJANGO_"))}
    environment = kept | {
        "EXCHANGE_VAR_DIR": str(folder / "var"),
        "EXCHANGE_BIND": f"127.0.0.1:{port}",
        "EXCHANGE_URL": url,
        "EXCHANGE_DEMO": "True",
        "EXCHANGE_PAYMENT_PROVIDER": "demo",
        "EXCHANGE_TRANSFER_IDLE_SECONDS": "10",  # these clocks are one
        "EXCHANGE_OUTBOUND_NETWORKS": "127.0.0.0/8",  # receivers of webhooks
        **settings,
    }
    if database:
        environment["EXCHANGE_DATABASE_URL"] = database
    log = folder / "output.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*within, sys.executable, "-m", "infra", "run"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
    exchange = Exchange(url, folder / "var", log, process)
    try:
        exchange.wait_until_healthy()
    except BaseException:
        process.kill()
        process.wait()
        raise
    return exchange


@contextlib.contextmanager
def running(demo: Demo, folder: Path, **options: Any) -> Iterator[Exchange]:
    """A second start on a copy of the demo; whatever is left of it afterwards is ended."""
    exchange = start(folder, database=copy(demo, folder), **options)
    try:
        yield exchange
    finally:
        exchange.stop()


def copy(demo: Demo, folder: Path) -> str:
    """Copy the demo's state into `folder`, and its database beside itself; answers the copy's URL, if it has one."""
    shutil.copytree(demo.var, folder / "var")
    return new_database(demo.database, template=demo.database) if demo.database else ""


@pytest.fixture(scope="session")
def loaded_demo() -> Demo:
    """The first start, as on a fresh machine, and its end by Ctrl-C: once a run, by the worker that needs it first."""
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("processes are found by /proc, which this machine has not")
    folder = TEST_VAR_DIR / "first"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "database").exists():
            lane = os.environ.get("EXCHANGE_DATABASE_URL", "")
            database = new_database(lane) if lane else ""
            exchange = start(folder, database=database)
            assert exchange.stop() == 0, exchange.said()
            (folder / "database").write_text(database)
    return Demo(folder / "var", (folder / "database").read_text(), (folder / "output.txt").read_text())


_shared: list[Exchange] = []


def rest_before(item: pytest.Item | None) -> None:
    """Hold the shared exchange still unless the next test asks for it: its clocks took a minute of processor a run."""
    if _shared and "exchange" not in getattr(item, "fixturenames", ()):
        _shared[0].signal(signal.SIGSTOP)


def wake_for(item: pytest.Item) -> None:
    """Let the shared exchange go on for a test that asks for it."""
    if _shared and "exchange" in getattr(item, "fixturenames", ()):
        _shared[0].signal(signal.SIGCONT)


@pytest.fixture(scope="session")
def exchange(loaded_demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """One running exchange that all tests may share which leave it running."""
    folder = tmp_path_factory.mktemp("exchange")
    shared = start(folder, database=copy(loaded_demo, folder))
    _shared.append(shared)
    yield shared
    _shared.clear()
    shared.signal(signal.SIGCONT)
    assert shared.stop() == 0, shared.said()


def new_database(url: str, *, template: str = "") -> str:
    """A new database on the server of `url`, empty or a copy of `template`; answers its URL."""
    import psycopg

    base, _, maintenance = url.rpartition("/")
    name = f"served_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(
        f"{base}/postgres" if template else f"{base}/{maintenance}", autocommit=True
    ) as server:
        given = f" TEMPLATE {template.rpartition('/')[2]}" if template else ""
        server.execute(f"CREATE DATABASE {name}{given}".encode())
    return f"{base}/{name}"


def children_of(pid: int) -> list[int]:
    """The processes that `pid` has started and that have not been reaped."""
    with contextlib.suppress(OSError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def are_gone(pids: Sequence[int]) -> bool:
    """Whether none of these processes is there any more; one that only waits to be reaped is gone."""
    return not any(_state_of(pid) not in ("", "Z") for pid in pids)


def eventually(ask: Callable[[], Any], wanted: Callable[[Any], Any] = bool, within_seconds: float = 120) -> Any:
    """What `ask` answers once `wanted` holds of it."""
    until = time.monotonic() + within_seconds
    while True:
        found = ask()
        if wanted(found):
            return found
        assert time.monotonic() < until, f"still {found!r}"
        time.sleep(0.1)


def _state_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return ""
