"""Connections to the one port. There are only so many, so each gets so long for the head of its next request."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WITHIN_SECONDS = 10


class Connection(H11Protocol):
    """Uvicorn's own, closed when a head does not come; who sends one byte a minute would hold it for ever."""

    _until: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._await_head()

    def _await_head(self) -> None:
        if self._until is not None:
            self._until.cancel()
        self._until = self.loop.call_later(HEAD_WITHIN_SECONDS, self._close_if_idle)

    def _close_if_idle(self) -> None:
        is_idle = getattr(self.cycle, "response_complete", True)  # None before the first request
        if is_idle and not self.transport.is_closing():
            self.transport.close()
