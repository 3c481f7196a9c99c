"""Where Events stand in the log: the place of their leaves in which log, once they are sealed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from compliance.models import Log
from exchange.kernel.models import Event


@dataclass(frozen=True)
class Leaf:
    """One Event. `log` and `place` name its leaf; None until the log is sealed over it."""

    name: str
    subject: str
    at: datetime
    log: str | None
    place: int | None


def of_subjects(subjects: Collection[str], names: Iterable[str]) -> list[Leaf]:
    """The Events of these names about these subjects, oldest first; two queries however many there are."""
    if not subjects:
        return []
    logs = _logs()
    found = Event.objects.filter(subject__in=subjects, name__in=list(names)).order_by("id")
    return [
        Leaf(name, subject, at, *_place(logs, index))
        for name, subject, at, index in found.values_list("name", "subject", "at", "leaf_index")
    ]


def place_of(index: int) -> tuple[str | None, int | None]:
    """The name of the log that holds the leaf of this index, and its place there."""
    return _place(_logs(), index)


def _logs() -> list[tuple[str, int]]:
    """The name and the first leaf of every log, the newest first: where two overlap, the newer one counts."""
    return list(Log.objects.order_by("-name").values_list("name", "first_index"))


def _place(logs: list[tuple[str, int]], index: int | None) -> tuple[str | None, int | None]:
    if index is None:
        return None, None
    return next(((name, index - first) for name, first in logs if first <= index), (None, None))
