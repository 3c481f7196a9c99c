"""Where Events stand in the log: the place of their leaves in the log of their year, once they are sealed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from compliance.models import Log
from exchange.kernel.models import Event


@dataclass(frozen=True)
class Leaf:
    """One Event. `year` and `place` name its leaf; None until the log is sealed over it."""

    name: str
    subject: str
    at: datetime
    year: int | None
    place: int | None


def of_subjects(subjects: Collection[str], names: Iterable[str]) -> list[Leaf]:
    """The Events of these names about these subjects, oldest first; two queries however many there are."""
    if not subjects:
        return []
    logs = list(Log.objects.order_by("-first_index").values_list("year", "first_index"))
    found = Event.objects.filter(subject__in=subjects, name__in=list(names)).order_by("id")
    return [
        Leaf(name, subject, at, *_place(logs, index))
        for name, subject, at, index in found.values_list("name", "subject", "at", "leaf_index")
    ]


def _place(logs: list[tuple[int, int]], index: int | None) -> tuple[int | None, int | None]:
    if index is None:
        return None, None
    return next(((year, index - first) for year, first in logs if first <= index), (None, None))
