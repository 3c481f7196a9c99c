"""What the exchange stands on, for the operator's page: database, mail, payments, and the address it is known by."""

import sqlite3
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.kernel.actors import Actor
from exchange.look import formats
from infra.findings import Fact, Finding
from payments.inbox import inbox
from payments.reconciliation import queries as reconciliation_queries


def database() -> Finding:
    """Its kind, its version, and whether it is as the code wants it."""
    title = _("Database")
    facts: list[Fact] = [(_("kind"), _kind_of_database())]
    missing = _migrations_of_the_code() - set(MigrationRecorder(connection).applied_migrations())
    if missing:
        stands = ngettext(
            "%(count)s migration is missing: the code is newer than the database.",
            "%(count)s migrations are missing: the code is newer than the database.",
            len(missing),
        ) % {"count": formats.number(len(missing))}
        names = ", ".join(".".join(one) for one in sorted(missing)[:5])
        return Finding(title, "stop", stands, _("Run: python -m infra prepare."), facts, quote=names)
    if connection.vendor == "sqlite" and not settings.EXCHANGE_DEMO:
        stands = _("It answers, and is as the code wants it. SQLite is for one machine.")
        return Finding(title, "ok", stands, facts=facts)
    return Finding(title, "ok", _("It answers, and is as the code wants it."), facts=facts)


def mail() -> Finding:
    """Where mails go."""
    title = _("Mail")
    facts: list[Fact] = [(_("sender"), settings.EXCHANGE_EMAIL_FROM)]
    if settings.EXCHANGE_EMAIL_URL:
        return Finding(title, "ok", _("Mails leave through a server of yours."), facts=facts)
    stands = _("Mails become files in a folder: nobody receives one.")
    if settings.EXCHANGE_DEMO:
        return Finding(title, "ok", stands, facts=facts)
    return Finding(title, "warn", stands, _("Set EXCHANGE_EMAIL_URL, or people cannot sign up."), facts)


def payments(*, by: Actor) -> Finding:
    """Who moves the money, and what it said that nobody could act on."""
    title, provider = _("Payments"), settings.EXCHANGE_PAYMENT_PROVIDER
    facts: list[Fact] = [(_("provider"), provider)]
    count, _newest = inbox.set_aside(by, at_most=0)
    if count:
        stands = ngettext(
            "%(count)s message of the provider was set aside: it changed nothing.",
            "%(count)s messages of the provider were set aside: they changed nothing.",
            count,
        ) % {"count": formats.number(count)}
        return Finding(
            title,
            "warn",
            stands,
            _("They stand on the page Money. Compare them with the provider’s books."),
            facts,
        )
    differing = reconciliation_queries.open_differences()
    if differing:
        stands = ngettext(
            "The ledger and the provider differ in %(count)s place.",
            "The ledger and the provider differ in %(count)s places.",
            differing,
        ) % {"count": formats.number(differing)}
        return Finding(title, "warn", stands, _("They stand on the page Money: explain each."), facts)
    if provider == "off":
        return Finding(title, "ok", _("This exchange takes no payments: offers are free."), facts=facts)
    if provider == "demo":
        return Finding(title, "ok", _("The demo provider moves no money."), facts=facts)
    return Finding(title, "ok", _("Every message of the provider was acted on."), facts=facts)


def address() -> Finding:
    """Whether the exchange is reached as it says, and safely."""
    title = _("Public address")
    facts: list[Fact] = [(_("address"), settings.EXCHANGE_URL)]
    if settings.EXCHANGE_DEMO:
        stands = _("This exchange runs in demo mode: with invented data, and no money.")
        return Finding(
            title, "warn", stands, _("Never let real data in. Production unsets EXCHANGE_DEMO."), facts
        )
    if not settings.EXCHANGE_URL.startswith("https://"):
        stands = _("It is not https: passwords and tokens travel in the open.")
        return Finding(title, "stop", stands, _("Put TLS in front, and set EXCHANGE_URL."), facts)
    return Finding(title, "ok", _("It is https, and cookies stay on it."), facts=facts)


@lru_cache(maxsize=1)
def _migrations_of_the_code() -> set[tuple[str, str]]:
    found: dict[Any, Any] = MigrationLoader(None).disk_migrations
    return {(str(app), str(name)) for app, name in found}


def _kind_of_database() -> str:
    if connection.vendor == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    version: int = connection.pg_version  # type: ignore[attr-defined]
    return f"PostgreSQL {version // 10_000}.{version % 10_000}"
