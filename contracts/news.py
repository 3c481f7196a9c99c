"""What members are told of requests, contracts and rights."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from contracts import queries
from contracts.renewals.succession_news import AMENDMENT, RENEWAL, talk_of, unless
from exchange.kernel.actors import Scope
from exchange.participants.news import Facts, Group, News, Tells, Words

ENDS_IN_14_DAYS, ENDS_IN_2_DAYS = "entitlement.ends_in_14_days", "entitlement.ends_in_2_days"
DOWNLOADS_REFUSED = "entitlement.downloads_refused"


def _seller_who_decides(facts: Facts) -> Mapping[UUID, Facts]:
    """The seller of a request, unless the sale is instant: then there is nothing to decide."""
    return {} if _is_instant(facts) else unless("seller", RENEWAL, AMENDMENT)(facts)


def _buyer_who_waited(facts: Facts) -> Mapping[UUID, Facts]:
    return {} if _is_instant(facts) else unless("buyer", RENEWAL, AMENDMENT)(facts)


def _is_instant(facts: Facts) -> bool:
    return queries.is_instant(talk_of(facts))


def _who_signs_next(facts: Facts, side: str) -> Mapping[UUID, Facts]:
    """One side of a request, where another of its members has to sign too."""
    return {UUID(str(facts[side])): {}} if facts["side"] == side and facts["missing"] else {}


def _seller_who_signs_next(facts: Facts) -> Mapping[UUID, Facts]:
    return _who_signs_next(facts, "seller")


def _buyer_who_signs_next(facts: Facts) -> Mapping[UUID, Facts]:
    return _who_signs_next(facts, "buyer")


def _buyer_it_was_signed_for(facts: Facts) -> Mapping[UUID, Facts]:
    """The one organisation of an offer that was signed in advance; other offers are found, not told."""
    return {found: {} for found in queries.signed_for(UUID(str(facts["offer"])))}


def _request(name: str, to: str, title: Words, sentence: Words, **more: object) -> News:
    scope = Scope.SELL if to == "seller" else Scope.BUY
    place = {"route": "negotiation", "argument": "negotiation", "icon": "pen"}
    return News(name, to, scope, Group.SALES, title, sentence, **{**place, **more})  # type: ignore[arg-type]


def _right(name: str, to: str, title: Words, sentence: Words, **more: object) -> News:
    scope = Scope.SELL if to == "seller" else Scope.BUY
    route, argument = ("sale", "agreement") if to == "seller" else ("holding", "entitlement")
    place = {"route": route, "argument": argument, "icon": "key"}
    return News(name, to, scope, Group.RIGHTS, title, sentence, **{**place, **more})  # type: ignore[arg-type]


REQUESTS = (
    *(
        _request(
            name,
            "buyer",
            _("%(seller)s makes your organisation an offer of “%(dataset)s”"),
            _("It is signed: read it, and accept it before its time is over."),
            audience=_buyer_it_was_signed_for,
            route="offer_request",
            argument="offer",
            kind="warn",
        )
        for name in ("offer.published", "offer.opened")
    ),
    _request(
        "negotiation.requested",
        "seller",
        _("%(buyer)s asks for “%(dataset)s”"),
        _("Read what it wants to do with the data, then approve or refuse."),
        audience=_seller_who_decides,
        icon="clock",
        kind="warn",
    ),
    _request(
        "negotiation.approved",
        "buyer",
        _("%(seller)s approves your request for “%(dataset)s”"),
        _("Read the contract and sign it."),
        audience=_buyer_who_waited,
        kind="warn",
    ),
    _request(
        "negotiation.countered",
        "buyer",
        _("%(seller)s offers other terms for “%(dataset)s”"),
        _("Read what has changed, then sign it or let it be."),
        audience=unless("buyer", RENEWAL, AMENDMENT),
        kind="warn",
    ),
    _request(
        "negotiation.redlined",
        "seller",
        _("%(buyer)s asks for other terms for “%(dataset)s”"),
        _("Read what has changed, then approve, answer or refuse."),
        kind="warn",
    ),
    _request(
        "negotiation.signed",
        "seller",
        _("A contract for “%(dataset)s” waits for a second signature"),
        _("A member of your organisation has signed. Read it; another one must sign too."),
        audience=_seller_who_signs_next,
        tells=Tells.COLLEAGUES,
        kind="warn",
    ),
    _request(
        "negotiation.signed",
        "buyer",
        _("A contract for “%(dataset)s” waits for a second signature"),
        _("A member of your organisation has signed. Read it; another one must sign too."),
        audience=_buyer_who_signs_next,
        tells=Tells.COLLEAGUES,
        kind="warn",
    ),
    _request(
        "negotiation.lapsed",
        "seller",
        _("The request of %(buyer)s for “%(dataset)s” has lapsed"),
        _("Its deadline has passed. Nothing was signed."),
        audience=unless("seller", AMENDMENT),
        icon="clock",
    ),
    _request(
        "negotiation.lapsed",
        "buyer",
        _("Your request for “%(dataset)s” has lapsed"),
        _("Its deadline has passed. Nothing was signed; you may ask again."),
        audience=unless("buyer", AMENDMENT),
        icon="clock",
    ),
    _request(
        "negotiation.refused",
        "buyer",
        _("%(seller)s refuses your request for “%(dataset)s”"),
        _("The reason, where one was given, stands on its page."),
        audience=unless("buyer", AMENDMENT),
        icon="cross",
        kind="stop",
    ),
    _request(
        "negotiation.terminated",
        "seller",
        _("%(buyer)s takes back its request for “%(dataset)s”"),
        _("There is nothing left to decide."),
        audience=unless("seller", AMENDMENT),
        icon="cross",
    ),
    _request(
        "agreement.signed",
        "seller",
        _("%(buyer)s has signed the contract for “%(dataset)s”"),
        _("Both sides have signed. The sale’s page shows what comes next."),
        audience=unless("seller", RENEWAL, AMENDMENT),
        route="sale",
        argument="agreement",
        kind="ok",
    ),
    _request(
        "agreement.signed",
        "buyer",
        _("The contract for “%(dataset)s” is signed"),
        _("Both sides have signed. The sale’s page shows what comes next."),
        audience=unless("buyer", RENEWAL, AMENDMENT),
        route="sale",
        argument="agreement",
        kind="ok",
        tells=Tells.COLLEAGUES,
    ),
)
MESSAGES = tuple(
    _request(
        "message.posted",
        to,
        title,
        _("Questions and answers about “%(dataset)s” stand on the page of the request."),
        icon="info",
    )
    for to, title in (
        ("seller", _("%(buyer)s has written to you")),
        ("buyer", _("%(seller)s has written to you")),
    )
)
RIGHTS = (
    _right(
        "entitlement.activated",
        "buyer",
        _("“%(dataset)s” is yours to take"),
        _("Data and money are in place. Download the files, or have a program take them."),
        icon="down",
        kind="ok",
        tells=Tells.COLLEAGUES,
    ),
    _right(
        "entitlement.suspended",
        "buyer",
        _("Your licence of “%(dataset)s” is suspended"),
        _("Downloads have stopped. The reason stands on its page."),
        icon="pause",
        kind="warn",
    ),
    _right(
        "entitlement.suspended",
        "seller",
        _("The licence of %(buyer)s for “%(dataset)s” is suspended"),
        _("Its downloads have stopped. The reason stands on the sale’s page."),
        icon="pause",
        kind="warn",
    ),
    _right(
        "entitlement.resumed",
        "buyer",
        _("Your licence of “%(dataset)s” is in force again"),
        _("You may go on with your downloads."),
        icon="play",
        kind="ok",
    ),
    _right(
        "entitlement.resumed",
        "seller",
        _("The licence of %(buyer)s for “%(dataset)s” is in force again"),
        _("The suspension was lifted. The reason stands on the sale’s page."),
        icon="play",
    ),
    _right(
        "entitlement.revoked",
        "buyer",
        _("Your licence of “%(dataset)s” is revoked"),
        _("It has ended for good. Its page gives the reason, and says what you owe for the copies you hold."),
        icon="stop",
        kind="stop",
    ),
    _right(
        "entitlement.revoked",
        "seller",
        _("The licence of %(buyer)s for “%(dataset)s” is revoked"),
        _("The operator has ended it for good. The reason stands on the sale’s page."),
        icon="stop",
        kind="stop",
    ),
    _right(
        "copy.given_back",
        "buyer",
        _("%(seller)s gives you a copy of “%(dataset)s” back"),
        _("You may take that file once more, from its beginning. The reason stands on the sale’s page."),
        icon="down",
        kind="ok",
        noun="transfer",
    ),
    _right(
        "entitlement.expired",
        "buyer",
        _("Your licence of “%(dataset)s” has ended"),
        _("Its page says what you owe for the copies you hold."),
        icon="clock",
        kind="warn",
    ),
    _right(
        ENDS_IN_14_DAYS,
        "buyer",
        _("Your licence of “%(dataset)s” ends on %(ends_at)s"),
        _("Renew it, or take what you still need: at its end you owe what its page says."),
        icon="cal",
        by_clock=True,
    ),
    _right(
        ENDS_IN_2_DAYS,
        "buyer",
        _("Your licence of “%(dataset)s” ends on %(ends_at)s"),
        _("That is very soon. Renew it, or take what you still need: at its end you owe what its page says."),
        icon="cal",
        kind="warn",
        by_clock=True,
    ),
    _right(
        DOWNLOADS_REFUSED,
        "buyer",
        _("Downloads of “%(dataset)s” were refused"),
        _("Refused so far today: %(count)s. The last reason: %(code)s."),
        icon="stop",
        kind="warn",
        by_clock=True,
    ),
)
TABLE = (*REQUESTS, *MESSAGES, *RIGHTS)
