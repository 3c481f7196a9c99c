"""What a look at one part of the exchange found: how it stands, in words, and what to do about it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.db import DatabaseError, connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.kernel.errors import ExchangeError
from exchange.look import formats

LONGEST_QUERY_MILLISECONDS = 2_000

Level = Literal["ok", "warn", "stop"]
Words = str | Promise
Fact = tuple[Words, str]

log = logging.getLogger("exchange.health")


@dataclass(frozen=True)
class Finding:
    """`stands` is one sentence, `advice` what to do, empty where nothing is; `quote` is English from elsewhere."""

    title: Words
    level: Level
    stands: str
    advice: str = ""
    facts: Sequence[Fact] = field(default_factory=tuple)
    quote: str = ""

    @property
    def badge(self) -> Words:
        return {"ok": _("Well"), "warn": _("Look at it"), "stop": _("Act now")}[self.level]

    @property
    def drawing(self) -> str:
        return {"ok": "check", "warn": "warn", "stop": "stop"}[self.level]


Look = Callable[[], Finding]


def looked(title: Words, look: Look) -> Finding:
    """What a look found. One that fails, or takes too long, is a finding too."""
    try:
        if connection.vendor != "postgresql":
            return look()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {LONGEST_QUERY_MILLISECONDS:d}")
            return look()
    except (DatabaseError, OSError, ExchangeError) as error:
        log.warning("%s could not be looked at: %s", title, error)
        return Finding(
            title,
            "stop",
            _("It could not be looked at: it failed, or did not answer in time."),
            _("Look at the log of the web process, and at what this part stands on."),
            quote=type(error).__name__,
        )


def age(seconds: float) -> str:
    """A span of time in one unit: 12 s, 5 min, 3 h, 4 days."""
    if seconds < 120:
        return _("%(count)s s") % {"count": formats.number(max(0, int(seconds)))}
    if seconds < 7_200:
        return _("%(count)s min") % {"count": formats.number(seconds // 60)}
    if seconds < 172_800:
        return _("%(count)s h") % {"count": formats.number(seconds // 3_600)}
    days = int(seconds // 86_400)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": formats.number(days)}
