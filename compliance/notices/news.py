"""What members are told of notices to recipients: recipients what to do and by when, sellers that their data has a
notice, operators whom they should think of suspending, and officers what needs them."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from exchange.kernel.actors import Scope
from exchange.participants.news import EXCHANGE, Facts, Group, News, Tells, Words


def _buyer(facts: Facts) -> Mapping[UUID, Facts]:
    return {UUID(str(facts["buyer"])): {"code": f"notice_{facts['kind']}"}}


def _to_buyer(name: str, title: Words, sentence: Words, kind: str) -> News:
    """Of these a recipient is told at once, whatever mail its members chose."""
    return News(
        name,
        "buyer",
        Scope.BUY,
        Group.SECURITY,
        title,
        sentence,
        route="buy_notices_one",
        argument="row",
        icon="flag" if kind == "stop" else "bell",
        kind=kind,
        tells=Tells.EVERYONE,
        audience=_buyer,
        noun="noticerow",
    )


def _to_officers(name: str, title: Words, sentence: Words) -> News:
    return News(
        name,
        EXCHANGE,
        Scope.AUDIT,
        Group.RIGHTS,
        title,
        sentence,
        route="desk_notices_row",
        argument="row",
        icon="flag",
        kind="warn",
        noun="noticerow",
    )


TABLE = (
    _to_buyer(
        "noticerow.notified",
        _("A notice about “%(dataset)s” asks you to act"),
        _("%(code)s Say by %(answer_by_at)s what you did, on the page of the notice."),
        "warn",
    ),
    _to_buyer(
        "noticerow.repeated",
        _("A notice about “%(dataset)s” asks you to act"),
        _("%(code)s Say by %(answer_by_at)s what you did, on the page of the notice."),
        "warn",
    ),
    _to_buyer(
        "noticerow.reminded",
        _("The notice about “%(dataset)s” still waits for you"),
        _(
            "%(code)s Say what you did by %(answer_by_at)s. After that, your licences of this dataset are suspended."
        ),
        "warn",
    ),
    _to_buyer(
        "noticerow.escalated",
        _("Your licences of “%(dataset)s” are suspended"),
        _("You have not answered the notice about it. They come back when you say what you did."),
        "stop",
    ),
    _to_buyer(
        "noticerow.reopened",
        _("The notice about “%(dataset)s” is open again"),
        _("What you said does not fit what the exchange has recorded. Look at the notice and answer it anew."),
        "stop",
    ),
    News(
        "recipientnotice.opened",
        "seller",
        Scope.SELL,
        Group.RIGHTS,
        _("The recipients of “%(dataset)s” are being told"),
        _("A notice asks everybody who received it to act. Its page says how far they are."),
        route="sell_notices_one",
        argument="notice",
        icon="bell",
        noun="recipientnotice",
        tells=Tells.EVERYONE,
    ),
    News(
        "noticerow.escalated",
        EXCHANGE,
        Scope.OPERATE,
        Group.RIGHTS,
        _("%(buyer)s has not answered a notice about “%(dataset)s”"),
        _("Its licences of this dataset are suspended. Consider suspending the organisation itself."),
        route="operate_participants_one",
        argument="buyer",
        icon="flag",
        kind="stop",
        noun="noticerow",
    ),
    _to_officers(
        "noticerow.undelivered",
        _("%(buyer)s cannot be reached about “%(dataset)s”"),
        _("Neither e-mail nor webhook took the notice. Hand it over by another way, and say by which."),
    ),
    _to_officers(
        "noticerow.contradicted",
        _("What %(buyer)s says of “%(dataset)s” does not fit the log"),
        _("The page of the notice shows its answer beside what was recorded."),
    ),
    _to_officers(
        "noticerow.refused",
        _("%(buyer)s does not do what a notice about “%(dataset)s” asks"),
        _("Read its reason, then close its row with a reason of yours, or suspend its rights."),
    ),
    News(
        "recipientnotice.settled",
        EXCHANGE,
        Scope.AUDIT,
        Group.RIGHTS,
        _("All recipients of “%(dataset)s” have answered a notice"),
        _("What waited for it can go on."),
        route="desk_notices_one",
        argument="notice",
        icon="check",
        kind="ok",
        noun="recipientnotice",
    ),
)
