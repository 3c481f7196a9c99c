"""What follows from Events, and what the clock starts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from contracts import queries, warnings
from contracts.agreements import identities
from contracts.catalogue import indexing
from contracts.data_requests import data_requests
from contracts.entitlements import entitlements, notice_rights, over_time, returns
from contracts.negotiations import negotiations
from contracts.offers import offers
from contracts.renewals import renewals
from contracts.sales import inspections, sales
from contracts.tokens import bindings
from contracts.transfers import transfers
from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from payments import queries as payments
from payments.charges import charges


def complete_sale(charge_id: str, now: datetime) -> None:
    """The money is in place, and so is the data; what is paid later on opens nothing."""
    charge = payments.charge(UUID(charge_id))
    by = Actor.system("complete_sale", at=now)
    if charge.occasion == charges.FIRST:
        sales.complete(UUID(charge.reference.partition(":")[2]), by=by)
    returns.follow(charge.pk, by=by)


def complete_sales(found: Sequence[Event], now: datetime) -> None:
    """After charge.paid of several."""
    for charge_id in sales.unfinished([UUID(event.subject_id) for event in found]):
        complete_sale(str(charge_id), now)


def end_transfers(entitlement_id: str, now: datetime) -> None:
    transfers.end_transfers(queries.entitlement(UUID(entitlement_id)).pk, now=now)


def decide_refund(refund_id: str, now: datetime) -> None:
    """What was not used yet is given back at once."""
    returns.decide(UUID(refund_id), by=Actor.system("decide_refund", at=now))


def follow_refund(refund_id: str, now: datetime) -> None:
    """A right goes where its money goes."""
    refund = payments.refund(UUID(refund_id))
    returns.follow(refund.charge_id, by=Actor.system("follow_refund", at=now))


def follow_dispute(dispute_id: str, now: datetime) -> None:
    """A right waits for the bank with its money."""
    dispute = payments.dispute(UUID(dispute_id))
    returns.follow(dispute.charge_id, by=Actor.system("follow_dispute", at=now))


def follow_subscription(subscription_id: str, now: datetime) -> None:
    """The right is open while what is paid over time is paid."""
    over_time.follow(UUID(subscription_id), by=Actor.system("follow_subscription", at=now))


def end_with_subscription(subscription_id: str, now: datetime) -> None:
    over_time.end_right(UUID(subscription_id), by=Actor.system("end_with_subscription", at=now))


def follow_notice(row_id: str, now: datetime) -> None:
    """A recipient that does not answer a notice cannot take more of the data."""
    notice_rights.follow(UUID(row_id), by=Actor.system("follow_notice", at=now))


def stop_subscription(entitlement_id: str, now: datetime) -> None:
    over_time.stop(queries.entitlement(UUID(entitlement_id)), by=Actor.system("stop_subscription", at=now))


def reindex_dataset(dataset_id: str, now: datetime) -> None:
    indexing.renew_dataset(UUID(dataset_id))


def reindex_offer(offer_id: str, now: datetime) -> None:
    indexing.renew_offer(UUID(offer_id))


def reindex_group(group_id: str, now: datetime) -> None:
    indexing.renew_group(UUID(group_id))


def reindex_revision(revision_id: str, now: datetime) -> None:
    indexing.renew_revision(UUID(revision_id))


def reindex_seller(participant_id: str, now: datetime) -> None:
    indexing.renew_seller(UUID(participant_id))


@shared_task(name="contracts.inspect_deliveries")
def inspect_deliveries() -> None:
    inspections.inspect_due(now=timezone.now())


@shared_task(name="contracts.expire_entitlements")
def expire_entitlements() -> None:
    entitlements.expire_due(now=timezone.now())


@shared_task(name="contracts.lapse_negotiations")
def lapse_negotiations() -> None:
    negotiations.lapse_due(now=timezone.now())


@shared_task(name="contracts.lapse_data_requests")
def lapse_data_requests() -> None:
    data_requests.lapse_due(now=timezone.now())


@shared_task(name="contracts.begin_renewals")
def begin_renewals() -> None:
    renewals.begin_due(now=timezone.now())


@shared_task(name="contracts.move_offers")
def move_offers() -> None:
    offers.move_due(now=timezone.now())


@shared_task(name="contracts.forget_identities")
def forget_identities() -> None:
    identities.forget_due(now=timezone.now())


@shared_task(name="contracts.sweep_transfers")
def sweep_transfers() -> None:
    transfers.sweep_idle(now=timezone.now(), idle_seconds=settings.EXCHANGE_TRANSFER_IDLE_SECONDS)


@shared_task(name="contracts.forget_proofs")
def forget_proofs() -> None:
    bindings.forget(now=timezone.now())


@shared_task(name="contracts.refresh_search")
def refresh_search() -> None:
    """What a cut worker has left; builds the index where there is none."""
    indexing.refresh()


@shared_task(name="contracts.rebuild_search")
def rebuild_search() -> None:
    """Nightly: a damaged page of the index may go unnoticed, so it does not grow old."""
    indexing.rebuild()


@shared_task(name="contracts.warn_of_ends")
def warn_of_ends() -> None:
    warnings.warn_of_ends(now=timezone.now())


@shared_task(name="contracts.warn_of_deletions")
def warn_of_deletions() -> None:
    warnings.warn_of_deletions(now=timezone.now())


@shared_task(name="contracts.tell_of_refusals")
def tell_of_refusals() -> None:
    warnings.tell_of_refusals(now=timezone.now())
