"""What officers are told of breaches: that one was entered, and that its clock runs out."""

from django.utils.translation import gettext_lazy as _

from exchange.kernel.actors import Scope
from exchange.participants.news import EXCHANGE, Group, News, Tells, Words


def _to_officers(name: str, title: Words, sentence: Words) -> News:
    return News(
        name,
        EXCHANGE,
        Scope.AUDIT,
        Group.SECURITY,
        title,
        sentence,
        route="desk_breaches_one",
        argument="breach",
        icon="flag",
        kind="stop",
        tells=Tells.EVERYONE,
    )


TABLE = (
    _to_officers(
        "breach.opened",
        _("A breach was entered"),
        _("Its clock runs. Look at what is to be done, and by when the authority is to be told."),
    ),
    _to_officers(
        "breach.deadline_neared",
        _("The time to tell the authority is nearly over"),
        _("Tell it what you know now; the rest may follow in a later phase."),
    ),
    _to_officers(
        "breach.deadline_passed",
        _("The authority was not told in time"),
        _("Tell it now, and say why it is late."),
    ),
)
