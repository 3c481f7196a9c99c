"""The desk by e-mail: what is due and what the log says, each morning or each Monday, to officers who asked for it. A
mail is claimed by a conditional update and sent outside any transaction; one that fails is tried at the next round."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from compliance.models import Digest
from compliance.work import agenda, overview
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Forbidden
from exchange.kernel.outside import require_no_transaction
from exchange.participants.actors.actors import actor_of_member
from exchange.participants.models import Member, Participant
from exchange.participants.notices import preferences

_BATCH = 50
_AGAIN = timedelta(minutes=15)
_MOST_LINES = 20
_MONDAY = 0

log = logging.getLogger("exchange.digests")


@dataclass(frozen=True)
class Line:
    """One thing to do, and the address of its page."""

    item: agenda.Item
    url: str


def choose(pace: str, *, by: Actor) -> None:
    """Be written to daily, weekly, or, by an empty pace, never."""
    by.require(Scope.AUDIT)
    member = _member(by)
    if member is None:
        raise Forbidden("only a person who is signed in can be written to", code="members_only")
    if not pace:
        Digest.objects.filter(member=member).delete()
        return
    chosen = Digest.Pace(pace)
    Digest.objects.update_or_create(member=member, defaults={"pace": chosen, "next_at": _next(chosen, by.at)})


def pace_of(by: Actor) -> str:
    """What the officer chose; empty for never."""
    mine = Digest.objects.filter(member=_member(by))
    return mine.values_list("pace", flat=True).first() or ""


def send_due(*, now: datetime) -> int:
    """Write to everybody whose time has come; answers how many mails left. Who is no officer any more is forgotten."""
    require_no_transaction()
    sent = 0
    due = Digest.objects.filter(next_at__lte=now).order_by("next_at").select_related("member__user")
    for row in due[:_BATCH]:
        claimed = Digest.objects.filter(pk=row.pk, next_at=row.next_at).update(next_at=now + _AGAIN)
        if claimed:
            sent += _send(row, now)
    return sent


def compose(row: Digest, by: Actor) -> EmailMessage | None:
    """The mail to one officer, in the language that they chose; None where they have no verified address."""
    address = EmailAddress.objects.filter(user=row.member.user, primary=True, verified=True).first()
    if address is None:
        return None
    with translation.override(preferences.language_of(preferences.of_user(row.member.user))):
        items = agenda.of(by)
        late = sum(item.count for item in items if item.is_late(by.at))
        context = {
            "lines": [Line(item, _url(item)) for item in items[:_MOST_LINES]],
            "more": max(0, len(items) - _MOST_LINES),
            "late": late,
            "now": by.at,
            "today": overview.today(by=by),
            "exchange_name": settings.EXCHANGE_NAME,
            "desk_url": f"{settings.EXCHANGE_URL}{reverse('desk_overview')}",
            "choice_url": f"{settings.EXCHANGE_URL}{reverse('desk_digest')}",
        }
        body = render_to_string("compliance/work/digest.txt", context)
        subject = f"{settings.EXCHANGE_NAME}: {_subject(len(items), late)}"
    headers = {
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{context['choice_url']}>",
        "Message-ID": f"<desk-{row.pk}-{by.at:%Y%m%d%H%M}@{urlsplit(settings.EXCHANGE_URL).hostname}>",
    }
    return EmailMessage(subject, body, to=[address.email], headers=headers)


def _member(by: Actor) -> Member | None:
    """Who is signed in; an API client is nobody."""
    if by.participant_id is None:
        return None
    return Member.objects.filter(pseudonyms__name=by.name, participant_id=by.participant_id).first()


def _send(row: Digest, now: datetime) -> int:
    by = _officer(row.member, now)
    mine = Digest.objects.filter(pk=row.pk)
    if by is None:
        mine.delete()
        return 0
    mail = compose(row, by)
    try:
        count = 0 if mail is None else mail.send()
    except (OSError, SMTPException, ValueError) as error:
        log.warning("a digest of the desk was not taken: %s", type(error).__name__)
        return 0
    mine.update(next_at=_next(row.pace, now), sent_at=now)
    return count


def _officer(member: Member, now: datetime) -> Actor | None:
    """The member as an officer, as long as it is one and its organisation takes part."""
    is_gone = member.removed_at is not None or not member.user.is_active
    if is_gone or member.participant.state == Participant.State.CLOSED:
        return None
    # Nobody has shown a second factor here: what is written holds kinds, counts and links, never what is behind them.
    by = actor_of_member(member, now, has_second_factor=True)
    return by if by.can(Scope.AUDIT) else None


def _next(pace: str, now: datetime) -> datetime:
    morning = preferences.next_digest(now)
    while pace == Digest.Pace.WEEKLY and morning.weekday() != _MONDAY:
        morning = preferences.next_digest(morning)
    return morning


def _url(item: agenda.Item) -> str:
    return f"{settings.EXCHANGE_URL}{item.url}"


def _subject(count: int, late: int) -> str:
    if late:
        return gettext("%(late)s overdue, %(count)s in all at the compliance desk") % {
            "late": late,
            "count": count,
        }
    if count:
        return gettext("%(count)s to do at the compliance desk") % {"count": count}
    return gettext("nothing waits at the compliance desk")
