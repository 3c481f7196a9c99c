"""Two rivals, one charge or hold: exactly one wins, and the money moves once."""

from datetime import datetime, timedelta

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event
from exchange.kernel.money import Money
from payments.charges import charges
from payments.holds import holds
from payments.inbox import inbox
from payments.ledger import ledger
from payments.models import Account, Charge, Hold, Posting
from tests import makers
from tests.payments.stories import REASON, hold_of, new_charge, owed, paid_charge, tell_paid
from tests.rivals import race

Code = Account.Code
ROUNDS = 5


def test_two_confirmations_release_once(
    own_database: None, operator: Actor, buyer: Actor, seller: Actor
) -> None:
    for number in range(1, ROUNDS + 1):
        paid = paid_charge(buyer, seller)
        outcomes = race([lambda paid=paid: holds.confirm(paid.reference, by=buyer)] * 2)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Hold"]
        assert owed(Code.SELLER_PAYABLE, hold_of(paid).seller_id) == number * 9_000
    assert Event.objects.filter(name="hold.released").count() == ROUNDS
    assert ledger.trial_balance().is_sound


def test_release_against_contest_has_exactly_one_winner(
    own_database: None, operator: Actor, buyer: Actor, seller: Actor, now: datetime
) -> None:
    """The clocks of the two differ, as they do: each believes to be in time."""
    end = now + timedelta(days=14)
    for _ in range(ROUNDS):
        paid = paid_charge(buyer, seller)
        before = owed(Code.SELLER_PAYABLE, hold_of(paid).seller_id)
        late = buyer.moved_to(end - timedelta(milliseconds=1))
        released, contested = race(
            [
                lambda: holds.release_due(end),
                lambda paid=paid, late=late: holds.contest(paid.reference, reason=REASON, by=late),
            ]
        )
        hold = hold_of(paid)
        after = owed(Code.SELLER_PAYABLE, hold.seller_id)
        if isinstance(contested, Conflict):
            assert (hold.state, released, after - before) == ("released", 1, 9_000)
        else:
            assert (hold.state, released, after - before) == ("contested", 0, 0)
    assert ledger.trial_balance().is_sound


def test_two_workers_on_one_provider_event_book_once(
    own_database: None, operator: Actor, buyer: Actor, seller: Actor, now: datetime
) -> None:
    for number in range(1, ROUNDS + 1):
        event = tell_paid(new_charge(buyer, seller), now)
        outcomes = race([lambda event=event: inbox.act(event.pk, now).outcome] * 2)
        assert outcomes == ["paid", "paid"]
        assert Posting.objects.count() == Hold.objects.count() == number
    assert ledger.trial_balance().is_sound


def test_one_provider_event_told_by_two_rivals_is_kept_once(
    own_database: None, operator: Actor, buyer: Actor, seller: Actor, now: datetime
) -> None:
    for number in range(1, ROUNDS + 1):
        charge = new_charge(buyer, seller)
        first, second = race([lambda charge=charge: tell_paid(charge, now).pk] * 2)
        assert first == second
        assert Event.objects.filter(name="provider.event_received").count() == number


def test_a_payment_against_its_submission_ends_paid(
    own_database: None, operator: Actor, buyer: Actor, seller: Actor, now: datetime
) -> None:
    for _ in range(ROUNDS):
        charge = new_charge(buyer, seller)
        event = tell_paid(charge, now)
        race(
            [
                lambda charge=charge: charges.submit(charge.pk, now),
                lambda event=event: inbox.act(event.pk, now),
            ]
        )
        assert Charge.objects.get(pk=charge.pk).state == "paid"
    assert ledger.trial_balance().is_sound


def test_one_sale_accepted_by_two_rivals_is_charged_once(
    own_database: None, operator: Actor, buyer: Actor, seller: Actor
) -> None:
    payer, payee = makers.participant_of(buyer), makers.participant_of(seller)
    for number in range(1, ROUNDS + 1):
        outcomes = race(
            [
                lambda number=number: charges.create(
                    reference=f"agreement:{number}", payer=payer, payee=payee, price=Money(500, "EUR"), by=buyer
                )
            ]
            * 2
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Charge", "Conflict"]
        assert Charge.objects.count() == number
