"""A line to a server that can stall or break: it passes bytes on until it is told not to."""

import contextlib
import socket
import threading
from collections.abc import Iterator


class SlowLine:
    """Listens on a port of its own and passes on to `target`. While it `stalls`, connections stay open and nothing
    moves; while it `breaks`, each is closed as soon as it is made."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.moves = threading.Event()
        self.moves.set()
        self.breaks = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def stall(self) -> None:
        self.moves.clear()

    def mend(self) -> None:
        self.breaks = False
        self.moves.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                if self.breaks:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self.target))
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := one.recv(65_536):
                self.moves.wait()
                other.sendall(part)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def slow_line(target: int) -> Iterator[SlowLine]:
    """One that is closed with the block."""
    line = SlowLine(target)
    try:
        yield line
    finally:
        line.mend()
        line.listener.close()
