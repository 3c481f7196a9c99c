"""Reactions to what makes invoices due, and the beats that ask about VAT ids and issue what waited."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from exchange.participants import queries as participants
from payments import queries
from payments.invoices import invoices
from payments.taxes import seller_vat, vat_ids


def issue_invoices(charge_id: str, now: datetime) -> None:
    """After charge.paid."""
    invoices.issue_due(UUID(charge_id), by=_by(now))


def issue_invoices_of(found: Sequence[Event], now: datetime) -> None:
    """After charge.paid of several."""
    invoices.issue_all([UUID(event.subject_id) for event in found], by=_by(now))


def credit_refund(refund_id: str, now: datetime) -> None:
    """After refund.settled and refund.failed."""
    invoices.issue_due(queries.refund(UUID(refund_id)).charge_id, by=_by(now))


def credit_dispute(dispute_id: str, now: datetime) -> None:
    """After dispute.lost."""
    invoices.issue_due(queries.dispute_visible_to(_by(now), UUID(dispute_id)).charge_id, by=_by(now))


def issue_what_waited(subject_id: str, now: datetime) -> None:
    """After mandate.accepted and participant.billing_described."""
    invoices.issue_waiting(now=now)


def pass_vat_on(hold_id: str, now: datetime) -> None:
    """After hold.released."""
    by = _by(now)
    seller_vat.settle(queries.hold_visible_to(by, UUID(hold_id)).charge, by=by)


def check_vat_id(participant_id: str, now: datetime) -> None:
    """After an organisation said or changed its VAT id."""
    found = vat_ids.register(participants.participant(UUID(participant_id)), by=_by(now))
    if found is not None:
        vat_ids.ask(found, now=now)


@shared_task(name="payments.ask_vies")
def ask_vies() -> None:
    """Every few minutes: VAT ids that nobody has answered about, or not for long."""
    vat_ids.ask_due(now=timezone.now())


@shared_task(name="payments.draw_invoices")
def draw_invoices() -> None:
    """Now and then: the papers of invoices that nobody has asked for."""
    invoices.draw_rest(now=timezone.now())


@shared_task(name="payments.issue_waiting_invoices")
def issue_waiting_invoices() -> None:
    """Every hour: what a reaction did not issue."""
    invoices.issue_waiting(now=timezone.now())


def _by(now: datetime) -> Actor:
    return Actor.system("payments.invoices", at=now)
