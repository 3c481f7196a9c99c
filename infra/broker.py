"""The embedded broker: messages as files in a folder. Celery's worker looks for two seconds before it asks whether it
was told to stop, and then once more; this transport comes back sooner, so that Ctrl-C is quick."""

from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps

LOOKS_FOR_SECONDS = 0.5


class Channel(filesystem.Channel):
    """Kombu's own, with messages that appear whole: its reader takes a file while it is still empty, and dies of it."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # as its parent
        whole = Path(self.data_folder_out) / f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        part = whole.with_suffix(".part")
        try:
            part.write_bytes(dumps(payload).encode())
            part.replace(whole)
        except OSError as error:
            raise ChannelError(f"cannot add {whole.name} to the queue: {error.strerror}") from error


class Transport(filesystem.Transport):
    """Kombu's own, in shorter looks."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **more: Any) -> None:
        wanted = LOOKS_FOR_SECONDS if timeout is None else min(timeout, LOOKS_FOR_SECONDS)
        super().drain_events(connection, timeout=wanted, **more)
