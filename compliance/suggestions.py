"""Names that a reader of the desk may type, for lists beside a field."""

from dataclasses import dataclass

from compliance import labels
from exchange.kernel.actors import Actor
from exchange.participants import queries as participant_queries

_MOST_SUGGESTED = 200


@dataclass(frozen=True)
class Suggestions:
    """Names that a reader may type."""

    organisations: list[str]
    datasets: list[str]


def suggestions(*, by: Actor) -> Suggestions:
    """The first names of organisations and datasets, for lists beside a field."""
    known = participant_queries.participants_visible_to(by).order_by("name").values_list("name", flat=True)
    return Suggestions(list(known[:_MOST_SUGGESTED]), sorted(set(labels.find("dataset", "").values())))
