"""The embedded broker: messages as files in a folder. Celery's worker looks for two seconds before it asks whether it
was told to stop, and then once more; this transport comes back sooner, so that Ctrl-C is quick."""

from kombu.transport import filesystem

LOOKS_FOR_SECONDS = 0.5


class Transport(filesystem.Transport):  # type: ignore[misc]
    """Kombu's own, in shorter looks."""

    def drain_events(self, connection: object, timeout: float | None = None) -> None:
        wanted = LOOKS_FOR_SECONDS if timeout is None else min(timeout, LOOKS_FOR_SECONDS)
        super().drain_events(connection, timeout=wanted)
