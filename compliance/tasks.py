"""What the worker does here: make exports and take away those whose days are over, and compare the log with what else
is known."""

from datetime import datetime
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from compliance.bundles import bundles
from compliance.exports import kept as kept_exports
from compliance.health import access, completeness, monitoring
from compliance.log import time_stamps
from compliance.work import digests
from exchange.kernel.errors import Unavailable


def make_export(export_id: str, now: datetime) -> None:
    """Follows export.requested."""
    kept_exports.make(UUID(export_id), now=now)


def make_bundle(bundle_id: str, now: datetime) -> None:
    """Follows bundle.requested."""
    bundles.make(UUID(bundle_id), now=now)


@shared_task(name="compliance.expire_exports")
def expire_exports() -> None:
    """Hourly: the files of exports and of evidence that are no longer kept."""
    now = timezone.now()
    kept_exports.expire(now=now)
    bundles.expire(now=now)


@shared_task(name="compliance.compare_records")
def compare_records() -> None:
    """Nightly: is the log complete?"""
    now = timezone.now()
    completeness.compare(now=now)
    access.forget_before((now - access.KEPT).date())


@shared_task(
    name="compliance.stamp_log", autoretry_for=(Unavailable,), retry_backoff=60, max_retries=6, acks_late=True
)
def stamp_log() -> None:
    """Daily: an authority outside says when it saw the log's head."""
    time_stamps.stamp_newest(now=timezone.now())


@shared_task(name="compliance.send_digests")
def send_digests() -> None:
    """Every few minutes: the desk by e-mail, to officers whose time has come."""
    digests.send_due(now=timezone.now())


@shared_task(name="compliance.look_at_log")
def look_at_log() -> None:
    """Every half minute: does the published log hold, looked at from outside?"""
    monitoring.look(now=timezone.now())
