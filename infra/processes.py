"""What runs side by side in an exchange on one machine. Each function is one process, forked from a supervisor
that has imported everything once: five interpreters importing it anew would take five times as long to start."""

import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn
from celery import concurrency
from celery.apps.beat import Beat
from celery.apps.worker import Worker
from django.conf import settings
from django.core.management import call_command
from django.urls import get_resolver

from infra.asgi import application
from infra.celery import app
from infra.connections import Connection

WEB_GRACE_SECONDS = 3
WORKER_THREADS = 4
LARGEST_NUMBER_OF_CONNECTIONS = 400  # each may hold a thread, and a few files of SQLite

_server = uvicorn.Config(
    application,
    http=Connection,  # bounds a request's head in size and time, and nothing stands in front of this port
    ws="none",
    lifespan="on",
    access_log=False,  # addresses carry tokens
    log_config=None,
    proxy_headers=False,  # EXCHANGE_TRUSTED_PROXIES decides whom to believe
    server_header=False,
    limit_concurrency=LARGEST_NUMBER_OF_CONNECTIONS,
    timeout_graceful_shutdown=WEB_GRACE_SECONDS,
)


def preload() -> None:
    """Import what the processes would import, before they are forked; opens no connection, starts no thread."""
    _server.load()
    get_resolver().url_patterns  # noqa: B018
    app.loader.import_default_modules()
    app.finalize()


def web(listener: socket.socket) -> None:
    """Pages, API and gateway on one port."""
    uvicorn.Server(_server).run(sockets=[listener])


def worker() -> None:
    """Runs reactions and tasks."""
    os.environ["CELERY_SKIP_CHECKS"] = "1"  # done before the fork
    logging.getLogger("celery").setLevel(logging.WARNING)
    pool = concurrency.get_implementation("threads")
    Worker(
        app=app,
        pool_cls=pool,
        concurrency=WORKER_THREADS,
        quiet=True,
        without_gossip=True,
        without_heartbeat=True,  # nobody listens to it, and its timer holds up the end
    ).start()


def beat() -> None:
    """Sends the tasks of the schedule when they are due."""
    logging.getLogger("celery").setLevel(logging.WARNING)
    Beat(app=app, schedule=str(state_file("beat")), quiet=True).run()


def sequencer() -> None:
    """Gives leaves their place in the log."""
    call_command("sequencer")


def signer() -> None:
    """Publishes the log's tiles and checkpoints."""
    call_command("signer")


def messenger() -> None:
    """Tells webhooks what the log has sealed."""
    call_command("messenger")


def state_file(name: str) -> Path:
    """Where a process keeps what it needs at its next start."""
    folder: Path = settings.EXCHANGE_VAR_DIR / "processes"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


BEHIND_THE_WEB: tuple[Callable[[], None], ...] = (worker, beat, sequencer, signer, messenger)
