"""Makes what parties earn and are paid: shared sales that were paid and released, accounts to pay to, and two people of
the operator."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.crypto import get_random_string

from exchange.kernel.actors import Actor
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from exchange.participants.actors.actors import actor_of_member
from exchange.participants.models import Member
from payments import bank_details
from payments.bank_details import BankDetails
from payments.charges import charges
from payments.checkouts import remittances
from payments.holds import holds
from payments.inbox import inbox
from payments.ledger import ledger
from payments.models import Account, Charge, PayoutAccount, Remittance, Split
from payments.payouts import accounts as payout_accounts
from payments.payouts import payouts
from payments.providers import news
from payments.shares import shares
from tests import makers
from tests.payments import stories

IBANS = ("FR1420041010050500013M02606", "DE89370400440532013000", "NL91ABNA0417164300")


def of(actor: Actor) -> UUID:
    """The organisation of an actor."""
    assert actor.participant_id is not None
    return actor.participant_id


def operators(at: datetime) -> tuple[Actor, Actor]:
    """Two people of the operator, signed in with a second factor."""
    house = makers.operators_organisation(at)
    first, second = (makers.member(house, "operator", at) for _ in range(2))
    return actor_of_member(first, at, True), actor_of_member(second, at, True)


def split(subject: str, owner: Actor, parts: Mapping[Actor, int]) -> Split:
    """A version that every party has accepted."""
    points = {of(party): part for party, part in parts.items()}
    made = shares.propose(subject, owner=makers.participant_of(owner), basis_points=points, by=owner)
    for party in parts:
        made = shares.accept(made, by=party) if party != owner else made
    return made


def sale(
    seller: Actor, buyer: Actor, minor: int = 10_000, *, subject: str = "", currency: str = "EUR"
) -> Charge:
    """A charge that nobody has paid yet."""
    return charges.create(
        reference=f"agreement:{new_id()}",
        subject=subject or f"dataset:{new_id()}",
        payer=makers.participant_of(buyer),
        payee=makers.participant_of(seller),
        price=Money(minor, currency),
        by=buyer,
    )


def paid(charge: Charge, at: datetime) -> Charge:
    """The demo provider has the money of a charge, and the sellers' part is held."""
    inbox.act(stories.tell_paid(charge, at).pk, at)
    charge.refresh_from_db()
    assert charge.state == Charge.State.PAID
    return charge


def released(charge: Charge, buyer: Actor) -> Charge:
    """The buyer is content: the sellers' part is payable."""
    holds.confirm(charge.reference, by=buyer)
    return charge


def earned(seller: Actor, buyer: Actor, minor: int = 10_000, *, subject: str = "", at: datetime) -> Charge:
    """A sale that was paid, and whose money is payable."""
    return released(paid(sale(seller, buyer, minor, subject=subject), at), buyer)


def bank(place: int = 0, holder: str = "Seller SA") -> BankDetails:
    """A bank account that passes every check."""
    return bank_details.checked(holder=holder, iban=IBANS[place])


def manual_account(seller: Actor, operator: Actor, place: int = 0) -> PayoutAccount:
    """Bank details that the operator has confirmed."""
    account = payout_accounts.give_bank_details(makers.participant_of(seller), bank(place), by=seller)
    return payout_accounts.confirm(account, by=operator)


def payable(party: UUID, currency: str = "EUR") -> int:
    """What is payable to a party."""
    return -ledger.balance(Account.Code.SELLER_PAYABLE, party, currency).minor


def bank_reference() -> str:
    """As a bank gives one."""
    return get_random_string(16).upper()


def later(by: Actor, **units: float) -> Actor:
    """The same actor at a later time."""
    return by.moved_to(by.at + timedelta(**units))


def give_other_bank_details(seller: Actor) -> PayoutAccount:
    """The seller's money is to go elsewhere from now on."""
    return payout_accounts.give_bank_details(makers.participant_of(seller), bank(1), by=seller)


def operators_again(person: Actor, at: datetime) -> Actor:
    """The same person under the name of another year."""
    member = Member.objects.get(pseudonyms__name=person.name)
    return actor_of_member(member, at, True)


def begin_and_pay(seller: Actor, react: Callable[[], object]) -> None:
    """The demo provider opens an account for a seller, and pays out what is payable."""
    payout_accounts.begin(makers.participant_of(seller), by=seller)
    react()
    payouts.pay_due(seller.at)
    react()


def one_of_each(seller: Actor, buyer: Actor, operator: Actor) -> None:
    """A split, an account to pay to and a payout."""
    owner = makers.participant_of(seller)
    shares.propose(
        f"dataset:{new_id()}", owner=owner, basis_points={of(seller): 9_000, of(buyer): 1_000}, by=seller
    )
    earned(seller, buyer, at=seller.at)
    account = payout_accounts.begin(owner, by=seller)
    system = makers.system(seller.at)
    for told in (news.AccountOpened(owner.pk, "account-1"), news.AccountMoved("account-1", "ready", [])):
        payout_accounts.hear(told, by=system)
    payouts.create(account, "EUR", by=operator)


def seen(seller: Actor, buyer: Actor) -> Remittance:
    """A bank transfer that two operators have seen; the exchange is paid by hand."""
    charge, (first, second) = sale(seller, buyer), operators(seller.at)
    noted = remittances.note(
        "charge",
        charge.pk,
        amount_minor=charge.gross_minor,
        currency=charge.currency,
        bank_reference=bank_reference(),
        by=first,
    )
    return remittances.confirm(noted, by=second)
