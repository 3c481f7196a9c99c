"""`make run`: a whole exchange in the foreground. Prepares the state folder, loads the demo once, starts every
process, says where it is, and stops all of it on Ctrl-C."""

import fcntl
import http.client
import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

from django.conf import settings

from infra import processes
from infra.demo import load
from infra.prepare import prepare
from infra.supervisor import Supervisor, say


def run() -> int:
    """Run until Ctrl-C; answers the exit code."""
    lock = _hold(settings.EXCHANGE_VAR_DIR)
    listener = lock and _listen(settings.EXCHANGE_BIND)
    if not listener:
        return 1
    processes.preload()
    supervisor = Supervisor(settings.EXCHANGE_VAR_DIR / "logs")
    try:
        if not supervisor.run_once("prepare", prepare):
            return int(not supervisor.stop_signals)
        supervisor.add("web", partial(processes.web, listener), stops_in_round=1, grace_seconds=6)
        for work in processes.BEHIND_THE_WEB:
            supervisor.add(work.__name__, partial(_without, listener, work), stops_in_round=2, grace_seconds=5)
        went_well = supervisor.watch(ready=_announces(listener))
        say("Stopping.")
        return 0 if went_well else 1
    finally:
        listener.close()  # new connections are refused while the last answers are given
        supervisor.stop()


def _hold(folder: Path) -> IO[str] | None:
    """Keep `folder` for this exchange alone; every child holds the lock too, so it is free when all are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "run.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        say(
            f"An exchange is already running on {folder}, or still stopping. Stop it with Ctrl-C there, or set "
            "EXCHANGE_VAR_DIR to another folder."
        )
        return None
    return lock


def _listen(bind: str) -> socket.socket | None:
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit() or int(port) > 65_535:
        say(f"EXCHANGE_BIND is {bind!r}; it must be an address and a port, as in 127.0.0.1:8000.")
        return None
    try:
        family = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, int(port)), family=family, backlog=512)
    except OSError as error:
        why = str(error.strerror).partition(" (while")[0]
        say(
            f"Cannot listen on {bind}: {why}. Stop what holds it, or set EXCHANGE_BIND=127.0.0.1:{int(port) + 1}."
        )
        return None


def _without(listener: socket.socket, work: Callable[[], None]) -> None:
    listener.close()
    work()


def _announces(listener: socket.socket) -> Callable[[], bool]:
    def ready() -> bool:
        if not _is_healthy(listener):
            return False
        _announce()
        return True

    return ready


def _is_healthy(listener: socket.socket) -> bool:
    host, port = listener.getsockname()[:2]
    ask = http.client.HTTPConnection(_reachable(host), port, timeout=2)
    try:
        ask.request("GET", "/health", headers={"Host": _own_name()})
        return ask.getresponse().status == 200
    except OSError:
        return False
    finally:
        ask.close()


def _reachable(host: str) -> str:
    """Where this machine reaches what listens on `host`, which may mean every address."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _own_name() -> str:
    name = settings.ALLOWED_HOSTS[0].lstrip(".") if settings.ALLOWED_HOSTS else "*"
    return "localhost" if name == "*" else name


def _announce() -> None:
    say(f"{settings.EXCHANGE_NAME} is at {settings.EXCHANGE_URL}")
    say(f"The API is described at {settings.EXCHANGE_URL}/api/v1/docs")
    if settings.EXCHANGE_DEMO:
        say("This is a demo: its payment provider moves no money. Logins:")
        for line in load.logins():
            say(f"    {line}")
        say(f"The demo's API clients are in {_shown(settings.EXCHANGE_VAR_DIR / 'demo' / 'clients.json')}")
    say(f"Logs are in {_shown(settings.EXCHANGE_VAR_DIR / 'logs')}")
    say("Ctrl-C stops everything.")


def _shown(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
