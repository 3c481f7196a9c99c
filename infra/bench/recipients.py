"""Who received it, at a million recipients: fills the desk's rows by the database, then times a page of the answer and
holds the memory of its export, beside 10,000: `python tests/postgres.py -- python -m infra.bench.recipients`."""

import argparse
import os
import statistics
import sys
import time
import tracemalloc
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from exchange.kernel.actors import Actor

PAGES = 40
EXPORTED = 10_000
"""How many lines of the export are read under a watch over memory, which slows it down tenfold."""
_COLUMNS = {
    "compliance_recipient": "dataset_id, revision_id, buyer_id, asset_id, transfers, running, sent_bytes, size_bytes, "
    "first_at, last_at",
    "compliance_recipientright": "dataset_id, revision_id, buyer_id, seller_id, entitlement_id, agreement_id, "
    "personal_data, legal_basis, purpose, country_from, country_to, mechanism, transfers, running, first_at, last_at, "
    "last_transfer_id",
}
_VALUES = {
    "compliance_recipient": "{dataset}, {revision}, {of_n}, {asset}, 1, 0, 600, 1000, {at}, {at}",
    "compliance_recipientright": "{dataset}, {revision}, {of_n}, {asset}, {of_n}, {of_n}, 'personal', '6.1.a', "
    "'research', 'FR', 'DE', 'eea', 1, 0, {at}, {at}, {of_n}",
}


@dataclass(frozen=True)
class Measured:
    """The median time of one page, and how much memory the export held at most."""

    recipients: int
    page_seconds: float
    export_bytes: int
    rows: int


def fill(dataset_id: UUID, recipients: int) -> None:
    """Let the desk's rows tell of so many recipients of a dataset, each with a part of a file under a right."""
    from django.db import connection

    is_sqlite = connection.vendor == "sqlite"
    numbers = (
        f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {recipients})"  # noqa: S608
        if is_sqlite
        else f"WITH n AS (SELECT generate_series(1, {recipients}) AS n)"
    )
    prefix = dataset_id.hex[:20]  # ids of two datasets never meet
    of_n = (
        f"'{prefix}' || printf('%%012x', n.n)"
        if is_sqlite
        else f"('{prefix}' || lpad(to_hex(n.n), 12, '0'))::uuid"
    )
    one = dataset_id.hex if is_sqlite else str(dataset_id)
    values = dict.fromkeys(("dataset", "revision", "asset"), f"'{one}'" if is_sqlite else f"'{one}'::uuid")
    values |= {
        "of_n": of_n,
        "at": "'2026-11-22 09:00:00'" if is_sqlite else "'2026-11-22 09:00:00+00'::timestamptz",
    }
    with connection.cursor() as cursor:
        for table, columns in _COLUMNS.items():
            selected = _VALUES[table].format(**values)
            statement = f"{numbers} INSERT INTO {table} (id, {columns}) SELECT {of_n}, {selected} FROM n"  # noqa: S608
            cursor.execute(statement, [])
        cursor.execute("ANALYZE")


def measure(dataset_id: UUID, recipients: int, officer: "Actor") -> Measured:
    """Ask for pages from all over the answer, and read a part of its export."""
    from compliance.recipients import received
    from exchange.kernel.pagination import cursor_of

    times = []
    for number in range(PAGES):
        place = recipients * (number + 1) // (PAGES + 1) + 25
        cursor = cursor_of(UUID(f"{dataset_id.hex[:20]}{place:012x}"))
        begun = time.perf_counter()
        found = received.page(dataset_id, cursor=cursor, limit=20, visible_to=officer)
        times.append(time.perf_counter() - begun)
        assert len(found.items) == 20, len(found.items)
    tracemalloc.start()
    rows = sum(1 for _ in islice(received.each(dataset_id, None, visible_to=officer), EXPORTED))
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return Measured(recipients, statistics.median(times), held, rows)


def main() -> int:
    """Fill an empty database, measure, print."""
    asked = argparse.ArgumentParser(prog="python -m infra.bench.recipients")
    asked.add_argument("--recipients", type=int, default=1_000_000)
    options = asked.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infra.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from exchange.kernel.actors import Actor
    from exchange.kernel.ids import new_id

    call_command("migrate", verbosity=0)
    officer = Actor.system("bench", at=timezone.now())
    print(f"{'recipients':>12} {'page ms':>9} {'export MB held':>15}")
    for recipients in (10_000, options.recipients):
        dataset_id = new_id()
        fill(dataset_id, recipients)
        found = measure(dataset_id, recipients, officer)
        print(f"{recipients:12,} {found.page_seconds * 1_000:9.1f} {found.export_bytes / 1e6:15.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
