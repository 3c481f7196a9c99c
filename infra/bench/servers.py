"""The processes that are measured: PostgreSQL as a careful operator runs it, the exchange's gateway, and what stands
beside them. Each is ended with the block that started it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port
from tests.postgres import running_postgres

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
STARTS_WITHIN_SECONDS = 60
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "8GB",
    "min_wal_size": "2GB",
    "checkpoint_timeout": "30min",
    "max_connections": "200",
    "track_commit_timestamp": "on",  # says when a batch of the log became durable
}


@dataclass(frozen=True)
class Server:
    """A running server: where it listens and its first process."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL that loses nothing when the power goes."""
    with running_postgres(**DURABLE) as url:
        yield url


@contextlib.contextmanager
def gateway(folder: Path) -> Iterator[Server]:
    """The gateway as it runs in production, with two workers."""
    command = [sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--http", "infra.connections:Connection"]
    command += ["--workers", str(WORKERS), "--no-access-log", "--no-proxy-headers", "--no-server-header"]
    command += ["--log-level", "warning", "--port", "{port}", "infra.asgi:application"]
    with _started(command, folder / "gateway.log", "/health") as server:
        yield server


@contextlib.contextmanager
def web(folder: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """Pages and API as they run in production."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--no-ws"]
    command += ["--workers", str(WORKERS), "--blocking-threads", "4", "--log-level", "warning"]
    command += ["--port", "{port}", "infra.wsgi:application"]
    with _started(command, folder / "web.log", "/health", environment=environment) as server:
        yield server


@contextlib.contextmanager
def worker(folder: Path, environment: Mapping[str, str]) -> Iterator[int]:
    """The worker as it runs in production; answers its first process."""
    command = [sys.executable, "-m", "celery", "-A", "infra.celery", "worker", "--concurrency", "4"]
    with _running([*command, "--loglevel", "WARNING"], folder / "worker.log", environment) as process:
        yield process.pid


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[str]:
    """The URL of a Redis that keeps nothing."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with _running(command, folder / "redis.log", None) as process:
        until = time.monotonic() + STARTS_WITHIN_SECONDS
        while process.poll() is None and time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
                break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def hello(folder: Path) -> Iterator[Server]:
    """Django's smallest answer on granian, with as many workers."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--no-ws"]
    command += ["--workers", str(WORKERS), "--log-level", "warning", "--port", "{port}"]
    command += ["infra.bench.hello:application"]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    with _started(command, folder / "hello.log", "/hello", environment=plain) as server:
        yield server


@contextlib.contextmanager
def nginx(folder: Path, root: Path) -> Iterator[Server]:
    """nginx, sending the files of `root` as they are."""
    port = free_port()
    own = folder / "nginx"
    own.mkdir(exist_ok=True)
    temporary = "".join(f"{kind}_temp_path {own}/{kind};" for kind in _NGINX_FOLDERS)
    user = "user root;" if os.geteuid() == 0 else ""
    (own / "nginx.conf").write_text(
        f"daemon off; {user} worker_processes {WORKERS}; pid {own}/pid; error_log {own}/error.log;"
        f"events {{ worker_connections 1024; }} http {{ access_log off; sendfile on; tcp_nopush on; {temporary}"
        f"default_type application/octet-stream; keepalive_requests 1000000;"
        f"server {{ listen 127.0.0.1:{port}; location / {{ root {root}; }} }} }}"
    )
    command = ["nginx", "-p", str(own), "-c", str(own / "nginx.conf"), "-e", str(own / "error.log")]
    with _started(command, own / "output.log", "/", port=port) as server:
        yield server


_NGINX_FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@contextlib.contextmanager
def _started(
    command: Sequence[str],
    log: Path,
    path: str,
    *,
    port: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    port = port or free_port()
    words = [word.format(port=port) if word == "{port}" else word for word in command]
    with _running(words, log, environment) as process:
        server = Server(port, process.pid)
        _wait(server, process, path, log)
        yield server


@contextlib.contextmanager
def _running(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None
) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(server: Server, process: "subprocess.Popen[bytes]", path: str, log: Path) -> None:
    """Until every worker has answered once, so that none starts while it is measured."""
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    answered = 0
    while answered < 20 * WORKERS:
        if process.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"{log.stem} did not start:\n{log.read_text()}")
        if _answers(server.port, path):
            answered += 1
        else:
            time.sleep(0.1)


def _answers(port: int, path: str) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        return line.recv(64).startswith(b"HTTP/1.1 ")
    return False
