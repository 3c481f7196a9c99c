"""What the operator's board of money, the page of bank transfers and a seller's payouts say in the states that are not
everyday: explained differences, disputes, payouts that wait, came back, or may not be approved by who proposed them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from exchange.kernel.actors import Actor
from exchange.participants import news as told
from exchange.participants.models import Member
from payments import providers
from payments.models import Charge, Difference, PayoutAccount
from payments.payouts import accounts as payout_accounts
from payments.payouts import next_payouts, payouts
from payments.reconciliation import reconciliation
from payments.refunds import dispute_words, refunds
from tests import makers
from tests.payments import earnings
from tests.payments.books import Books, booked, compared, line
from tests.payments.refund_stories import tell_disputed
from tests.payments.test_payout_pages import browser, of

pytestmark = [pytest.mark.one_database, pytest.mark.by_the_clock]

WHY = "The holder of this account is another company."


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(providers._ADAPTERS, "demo", "tests.payments.books.Books")
    Books.lines, Books.breaks_at = [], None
    yield
    Books.lines = []


@pytest.fixture
def by_hand(seller: Actor, buyer: Actor, settings: Any) -> Callable[[Actor, int], Charge]:
    """An exchange that pays by bank transfer; what it answers makes money payable to a seller."""

    def earn(seller: Actor, minor: int) -> Charge:
        settings.EXCHANGE_PAYMENT_PROVIDER = "demo"
        charge = earnings.earned(seller, buyer, minor, at=seller.at)
        settings.EXCHANGE_PAYMENT_PROVIDER = "manual"
        return charge

    settings.EXCHANGE_MANUAL_ROLE, settings.EXCHANGE_BANK_IBAN = "reseller", "DE75512108001245126199"
    return earn


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_an_explained_difference_stays_readable_and_alarms_nobody(books: None, operator: Actor) -> None:
    then = operator.at - timedelta(hours=8)
    booked("cs_other", 20_000, then)
    line("cs_other", 19_950, then)
    compared(operator.at)
    house = of(operator, "operator")
    page = read(house, "/operate/money")
    assert "Not the same" in page and "Nothing unexplained" not in page
    why = "The bank took its fee of the month from the account."
    reconciliation.explain(Difference.objects.get(), reason=why, by=operator)
    page = read(house, "/operate/money")
    assert "Nothing unexplained" in page and "Not the same" not in page
    assert why in page and "nothing waits for you" in page


def test_a_dispute_on_the_board_says_why_and_what_to_send(seller: Actor, buyer: Actor, operator: Actor) -> None:
    from payments.inbox import inbox

    charge = earnings.paid(earnings.sale(seller, buyer), seller.at)
    inbox.act(tell_disputed(charge, seller.at, reason="product_not_received").pk, seller.at)
    page = read(of(operator, "operator"), "/operate/money")
    assert "nothing was delivered" in page and charge.reference in page and "case file" in page
    assert dispute_words.reason("some_word_of_a_bank") == "some word of a bank"


@pytest.mark.parametrize(
    "name", ["dispute.opened", "dispute.won", "dispute.lost", "refund.failed", "hold.contested", "hold.stopped"]
)
def test_what_the_operator_is_told_of_money_leads_to_where_it_is_dealt_with(name: str) -> None:
    [news] = [one for one in told.of_event(name) if one.to == told.EXCHANGE]
    assert news.route in ("operate_money", "operate_money_hold")


def test_the_next_payout_is_what_would_be_created(
    by_hand: Callable[[Actor, int], Charge], seller: Actor
) -> None:
    first, second = earnings.operators(seller.at)
    sale = by_hand(seller, 10_000)
    account = earnings.manual_account(seller, first)
    payouts.mark_settled(_sent(account, first, second), bank_reference="NTRF 17", by=first)
    refunds.give(sale, reason="the file lacks the month of March", by=seller)
    by_hand(seller, 30_000)
    house, mine = browser(_person(first), is_operator=True), of(seller)
    [coming] = next_payouts.all_of(account, account.participant_id, seller.at)
    assert (coming.payable.minor, coming.set_off.minor, coming.waits) == (27_000, 9_000, False)
    page = read(mine, "/sell/payouts")
    assert "€270.00" in page and "€180.00" in page and "What you owe the exchange" in page
    assert "€180.00" in read(house, "/operate/money/bank")
    assert payouts.create(account, "EUR", by=first).amount == coming.amount


def test_what_is_not_paid_out_yet_says_why_and_is_not_offered(
    by_hand: Callable[[Actor, int], Charge], seller: Actor, operator: Actor
) -> None:
    by_hand(seller, 900)
    account = earnings.manual_account(seller, operator)
    house, mine = of(operator, "operator"), of(seller)
    assert "less than " in read(house, "/operate/money/bank")
    assert "is not paid out. It waits until there is more." in read(mine, "/sell/payouts")
    by_hand(seller, 5_000)
    assert 'value="propose"' in read(house, "/operate/money/bank")
    payout_accounts.confirm(earnings.give_other_bank_details(seller), by=operator)
    page = read(house, "/operate/money/bank")
    assert "not before" in page and 'value="propose"' not in page
    assert "Paused" in read(mine, "/sell/payouts")
    account.refresh_from_db()
    assert next_payouts.of(account, account.participant_id, "EUR", seller.at).not_before == account.pays_from


def test_a_seller_reads_why_its_bank_details_were_not_confirmed(
    by_hand: Callable[[Actor, int], Charge], seller: Actor, operator: Actor
) -> None:
    by_hand(seller, 900)
    account = payout_accounts.give_bank_details(makers.participant_of(seller), earnings.bank(), by=seller)
    payout_accounts.refuse(account, reason=WHY, by=operator)
    page = read(of(seller), "/sell/payouts")
    assert WHY in page and "Give other bank details." in page
    payout_accounts.confirm(earnings.give_other_bank_details(seller), by=operator)
    assert WHY not in read(of(seller), "/sell/payouts")


def test_an_account_that_was_stopped_waits_for_the_operator(
    by_hand: Callable[[Actor, int], Charge], seller: Actor, operator: Actor
) -> None:
    by_hand(seller, 900)
    account = payout_accounts.stop(earnings.manual_account(seller, operator), failures=3, by=operator)
    house = of(operator, "operator")
    assert "Three payouts in a row did not arrive there." in read(house, "/operate/money/bank")
    assert "Three payouts in a row did not arrive." in read(of(seller), "/sell/payouts")
    form = {"act": "confirm", "row": str(account.pk)}
    assert house.post("/operate/money/bank", form).status_code == 302
    account.refresh_from_db()
    assert (account.state, account.failures) == ("ready", 0)


def test_who_proposed_a_payout_is_not_offered_to_approve_it(
    by_hand: Callable[[Actor, int], Charge], seller: Actor
) -> None:
    by_hand(seller, 5_000)
    first, second = earnings.operators(seller.at)
    payout = payouts.create(earnings.manual_account(seller, first), "EUR", by=first)
    approve = f"/operate/money/payouts/{payout.pk}/approve"
    pages = [read(browser(_person(one), is_operator=True), "/operate/money") for one in (first, second)]
    assert [approve in page for page in pages] == [False, True]
    shown = read(browser(_person(second), is_operator=True), approve)
    assert earnings.bank().shown_iban in shown and earnings.bank().holder in shown


def test_a_payout_that_came_back_is_booked_back_from_the_page(
    by_hand: Callable[[Actor, int], Charge], seller: Actor
) -> None:
    by_hand(seller, 5_000)
    first, second = earnings.operators(seller.at)
    payout = _sent(earnings.manual_account(seller, first), first, second)
    payouts.mark_settled(payout, bank_reference="NTRF 17", by=first)
    house = browser(_person(first), is_operator=True)
    page = read(house, "/operate/money/bank")
    assert "NTRF 17" in page and "It came back" in page
    form = {"act": "failed", "row": str(payout.pk), "text": "the account is closed"}
    assert house.post("/operate/money/bank", form).status_code == 302
    assert earnings.payable(payout.party_id) == payout.amount_minor
    assert "Came back" in read(of(seller), "/sell/payouts")
    assert "It came back" not in read(house, "/operate/money/bank")


def test_an_approved_payout_to_an_account_that_was_changed_is_told_and_taken_back(
    by_hand: Callable[[Actor, int], Charge], seller: Actor
) -> None:
    by_hand(seller, 5_000)
    first, second = earnings.operators(seller.at)
    payout = payouts.create(earnings.manual_account(seller, first), "EUR", by=first)
    payouts.approve(payout, by=second)
    house = browser(_person(first), is_operator=True)
    assert 'value="send"' in read(house, "/operate/money/bank")
    earnings.give_other_bank_details(seller)
    page = read(house, "/operate/money/bank")
    assert "It goes into no file: take it back." in page and 'value="send"' not in page
    assert f"/operate/money/payouts/{payout.pk}/cancel" in page
    payouts.cancel(payout, reason="its bank account was changed", by=first)
    assert "Taken back before it left" in read(of(seller), "/sell/payouts")


def _person(by: Actor) -> Member:
    return Member.objects.get(pseudonyms__name=by.name)


def _sent(account: PayoutAccount, first: Actor, second: Actor) -> Any:
    payout = payouts.approve(payouts.create(account, "EUR", by=first), by=second)
    payouts.send(by=first)
    payout.refresh_from_db()
    return payout
