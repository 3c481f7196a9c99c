"""Payouts: the money leaves a party's account once, with four eyes where people make the transfer, and comes back
where it fails."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from lxml import etree

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.models import Event, EventDetail
from exchange.kernel.money import Money
from payments import bank_details
from payments.ledger import ledger, posting_rules
from payments.models import Account, Payout, PayoutAccount
from payments.payouts import accounts as payout_accounts
from payments.payouts import payouts
from tests import makers
from tests.payments import earnings, stories

CODE = Account.Code
REASON = "the bank says that this account is closed"
SEPA = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


@pytest.fixture
def by_hand(settings: Any) -> None:
    settings.EXCHANGE_PAYMENT_PROVIDER = "manual"
    settings.EXCHANGE_MANUAL_ROLE = "reseller"
    settings.EXCHANGE_BANK_IBAN = "DE75512108001245126199"
    settings.EXCHANGE_BANK_BIC = "SOGEDEFFXXX"
    settings.EXCHANGE_BANK_HOLDER = "Exchange House – Zürich"


@pytest.fixture
def people(db: None, now: datetime) -> tuple[Actor, Actor]:
    return earnings.operators(now)


@pytest.fixture(scope="module")
def pain_001() -> Any:
    """The schema of ISO 20022 for files of credit transfers."""
    return etree.XMLSchema(file=Path(__file__).with_name("schemas") / "pain.001.001.09.xsd")


@pytest.fixture
def account(
    seller: Actor, buyer: Actor, people: tuple[Actor, Actor], settings: Any, request: Any
) -> PayoutAccount:
    """A seller with 90.00 payable, and its confirmed bank account."""
    earnings.earned(seller, buyer, at=seller.at)
    request.getfixturevalue("by_hand")
    return earnings.manual_account(seller, people[0])


def approved(account: PayoutAccount, people: tuple[Actor, Actor]) -> Payout:
    return payouts.approve(payouts.create(account, "EUR", by=people[0]), by=people[1])


def test_one_proposes_another_approves_and_the_bank_carries_it_out(
    account: PayoutAccount, seller: Actor, people: tuple[Actor, Actor]
) -> None:
    party = earnings.of(seller)
    payout = payouts.create(account, "EUR", by=people[0])
    assert (payout.state, payout.amount_minor, earnings.payable(party)) == ("created", 9_000, 0)
    assert payouts.approve(payout, by=people[1]).approved_by == people[1].name
    batch = payouts.send(by=people[0])
    payout.refresh_from_db()
    assert (payout.state, payout.batch) == ("submitted", batch)
    settled = payouts.mark_settled(payout, bank_reference=earnings.bank_reference(), by=people[0])
    assert settled.state == "settled"
    assert payouts.mark_settled(settled, bank_reference="again", by=people[1]).pk == settled.pk
    assert ledger.balance(CODE.IN_TRANSIT, None, "EUR", provider="manual").minor == 0
    assert ledger.trial_balance().is_sound
    assert stories.event_names(payout.pk) == [
        "payout.created",
        "payout.approved",
        "payout.submitted",
        "payout.settled",
    ]


def test_nobody_approves_what_they_have_proposed(
    account: PayoutAccount, people: tuple[Actor, Actor], operator: Actor, now: datetime
) -> None:
    payout = payouts.create(account, "EUR", by=people[0])
    next_year = earnings.operators_again(people[0], now.replace(year=now.year + 1))
    assert next_year.name != people[0].name
    for approver in (people[0], next_year, operator):
        with pytest.raises(Forbidden) as refusal:
            payouts.approve(payout, by=approver)
        assert refusal.value.code in ("same_person", "person_needed")
    with pytest.raises(Conflict):
        payouts.send(by=people[0])
    payout.refresh_from_db()
    assert (payout.state, payout.approved_by) == ("created", "")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_payout SET approved_by = proposed_by, approved_at = created_at",
        "UPDATE payments_payout SET approved_by = 'pn_x', approved_at = created_at, "
        "approved_member_id = proposed_member_id",
        "UPDATE payments_payout SET state = 'submitted'",
        "UPDATE payments_payout SET amount_minor = 1",
        "DELETE FROM payments_payout",
    ],
)
def test_the_database_asks_for_four_eyes_too(
    account: PayoutAccount, people: tuple[Actor, Actor], statement: str
) -> None:
    payouts.create(account, "EUR", by=people[0])
    with pytest.raises(IntegrityError):
        stories.sql(statement)


def test_a_second_payout_of_the_same_money_is_refused(
    account: PayoutAccount, people: tuple[Actor, Actor]
) -> None:
    payouts.create(account, "EUR", by=people[0])
    with pytest.raises(Conflict) as refusal:
        payouts.create(account, "EUR", by=people[1])
    assert refusal.value.code == "below_minimum"
    assert Payout.objects.count() == 1


def test_what_a_party_owes_is_set_off_first(
    account: PayoutAccount, seller: Actor, people: tuple[Actor, Actor], now: datetime
) -> None:
    party = earnings.of(seller)
    _owe(account, 2_500, now)
    payout = payouts.create(account, "EUR", by=people[0])
    assert payout.amount_minor == 6_500
    assert ledger.balance(CODE.SELLER_RECEIVABLE, party, "EUR").minor == 0
    assert ledger.trial_balance().is_sound


def test_who_owes_more_than_is_payable_is_paid_nothing(
    account: PayoutAccount, seller: Actor, people: tuple[Actor, Actor], now: datetime
) -> None:
    _owe(account, 20_000, now)
    before = stories.everything()
    with pytest.raises(Conflict):
        payouts.create(account, "EUR", by=people[0])
    assert stories.everything() == before
    assert earnings.payable(earnings.of(seller)) == 9_000


def _owe(account: PayoutAccount, minor: int, at: datetime) -> None:
    owed = {account.participant_id: Money(minor, "EUR")}
    lines = posting_rules.lines("dispute.cost.sellers", {"cost": Money(minor, "EUR")}, owed=owed)
    ledger.post("dispute.cost.sellers", f"test:{minor}", lines, reference="tests", at=at)


def test_a_failed_payout_is_payable_again_and_three_in_a_row_call_a_person(
    account: PayoutAccount, seller: Actor, people: tuple[Actor, Actor]
) -> None:
    for count in range(1, payouts.MOST_FAILURES + 1):
        approved(account, people)
        payouts.send(by=people[0])
        payout = Payout.objects.get(state="submitted")
        payouts.mark_failed(payout, reason=REASON, by=people[0])
        account.refresh_from_db()
        assert (earnings.payable(earnings.of(seller)), account.failures) == (9_000, count)
    assert (account.state, account.requirements) == ("restricted", ["payouts_failed"])
    with pytest.raises(Conflict) as refusal:
        payouts.create(account, "EUR", by=people[0])
    assert refusal.value.code == "payout_account_not_ready"
    assert ledger.trial_balance().is_sound


def test_a_bank_may_send_money_back_days_after_it_left(
    account: PayoutAccount, seller: Actor, people: tuple[Actor, Actor]
) -> None:
    approved(account, people)
    payouts.send(by=people[0])
    payout = payouts.mark_settled(Payout.objects.get(), bank_reference="A1", by=people[0])
    clearing = ledger.balance(CODE.CLEARING, None, "EUR", provider="manual")
    assert clearing.minor == -9_000
    payouts.mark_failed(payout, reason=REASON, by=people[1])
    assert earnings.payable(earnings.of(seller)) == 9_000
    assert ledger.balance(CODE.CLEARING, None, "EUR", provider="manual").minor == 0
    assert ledger.trial_balance().is_sound


def test_an_unsent_payout_can_be_taken_back(
    account: PayoutAccount, seller: Actor, people: tuple[Actor, Actor]
) -> None:
    payout = payouts.cancel(payouts.create(account, "EUR", by=people[0]), reason=REASON, by=people[0])
    assert (payout.state, earnings.payable(earnings.of(seller))) == ("failed", 9_000)
    account.refresh_from_db()
    assert account.failures == 0


def test_the_file_for_the_bank_is_valid_and_the_same_each_time(
    account: PayoutAccount, seller: Actor, people: tuple[Actor, Actor], pain_001: Any
) -> None:
    payout = approved(account, people)
    batch = payouts.send(by=people[0])
    made = payouts.file(batch, by=people[0])
    earnings.give_other_bank_details(seller)
    assert payouts.file(batch, by=people[1]) == made
    document = etree.fromstring(made)
    pain_001.assertValid(document)
    told = {
        path: document.findtext(f".//p:{path}", namespaces=SEPA)
        for path in ("InstdAmt", "CtrlSum", "EndToEndId")
    }
    assert told == {"InstdAmt": "90.00", "CtrlSum": "90.00", "EndToEndId": payout.pk.hex}
    assert document.findtext(".//p:CdtrAcct//p:IBAN", namespaces=SEPA) == earnings.IBANS[0]
    assert document.findtext(".//p:Dbtr/p:Nm", namespaces=SEPA) == "Exchange House Zurich"


def test_a_changed_bank_account_gets_nothing_that_was_approved_before(
    account: PayoutAccount, seller: Actor, people: tuple[Actor, Actor]
) -> None:
    approved(account, people)
    earnings.give_other_bank_details(seller)
    with pytest.raises(Conflict) as refusal:
        payouts.send(by=people[0])
    assert refusal.value.code == "nothing_to_send"
    account.refresh_from_db()
    payout_accounts.confirm(account, by=people[0])
    with pytest.raises(Conflict):
        payouts.send(by=people[0])


def test_a_change_of_bank_details_stops_payouts_for_the_cool_down(
    account: PayoutAccount, seller: Actor, people: tuple[Actor, Actor], settings: Any
) -> None:
    assert account.state == "ready"
    changed = earnings.give_other_bank_details(seller)
    assert changed.state == "onboarding"
    changed = payout_accounts.confirm(changed, by=people[0])
    with pytest.raises(Conflict) as refusal:
        payouts.create(changed, "EUR", by=people[0])
    assert refusal.value.code == "cooling_down"
    days = settings.EXCHANGE_PAYOUT_COOLDOWN_DAYS
    assert payouts.create(changed, "EUR", by=earnings.later(people[0], days=days)).amount_minor == 9_000


def test_the_same_bank_details_again_change_nothing(account: PayoutAccount, seller: Actor) -> None:
    before = PayoutAccount.objects.values().get()
    payout_accounts.give_bank_details(makers.participant_of(seller), earnings.bank(), by=seller)
    assert PayoutAccount.objects.values().get() == before


def test_a_rejected_account_stays_rejected(account: PayoutAccount, seller: Actor, now: datetime) -> None:
    stories.sql("UPDATE payments_payoutaccount SET state = 'rejected'")
    with pytest.raises(Conflict) as refusal:
        earnings.give_other_bank_details(seller)
    assert refusal.value.code == "payout_account_rejected"
    with pytest.raises(IntegrityError):
        stories.sql("UPDATE payments_payoutaccount SET state = 'ready'")


@pytest.mark.parametrize("minor", [999, 1_000])
def test_less_than_the_minimum_waits(
    seller: Actor, buyer: Actor, people: tuple[Actor, Actor], request: Any, settings: Any, minor: int
) -> None:
    settings.EXCHANGE_FEE_BASIS_POINTS = 0
    earnings.earned(seller, buyer, minor, at=seller.at)
    request.getfixturevalue("by_hand")
    account = earnings.manual_account(seller, people[0])
    if minor >= settings.EXCHANGE_PAYOUT_MINIMUM_MINOR:
        assert payouts.create(account, "EUR", by=people[0]).amount_minor == minor
        return
    with pytest.raises(Conflict) as refusal:
        payouts.create(account, "EUR", by=people[0])
    assert refusal.value.code == "below_minimum"
    assert not Payout.objects.exists()


def test_bank_details_are_nowhere_in_the_open(account: PayoutAccount) -> None:
    iban = earnings.IBANS[0]
    kept = PayoutAccount.objects.values().get()
    assert iban not in str(kept)
    assert kept["bank_hint"] == iban[-4:]
    assert not any(iban.encode() in bytes(event.leaf) for event in Event.objects.all())
    assert not any(iban in str(detail.body) for detail in EventDetail.objects.all())
    assert iban not in repr(bank_details.opened(account.bank_sealed))


@pytest.mark.parametrize("iban", ["FR1420041010050500013M02607", "XX00", "", "DE8937040044053201300", "a" * 40])
def test_a_wrong_iban_is_refused_without_being_repeated(iban: str) -> None:
    with pytest.raises(Invalid) as refusal:
        bank_details.checked(holder="Somebody", iban=iban)
    assert refusal.value.code == "iban_malformed"
    assert not iban or iban not in refusal.value.detail


def test_others_see_neither_payouts_nor_accounts(
    account: PayoutAccount, outsider: Actor, seller: Actor, people: tuple[Actor, Actor]
) -> None:
    payout = payouts.create(account, "EUR", by=people[0])
    for found in (
        lambda: payouts.payout_visible_to(outsider, payout.pk),
        lambda: payout_accounts.account_visible_to(outsider, account.pk),
    ):
        with pytest.raises(NotFound):
            found()
    assert payouts.payout_visible_to(seller, payout.pk) == payout
    with pytest.raises(Forbidden):
        payouts.create(account, "EUR", by=seller)
    with pytest.raises(Forbidden):
        payouts.file("", by=seller)


def test_a_provider_is_asked_once_and_tells_what_became_of_it(
    seller: Actor, buyer: Actor, operator: Actor, react: Any
) -> None:
    earnings.earned(seller, buyer, at=seller.at)
    account = payout_accounts.begin(makers.participant_of(seller), by=seller)
    react()
    account.refresh_from_db()
    assert account.state == "ready"
    assert payouts.pay_due(seller.at) == 1
    assert payouts.pay_due(seller.at) == 0
    react()
    payout = Payout.objects.get()
    assert (payout.state, payout.amount_minor) == ("settled", 9_000)
    assert earnings.payable(earnings.of(seller)) == 0
    assert ledger.trial_balance().is_sound
