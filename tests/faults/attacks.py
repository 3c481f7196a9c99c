"""What a stranger does to a gateway, as often as a test asks: guesses at tokens, replays, floods of headers, readers
and writers who vanish. Each answers what came back, so that a test can say what must have."""

import contextlib
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from tests.faults.conftest import connect, head

NAME = "passages.csv"
_READ_BYTES = 65_536


def guess(url: str, like: str, count: int, lines: int = 8) -> Counter[int]:
    """Guess `count` tokens of the form of `like` over so many connections; answers how often each status came."""
    answers: Counter[int] = Counter()
    shares = [count // lines + (place < count % lines) for place in range(lines)]
    threads = [threading.Thread(target=_guess_on_a_line, args=(url, like, share, answers)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _guess_on_a_line(url: str, like: str, count: int, answers: Counter[int]) -> None:
    """One connection that is used again; a guess keeps the form of a token and changes its signature."""
    body = like.rpartition(".")[0]
    with connect(url) as line:
        reader = line.makefile("rb")
        for _ in range(count):
            line.sendall(head("GET", f"{url}/d/{body}.{secrets.token_urlsafe(32)}/{NAME}"))
            answers[_status(reader)] += 1


def _status(reader: BinaryIO) -> int:
    """Read one answer to its end; answers its status."""
    status, length = int(reader.readline().split()[1]), 0
    while (named := reader.readline()) not in (b"\r\n", b""):
        name, _, value = named.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    reader.read(length)
    return status


def flood_heads(url: str) -> list[bytes]:
    """Heads that are too large, too many, or none at all; answers the first line of what came back, if anything."""
    path = urlsplit(url).path
    start = f"HEAD {path} HTTP/1.1\r\nHost: x\r\n".encode()
    floods = [
        start + b"X-Large: " + b"a" * 1_000_000 + b"\r\n\r\n",
        start + b"".join(b"X-%d: a\r\n" % n for n in range(10_000)) + b"\r\n",
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\n\r\n",
        b"\0" * 100_000,
        start + b"Range: bytes=" + b",".join(b"%d-%d" % (n, n) for n in range(5_000)) + b"\r\n\r\n",
        start + b"X-Forwarded-For: " + b",".join([b"192.0.2.1"] * 5_000) + b"\r\n\r\n",
    ]
    answers = []
    for flood in floods:
        found = b""
        with connect(url) as line, contextlib.suppress(OSError):
            line.sendall(flood)
            found = line.recv(_READ_BYTES)
        answers.append(found.partition(b"\r\n")[0])
    return answers


def vanish(url: str, count: int) -> None:
    """Open the download so many times and vanish: before the head ends, after it, in mid-answer, by close or reset."""
    request = head("GET", url)
    for place in range(count):
        with connect(url) as line, contextlib.suppress(ConnectionError):
            line.sendall(request[:40] if place % 3 == 0 else request)
            if place % 3 == 2:
                line.recv(1_000)
            if place % 2:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def memory_of(pid: int) -> int:
    """How many bytes of memory a process holds now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("this process is gone")


class Meanwhile:
    """Asks again and again until it is stopped, and keeps how long each answer took."""

    def __init__(self, ask: Callable[[], object]) -> None:
        self._ask = ask
        self.seconds: list[float] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Meanwhile":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.is_set():
            began = time.monotonic()
            self._ask()
            self.seconds.append(time.monotonic() - began)
            self._is_over.wait(0.05)
