"""Gateways as they run in production, each a process of its own on the database, keys and storage of the test, and
readers who take downloads from them at a pace of their own."""

import array
import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from django.conf import settings
from django.db import connections

from tests.ports import free_port
from tests.servers import ROOT, eventually


@dataclass(frozen=True)
class Running:
    """A gateway: where it listens, its process and what it wrote."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/d/none", timeout=2).status_code == 404
        return False

    def memory_bytes(self) -> int:
        """What it holds of the machine's memory now."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def running(folder: Path, count: int = 1, **given: str) -> Iterator[list[Running]]:
    """So many gateways on the database in use; `given` are EXCHANGE_ settings of theirs."""
    found: list[Running] = []
    try:
        for number in range(count):
            found.append(_started(free_port(), folder / f"gateway-{number}.log", given))
        for gateway in found:
            eventually(gateway.is_ready, within_seconds=120)
        yield found
    finally:
        for gateway in found:
            gateway.process.send_signal(signal.SIGTERM)
        for gateway in found:
            with contextlib.suppress(subprocess.TimeoutExpired):
                gateway.process.wait(timeout=60)
            gateway.process.kill()
            gateway.process.wait()


def _started(port: int, log: Path, given: dict[str, str]) -> Running:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EXCHANGE_")}
    environment = kept | {
        "EXCHANGE_VAR_DIR": str(settings.EXCHANGE_VAR_DIR),
        "EXCHANGE_KEYS_DIR": str(settings.EXCHANGE_KEYS_DIR),
        "EXCHANGE_STORAGE_DIR": str(settings.EXCHANGE_STORAGE_DIR),
        "EXCHANGE_URL": settings.EXCHANGE_URL,
        "EXCHANGE_DATABASE_URL": _database_url(),
        "DJANGO_SETTINGS_MODULE": "infra.settings",
        **given,
    }
    command = [sys.executable, "-m", "uvicorn", "--http", "infra.connections:Connection", "--no-access-log"]
    command += ["--no-proxy-headers", "--host", "127.0.0.1", "--port", str(port), "infra.asgi:application"]
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    return Running(port, process, log)


def _database_url() -> str:
    found = connections["default"].settings_dict
    if str(found["ENGINE"]).endswith("sqlite3"):
        return f"sqlite:///{found['NAME']}"
    return f"postgres://{found['USER']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"


@dataclass
class Reader:
    """Takes a download, so many bytes a second, until it is whole or cut; notes when its machine last got something."""

    url: str
    path: str
    bytes_per_second: int
    range: str = ""
    buffer_bytes: int = 0
    received: int = 0
    arrived: int = 0
    status: int = 0
    last_at: float = 0.0
    ended: str = ""
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        host, _, port = self.url.removeprefix("http://").partition(":")
        with socket.socket() as line:
            if self.buffer_bytes:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.buffer_bytes)
            line.settimeout(60)
            line.connect((host, int(port)))
            wish = f"Range: {self.range}\r\n" if self.range else ""
            line.sendall(f"GET {self.path} HTTP/1.1\r\nHost: {host}\r\n{wish}\r\n".encode())
            try:
                self._take(line)
            except OSError as error:
                self.ended = type(error).__name__

    def _take(self, line: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            part = line.recv(4_096)
            if not part:
                self.ended = "closed"
                return
            head += part
        self.status = int(head.split()[1])
        length = int(head.lower().split(b"content-length:")[1].split()[0])
        self.received = len(head.partition(b"\r\n\r\n")[2])
        tick = max(0.005, 4_096 / self.bytes_per_second)
        while self.received < length:
            part = line.recv(max(1, int(self.bytes_per_second * tick)))
            if not part:
                self.ended = "closed"
                return
            self.received += len(part)
            self._wait(line, tick)
        self.ended = "whole"

    def _wait(self, line: socket.socket, seconds: float) -> None:
        """Wait, and note when something arrives: what lies in this machine's memory has left the gateway."""
        until = time.monotonic() + seconds
        while True:
            waiting = array.array("i", [0])
            fcntl.ioctl(line, termios.FIONREAD, waiting)
            if self.received + waiting[0] > self.arrived:
                self.arrived, self.last_at = self.received + waiting[0], time.time()
            if time.monotonic() >= until:
                return
            time.sleep(0.004)


def wait_for(readers: Sequence[Reader], within_seconds: float = 60) -> None:
    """Until each has ended, somehow."""
    for reader in readers:
        reader.thread.join(timeout=within_seconds)
        assert reader.ended, f"{reader.url} is still being read"
