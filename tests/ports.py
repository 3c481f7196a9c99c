"""Ports for servers that tests and benchmarks start: below the ephemeral range, so that no client's connection can take
one first. Standard library alone: tests/postgres.py runs as a script."""

import contextlib
import os
import socket
from itertools import count, islice

_FIRST, _COUNT = 8_100, 23_900
_numbers = count(os.getpid() * 61)  # each process begins elsewhere


def free_port() -> int:
    """A port of this machine that nobody listens on, another one each time."""
    for number in islice(_numbers, _COUNT):
        port = _FIRST + number % _COUNT
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError(f"no free port from {_FIRST} to {_FIRST + _COUNT - 1}")
