"""How much an organisation has on the exchange: counts that the apps above hand over at start, because only they
know what they count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise


@dataclass(frozen=True)
class Figure:
    """`is_running` marks what a suspension would cut."""

    words: str | Promise
    count: Callable[[UUID], int]
    is_running: bool = False


_table: list[Figure] = []


def register(table: Sequence[Figure]) -> None:
    """Take the whole table of figures; `infra/apps.py` hands it over at start."""
    _table[:] = table


def of(participant_id: UUID) -> list[tuple[str | Promise, int]]:
    """Every figure of an organisation, in the table's order."""
    return [(figure.words, figure.count(participant_id)) for figure in _table]


def running(participant_id: UUID) -> int:
    """How many things run that would end with the organisation's suspension."""
    return sum(figure.count(participant_id) for figure in _table if figure.is_running)
