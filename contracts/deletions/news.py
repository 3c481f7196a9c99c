"""What members are told of deletions: to the buyer before and after the day, to seller and officers once it has passed
without a statement, and to the seller once there is one."""

from django.utils.translation import gettext_lazy as _

from exchange.kernel.actors import Scope
from exchange.participants.news import EXCHANGE, Group, News, Words

DUE_IN_14_DAYS, DUE_IN_2_DAYS, OVERDUE = (
    "deletion.due_in_14_days",
    "deletion.due_in_2_days",
    "deletion.overdue",
)


def _to_buyer(name: str, title: Words, sentence: Words, kind: str) -> News:
    return News(
        name,
        "buyer",
        Scope.BUY,
        Group.RIGHTS,
        title,
        sentence,
        route="holding_delete",
        argument="entitlement",
        icon="flag" if kind == "stop" else "clock",
        kind=kind,
        by_clock=True,
    )


TABLE = (
    _to_buyer(
        DUE_IN_14_DAYS,
        _("Delete “%(dataset)s” by %(due_at)s"),
        _("Your licence has ended. Delete every copy, then state it on its page."),
        "",
    ),
    _to_buyer(
        DUE_IN_2_DAYS,
        _("Delete “%(dataset)s” by %(due_at)s"),
        _("That is very soon. Delete every copy, then state it on its page."),
        "warn",
    ),
    _to_buyer(
        OVERDUE,
        _("The deletion of “%(dataset)s” is overdue"),
        _("It was due on %(due_at)s. The seller and the officers of the exchange see it."),
        "stop",
    ),
    News(
        OVERDUE,
        "seller",
        Scope.SELL,
        Group.RIGHTS,
        _("%(buyer)s has not stated the deletion of “%(dataset)s”"),
        _("It was due on %(due_at)s. The buyer is reminded, and the officers of the exchange see it."),
        route="sale",
        argument="agreement",
        icon="flag",
        kind="stop",
        by_clock=True,
    ),
    News(
        OVERDUE,
        EXCHANGE,
        Scope.AUDIT,
        Group.RIGHTS,
        _("%(buyer)s has not stated the deletion of “%(dataset)s”"),
        _("It was due on %(due_at)s. The desk lists all that is overdue."),
        route="desk_duties",
        icon="flag",
        kind="warn",
        by_clock=True,
    ),
    News(
        "deletion.stated",
        "seller",
        Scope.SELL,
        Group.RIGHTS,
        _("%(buyer)s states that “%(dataset)s” is deleted"),
        _("The sealed statement stands on the sale’s page."),
        route="sale",
        argument="agreement",
        icon="check",
        kind="ok",
        noun="deletionstatement",
    ),
)
