"""The operator's notification as a provider of data intermediation (Art. 11), as the settings have it. Without one
nothing of this package is there."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings

from exchange.kernel.errors import NotFound


@dataclass(frozen=True)
class Notification:
    """Who was notified to which authority, when, and under what reference."""

    reference: str
    authority: str
    notified_on: date
    entity: str


def current() -> Notification | None:
    """The notification; None where the operator has none."""
    if not settings.EXCHANGE_INTERMEDIATION:
        return None
    return Notification(
        settings.EXCHANGE_INTERMEDIATION,
        settings.EXCHANGE_INTERMEDIATION_AUTHORITY,
        date.fromisoformat(settings.EXCHANGE_INTERMEDIATION_DATE),
        settings.EXCHANGE_INTERMEDIATION_ENTITY,
    )


def required() -> Notification:
    """The notification; NotFound where the operator has none."""
    found = current()
    if found is None:
        raise NotFound("this exchange was not notified as a provider of data intermediation")
    return found
