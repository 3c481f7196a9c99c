"""Payouts: what is payable to a party leaves its account when the payout is created, and comes back where it fails.
Those by bank transfer need four eyes: one operator proposes, another approves."""

import logging
from datetime import date, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from exchange.kernel.states import transition
from exchange.participants.members import members
from exchange.participants.models import Member
from payments import bank_details, queries
from payments.ledger import ledger, posting_rules
from payments.models import Account, Payout, PayoutAccount, Posting
from payments.payouts import accounts, next_payouts, sepa
from payments.payouts.accounts import BY_HAND
from payments.providers import operations, orders
from payments.providers.news import PayoutFailed, PayoutPaid

PayoutNews: TypeAlias = PayoutPaid | PayoutFailed
MOST_FAILURES = 3
"""After so many in a row a person looks before there is another."""

log = logging.getLogger("exchange.payouts")


@transaction.atomic
def create(account: PayoutAccount, currency: str, *, by: Actor) -> Payout:
    """Pay a party all that is payable to it in one currency, less what it owes. By bank transfer another operator
    approves it; a provider is asked by a reaction. Of rivals exactly one takes the money."""
    by.require(Scope.OPERATE)
    proposer = _person(by) if account.provider == BY_HAND else None
    account = next(one for one in accounts.lock_all(account.participant_id) if one.pk == account.pk)
    accounts.require_payable(account, by)
    payout = Payout(
        account=account,
        party_id=account.participant_id,
        provider=account.provider,
        currency=currency,
        bank_sealed=account.bank_sealed,
        needs_approval=account.provider == BY_HAND,
        proposed_by=by.name,
        proposed_member=proposer,
        created_at=by.at,
    )
    payable = _set_off(payout, by.at)
    if payable.minor < next_payouts.least_minor():
        raise Conflict("less is payable than the least that is paid out", code="below_minimum")
    payout.amount_minor = payable.minor
    payout.save(force_insert=True)
    _post("payout.submitted", payout, by.at)
    events.record("payout.created", payout, by=by)
    if account.provider != BY_HAND:
        order = orders.PayoutOrder(payout_id=payout.pk, account=account.provider_reference, amount=payable)
        operations.plan(order, provider=account.provider, by=by)
    return payout


@transaction.atomic
def approve(payout: Payout, *, by: Actor) -> Payout:
    """The second pair of eyes: another operator than the one who proposed it lets it go to the bank."""
    by.require(Scope.OPERATE)
    approver = _person(by)
    payout = _locked(payout.pk)
    if not payout.needs_approval or payout.state != Payout.State.CREATED:
        raise Conflict(f"this payout is {payout.state}; nothing is left to approve", code="wrong_state")
    proposer = payout.proposed_member
    if payout.proposed_by == by.name or (proposer and proposer.user_id == approver.user_id):
        raise Forbidden("another operator approves what you have proposed", code="same_person")
    if payout.approved_by:
        return payout
    accounts.require_payable(payout.account, by)
    Payout.objects.filter(pk=payout.pk).update(approved_by=by.name, approved_member=approver, approved_at=by.at)
    payout.refresh_from_db()
    events.record("payout.approved", payout, by=by)
    return payout


@transaction.atomic
def cancel(payout: Payout, *, reason: str, by: Actor) -> Payout:
    """An operator takes back a payout that has not gone to the bank: the money is payable again."""
    by.require(Scope.OPERATE)
    why = text.reason(reason)
    payout = _by_hand(payout.pk)
    if payout.state != Payout.State.CREATED:
        raise Conflict(f"this payout is {payout.state}; it cannot be taken back", code="wrong_state")
    return _give_back(payout, why[:200], by)


@transaction.atomic
def send(*, by: Actor) -> str:
    """Put every approved payout that waits into one file for the bank; answers its name. Each is in one file alone, and
    none whose party has given other bank details since."""
    by.require(Scope.OPERATE)
    bank_details.of_the_house()
    waiting = Payout.objects.select_for_update(of=("self",)).filter(
        provider=BY_HAND,
        state=Payout.State.CREATED,
        currency=sepa.CURRENCY,
        approved_at__isnull=False,
        account__state=PayoutAccount.State.READY,
        bank_sealed=F("account__bank_sealed"),
    )
    batch, rows = new_id().hex, list(waiting.order_by("pk"))
    if not rows:
        raise Conflict("no approved payout waits for the bank", code="nothing_to_send")
    for payout in rows:
        transition(payout, "submit", by=by, batch=batch, submitted_at=by.at)
    return batch


def may_leave(payout: Payout) -> bool:
    """Whether an approved payout goes into the next file: its party has kept the bank details that were approved."""
    account = payout.account
    is_same = account.bank_sealed == payout.bank_sealed and account.state == PayoutAccount.State.READY
    return is_same and payout.currency == sepa.CURRENCY


def file(batch: str, *, by: Actor) -> bytes:
    """The file of a batch for the bank, the same bytes each time; NotFound where there is no such batch."""
    by.require(Scope.OPERATE)
    rows = list(Payout.objects.filter(batch=batch, provider=BY_HAND).order_by("pk"))
    if not batch or not rows or rows[0].submitted_at is None:
        raise NotFound("there is no such file of payouts")
    at = rows[0].submitted_at
    transfers = [
        sepa.CreditTransfer(
            end_to_end=row.pk.hex,
            to=bank_details.opened(row.bank_sealed),
            amount=row.amount,
            note=f"{settings.EXCHANGE_NAME} {row.pk.hex}",
        )
        for row in rows
    ]
    return sepa.document(
        batch, payer=bank_details.of_the_house(), transfers=transfers, at=at, on=_next_working_day(at.date())
    )


@transaction.atomic
def mark_settled(payout: Payout, *, bank_reference: str, by: Actor) -> Payout:
    """The operator has seen the money leave, under the bank's own reference."""
    by.require(Scope.OPERATE)
    reference = text.line(bank_reference, name="bank_reference", at_most=140)
    payout = _by_hand(payout.pk)
    if payout.state == Payout.State.SETTLED:
        return payout
    return _settle(payout, reference, by)


@transaction.atomic
def mark_failed(payout: Payout, *, reason: str, by: Actor) -> Payout:
    """The operator has seen that the bank did not carry it out: the money is payable again."""
    by.require(Scope.OPERATE)
    why = text.reason(reason)
    payout = _by_hand(payout.pk)
    if payout.state == Payout.State.FAILED:
        return payout
    return _fail(payout, why[:200], by)


@transaction.atomic
def hear(news: PayoutNews, *, by: Actor) -> str:
    """Take note of what a provider says of a payout; answers what came of it in one word. One that failed stays so: a
    person looks where it is said to have left after all."""
    payout = Payout.objects.select_for_update().filter(pk=news.payout_id).first()
    if payout is None:
        return "unknown_object"
    match news:
        case PayoutPaid():
            if payout.state == Payout.State.FAILED:
                return "payout_left_late"
            if payout.state != Payout.State.SETTLED:
                _settle(payout, news.reference, by)
            return "paid"
        case PayoutFailed():
            if payout.state != Payout.State.FAILED:
                _fail(payout, news.reason[:200], by)
            return "failed"


def pay_due(now: datetime) -> int:
    """Pay out all that is payable by a provider, each on its own; answers how many. What is refused waits."""
    by = Actor.system("payments.pay_due", at=now)
    created = 0
    for account, currency in due(exclude=BY_HAND):
        try:
            create(account, currency, by=by)
        except ExchangeError as refusal:
            log.info("payout account %s is not paid: %s", account.pk, refusal.code)
        except Exception:
            log.exception("payout account %s could not be paid", account.pk)
        else:
            created += 1
    return created


def due(*, exclude: str = "") -> list[tuple[PayoutAccount, str]]:
    """Which accounts of the provider in force have something payable, and in which currency."""
    ready = {
        account.participant_id: account
        for account in PayoutAccount.objects.filter(
            provider=settings.EXCHANGE_PAYMENT_PROVIDER, state=PayoutAccount.State.READY
        ).exclude(provider=exclude)
    }
    rows = Account.objects.filter(code=Account.Code.SELLER_PAYABLE, balance_minor__lt=0, owner_id__in=ready)
    owned = rows.order_by("pk").values_list("owner_id", "currency")
    return [(ready[owner], currency) for owner, currency in owned]


def payouts_visible_to(actor: Actor) -> QuerySet[Payout]:
    """What the actor's organisation was paid, newest first; officers and operators see all."""
    rows = Payout.objects.select_related("party", "account").order_by("-pk")
    if actor.is_system or actor.can(Scope.AUDIT) or actor.can(Scope.OPERATE):
        return rows
    return rows.filter(party_id=actor.participant_id) if queries.reads_own(actor) else rows.none()


def payout_visible_to(actor: Actor, payout_id: UUID) -> Payout:
    """One of those payouts, or NotFound."""
    if (found := payouts_visible_to(actor).filter(pk=payout_id).first()) is None:
        raise NotFound("there is no such payout for you")
    return found


def _set_off(payout: Payout, at: datetime) -> Money:
    """Take what the party owes, and what is not being taken back, out of what is payable to it; answers what is left to
    pay."""
    party = payout.party_id
    payable, taken = next_payouts.sums(party, payout.currency)
    if taken:
        lines = posting_rules.lines("receivable.set_off", {}, owed={party: taken})
        reference = f"payout:{payout.pk}"
        ledger.post("receivable.set_off", f"receivable.set_off:{payout.pk}", lines, reference=reference, at=at)
    return payable - taken


def _settle(payout: Payout, reference: str, by: Actor) -> Payout:
    payout = transition(payout, "settle", by=by, provider_reference=reference, ended_at=by.at)
    _post("payout.settled", payout, by.at)
    PayoutAccount.objects.filter(pk=payout.account_id).update(failures=0)
    return payout


def _fail(payout: Payout, reason: str, by: Actor) -> Payout:
    payout = _give_back(payout, reason, by)
    account = PayoutAccount.objects.select_for_update().get(pk=payout.account_id)
    failures = account.failures + 1
    if failures >= MOST_FAILURES and account.state == PayoutAccount.State.READY:
        accounts.stop(account, failures=failures, by=by)
    else:
        PayoutAccount.objects.filter(pk=account.pk).update(failures=failures)
    return payout


def _give_back(payout: Payout, reason: str, by: Actor) -> Payout:
    has_left = payout.state == Payout.State.SETTLED
    payout = transition(payout, "fail", by=by, failure=reason, ended_at=by.at)
    if has_left:  # it came back
        _reverse("payout.settled", payout, f"payout.returned:{payout.pk}", by.at)
    _reverse("payout.submitted", payout, f"payout.failed:{payout.pk}", by.at)
    return payout


def _reverse(kind: str, payout: Payout, key: str, at: datetime) -> None:
    ledger.reverse(Posting.objects.get(key=f"{kind}:{payout.pk}"), key, at=at)


def _post(kind: str, payout: Payout, at: datetime) -> None:
    amounts, parts = {"amount": payout.amount}, {payout.party_id: payout.amount}
    lines = posting_rules.lines(kind, amounts, parts=parts, provider=payout.provider)
    ledger.post(kind, f"{kind}:{payout.pk}", lines, reference=f"payout:{payout.pk}", at=at)


def _locked(payout_id: UUID) -> Payout:
    rows = Payout.objects.select_for_update(of=("self",)).select_related("account", "proposed_member")
    return rows.get(pk=payout_id)


def _by_hand(payout_id: UUID) -> Payout:
    payout = _locked(payout_id)
    if payout.provider != BY_HAND:
        raise Conflict("its provider says what becomes of this payout", code="paid_elsewhere")
    return payout


def _person(by: Actor) -> Member:
    """Four eyes are two people's: a program has none."""
    member = members.member_behind(by)
    if member is None:
        raise Forbidden("a person decides this, signed in; a program cannot", code="person_needed")
    return member


def _next_working_day(day: date) -> date:
    following = day + timedelta(days=1)
    while following.weekday() > 4:
        following += timedelta(days=1)
    return following
