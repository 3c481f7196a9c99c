"""Run as a program: opens every link given on standard input and takes PIECE bytes of it each PAUSE seconds, for as
long as it is told; says how many it has and what they took."""

import asyncio
import resource
import socket
import sys
import time

PIECE, PAUSE = 64 * 1024, 0.5


async def _read(host: str, port: int, path: str, until: float) -> int:
    loop, taken = asyncio.get_running_loop(), 0
    with socket.socket() as line:
        line.setblocking(False)
        await loop.sock_connect(line, (host, port))
        await loop.sock_sendall(line, f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        while time.monotonic() < until:
            part = await loop.sock_recv(line, PIECE)
            if not part:
                return -1
            taken += len(part)
            await asyncio.sleep(PAUSE)
    return taken


async def _all(host: str, port: int, paths: list[str], seconds: float) -> list[int]:
    until = time.monotonic() + seconds
    reading = [asyncio.create_task(_read(host, port, path, until)) for path in paths]
    return [
        taken if isinstance(taken, int) else -1
        for taken in await asyncio.gather(*reading, return_exceptions=True)
    ]


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    host, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    taken = asyncio.run(_all(host, port, sys.stdin.read().split(), seconds))
    print(sum(bytes_ > 0 for bytes_ in taken), sum(bytes_ for bytes_ in taken if bytes_ > 0))


if __name__ == "__main__":
    main()
