"""What members are told of the publish gate: that a dataset is held, to its seller and to the officers, and what an
officer decided."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from compliance import queries
from exchange.kernel.actors import Scope
from exchange.participants.news import EXCHANGE, Facts, Group, News, Tells


def _seller(facts: Facts) -> Mapping[UUID, Facts]:
    return {queries.seller_of_review(UUID(str(facts["review"]))): {}}


def _held(name: str) -> tuple[News, News]:
    return (
        News(
            name,
            "seller",
            Scope.SELL,
            Group.RIGHTS,
            _("“%(dataset)s” is held for review"),
            _(
                "More was found than is declared, or the data is of a special category. Look at what was found: "
                "correct the declaration, or wait for an officer."
            ),
            route="sell_datasets_one",
            argument="dataset",
            icon="pause",
            kind="warn",
            audience=_seller,
        ),
        News(
            name,
            EXCHANGE,
            Scope.AUDIT,
            Group.RIGHTS,
            _("“%(dataset)s” waits for an officer"),
            _(
                "More was found than is declared, or it is of a special category. Approve the dataset or refuse it."
            ),
            route="desk_review",
            argument="review",
            icon="shield",
            kind="warn",
        ),
    )


TABLE = (
    *_held("review.opened"),
    *_held("review.reopened"),
    News(
        "review.approved",
        "seller",
        Scope.SELL,
        Group.RIGHTS,
        _("“%(dataset)s” was approved"),
        _("An officer has looked at it. You may publish it now."),
        route="sell_datasets_one",
        argument="dataset",
        icon="check",
        kind="ok",
        audience=_seller,
    ),
    News(
        "review.refused",
        "seller",
        Scope.SELL,
        Group.RIGHTS,
        _("“%(dataset)s” was refused"),
        _("An officer does not let it be published as it is declared. The reason stands on its page."),
        route="sell_datasets_one",
        argument="dataset",
        icon="stop",
        kind="stop",
        audience=_seller,
    ),
    News(
        "mismatch.found",
        EXCHANGE,
        Scope.AUDIT,
        Group.SECURITY,
        _("The log and what left do not match"),
        _("The nightly comparison found something that one record has and another lacks. Look into it today."),
        route="desk_log",
        icon="shield",
        kind="stop",
        tells=Tells.EVERYONE,
    ),
    News(
        "alarm.raised",
        EXCHANGE,
        Scope.AUDIT,
        Group.SECURITY,
        _("The log raises an alarm"),
        _("Looked at from outside, the published log is not as it must be. Look into it now."),
        route="desk_log",
        icon="shield",
        kind="stop",
        tells=Tells.EVERYONE,
    ),
)
