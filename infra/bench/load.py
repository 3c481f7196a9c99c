"""What asks: wrk for many small answers, and readers of our own for a few large ones."""

import json
import socket
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

SCRIPT = Path(__file__).with_name("fresh.lua")
_BUFFER_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Asked:
    """What came of many requests: how many were answered well, in which time, and how long one took."""

    answered: int
    seconds: float
    p50_milliseconds: float
    p99_milliseconds: float

    @property
    def rate(self) -> float:
        return self.answered / self.seconds


def ask(url: str, paths: Sequence[str], folder: Path, *, clients: int, seconds: float) -> Asked:
    """Ask for the paths, each once, with as many connections that stay open; RuntimeError for any bad answer."""
    file = folder / "paths.txt"
    file.write_text("\n".join(paths))
    command = ["wrk", "-t1", f"-c{clients}", f"-d{round(seconds)}s", "--timeout", "20s", "--latency"]
    done = subprocess.run(
        [*command, "-s", str(SCRIPT), url, "--", str(file)], capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout.splitlines()[-1])
    if said["refused"] or said["broken"]:
        raise RuntimeError(f"{said['refused']} requests were refused and {said['broken']} broke off")
    return Asked(said["requests"], said["microseconds"] / 1_000_000, said["p50"] / 1_000, said["p99"] / 1_000)


def read(urls: Sequence[str], size_bytes: int) -> float:
    """Read all of these at once, each whole; answers the seconds from the first request to the last byte."""
    with ThreadPoolExecutor(len(urls)) as readers:
        began = time.perf_counter()
        lengths = list(readers.map(_read, urls))
    if lengths != [size_bytes] * len(urls):
        raise RuntimeError(f"files of {size_bytes} bytes came with {lengths}")
    return time.perf_counter() - began


def _read(url: str) -> int:
    """How many bytes the body of an answer has."""
    where, buffer = urlsplit(url), bytearray(_BUFFER_BYTES)
    with socket.create_connection((where.hostname or "", where.port or 80), timeout=60) as line:
        line.sendall(f"GET {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            if not (part := line.recv(65_536)):
                break
            head += part
        head, _, body = head.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"a file was not sent: {head[:200]!r}")
        length = len(body)
        while count := line.recv_into(buffer):
            length += count
    return length
