"""The signed statement of what was done on a notice: what was asked, who was told, what each answered and where the log
holds it. Sealed by the exchange, checked offline by `comptoir-verify statement`; opaque ids and codes alone."""

import hashlib
from datetime import datetime
from typing import TypedDict

from django.conf import settings
from django.db import transaction

from compliance.models import NoticeAnswer, NoticeRow, RecipientNotice
from compliance.notices import queries
from exchange.kernel import canonical, events, signing
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event
from exchange.kernel.text import timestamp

VERSION = "comptoir.notice/1"
MOST = 5_000
_AT_ONCE = 500


class Sealed(TypedDict):
    """The statement with the exchange's seal over its canonical bytes."""

    statement: Fact
    seal: str


@transaction.atomic
def state(notice: RecipientNotice, *, by: Actor) -> Sealed:
    """Draw up and seal what was done on a notice so far; its digest enters the log. For officers."""
    by.require(Scope.AUDIT)
    rows = list(NoticeRow.objects.filter(notice=notice).order_by("pk")[: MOST + 1])
    if len(rows) > MOST:
        raise Conflict(
            f"this notice has more than {MOST} recipients; export its rows instead", code="too_many_recipients"
        )
    document = _document(notice, rows, by.at)
    content = canonical.encode(document)
    digest = hashlib.sha256(content).hexdigest()
    events.record("recipientnotice.stated", notice, by=by, facts={"sha256": digest, "recipients": len(rows)})
    return {"statement": document, "seal": signing.seal(signing.Purpose.STATEMENT, content)}


def _document(notice: RecipientNotice, rows: list[NoticeRow], at: datetime) -> Fact:
    listed: list[Fact] = []
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        answers, leaves = queries.answers_of(some), _leaves(some)
        listed += [_row(row, answers.get(row.pk, []), leaves.get(events.subject_of(row), [])) for row in some]
    tally = queries.tallies([notice])[notice.pk]
    return {
        "v": VERSION,
        "exchange": {"name": settings.EXCHANGE_NAME, "url": settings.EXCHANGE_URL},
        **notice.event_facts(),
        "message_sha256": hashlib.sha256(notice.message.encode()).hexdigest() if notice.message else None,
        "replaced_by": str(notice.replaced_by_id) if notice.replaced_by_id else None,
        "opened_at": timestamp(notice.opened_at),
        "settled_at": timestamp(notice.settled_at) if notice.settled_at else None,
        "is_complete": notice.filled_at is not None,
        "stated_at": timestamp(at),
        "counts": dict(sorted(tally.states.items())),
        "recipients": listed,
    }


def _row(row: NoticeRow, answers: list[NoticeAnswer], leaves: list[Fact]) -> Fact:
    return {
        "row": str(row.pk),
        "recipient": str(row.buyer_id),
        "state": row.state,
        "received": "whole" if row.is_whole else "in part",
        "contradiction": row.contradiction or None,
        "suspended_at": timestamp(row.escalated_at) if row.escalated_at else None,
        "answers": [
            {"action": one.action, "copies": one.copies, "at": timestamp(one.answered_at)} for one in answers
        ],
        "events": leaves,
    }


def _leaves(rows: list[NoticeRow]) -> dict[str, list[Fact]]:
    """The Events of these rows, each with the hash of its leaf and its place in the log."""
    found: dict[str, list[Fact]] = {}
    subjects = [events.subject_of(row) for row in rows]
    about = Event.objects.filter(subject__in=subjects).order_by("id")
    for name, subject, at, digest, index in about.values_list(
        "name", "subject", "at", "leaf_hash", "leaf_index"
    ):
        one: Fact = {"event": name, "at": timestamp(at), "leaf": index, "leaf_hash": bytes(digest).hex()}
        found.setdefault(subject, []).append(one)
    return found
