"""Exchanges that a test may break, and readers who are in the middle of a download when it does."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.servers import Demo, Exchange, running

Begin = Callable[..., Exchange]


@pytest.fixture
def begin(loaded_demo: Demo, tmp_path: Path) -> Iterator[Begin]:
    """Start an exchange of the test's own, with settings of its own; it is ended with the test."""
    with contextlib.ExitStack() as until_then:

        def run(**options: object) -> Exchange:
            return until_then.enter_context(running(loaded_demo, tmp_path, **options))

        yield run


@dataclass(frozen=True)
class Reader:
    """Somebody who has read the beginning of a download and then stops; little waits in between."""

    line: socket.socket
    begun: bytes

    def rest(self) -> bytes:
        """All that still arrives before the line ends, or is cut."""
        return all_of(self.line)


def all_of(line: socket.socket) -> bytes:
    """What arrives until the other side closes, or resets."""
    found = bytearray()
    with contextlib.suppress(ConnectionError):
        while part := line.recv(1_000_000):
            found += part
    return bytes(found)


def connect(url: str, *, receives_bytes: int = 65_536) -> socket.socket:
    """A connection of its own to the exchange at `url`, whose reader has a small buffer."""
    where = urlsplit(url)
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives_bytes)
    line.settimeout(30)
    line.connect((where.hostname, where.port))
    return line


def head(method: str, url: str, *lines: str) -> bytes:
    """The head of a request."""
    parts = urlsplit(url)
    return "\r\n".join([f"{method} {parts.path} HTTP/1.1", f"Host: {parts.netloc}", *lines, "", ""]).encode()


@contextlib.contextmanager
def reading(url: str, first_bytes: int = 1_000_000) -> Iterator[Reader]:
    """Ask for a download and read its beginning."""
    with connect(url) as line:
        line.sendall(head("GET", url))
        found = bytearray()
        while len(found) < first_bytes:
            part = line.recv(65_536)
            assert part, "the download ended before it was in the middle"
            found += part
        answer, _, body = bytes(found).partition(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        yield Reader(line, body)
