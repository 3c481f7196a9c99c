"""Connections to the port of a gateway. Each gets so long, and so many bytes, for the head of its next request; little
waits in it to be sent, and what waits can be dropped at once."""

import asyncio
import socket
import struct
import time

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_WITHIN_SECONDS = 10
LARGEST_HEAD_BYTES = 64 * 1024
UNSENT_BYTES = 128 * 1024  # in the kernel; what is under way to the reader comes on top
WAITING_BYTES = 16 * 1024  # in this process, before whoever sends has to wait
TAKES_WITHIN_SECONDS = 120
FEW_CONNECTIONS = 64
# Whoever is awake takes connections faster than a sibling wakes up, and with few of them would get all. The shortest
# sleep there is lasts long enough for a sibling to come first.
_A_MOMENT = 1e-9
_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: close resets the connection, and nothing unsent is sent


class Connection(HttpToolsProtocol):
    """Uvicorn's own, closed when a head does not come; who sends one byte a minute would hold it for ever. It is the
    `connection` in the state of each request (contracts.gateway.wire)."""

    _until: asyncio.TimerHandle | None = None
    _is_heading = True
    _head_bytes = 0
    _left_waiting = 0
    _stands_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) < FEW_CONNECTIONS:
            time.sleep(_A_MOMENT)
        transport.set_write_buffer_limits(high=WAITING_BYTES, low=0)
        self._set_option(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
        self.app_state = {**self.app_state, "connection": self}
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._until is not None:
            self._until.cancel()

    def data_received(self, data: bytes) -> None:
        if self._is_heading:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._is_heading and self._head_bytes > LARGEST_HEAD_BYTES and not self.transport.is_closing():
            self._refuse_head()

    def on_headers_complete(self) -> None:
        self._is_heading, self._head_bytes = False, 0
        if (
            sum(len(name) + len(value) for name, value in self.headers) > LARGEST_HEAD_BYTES
        ):  # it came in one piece
            self._refuse_head()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.transport.is_closing():
            super().on_message_complete()
        self._is_heading = True

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._await_head()

    @property
    def is_gone(self) -> bool:
        """Whether nobody can be reached by it any more."""
        return self.transport.is_closing()

    @property
    def waiting_bytes(self) -> int:
        """How much of what was handed over is still in this process."""
        return self.transport.get_write_buffer_size()

    def cut(self) -> None:
        """End it now. What waits, here or in the kernel, is dropped and never leaves."""
        if not self.transport.is_closing():
            self._set_option(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()

    def _refuse_head(self) -> None:
        if getattr(self.cycle, "response_complete", True):
            self.send_400_response("The head of this request is too large.")
        else:  # what would be written now would stand in the middle of another answer
            self.cut()

    def _set_option(self, level: int, option: int, value: int | bytes) -> None:
        found = self.transport.get_extra_info("socket")
        if found is not None and found.family in (socket.AF_INET, socket.AF_INET6):
            found.setsockopt(level, option, value)

    def _await_head(self) -> None:
        if self._until is not None:
            self._until.cancel()
        self._left_waiting = 0
        self._until = self.loop.call_later(HEAD_WITHIN_SECONDS, self._close_if_idle)

    def _close_if_idle(self) -> None:
        is_idle = getattr(self.cycle, "response_complete", True)  # None before the first request
        if not is_idle:
            return
        if self.transport.get_write_buffer_size():
            self._await_taking()
        elif not self.transport.is_closing():
            self.transport.close()

    def _await_taking(self) -> None:
        """The answer is whole but waits here: it may wait as long as its reader takes of it."""
        waiting, now = self.transport.get_write_buffer_size(), self.loop.time()
        if waiting != self._left_waiting:
            self._left_waiting, self._stands_since = waiting, now
        elif now - self._stands_since > TAKES_WITHIN_SECONDS:
            self.cut()
            return
        self._until = self.loop.call_later(HEAD_WITHIN_SECONDS, self._close_if_idle)
