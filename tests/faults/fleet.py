"""Two of every process of an exchange, over PostgreSQL, Redis and S3 as processes beside it. Whatever is killed is
started again: by the exchange's own supervisor, or, where it is not the exchange's, by the test."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx

from tests.ports import free_port
from tests.postgres import cluster
from tests.servers import ROOT, children_of, eventually

BUYERS = 4
BUCKET, REGION = "assets", "eu-west-3"
TWICE = ("gateway", "worker", "sequencer", "signer", "messenger")
KINDS = (*TWICE, "redis", "s3", "postgres")
_STARTS_WITHIN_SECONDS = 120


@dataclass
class Beside:
    """A server beside the exchange, that may be killed and started again."""

    start: Callable[[], "subprocess.Popen[bytes]"]
    process: "subprocess.Popen[bytes]"

    def kill(self, away_seconds: float) -> None:
        """End it without a word, and start it again after a while."""
        self.process.kill()
        self.process.wait()
        time.sleep(away_seconds)
        self.process = self.start()


@dataclass
class Fleet:
    """All of it, running: the addresses of both gateways, where the log is, and who may buy and sell."""

    urls: list[str]
    var: Path
    database: str
    process: "subprocess.Popen[bytes]"
    beside: dict[str, Beside]
    s3: "S3"
    keys: dict[str, list[str]] = field(default_factory=dict)

    def client(self, name: str, gateway: int = 0) -> httpx.Client:
        """The API as an organisation uses it, at one of the gateways."""
        url = self.urls[gateway]
        answer = httpx.post(
            f"{url}/api/v1/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(self.keys[name][0], self.keys[name][1]),
            timeout=10,
        )
        bearer = {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}
        return httpx.Client(base_url=f"{url}/api/v1", headers=bearer, timeout=10)

    def pids(self) -> dict[str, int]:
        """The exchange's processes by name, as each writes to the log file that bears it."""
        found = {}
        for pid in children_of(self.process.pid):
            with contextlib.suppress(OSError):
                found[Path(os.readlink(f"/proc/{pid}/fd/2")).stem] = pid
        return found

    def kill_one(self, kind: str, chance: random.Random) -> str:
        """Kill one process of a kind and see that it comes back; answers its name."""
        if kind in self.beside:
            self.beside[kind].kill(away_seconds=chance.uniform(0.2, 1.0))
            return kind
        name = chance.choice([f"{kind}-1", f"{kind}-2"])
        before = self.pids()[name]
        os.kill(before, signal.SIGKILL)
        eventually(lambda: self.pids().get(name, before) != before)
        return name


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Fleet]:
    """Start everything; end everything."""
    with cluster(max_connections="200") as database, contextlib.ExitStack() as until:
        beside = {"postgres": _begin(database.start, until)}
        redis = free_port()
        beside["redis"] = _begin(lambda: _redis(redis), until)
        s3 = S3()
        beside["s3"] = _begin(s3.start, until)
        ports = [free_port()]
        with socket.socket() as held:
            held.bind(("127.0.0.1", ports[0]))
            ports.append(free_port())
        var, log = folder / "var", folder / "output.txt"
        environment = _environment(var, database.url, redis, s3.port, ports)
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.two_of_each", *map(str, ports)],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
            )
        until.callback(_stop, process)
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        _wait(process, urls, log)
        keys = json.loads((var / "keys.json").read_text())
        yield Fleet(urls, var, database.url, process, beside, s3, keys)


def _environment(var: Path, database: str, redis: int, s3: int, ports: list[int]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EXCHANGE_", "DJANGO_"))}
    return kept | {
        "EXCHANGE_VAR_DIR": str(var),
        "EXCHANGE_URL": f"http://127.0.0.1:{ports[0]}",
        "EXCHANGE_DATABASE_URL": database,
        "EXCHANGE_BROKER_URL": f"redis://127.0.0.1:{redis}/0",
        "EXCHANGE_STORAGE": "s3",
        "EXCHANGE_S3_BUCKET": BUCKET,
        "EXCHANGE_S3_ENDPOINT": f"http://127.0.0.1:{s3}",
        "EXCHANGE_S3_ACCESS_KEY": "key",
        "EXCHANGE_S3_SECRET_KEY": "secret",
        "EXCHANGE_REACTION_LEASE_SECONDS": "2",
        "EXCHANGE_SEQUENCER_MILLISECONDS": "100",
    }


def _redis(port: int) -> "subprocess.Popen[bytes]":
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    eventually(lambda: _listens(port))
    return process


class S3:
    """A moto server. It forgets all when it ends; what was noted before is put back, as a store would have it."""

    def __init__(self) -> None:
        self.port = free_port()
        self._kept: dict[str, bytes] = {}

    def note(self) -> None:
        """Keep what it holds now, for the time when it is killed."""
        self._kept = {item.key: item.get()["Body"].read() for item in self._bucket().objects.all()}

    def start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(lambda: _listens(self.port))
        bucket = self._bucket()
        bucket.create(CreateBucketConfiguration={"LocationConstraint": REGION})
        for key, body in self._kept.items():
            bucket.put_object(Key=key, Body=body)
        return process

    def _bucket(self) -> Any:
        url = f"http://127.0.0.1:{self.port}"
        given = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": REGION}
        return boto3.resource("s3", endpoint_url=url, **given).Bucket(BUCKET)


def _begin(start: Callable[[], "subprocess.Popen[bytes]"], until: contextlib.ExitStack) -> Beside:
    found = Beside(start, start())
    until.callback(lambda: (found.process.kill(), found.process.wait()))
    return found


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(process: "subprocess.Popen[bytes]", urls: list[str], log: Path) -> None:
    until = time.monotonic() + _STARTS_WITHIN_SECONDS
    waiting = list(urls)
    while waiting:
        assert process.poll() is None and time.monotonic() < until, log.read_text()
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{waiting[0]}/health", timeout=2).status_code == 200:
                waiting.pop(0)
                continue
        time.sleep(0.1)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
