"""What has to be in place before an exchange starts: sound settings, keys, an up-to-date database, and in demo mode
the demo. A second call finds all of it done."""

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from exchange.kernel import own_tokens, signing, triggers
from exchange.participants import vault
from infra import grants
from infra.demo import load
from infra.supervisor import SAID_WHY, say


def prepare() -> None:
    """Check the settings, make missing keys, bring the database up to date, and load the demo once."""
    serious = [message for message in checks.run_checks() if message.is_serious()]
    for message in serious:
        say(f"{message.msg}. {message.hint or ''}".strip())
    if serious:
        raise SystemExit(SAID_WHY)
    try:
        connection.ensure_connection()
    except OperationalError as error:
        say(f"The database cannot be reached: {error}".strip())
        raise SystemExit(SAID_WHY) from None
    if settings.EXCHANGE_MAKE_KEYS:
        signing.ensure_keys(settings.EXCHANGE_KEYS_DIR)
        own_tokens.ensure_secrets(settings.EXCHANGE_KEYS_DIR)
        vault.ensure_key(settings.EXCHANGE_KEYS_DIR)
    elif missing := signing.missing_keys(settings.EXCHANGE_KEYS_DIR):
        say(f"EXCHANGE_KEYS_DIR lacks {', '.join(missing)}, and EXCHANGE_MAKE_KEYS is off.")
        raise SystemExit(SAID_WHY)
    _migrate()
    if settings.EXCHANGE_DEMO and not load.is_loaded():
        say(f"Loading the demo, about {load.SECONDS} s.")
        load.load(timezone.now())


def _migrate() -> None:
    executor = MigrationExecutor(connection)
    is_behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if grants.is_restricted():
        if is_behind or grants.lacking():
            say(
                "The database is not up to date for this version. As the owner of its tables, run `python -m infra "
                "prepare` and `python -m infra grants ROLE --apply`."
            )
            raise SystemExit(SAID_WHY)
        return
    if is_behind:
        say("Bringing the database up to date.")
        call_command("migrate", verbosity=0, interactive=False)
        return
    with transaction.atomic():  # the code's triggers may be newer than the last migration
        for config in apps.get_app_configs():
            triggers.install(config)
