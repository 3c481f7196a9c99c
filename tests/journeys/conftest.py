"""An exchange started as a user starts it, and the demo's clients. Only HTTP from here on."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN_SECONDS = 240


@dataclass(frozen=True)
class Exchange:
    """A running exchange: where it is, and where it keeps its state."""

    url: str
    var: Path
    log: Path

    def client(self, name: str) -> httpx.Client:
        """The API as the demo client `name` uses it."""
        given = json.loads((self.var / "demo" / "clients.json").read_text())[name]
        answer = httpx.post(
            f"{self.url}/api/v1/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(given["client_id"], given["client_secret"]),
        )
        assert answer.status_code == 200, answer.text
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=bearer, timeout=30)


@pytest.fixture(scope="session")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """`make run`, on a port and a folder of its own."""
    folder = tmp_path_factory.mktemp("exchange")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EXCHANGE_", "DJANGO_"))}
    environment = kept | {
        "EXCHANGE_VAR_DIR": str(folder / "var"),
        "EXCHANGE_BIND": f"127.0.0.1:{port}",
        "EXCHANGE_URL": url,
        "EXCHANGE_DEMO": "True",
        "EXCHANGE_PAYMENT_PROVIDER": "demo",
    }
    if database := os.environ.get("EXCHANGE_DATABASE_URL"):
        environment["EXCHANGE_DATABASE_URL"] = fresh_database(database)
    log = folder / "output.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra", "run"], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        wait_until_healthy(url, process, log)
        yield Exchange(url, folder / "var", log)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0, log.read_text()


def free_port() -> int:
    """A port below the ephemeral range that nobody listens on."""
    for port in range(8_100 + os.getpid() % 1_000, 20_000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("no free port")


def fresh_database(url: str) -> str:
    """An empty database on the lane's server."""
    import psycopg

    name = f"journey_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        server.execute(f"CREATE DATABASE {name}".encode())
    return url.rpartition("/")[0] + f"/{name}"


def wait_until_healthy(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise AssertionError(f"the exchange stopped:\n{log.read_text()}")
        try:
            if httpx.get(f"{url}/health", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"the exchange did not start:\n{log.read_text()}")


def eventually(ask: Any, wanted: Any, within_seconds: float = 30) -> Any:
    """What `ask` answers once `wanted` holds of it."""
    until = time.monotonic() + within_seconds
    while True:
        found = ask()
        if wanted(found):
            return found
        assert time.monotonic() < until, f"still {found!r}"
        time.sleep(0.2)
