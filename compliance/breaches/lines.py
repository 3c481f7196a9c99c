"""Which lines of a breach the law still asks for, in the order in which an officer gets to them."""

from collections.abc import Iterator

from compliance.models import Breach, BreachReport

Audience = BreachReport.Audience
_WRITTEN = ("consequences", "measures_taken", "lessons")


def missing(breach: Breach) -> list[str]:
    """The names of the lines that lack; none where the breach may be closed."""
    return list(_missing(breach))


def _missing(breach: Breach) -> Iterator[str]:
    told = set(breach.reports.values_list("audience", "is_last"))
    if not breach.scopes.exists():
        yield "scope"
    if not breach.risk:
        yield "risk"
    elif breach.risk != Breach.Risk.UNLIKELY and (Audience.AUTHORITY, True) not in told:
        yield "authority"
    if breach.risk == Breach.Risk.HIGH and not breach.exemption and (Audience.PERSONS, True) not in told:
        yield "persons"
    for name in _WRITTEN:
        if not getattr(breach, name):
            yield name
