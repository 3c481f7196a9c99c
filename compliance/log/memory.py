"""What the signer knows by itself, in a folder of its own: the key, the last head of each log that it signed, and how
a log ended. No copy of the database brings this back to an older day."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from compliance.verifier.files import write_whole

KEY_FILE = "log.pem"
_CHECKPOINT = ".checkpoint"
_SUCCESSOR = ".successor"
_TICK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Memory:
    """The signer's own folder."""

    path: Path

    def names(self) -> set[str]:
        """Every log that was signed here, or that succeeds one."""
        return {file.name.removesuffix(_CHECKPOINT) for file in self.path.glob(f"*{_CHECKPOINT}")}

    def checkpoint(self, log: str) -> bytes | None:
        """The last head of a log that was signed, as its note."""
        return _read(self.path / f"{log}{_CHECKPOINT}")

    def successor(self, log: str) -> bytes | None:
        """How a log ended, as its note; None while it goes on."""
        return _read(self.path / f"{log}{_SUCCESSOR}")

    def keep_checkpoint(self, log: str, note: bytes) -> None:
        write_whole(self.path / f"{log}{_CHECKPOINT}", note)

    def keep_successor(self, log: str, note: bytes) -> None:
        write_whole(self.path / f"{log}{_SUCCESSOR}", note)

    @contextmanager
    def alone(self, *, patience_seconds: float = 0) -> Iterator[bool]:
        """Whether no other process signs with this memory now; waits for it as long as is said."""
        until = time.monotonic() + patience_seconds
        with (self.path / "lock").open("w") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if time.monotonic() < until:
                        time.sleep(_TICK_SECONDS)
                        continue
                    yield False
                else:
                    yield True
                return


def _read(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None
