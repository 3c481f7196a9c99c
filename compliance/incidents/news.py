"""What members are told of incidents: holders that their data was reached, officers whom nobody could reach."""

from django.utils.translation import gettext_lazy as _

from exchange.kernel.actors import Scope
from exchange.participants.news import EXCHANGE, Group, News, Tells, Words


def _to_holder(name: str, title: Words, sentence: Words) -> News:
    """Of these a holder is told at once, whatever mail its members chose."""
    return News(
        name,
        "holder",
        Scope.SELL,
        Group.SECURITY,
        title,
        sentence,
        route="sell_incidents_one",
        argument="row",
        icon="flag",
        kind="stop",
        tells=Tells.EVERYONE,
        noun="incidentholder",
    )


_TITLE = _("Data that you shared was reached without authorisation")
_SENTENCE = _(
    "Found out on %(detected_at)s. Its page says what happened and what it reaches. Acknowledge it there."
)
TABLE = (
    _to_holder("incidentholder.notified", _TITLE, _SENTENCE),
    _to_holder("incidentholder.repeated", _TITLE, _SENTENCE),
    _to_holder(
        "incidentholder.reminded",
        _("An incident with your data still waits for you"),
        _("Found out on %(detected_at)s. Read what happened, and acknowledge that you know of it."),
    ),
    News(
        "incidentholder.undelivered",
        EXCHANGE,
        Scope.AUDIT,
        Group.RIGHTS,
        _("%(holder)s cannot be reached about an incident"),
        _("Neither e-mail nor webhook took it. Hand it over by another way, and say by which."),
        route="desk_incidents_one",
        argument="incident",
        icon="flag",
        kind="warn",
        noun="incidentholder",
    ),
)
