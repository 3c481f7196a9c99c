"""What the worker does here: make exports and take away those whose days are over, and compare the log with what else
is known."""

from datetime import datetime
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from compliance import access, completeness, kept_exports, monitoring


def make_export(export_id: str, now: datetime) -> None:
    """Follows export.requested."""
    kept_exports.make(UUID(export_id), now=now)


@shared_task(name="compliance.expire_exports")
def expire_exports() -> None:
    """Hourly: the files of exports that are no longer kept."""
    kept_exports.expire(now=timezone.now())


@shared_task(name="compliance.compare_records")
def compare_records() -> None:
    """Nightly: is the log complete?"""
    now = timezone.now()
    completeness.compare(now=now)
    access.forget_before((now - access.KEPT).date())


@shared_task(name="compliance.look_at_log")
def look_at_log() -> None:
    """Every half minute: does the published log hold, looked at from outside?"""
    monitoring.look(now=timezone.now())
