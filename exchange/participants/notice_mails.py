"""Mails about notices: a batch is claimed by a conditional update, sent outside any transaction in its reader's
language, and noted. A server that does not answer is asked again, later each time, for three days."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from smtplib import SMTPException
from urllib.parse import urlsplit
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from exchange.kernel.outside import require_no_transaction
from exchange.participants import preferences
from exchange.participants.models import Member, Notice, Participant
from exchange.participants.notice_rows import Row, rows_of

_BATCH = 100
_LEASE = timedelta(minutes=15)
_GIVEN_UP_AFTER = timedelta(days=3)
_LONGEST_BACKOFF_SECONDS = 3_600

log = logging.getLogger("exchange.notices")


def send_due(*, now: datetime) -> int:
    """Send what is due, one mail to each member however many notices wait for them; answers how many mails left."""
    claimed = _claim(now)
    if not claimed:
        return 0
    require_no_transaction()
    sent = 0
    connection = get_connection()
    try:
        connection.open()
        for _, group in groupby(claimed, key=lambda notice: notice.member_id):
            sent += _send(list(group), connection, now)
    except (OSError, SMTPException) as error:
        log.warning("the mail server does not answer: %s", type(error).__name__)
        _put_off([notice for notice in claimed if notice.mailed_at is None], now)
    finally:
        connection.close()
    return sent


def compose(notices: Sequence[Notice]) -> EmailMessage | None:
    """One mail about the notices of one member, in their language; None where nobody may get it."""
    member = notices[0].member
    address = EmailAddress.objects.filter(user=member.user, primary=True, verified=True).first()
    if address is None:
        return None
    with translation.override(preferences.language_of(preferences.of_user(member.user))):
        rows = [row for row in rows_of(notices) if row.news is not None]
        if not rows:
            return None
        address_of_choices = f"{settings.EXCHANGE_URL}{reverse('notices_mail')}"
        context = {
            "rows": [
                (row, f"{settings.EXCHANGE_URL}{reverse('notice', args=[row.notice.pk])}") for row in rows
            ],
            "participant": member.participant.name,
            "exchange_name": settings.EXCHANGE_NAME,
            "exchange_url": settings.EXCHANGE_URL,
            "choices_url": address_of_choices,
        }
        body = render_to_string("participants/mail/notices.txt", context)
        subject = " ".join(f"{settings.EXCHANGE_NAME}: {_subject(rows, member.participant.name)}".split())
    headers = {
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{address_of_choices}>",
        "Message-ID": f"<notice-{notices[0].pk}@{urlsplit(settings.EXCHANGE_URL).hostname}>",
    }
    return EmailMessage(subject, body, to=[address.email], headers=headers)


def _claim(now: datetime) -> list[Notice]:
    """Take what is due, so that no other worker sends it too; what a crash leaves is due again after the lease."""
    due = Notice.objects.filter(mailed_at=None, mail_due_at__lte=now)
    wanted = list(due.order_by("mail_due_at").values_list("pk", flat=True)[:_BATCH])
    if not wanted:
        return []
    claim = uuid4()
    due.filter(pk__in=wanted).update(
        mail_claim=claim, mail_due_at=now + _LEASE, mail_attempts=F("mail_attempts") + 1
    )
    mine = Notice.objects.filter(pk__in=wanted, mail_claim=claim)
    return list(mine.select_related("member__user", "member__participant").order_by("member", "pk"))


def _send(notices: list[Notice], connection: BaseEmailBackend, now: datetime) -> int:
    mail = compose(notices) if _may_get_mail(notices[0].member) else None
    if mail is None:
        _note(notices, None)
        return 0
    mail.connection = connection
    try:
        mail.send()
    except (SMTPException, ValueError) as error:  # this mail, not the server
        log.warning("the mail about notice %s was not taken: %s", notices[0].pk, type(error).__name__)
        _put_off(notices, now)
        return 0
    _note(notices, now)
    return 1


def _may_get_mail(member: Member) -> bool:
    is_gone = member.removed_at is not None or member.participant.state == Participant.State.CLOSED
    return member.user.is_active and not is_gone


def _note(notices: Iterable[Notice], mailed_at: datetime | None) -> None:
    for notice in notices:
        notice.mailed_at = mailed_at
    Notice.objects.filter(pk__in=[notice.pk for notice in notices], mailed_at=None).update(
        mailed_at=mailed_at, mail_due_at=None, mail_claim=None
    )


def _put_off(notices: Iterable[Notice], now: datetime) -> None:
    for notice in notices:
        wait = timedelta(seconds=min(30 * 2 ** min(notice.mail_attempts, 10), _LONGEST_BACKOFF_SECONDS))
        is_over = notice.created_at < now - _GIVEN_UP_AFTER
        mine = Notice.objects.filter(pk=notice.pk, mail_claim=notice.mail_claim, mailed_at=None)
        mine.update(mail_due_at=None if is_over else now + wait)


def _subject(rows: Sequence[Row], participant: str) -> str:
    if len(rows) == 1:
        return rows[0].title
    return gettext("%(count)s notices for %(name)s") % {"count": len(rows), "name": participant}
