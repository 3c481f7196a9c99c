"""What members are told of contracts that follow others: that a change or a renewal is asked for, that it waits for
consent, that it is signed, and that the talk about it has ended."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from contracts import queries
from contracts.entitlements import successions
from contracts.models import Negotiation, Succession
from exchange.kernel.actors import Scope
from exchange.participants.news import Audience, Facts, Group, News, Tells, Words, named_by

RENEWAL, AMENDMENT = Succession.Kind.RENEWAL, Succession.Kind.AMENDMENT
_TO_SIGN = (Negotiation.State.APPROVED, Negotiation.State.OFFERED)


def _talks(row_ids: Collection[UUID]) -> Mapping[UUID, Negotiation]:
    return Negotiation.objects.select_related("offer").in_bulk(list(row_ids))


def _successions(row_ids: Collection[UUID]) -> Mapping[UUID, Succession]:
    found = Succession.objects.filter(negotiation__in=row_ids)
    return {one.negotiation_id: one for one in found}


_talk, _succession = named_by("negotiation", _talks), named_by("negotiation", _successions)


def talk_of(facts: Facts) -> Negotiation:
    """The talk that an Event is about."""
    found = _talk(facts)
    assert found is not None, "what is told of a talk follows its Event, and a talk stays"
    return found


def unless(side: str, *kinds: str) -> Audience:
    """One side of a talk, unless it is about a succession of these kinds, which is told in words of its own."""

    def audience(facts: Facts) -> Mapping[UUID, Facts]:
        talk = talk_of(facts)
        found = _succession(facts)
        return {} if found is not None and found.kind in kinds else {getattr(talk, f"{side}_id"): {}}

    return audience


def _side(side: str, kind: str) -> Audience:
    """One side of a talk of this kind, with the right that it follows."""

    def audience(facts: Facts) -> Mapping[UUID, Facts]:
        talk = talk_of(facts)
        found = _succession(facts)
        is_told = found is not None and found.kind == kind
        return {getattr(talk, f"{side}_id"): {"entitlement": str(found.right_id)}} if found and is_told else {}

    return audience


def _seller_who_decides(kind: str) -> Audience:
    """The seller, unless the offer of a renewal is sold at once."""
    seller = _side("seller", kind)

    def audience(facts: Facts) -> Mapping[UUID, Facts]:
        talk = talk_of(facts)
        return {} if kind == RENEWAL and queries.is_instant(talk) else seller(facts)

    return audience


def _buyer_who_signs(kind: str, *, consents: bool) -> Audience:
    """The buyer whose signature is next, where something needs its consent, or where nothing does."""
    buyer = _side("buyer", kind)

    def audience(facts: Facts) -> Mapping[UUID, Facts]:
        talk = talk_of(facts)
        is_asked = talk.state in _TO_SIGN and bool(successions.without_consent(talk)) == consents
        return buyer(facts) if is_asked else {}

    return audience


def _told(name: str, to: str, audience: Audience, title: Words, sentence: Words, **more: object) -> News:
    side, _colon, _kind = to.partition(":")
    scope = Scope.SELL if side == "seller" else Scope.BUY
    place = {"route": "negotiation", "argument": "negotiation", "icon": "pen", "kind": "warn"}
    return News(name, to, scope, Group.SALES, title, sentence, audience=audience, **{**place, **more})  # type: ignore[arg-type]


def _to_be_signed(name: str) -> tuple[News, ...]:
    """What a buyer is told when its signature is next."""
    page = {"route": "holding_renew", "argument": "entitlement"}
    worse = _("Something in it may be worse for you. Take each such item by its name, or let it be.")
    renewal, amendment = (
        _("The renewal of “%(dataset)s” waits for your signature"),
        _("%(seller)s has signed a change of the contract for “%(dataset)s”"),
    )
    return (
        _told(
            name,
            "buyer:renewal",
            _buyer_who_signs(RENEWAL, consents=False),
            renewal,
            _("The seller has signed, and nothing is worse for you than before. Read it, then sign."),
            **page,
        ),
        _told(
            name,
            "buyer:worse renewal",
            _buyer_who_signs(RENEWAL, consents=True),
            renewal,
            worse,
            **page,
        ),
        _told(
            name,
            "buyer:amendment",
            _buyer_who_signs(AMENDMENT, consents=False),
            amendment,
            _("Read what changes, then sign it or let it be. Until then the contract stays as it is."),
            **page,
        ),
        _told(
            name, "buyer:worse amendment", _buyer_who_signs(AMENDMENT, consents=True), amendment, worse, **page
        ),
    )


def _ended(name: str, *sides: str) -> tuple[News, ...]:
    """What is told when the talk about a change has ended without it."""
    return tuple(
        _told(
            name,
            f"{side}:amendment",
            _side(side, AMENDMENT),
            _("The contract for “%(dataset)s” stays as it is"),
            _("The talk about its change has ended without one."),
            icon="cross",
            kind="",
        )
        for side in sides
    )


def _signed(kind: str, to_seller: Words, to_buyer: Words, sentence: Words) -> tuple[News, ...]:
    page = {"route": "agreement", "argument": "agreement", "kind": "ok"}
    return (
        _told("agreement.signed", f"seller:{kind}", _side("seller", kind), to_seller, sentence, **page),
        _told(
            "agreement.signed",
            f"buyer:{kind}",
            _side("buyer", kind),
            to_buyer,
            sentence,
            tells=Tells.COLLEAGUES,
            **page,
        ),
    )


TABLE = (
    _told(
        "negotiation.requested",
        "seller:renewal",
        _seller_who_decides(RENEWAL),
        _("%(buyer)s asks to renew its licence of “%(dataset)s”"),
        _("Read on which terms, then approve, answer or refuse."),
        icon="clock",
    ),
    _told(
        "negotiation.requested",
        "seller:amendment",
        _seller_who_decides(AMENDMENT),
        _("%(buyer)s asks to change the contract for “%(dataset)s”"),
        _("Read what would change, then approve, answer or refuse."),
        icon="clock",
    ),
    *_to_be_signed("negotiation.approved"),
    *_to_be_signed("negotiation.countered"),
    *_ended("negotiation.refused", "buyer"),
    *_ended("negotiation.terminated", "seller"),
    *_ended("negotiation.lapsed", "seller", "buyer"),
    *_signed(
        RENEWAL,
        _("%(buyer)s has renewed its licence of “%(dataset)s”"),
        _("Your licence of “%(dataset)s” is renewed"),
        _("Both sides have signed. It begins when the licence before it ends."),
    ),
    *_signed(
        AMENDMENT,
        _("The contract with %(buyer)s for “%(dataset)s” is changed"),
        _("Your contract for “%(dataset)s” is changed"),
        _(
            "Both sides have signed. It takes the place of the contract before it, once its price, if any, is paid."
        ),
    ),
)
