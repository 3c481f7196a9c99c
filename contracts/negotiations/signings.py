"""What follows once both sides have signed: the contract is frozen, the right granted, and its price asked or the right
opened. One way, for one talk and for many."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.agreements import agreements
from contracts.agreements.agreements import Signed
from contracts.choices import prices
from contracts.entitlements import entitlements
from contracts.models import Agreement, Entitlement, Negotiation, Signature, Succession
from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.errors import ExchangeError
from exchange.kernel.events import Happening
from exchange.kernel.states import Move, transition_many
from payments.charges import charges
from payments.charges.asks import Ask
from payments.charges.coupons import Discounted
from payments.models import Charge
from payments.plans.plans import Plan
from payments.subscriptions import subscriptions


@dataclass(frozen=True)
class Agreed:
    """A talk under whose round that stands both sides have signed. `id` is its contract's to be, `due` what is charged
    now, `follows` what it renews or amends, and with `renews` the buyer lets further terms follow."""

    id: UUID
    negotiation: Negotiation
    signatures: Sequence[Signature]
    follows: Succession | None
    plan: Plan
    due: Discounted | None
    keeps_method: bool
    by: Actor
    renews: bool = False


@dataclass(frozen=True)
class Accepted:
    """What acceptance led to. No agreement while the buyer's second member has not signed; a free plan has no
    charge."""

    negotiation: Negotiation
    agreement: Agreement | None
    entitlement: Entitlement | None
    charge: Charge | None


def conclude_many(agreed: Sequence[Agreed]) -> list[Accepted]:
    """Make the contracts, rights and charges of these talks, in the transaction in which their last signatures were
    given. The first refusal is raised."""
    transition_many([_acceptance(one) for one in agreed], "accept")
    events.record_many([_consent(one) for one in agreed if one.renews])
    contracts = agreements.sign_many(
        [
            Signed(
                one.id, one.negotiation, one.signatures, one.follows, one.by, one.due.off if one.due else None
            )
            for one in agreed
        ]
    )
    rights = entitlements.grant_many(
        [
            entitlements.Granted(contract, one.plan, one.follows, one.by)
            for contract, one in zip(contracts, agreed, strict=True)
        ]
    )
    open_now = [right for right, one in zip(rights, agreed, strict=True) if one.due is None]
    _open([one for one in agreed if one.due is None], open_now)
    charged = _ask([one for one in agreed if one.due is not None])
    return [
        Accepted(one.negotiation, contract, right, charged.get(one.id))
        for one, contract, right in zip(agreed, contracts, rights, strict=True)
    ]


def finalize_many(talks: Sequence[Negotiation], by: Sequence[Actor]) -> None:
    """Nothing is to be waited for any more: these talks are over."""
    transition_many([Move(talk, who) for talk, who in zip(talks, by, strict=True)], "finalize")


def _acceptance(one: Agreed) -> Move[Negotiation]:
    changes = {"accepted_by": one.by.name, "accepted_at": one.by.at, "renews": one.renews}
    return Move(one.negotiation, one.by, changes)


def _consent(one: Agreed) -> Happening:
    """The buyer lets further terms follow, with what it had read of them."""
    return Happening(
        "negotiation.renewal_agreed", one.negotiation, one.by, facts=subscriptions.consented_to(one.plan)
    )


def _open(agreed: Sequence[Agreed], rights: Sequence[Entitlement]) -> None:
    """Nothing is charged now, so the right counts from now."""
    finalize_many([one.negotiation for one in agreed], [one.by for one in agreed])
    entitlements.activate_many(rights, [one.plan for one in agreed], [one.by for one in agreed])
    for one in agreed:
        prices.keep_method(one.keeps_method, one.plan, one.negotiation.buyer, by=one.by)


def _ask(agreed: Sequence[Agreed]) -> dict[UUID, Charge]:
    found = {}
    made = charges.create_many([_price(one, one.due) for one in agreed if one.due is not None])
    for one, charge in zip(agreed, made, strict=True):
        if isinstance(charge, ExchangeError):
            raise charge
        found[one.id] = charge
    return found


def _price(one: Agreed, due: Discounted) -> Ask:
    talk = one.negotiation
    return Ask(
        reference=agreements.reference_of(one.id),
        subject=f"dataset:{talk.dataset_id}",
        title=talk.offer.title,
        payer=talk.buyer,
        payee=talk.seller,
        price=due.price,
        fee=due.fee,
        keeps_method=one.keeps_method,
        awaits_delivery=one.follows is None,  # what is amended or renewed was delivered before
        refund_policy=one.plan.refund,
        by=one.by,
    )
