"""What was shredded is taken out of the database's own files too, where it lies in old pages and rows."""

import logging
import re
from datetime import datetime, timedelta

from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper

from exchange.participants.models import VaultKey

_TRIED_FOR = timedelta(days=1)
_TABLE = VaultKey._meta.db_table
_NONE_LEFT = re.compile(r"\D*0\b")
"""How many dead rows it kept, PostgreSQL says first of a table that it wrote anew, in whatever language."""

log = logging.getLogger("exchange.vault")


class KeysAnew:
    """PostgreSQL's function that writes the table of keys anew. It has its owner's rights, for only an owner may, and
    the exchange's processes run under a role that owns nothing; whoever calls it changes nothing."""

    model = VaultKey
    name = f"{_TABLE}_anew"

    def names(self) -> list[str]:
        """It is no trigger, and is installed with them."""
        return []

    def statements(self, vendor: str) -> list[str]:
        if vendor != "postgresql":
            return []
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS void LANGUAGE plpgsql "
            "SECURITY DEFINER SET search_path = public, pg_temp "
            f"AS $$ BEGIN CLUSTER VERBOSE {_TABLE} USING {_TABLE}_pkey; END $$"
        ]


def scour() -> None:
    """Empty SQLite's write-ahead log, or write PostgreSQL's table of keys anew. What is in the way (a reader, a lock)
    leaves it to `scour_again`."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_left = bool(cursor.fetchone()[0])
        else:
            is_left = not _written_anew(cursor)
    if is_left:
        log.warning("shredded keys may still lie in the database's files; it is tried again within the hour")


def scour_again(now: datetime) -> bool:
    """Scour once more, when something was shredded within the last day; answers whether it did."""
    is_due = VaultKey.objects.filter(shredded_at__gt=now - _TRIED_FOR).exists()
    if is_due:
        scour()
    return is_due


def _written_anew(cursor: CursorWrapper) -> bool:
    """Whether no dead row, which has the old key, is left. The table is small; what was sealed under a key is noise
    without it."""
    told = list[str]()
    server = cursor.connection
    cursor.execute("SELECT set_config('lock_timeout', '3s', false)")
    server.add_notice_handler(hear := lambda said: told.append(said.message_detail or ""))
    try:
        # Written anew, a table keeps dead rows for as long as a transaction runs anywhere on the server. An owner can
        # have them taken away before, unless one of our own database may still read them, but not out of the pages.
        cursor.execute(f"VACUUM {_TABLE}")
        cursor.execute(f"SELECT {KeysAnew.name}()")
    except OperationalError:
        return False
    finally:
        server.remove_notice_handler(hear)
        cursor.execute("SELECT set_config('lock_timeout', '0', false)")
    return any(_NONE_LEFT.match(detail) for detail in told)
