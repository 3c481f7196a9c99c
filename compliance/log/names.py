"""What logs are called: the year, or the year and the number of a successor; and their origin, which is the name of
this exchange's log in front of it."""

from urllib.parse import urlsplit

from django.conf import settings

from compliance.verifier.notes import is_key_name
from exchange.kernel.errors import Conflict

_MOST_SUCCESSORS = 9


def origin_of(log: str) -> str:
    """The origin of a log that is opened now."""
    name = settings.EXCHANGE_LOG_NAME or f"{urlsplit(settings.EXCHANGE_URL).netloc}/log"
    if not is_key_name(name):
        raise RuntimeError(f"EXCHANGE_LOG_NAME is {name!r}; a log's name holds no space and no plus")
    return f"{name}/{log}"


def year_of(log: str) -> int:
    return int(log[:4])


def is_successor(log: str) -> bool:
    return "." in log


def successor_of(log: str) -> str:
    """The next name of the same year; Conflict when it has no more."""
    year, _, number = log.partition(".")
    following = int(number or 0) + 1
    if following > _MOST_SUCCESSORS:  # the names of logs are in the order of their age
        raise Conflict(
            f"a year has {_MOST_SUCCESSORS} successors at most, and {log} is the last", code="log_out_of_names"
        )
    return f"{year}.{following}"
