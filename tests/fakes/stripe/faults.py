"""Faults on order: a route fails so and so often, before its effect or after it."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a call fails. After the effect, the caller cannot know that it was had."""

    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    ERROR_KEPT = "error_kept"
    """The effect is had, and the 500 is what the idempotency key answers from now on."""
    SILENCE_BEFORE = "silence_before"
    SILENCE_AFTER = "silence_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    RATE_LIMITED = "rate_limited"


@dataclass
class Fault:
    """A fault of calls of this method whose path begins so, for the next `times`, after `after` that go well."""

    kind: Kind
    path: str
    method: str = "POST"
    times: int = 1
    after: int = 0
    seconds: int = 60
    """How long a silence lasts at most, or a limited caller is told to wait."""

    def meets(self, method: str, path: str) -> bool:
        """Whether it is this call's turn to fail; it counts."""
        if method != self.method or not path.startswith(self.path) or not self.times:
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True
