"""Rows that wait to be mailed: claimed by a conditional update, sent outside any transaction, and noted. A server
that does not answer is asked again, later each time, for three days."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid4

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, QuerySet

from exchange.kernel.outside import require_no_transaction

_LEASE = timedelta(minutes=15)
_GIVEN_UP_AFTER = timedelta(days=3)
_LONGEST_BACKOFF_SECONDS = 3_600

log = logging.getLogger("exchange.mail")


class Queued(Protocol):
    """A row with these columns; `mail_due_at` is empty where no mail waits, `queued_at` is since when it does."""

    pk: Any
    mail_due_at: datetime | None
    mail_attempts: int
    mail_claim: UUID | None
    mailed_at: datetime | None

    @property
    def queued_at(self) -> datetime: ...


Row = TypeVar("Row", bound=Queued)
Compose = Callable[[Sequence[Row]], EmailMessage | None]


def claim(rows: QuerySet[Any], *, at_most: int, now: datetime) -> QuerySet[Any]:
    """Take of these rows what is due, so that no other worker sends it too; what a crash leaves is due again after the
    lease."""
    due = rows.filter(mailed_at=None, mail_due_at__lte=now)
    wanted = list(due.order_by("mail_due_at").values_list("pk", flat=True)[:at_most])
    if not wanted:
        return rows.none()
    mine = uuid4()
    due.filter(pk__in=wanted).update(
        mail_claim=mine, mail_due_at=now + _LEASE, mail_attempts=F("mail_attempts") + 1
    )
    return rows.filter(pk__in=wanted, mail_claim=mine)


def send(groups: Sequence[Sequence[Row]], compose: Compose[Row], *, now: datetime) -> int:
    """Send one mail for each group of claimed rows; where `compose` has none, nobody may get it. One that is not taken
    never stops the others; answers how many mails left."""
    if not groups:
        return 0
    require_no_transaction()
    sent, connection = 0, get_connection()
    waiting = list(groups)
    try:
        connection.open()
        for group in groups:
            sent += _send(group, compose, connection, now)
            waiting.remove(group)
    except (OSError, SMTPException) as error:
        log.warning("the mail server does not answer: %s", type(error).__name__)
        _put_off([row for group in waiting for row in group], now)
    finally:
        connection.close()
    return sent


def _send(rows: Sequence[Row], compose: Compose[Row], connection: BaseEmailBackend, now: datetime) -> int:
    mail = compose(rows)
    if mail is None:
        _note(rows, None)
        return 0
    mail.connection = connection
    try:
        mail.send()
    except (SMTPException, ValueError) as error:  # this mail, not the server
        log.warning("the mail about %s %s was not taken: %s", _named(rows[0]), rows[0].pk, type(error).__name__)
        _put_off(rows, now)
        return 0
    _note(rows, now)
    return 1


def _note(rows: Sequence[Row], mailed_at: datetime | None) -> None:
    for row in rows:
        row.mailed_at, row.mail_due_at = mailed_at, None
    mine = _kept(rows[0]).filter(pk__in=[row.pk for row in rows], mailed_at=None)
    mine.update(mailed_at=mailed_at, mail_due_at=None, mail_claim=None)


def _put_off(rows: Iterable[Row], now: datetime) -> None:
    for row in rows:
        wait = timedelta(seconds=min(30 * 2 ** min(row.mail_attempts, 10), _LONGEST_BACKOFF_SECONDS))
        is_over = row.queued_at < now - _GIVEN_UP_AFTER
        mine = _kept(row).filter(pk=row.pk, mail_claim=row.mail_claim, mailed_at=None)
        mine.update(mail_due_at=None if is_over else now + wait)


def _kept(row: Any) -> QuerySet[Any]:
    found: QuerySet[Any] = type(row)._default_manager.all()
    return found


def _named(row: Any) -> str:
    name: str = row._meta.verbose_name
    return name
