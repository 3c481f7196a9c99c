"""What pages about money need in the house: money that is held, contested and asked back, a payout and a bank transfer
that wait for a second person, and a difference with the provider."""

from datetime import datetime, timedelta

from django.test import override_settings

from contracts.models import Entitlement
from contracts.negotiations import negotiations
from contracts.transfers import transfers
from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from payments.checkouts import remittances
from payments.holds import holds
from payments.models import Charge, Difference, Hold
from payments.payouts import payouts
from payments.reconciliation import reconciliation
from payments.refunds import refunds
from tests import dataset_makers, sales
from tests.doors.whole_sale import House
from tests.payments import earnings

BY_HAND = {
    "EXCHANGE_PAYMENT_PROVIDER": "manual",
    "EXCHANGE_MANUAL_ROLE": "reseller",
    "EXCHANGE_BANK_IBAN": "DE75512108001245126199",
}


def made(house: House, now: datetime) -> dict[str, str]:
    """The ids by what they are for."""
    seller, buyer = house.seller, house.buyer
    contested, paid = _sold(house), _sold(house)
    holds.contest(contested.reference, reason="A column is missing in it.", by=buyer)
    holds.confirm(_sold(house).reference, by=buyer)
    proposer = earnings.operators(now)[0]
    with override_settings(**BY_HAND):
        account = earnings.manual_account(seller, proposer)
        payout = payouts.create(account, "EUR", by=proposer)
        asked = _asked(house)
        seen = remittances.note(
            "charge",
            asked.pk,
            amount_minor=asked.gross_minor,
            currency=asked.currency,
            bank_reference=earnings.bank_reference(),
            by=proposer,
        )
    return {
        "paid charge": str(paid.pk),
        "contested hold": str(Hold.objects.get(charge=contested).pk),
        "asked refund": _asked_back(house, now),
        "proposed payout": str(payout.pk),
        "noted transfer": str(seen.pk),
        "open difference": _difference(now),
    }


def _sold(house: House) -> Charge:
    right = sales.entitled(house.seller, house.buyer, plan=sales.PAID, named=[house.buyer.participant_id])
    return Charge.objects.get(reference=f"agreement:{right.agreement_id}")


def _asked_back(house: House, now: datetime) -> str:
    """What the buyer asks for after it has taken the data, so that the seller decides."""
    with override_settings(EXCHANGE_REFUND_POLICY="any"):
        charge = _sold(house)
    right = Entitlement.objects.get(agreement_id=charge.reference.partition(":")[2])
    started = sales.start(sales.link(right, house.buyer), now).transfer_id
    assert started is not None
    transfers.progress(started, [(0, sales.asset_of(right).size_bytes or 0)], now=now)
    asked = refunds.ask(charge, gross=Money(100, "EUR"), reason="A column is missing in it.", by=house.buyer)
    return str(asked.pk)


def _asked(house: House) -> Charge:
    """What a buyer has signed for and not paid yet."""
    offer = sales.offer(dataset_makers.published(house.seller), house.seller, plan=sales.PAID)
    approved = negotiations.approve(sales.request(offer, house.buyer), by=house.seller)
    asked = negotiations.accept(approved, by=house.buyer).charge
    assert asked is not None
    return asked


def _difference(now: datetime) -> str:
    """The house was told of a dispute that its provider, the demo, knows nothing of."""
    asked = reconciliation.ask("demo", by=Actor.system("tests", at=now))
    reconciliation.compare(asked.pk, now + timedelta(hours=3))
    found = Difference.objects.first()
    assert found is not None, "both sides agree"
    return str(found.pk)
