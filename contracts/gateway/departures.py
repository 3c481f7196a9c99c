"""What the gateway's own door sees leaving, counted apart from what senders say, and kept in the access record."""

from types import TracebackType
from uuid import UUID

from django.utils import timezone

from compliance.health import access
from contracts.gateway.wire import Message, Send

_WITH_BYTES = (200, 206)
_LINK = 307


class Departure:
    """Stands between one answer and the wire: `async with Departure(…) as send`."""

    def __init__(self, token_id: str, transfer_id: UUID | None, send: Send) -> None:
        self._token_id, self._transfer_id, self._send = token_id, transfer_id, send
        self._sent = 0
        self._has_begun = False

    async def __aenter__(self) -> Send:
        return self._pass_on

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._has_begun and self._transfer_id is not None:
            access.note_end(self._token_id, self._transfer_id, self._sent, at=timezone.now())

    async def _pass_on(self, message: Message) -> None:
        if self._has_begun:
            self._sent += len(message.get("body", b""))  # when handed over, as everywhere
        elif self._transfer_id is not None and message["type"] == "http.response.start":
            self._begin(self._transfer_id, message["status"])
        await self._send(message)

    def _begin(self, transfer_id: UUID, status: int) -> None:
        """Note it before the first byte; a refusal, or an answer without bytes, is no departure."""
        if status in (*_WITH_BYTES, _LINK):
            now, is_link = timezone.now(), status == _LINK
            access.note_begin(self._token_id, transfer_id, at=now, is_link=is_link)
            self._has_begun = True
