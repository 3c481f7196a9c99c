"""What members are told of data requests: sellers that are named or have answered, and the buyer of what came of it."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from contracts.data_requests import queries as reads
from exchange.kernel.actors import Scope
from exchange.participants.news import Facts, Group, News, Words


def _named(facts: Facts) -> Mapping[UUID, Facts]:
    """The sellers that it is for; where it is for all, they find it and are not told."""
    return {found: {} for found in reads.sellers_named_in(UUID(str(facts["data_request"])))}


def _who_answered(facts: Facts) -> Mapping[UUID, Facts]:
    """The sellers whose answers stand."""
    return {found: {} for found in reads.sellers_who_answered(UUID(str(facts["data_request"])))}


def _seller_with_a_word(facts: Facts) -> Mapping[UUID, Facts]:
    """The seller of a declined answer, where the buyer wrote a word to it."""
    return {UUID(str(facts["seller"])): {}} if facts["has_word"] else {}


def _news(name: str, to: str, title: Words, sentence: Words, **more: object) -> News:
    scope = Scope.SELL if to == "seller" else Scope.BUY
    place = {"route": "data_request", "argument": "data_request", "icon": "find"}
    return News(name, to, scope, Group.SALES, title, sentence, **{**place, **more})  # type: ignore[arg-type]


TABLE = (
    _news(
        "datarequest.published",
        "seller",
        _("%(buyer)s looks for data: “%(data_request)s”"),
        _("It is for your organisation. Read it, and answer with an offer."),
        audience=_named,
        kind="warn",
    ),
    _news(
        "datarequestanswer.given",
        "buyer",
        _("%(seller)s answers your data request “%(data_request)s”"),
        _("Read the offer, its price, and how it fits."),
        icon="check",
        kind="ok",
    ),
    _news(
        "datarequestanswer.withdrawn",
        "buyer",
        _("%(seller)s withdraws its answer to “%(data_request)s”"),
        _("The offer itself may still be on the market."),
        icon="cross",
    ),
    _news(
        "datarequestanswer.declined",
        "seller",
        _("%(buyer)s declines your answer to “%(data_request)s”"),
        _("Its word to you stands on the page."),
        audience=_seller_with_a_word,
        icon="cross",
    ),
    _news(
        "datarequest.closed",
        "seller",
        _("%(buyer)s has closed its data request “%(data_request)s”"),
        _("Your answer stays; the buyer may still ask for your offer."),
        audience=_who_answered,
        icon="check",
    ),
    _news(
        "datarequest.lapsed",
        "buyer",
        _("The time of your data request “%(data_request)s” is over"),
        _("It takes no more answers. Look at those that came, or publish another."),
        icon="clock",
    ),
    _news(
        "datarequest.withdrawn",
        "buyer",
        _("An officer has withdrawn your data request “%(data_request)s”"),
        _("The reason stands on its page."),
        icon="stop",
        kind="stop",
    ),
)
