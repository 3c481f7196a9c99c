"""Reactions to charges, operations and provider events, and the beats of money."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from payments.charges import charges
from payments.holds import holds
from payments.inbox import catch_up, inbox
from payments.models import Dispute, Refund
from payments.payouts import payouts, recoveries
from payments.providers import operations, orders
from payments.reconciliation import reconciliation
from payments.refunds import refunds
from payments.subscriptions import arrears, further_terms, subscriptions


def submit_charge(subject_id: str, now: datetime) -> None:
    """After charge.created."""
    charges.submit(UUID(subject_id), now)


def submit_charges(found: Sequence[Event], now: datetime) -> None:
    """After charge.created of several."""
    charges.submit_all(_subjects(found), now)


def end_page(subject_id: str, now: datetime) -> None:
    """After charge.failed."""
    charges.end_page(UUID(subject_id))


def act_on_provider_event(subject_id: str, now: datetime) -> None:
    """After provider.event_received."""
    inbox.act(UUID(subject_id), now)


def run_operation(subject_id: str, now: datetime) -> None:
    """After operation.planned."""
    operations.run(UUID(subject_id), now)


def keep_answer(subject_id: str, now: datetime) -> None:
    """After operation.finished and operation.failed."""
    inbox.keep_answer(operations.found(UUID(subject_id)), at=now)


def note_refund(subject_id: str, now: datetime) -> None:
    """After operation.finished: how the provider calls a refund that it was asked for."""
    found = operations.found(UUID(subject_id))
    if found.kind == orders.RefundOrder.kind:
        by = Actor.system("payments.note_refund", at=now)
        refunds.submit(found.target_id, reference=found.provider_reference, by=by)


def recover_refund(subject_id: str, now: datetime) -> None:
    """After refund.settled: what sellers owe of it is taken back from their payouts."""
    recoveries.follow(Refund, UUID(subject_id), by=Actor.system("payments.recover_refund", at=now))


def recover_dispute(subject_id: str, now: datetime) -> None:
    """After dispute.lost, likewise."""
    recoveries.follow(Dispute, UUID(subject_id), by=Actor.system("payments.recover_dispute", at=now))


def compare_books(subject_id: str, now: datetime) -> None:
    """After reconciliation.asked."""
    reconciliation.compare(UUID(subject_id), now)


def settle_arrear(subject_id: str, now: datetime) -> None:
    """After charge.paid: what is paid over time goes on."""
    arrears.settle(UUID(subject_id), by=Actor.system("payments.settle_arrear", at=now))


def settle_arrears(found: Sequence[Event], now: datetime) -> None:
    """After charge.paid of several."""
    arrears.settle_all(_subjects(found), by=Actor.system("payments.settle_arrear", at=now))


def _subjects(found: Sequence[Event]) -> list[UUID]:
    return [UUID(event.subject_id) for event in found]


@shared_task(name="payments.advance_subscriptions")
def advance_subscriptions() -> None:
    """Every minute: periods that are over, and parts that are due."""
    subscriptions.advance_due(timezone.now())


@shared_task(name="payments.remind")
def remind() -> None:
    """Every few minutes: buyers of what is late and of terms that are near, and the end of what stays unpaid."""
    arrears.remind_due(timezone.now())
    further_terms.remind_due(timezone.now())


@shared_task(name="payments.catch_up")
def look_for_news() -> None:
    """Every few minutes: what a provider said and nobody heard, and charges that wait for long."""
    catch_up.run(timezone.now())


@shared_task(name="payments.pay_out")
def pay_out() -> None:
    """Every few hours: what is payable is paid out, where a provider does it."""
    payouts.pay_due(timezone.now())


@shared_task(name="payments.release_holds")
def release_holds() -> None:
    """Every few minutes: what is over is released, and what is held for too long is told."""
    holds.release_due(timezone.now())
    holds.alarm_overdue(timezone.now())


@shared_task(name="payments.reconcile")
def reconcile() -> None:
    """Every night: the books of every provider are compared with the ledger."""
    reconciliation.ask_each(by=Actor.system("payments.reconcile", at=timezone.now()))
