"""When a notice is settled: all its recipients are known, and each has done what was asked, or cannot for a reason that
an officer gave. What waits for a notice asks here."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from compliance.models import NoticeRow, RecipientNotice
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.states import transition

_OPEN_ROWS = NoticeRow.objects.filter(notice=OuterRef("pk"), state__in=NoticeRow.OPEN)


def is_settled(occasion: str) -> bool:
    """Whether nothing is open of the notices of an occasion; so it is where it has none."""
    notices = RecipientNotice.objects.filter(occasion=occasion)
    return not notices.filter(Q(filled_at=None) | Q(Exists(_OPEN_ROWS))).exists()


def require_settled(occasion: str) -> None:
    """Refuse as long as a recipient has not answered."""
    if not is_settled(occasion):
        raise Conflict(
            "recipients have not all answered yet; see the notices of this case", code="notices_open"
        )


@transaction.atomic
def settle(notice: RecipientNotice, *, by: Actor) -> bool:
    """Close a notice of which nothing is open any more; answers whether it is closed now."""
    # The lock makes the last two rows that close wait for each other on PostgreSQL; on SQLite one alone writes.
    current = RecipientNotice.objects.select_for_update().get(pk=notice.pk)
    if current.state == RecipientNotice.State.SETTLED:
        return True
    if current.filled_at is None or current.rows.filter(state__in=NoticeRow.OPEN).exists():
        return False
    transition(current, "settle", by=by, settled_at=by.at)
    return True


@transaction.atomic
def unsettle(notice: RecipientNotice, *, by: Actor) -> None:
    """Open a settled notice again, because one of its rows is."""
    current = RecipientNotice.objects.select_for_update().get(pk=notice.pk)
    if current.state == RecipientNotice.State.SETTLED:
        transition(current, "reopen", by=by, settled_at=None)
