"""What follows from Events, and what the clock starts."""

from datetime import datetime
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from contracts import entitlements, negotiations, queries, transfers
from exchange.kernel.actors import Actor
from payments import queries as payments


def complete_sale(charge_id: str, now: datetime) -> None:
    """The money is in place: finalize the negotiation and activate the right, in this order."""
    by = Actor.system("complete_sale", at=now)
    agreement_id = UUID(payments.charge(UUID(charge_id)).reference.partition(":")[2])
    negotiations.finalize(agreement_id, by=by)
    entitlements.activate(entitlements.of_agreement(agreement_id), by=by)


def end_transfers(entitlement_id: str, now: datetime) -> None:
    transfers.end_transfers(queries.entitlement(UUID(entitlement_id)).pk, now=now)


@shared_task(name="contracts.expire_entitlements")
def expire_entitlements() -> None:
    entitlements.expire_due(now=timezone.now())


@shared_task(name="contracts.sweep_transfers")
def sweep_transfers() -> None:
    transfers.sweep_idle(now=timezone.now())
