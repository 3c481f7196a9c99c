"""Mails about notices: one to each member, in their language, however many notices wait for them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from exchange.participants import mail_queue
from exchange.participants.models import Member, Notice, Participant
from exchange.participants.notices import preferences
from exchange.participants.notices.rows import Row, rows_of

_BATCH = 100


def send_due(*, now: datetime) -> int:
    """Send what is due, one mail to each member however many notices wait for them; answers how many mails left."""
    notices = Notice.objects.select_related("member__user", "member__participant")
    claimed = mail_queue.claim(notices, at_most=_BATCH, now=now).order_by("member", "pk")
    groups = [list(group) for _, group in groupby(claimed, key=lambda notice: notice.member_id)]
    return mail_queue.send(groups, compose, now=now)


def compose(notices: Sequence[Notice]) -> EmailMessage | None:
    """One mail about the notices of one member, in their language; None where nobody may get it."""
    member = notices[0].member
    if not _may_get_mail(member):
        return None
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


def _may_get_mail(member: Member) -> bool:
    is_gone = member.removed_at is not None or member.participant.state == Participant.State.CLOSED
    return member.user.is_active and not is_gone


def _subject(rows: Sequence[Row], participant: str) -> str:
    if len(rows) == 1:
        return rows[0].title
    return gettext("%(count)s notices for %(name)s") % {"count": len(rows), "name": participant}
