"""Two rivals and the money of one charge: one effect, and nothing given twice."""

from collections.abc import Callable
from datetime import datetime, timedelta

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.money import Money
from payments import queries
from payments.holds import holds
from payments.ledger import ledger
from payments.models import Charge, Dispute, Payout, Refund
from payments.payouts import payouts
from payments.providers import news
from payments.refunds import disputes, refunds
from tests import makers
from tests.payments.money_stories import payable_account
from tests.payments.refund_stories import WHY, standing
from tests.payments.stories import hold_of, paid_charge
from tests.rivals import codes, race

ROUNDS = 2
END = timedelta(days=14)


def giving(charge: Charge, seller: Actor, minor: int | None = None) -> Callable[[], Refund]:
    gross = Money(minor, "EUR") if minor else None
    return lambda: refunds.give(charge, gross=gross, reason=WHY, by=seller)


def deciding(asked: Refund, by: Actor, verb: str) -> Callable[[], Refund]:
    if verb == "approve":
        return lambda: refunds.approve(asked, by=by)
    return lambda: refunds.decline(asked, reason=WHY, by=by)


def hearing(told: news.Refunded | news.RefundFailed, now: datetime) -> Callable[[], str]:
    return lambda: refunds.hear(told, by=makers.system(now))


def disputing(charge: Charge, now: datetime) -> Callable[[], str]:
    told = news.Disputed(charge.pk, f"dp_{charge.pk}", charge.gross, None, "fraudulent", None)
    return lambda: disputes.hear(told, by=makers.system(now))


def test_a_double_click_gives_once(own_database: None, operator: Actor, buyer: Actor, seller: Actor) -> None:
    for _ in range(ROUNDS):
        charge = paid_charge(buyer, seller)
        assert sorted(codes(race([giving(charge, seller, 1_000)] * 2))) == ["refund_under_way", "won"]
        assert Refund.objects.filter(charge=charge).count() == 1
        assert queries.charge(charge.pk).refunded_minor == 1_000
    assert ledger.trial_balance().is_sound


def test_what_the_buyer_asked_for_is_given_or_declined(
    own_database: None, operator: Actor, buyer: Actor, seller: Actor
) -> None:
    for _ in range(ROUNDS):
        asked = refunds.ask(paid_charge(buyer, seller), reason=WHY, by=buyer)
        outcomes = race([deciding(asked, seller, "approve"), deciding(asked, operator, "decline")])
        assert sorted(codes(outcomes)) == ["won", "wrong_state"]
        asked.refresh_from_db()
        gone = 10_000 if asked.state == "created" else 0
        assert queries.charge(asked.charge_id).refunded_minor == gone
    assert ledger.trial_balance().is_sound


def test_a_refund_against_the_release_takes_the_money_once(
    own_database: None, operator: Actor, buyer: Actor, seller: Actor, now: datetime
) -> None:
    for number in range(1, ROUNDS + 1):
        charge = paid_charge(buyer, seller)
        late = seller.moved_to(now + END)
        race([giving(charge, late), lambda: holds.release_due(now + END)])
        assert hold_of(charge).state in ("returned", "released")
        assert standing(charge) == {}, number


def test_a_refund_against_a_payout_is_paid_or_owed(
    own_database: None, operator: Actor, buyer: Actor, seller: Actor, now: datetime
) -> None:
    """Whoever comes first: the buyer has its money, and the seller has none that is not its own, or owes it."""
    account = payable_account(seller, now)
    for _ in range(ROUNDS):
        charge = paid_charge(buyer, seller)
        holds.release_due(now + END)
        before = standing(charge)
        paid_out, given = race([lambda: payouts.create(account, "EUR", by=operator), giving(charge, seller)])
        assert isinstance(given, Refund), given
        after = standing(charge)
        gone = sum(payout.amount_minor for payout in Payout.objects.filter(state="created"))
        if isinstance(paid_out, Conflict):
            assert "seller_payable" not in after
        else:
            assert after.get("seller_receivable", 0) <= 0
        assert after.get("in_transit", 0) == gone
        moved = {name: after.get(name, 0) - before.get(name, 0) for name in ("clearing", "platform_fee")}
        assert moved == {"clearing": 10_000, "platform_fee": -1_000}


def test_a_refund_against_a_dispute_has_one_winner(
    own_database: None, operator: Actor, buyer: Actor, seller: Actor, now: datetime
) -> None:
    """The refund comes first, and the bank takes the money a second time; or it is refused."""
    for _ in range(ROUNDS):
        charge = paid_charge(buyer, seller)
        given, opened = race([giving(charge, seller), disputing(charge, now)])
        assert opened == "disputed"
        assert isinstance(given, Refund) or given.code == "charge_disputed"
        assert Dispute.objects.filter(charge=charge).count() == 1
    assert ledger.trial_balance().is_sound


def test_two_workers_hear_of_one_dispute_once_and_the_release_waits_for_it(
    own_database: None, operator: Actor, buyer: Actor, seller: Actor, now: datetime
) -> None:
    for _ in range(ROUNDS):
        charge = paid_charge(buyer, seller)
        hear = disputing(charge, now)
        first, second, released = race([hear, hear, lambda: holds.release_due(now + END)])
        assert (first, second) == ("disputed", "disputed")
        assert hold_of(charge).state == ("released" if released else "open")
        assert Dispute.objects.filter(charge=charge).count() == 1
    assert ledger.trial_balance().is_sound


def test_arrived_and_came_back_told_at_once_end_as_failed(
    own_database: None, operator: Actor, buyer: Actor, seller: Actor, now: datetime
) -> None:
    for _ in range(ROUNDS):
        charge = paid_charge(buyer, seller)
        refund = giving(charge, seller)()
        told = news.Refunded(refund.pk, refund.gross, "re_1" + str(refund.pk))
        failed = news.RefundFailed(refund.pk, told.reference, "closed")
        race([hearing(told, now), hearing(failed, now)] * 2)
        refund.refresh_from_db()
        assert refund.state == "failed"
        assert queries.charge(charge.pk).refunded_minor == 0
    assert standing(charge)["seller_held"] == 9_000 * ROUNDS
