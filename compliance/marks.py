"""A state as a badge takes it."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Mark:
    """Its word, the kind that tints it, and its icon."""

    words: str | Promise
    kind: str
    drawing: str
