"""What members are told of what is paid over time: what is late, closed for it, about to renew, cancelled or ended."""

from django.utils.translation import gettext_lazy as _

from exchange.kernel.actors import Scope
from exchange.participants.news import Group, News, Tells

TABLE = (
    News(
        "subscription.reminded",
        "buyer",
        Scope.BUY,
        Group.MONEY,
        _("A payment for data of %(seller)s is late"),
        _("This is reminder %(reminder)s of 4. With the last one the data closes until the money is in place."),
        route="charge",
        argument="charge",
        icon="card",
        kind="warn",
        tells=Tells.EVERYONE,
    ),
    News(
        "subscription.suspended",
        "buyer",
        Scope.BUY,
        Group.MONEY,
        _("The data of %(seller)s is closed until you pay"),
        _("It opens again as soon as the money is in place. Without it, the licence ends in two weeks."),
        route="charge",
        argument="charge",
        icon="card",
        kind="stop",
        tells=Tells.EVERYONE,
    ),
    News(
        "subscription.suspended",
        "seller",
        Scope.SELL,
        Group.MONEY,
        _("%(buyer)s is late with a payment"),
        _("The data is closed until the money is in place."),
        route="sale_subscription",
        argument="agreement",
        icon="card",
        kind="warn",
        tells=Tells.EVERYONE,
    ),
    News(
        "subscription.renewal_near",
        "buyer",
        Scope.BUY,
        Group.MONEY,
        _("“%(dataset)s” renews on %(renews_at)s"),
        _(
            "Another term begins then, because your organisation agreed to it: %(price_minor)s before VAT for each "
            "period. To stop it, open its payments before that day and choose “Let it end with this term”."
        ),
        route="sale_subscription",
        argument="agreement",
        icon="cal",
        kind="info",
        tells=Tells.EVERYONE,
    ),
    News(
        "subscription.cancelled",
        "seller",
        Scope.SELL,
        Group.MONEY,
        _("%(buyer)s lets its payments end"),
        _("The data stays open until the period that is paid is over."),
        route="sale_subscription",
        argument="agreement",
        icon="cal",
    ),
    News(
        "subscription.ended",
        "buyer",
        Scope.BUY,
        Group.MONEY,
        _("Nothing more is charged for data of %(seller)s"),
        _("What you paid over time has ended, and so has the access. The page shows every charge."),
        route="sale_subscription",
        argument="agreement",
        icon="cal",
        tells=Tells.EVERYONE,
    ),
    News(
        "subscription.ended",
        "seller",
        Scope.SELL,
        Group.MONEY,
        _("What %(buyer)s paid over time has ended"),
        _("The access has ended with it. The page shows every charge."),
        route="sale_subscription",
        argument="agreement",
        icon="cal",
        tells=Tells.EVERYONE,
    ),
)
