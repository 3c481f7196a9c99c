"""Refusals: the expected ways in which the exchange says no. They know no HTTP; `infra/problems.py` gives
each kind its status."""

from collections.abc import Mapping


class ExchangeError(Exception):
    """A refusal: `detail` is a sentence for a person, `code` a stable word for a program, `more` what else a program
    may want to know, by name."""

    default_code = "refused"

    def __init__(self, detail: str, *, code: str | None = None, more: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.default_code
        self.more = more or {}


class NotFound(ExchangeError):
    """The row does not exist, or the actor may not know that it does."""

    default_code = "not_found"


class NotAuthenticated(ExchangeError):
    """Nobody known acts: a token or secret is missing, or opens nothing."""

    default_code = "not_authenticated"


class Forbidden(ExchangeError):
    """The actor may see the row, but may not do this."""

    default_code = "forbidden"


class Conflict(ExchangeError):
    """The row, or another row, is not in a state that allows this."""

    default_code = "conflict"


class Invalid(ExchangeError):
    """What was given cannot be accepted as it is."""

    default_code = "invalid"


class Unavailable(ExchangeError):
    """Something outside did not answer; the same act may succeed later."""

    default_code = "unavailable"
