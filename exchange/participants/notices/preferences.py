"""How a person is written to: the language in which they last chose to read, and how soon for each group of notices.
Mails about security come at once, whatever was chosen."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest

from exchange.kernel.errors import Invalid
from exchange.look import formats
from exchange.participants.models import MailPreference
from exchange.participants.news import Group

CHOOSABLE = (Group.SALES, Group.MONEY, Group.RIGHTS)


def of_user(user: User) -> MailPreference:
    """What a person chose; the defaults where they chose nothing."""
    return MailPreference.objects.filter(user=user).first() or MailPreference(user=user)


def choose(user: User, paces: Mapping[Group, str]) -> None:
    """Set how soon a person is written to, group by group."""
    unknown = [pace for pace in paces.values() if pace not in MailPreference.Pace.values]
    if unknown or not set(paces) <= set(CHOOSABLE):
        raise Invalid(f"a pace is one of {', '.join(MailPreference.Pace.values)}, for {', '.join(CHOOSABLE)}")
    MailPreference.objects.update_or_create(
        user=user, defaults={str(group): pace for group, pace in paces.items()}
    )


def keep_language(user: User, code: str) -> None:
    """Write to a person in this language from now on."""
    if code in dict(settings.LANGUAGES):
        MailPreference.objects.update_or_create(user=user, defaults={"language": code})


def follow_switch(request: HttpRequest, code: str) -> None:
    """What follows when a page is switched to another language: mails to its reader are too."""
    if isinstance(request.user, User):
        keep_language(request.user, code)


def language_of(preference: MailPreference | None) -> str:
    return (preference.language if preference else "") or settings.LANGUAGE_CODE


def due(preference: MailPreference | None, group: Group, at: datetime) -> datetime | None:
    """When a mail about something that happens now is to leave; None for never."""
    pace = str(getattr(preference, group)) if preference and group in CHOOSABLE else MailPreference.Pace.AT_ONCE
    if pace == MailPreference.Pace.NEVER:
        return None
    return next_digest(at) if pace == MailPreference.Pace.DAILY else at


def next_digest(at: datetime) -> datetime:
    """The next morning hour, in the exchange's zone."""
    local = at.astimezone(formats.zone())
    today = datetime.combine(local.date(), time(settings.EXCHANGE_DIGEST_HOUR), formats.zone())
    return today if today > local else today + timedelta(days=1)
