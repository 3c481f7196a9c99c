"""How many recipients of a large notice stand where: the worker counts them again and again, so that a page answers at
once however many there are. A notice with few recipients is counted when somebody looks."""

from datetime import datetime, timedelta

from django.db.models import Count, F, Q

from compliance.models import NoticeRow, NoticeTally, RecipientNotice

LARGE = 5_000
RECOUNTED = timedelta(minutes=1)


def begin_if_large(notice: RecipientNotice, *, now: datetime) -> None:
    """Keep the counts of a notice that has grown large; looks at no more rows than make it so."""
    is_kept = NoticeTally.objects.filter(pk=notice.pk).exists()
    if not is_kept and NoticeRow.objects.filter(notice=notice)[: LARGE + 1].count() > LARGE:
        _keep(notice, now)


def count(*, now: datetime) -> int:
    """Count anew what has not been counted for a while, and what was settled since; answers how many notices."""
    is_open = Q(notice__state=RecipientNotice.State.OPEN, counted_at__lte=now - RECOUNTED)
    is_settled = Q(notice__settled_at__gte=F("counted_at"))
    due = NoticeTally.objects.filter(is_open | is_settled).select_related("notice").order_by("counted_at", "pk")
    return sum(_keep(tally.notice, now) for tally in due)


def _keep(notice: RecipientNotice, now: datetime) -> bool:
    contradicted = Q(state__in=NoticeRow.OPEN) & ~Q(contradiction="")
    rows = NoticeRow.objects.filter(notice=notice)
    states = rows.order_by().values("state").annotate(count=Count("pk")).values_list("state", "count")
    counted = {
        "states": dict(states),
        "contradictions": rows.filter(contradicted).count(),
        "counted_at": now,
    }
    NoticeTally.objects.update_or_create(notice=notice, defaults=counted)
    return True
