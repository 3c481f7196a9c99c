"""Rivals about a right that another is to follow: one wins where both cannot stand, and the other learns why."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from contracts.entitlements import entitlements
from contracts.models import Agreement, Entitlement, Negotiation, Offer
from contracts.negotiations import negotiations
from contracts.renewals import amendments, renewals
from exchange.kernel.actors import Actor
from payments.charges import coupons
from payments.models import Charge, Coupon, CouponUse
from tests import makers, sales
from tests.rivals import codes, race

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("own_database")]

ROUNDS = 3
REASON = "the buyer's report shows another purpose"
MORE = [{"kind": "copies", "set": {"max": 5}}]


def renewing(
    right: Entitlement, offer: Offer, buyer: Actor, consents: tuple[str, ...] = (), **more: Any
) -> Callable[[], Any]:
    """A rival that renews, with a copy of the row of its own."""
    mine, shown = Entitlement.objects.get(pk=right.pk), renewals.proposal(right, offer).digest
    return lambda: renewals.renew(mine, offer, consents=consents, shown=shown, by=buyer, **more)


def test_of_two_renewals_of_one_right_one_stands(seller: Actor, buyer: Actor) -> None:
    for _ in range(ROUNDS):
        right = sales.entitled(seller, buyer)
        rivals = [renewing(right, sales.offer(right.dataset, seller, sale="instant"), buyer) for _ in range(2)]
        assert sorted(codes(race(rivals))) == ["already_followed", "won"]
        assert Entitlement.objects.filter(follows=right).count() == 1


def test_of_renewals_for_the_last_place_of_a_coupon_one_gets_it(
    seller: Actor, buyer: Actor, operator: Actor
) -> None:
    coupons.create(code="LAST-ONE", label="For one", basis_points=2_500, most_uses=1, by=seller)
    crowd = [buyer, *(makers.trader(f"Buyer {n}", "DE", buyer.at) for n in range(3))]
    rivals = []
    for one in crowd:
        right = sales.entitled(seller, one)
        offer = sales.offer(right.dataset, seller, plan=dict(sales.PAID), sale="instant")
        rivals.append(renewing(right, offer, one, consents=("price",), coupon="LAST-ONE"))
    assert Counter(codes(race(rivals))) == {"won": 1, "coupon_spent": 3}
    assert (Coupon.objects.get().used, CouponUse.objects.count(), Charge.objects.count()) == (1, 1, 1)
    assert Entitlement.objects.exclude(follows=None).count() == 1
    assert not Negotiation.objects.filter(state__in=Negotiation.OPEN).exists()


def test_a_renewal_and_a_revocation_leave_no_right_that_follows_a_revoked_one_unseen(
    seller: Actor, buyer: Actor
) -> None:
    """The revocation always stands; the renewal only if it came first, and then the seller may revoke it too."""
    for _ in range(ROUNDS):
        right = sales.entitled(seller, buyer)
        offer = sales.offer(right.dataset, seller, sale="instant")
        other = Entitlement.objects.get(pk=right.pk)
        renewal, revocation = codes(
            race(
                [
                    renewing(right, offer, buyer),
                    lambda row=other: entitlements.revoke(row, reason=REASON, by=seller),
                ]
            )
        )
        assert revocation == "won" and renewal in ("won", "wrong_state")
        assert Entitlement.objects.filter(follows=right).count() == (1 if renewal == "won" else 0)
        assert Entitlement.objects.get(pk=right.pk).state == "revoked"


def test_an_amendment_and_the_end_of_the_term_cannot_both_take_a_right(seller: Actor, buyer: Actor) -> None:
    for _ in range(ROUNDS):
        right = sales.entitled(seller, buyer)
        assert right.ends_at is not None
        before = right.ends_at - timedelta(seconds=1)
        talk = amendments.propose(right.agreement, changes=MORE, by=seller.moved_to(before))
        end = right.ends_at
        signed, _ = race(
            [
                lambda row=talk, at=before: negotiations.accept(row, shown=row.proposal, by=buyer.moved_to(at)),
                lambda at=end: entitlements.expire_due(now=at),
            ]
        )
        [outcome] = codes([signed])
        assert outcome in ("won", "wrong_state")
        right.refresh_from_db()
        assert right.state == "expired"
        assert Agreement.objects.filter(negotiation=talk).exists() == (outcome == "won")
        assert Negotiation.objects.get(pk=talk.pk).state == ("finalized" if outcome == "won" else "approved")
