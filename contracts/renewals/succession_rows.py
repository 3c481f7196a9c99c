"""Which contracts a contract goes on from and leads to, and the talk about the next one, as its pages show them."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from contracts import queries
from contracts.entitlements import successions
from contracts.models import Agreement, Entitlement, Succession
from contracts.renewals import renewals
from exchange.kernel.actors import Actor, Scope


@dataclass(frozen=True)
class Neighbour:
    """A contract before or after this one, or the talk about it. `words` say how the two are related, `at` is when it
    was signed or asked for."""

    words: str
    url: str
    at: datetime
    is_contract: bool = True


@dataclass(frozen=True)
class Neighbours:
    """`successor` is the contract that took its place; `may_amend` whether the reader may propose a change now."""

    rows: list[Neighbour]
    successor: Neighbour | None
    may_amend: bool


def of(actor: Actor, agreement: Agreement) -> Neighbours:
    """What stands before and after a contract that the actor may see."""
    right = agreement.entitlement
    before, after, talked = _before(actor, right), _after(actor, right), _talk(right)
    is_last = after is None and talked is None
    return Neighbours(
        rows=[one for one in (before, after, talked) if one is not None],
        successor=after if agreement.state == Agreement.State.TERMINATED else None,
        may_amend=is_last and is_amender(actor, agreement) and successions.is_in_force(right, actor.at),
    )


def is_amender(actor: Actor, agreement: Agreement) -> bool:
    """Whether the actor trades for one of the two sides."""
    mine = actor.participant_id
    sells, buys = mine == agreement.seller_id, mine == agreement.buyer_id
    return (sells and actor.can(Scope.SELL)) or (buys and actor.can(Scope.BUY))


def _before(actor: Actor, right: Entitlement) -> Neighbour | None:
    if right.follows is None:
        return None
    found = queries.agreements_visible_to(actor).get(entitlement=right.follows)
    is_amendment = _kind(right.agreement) == Succession.Kind.AMENDMENT
    return _contract(_("It takes the place of") if is_amendment else _("It renews"), found)


def _after(actor: Actor, right: Entitlement) -> Neighbour | None:
    later = successions.followers(right).first()
    if later is None:
        return None
    found = queries.agreements_visible_to(actor).get(entitlement=later)
    if _kind(found) == Succession.Kind.RENEWAL:
        return _contract(_("It is renewed by"), found)
    is_due = later.state == Entitlement.State.PENDING
    return _contract(_("Once paid, its place is taken by") if is_due else _("Its place was taken by"), found)


def _talk(right: Entitlement) -> Neighbour | None:
    talk = renewals.open_talk(right)
    if talk is None:
        return None
    is_amendment = talk.succession.kind == Succession.Kind.AMENDMENT
    words = _("A change is talked about") if is_amendment else _("A renewal is talked about")
    return Neighbour(words, reverse("negotiation", args=[talk.pk]), talk.requested_at, is_contract=False)


def _contract(words: str, agreement: Agreement) -> Neighbour:
    return Neighbour(words, reverse("agreement", args=[agreement.pk]), agreement.signed_at)


def _kind(agreement: Agreement) -> str:
    found = successions.of(agreement.negotiation)
    return found.kind if found else ""
