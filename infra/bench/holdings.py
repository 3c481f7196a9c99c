"""Who received revision R, even in part, at many million transfers? Fills an empty PostgreSQL and times the question
as the API and the officer's desk ask it: `python tests/postgres.py -- python -m infra.bench.holdings`."""

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from exchange.kernel.actors import Actor

LIMIT_MS = 100
ASKED = 100
BUYERS = 2_000
REVISIONS = 1_000
RIGHTS = (
    20  # of each revision; the first, which everybody buys, has one for each buyer and a tenth of all transfers
)
FILLED = ("contracts_transfer", "compliance_transferrecord")


def main() -> int:
    """Fill, ask, print; 1 where an answer took too long."""
    asked = argparse.ArgumentParser(prog="python -m infra.bench.holdings")
    asked.add_argument("--transfers", type=int, default=10_000_000)
    options = asked.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infra.settings")
    import django

    django.setup()
    from django.db import connection

    if connection.vendor != "postgresql":
        print("set EXCHANGE_DATABASE_URL to an empty PostgreSQL: tests/postgres.py starts one")
        return 2
    _fill(options.transfers)
    return 0 if _ask(options.transfers) else 1


def _fill(transfers: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    begun = time.monotonic()
    script = (Path(__file__).parent / "holdings.sql").read_text()
    numbers = {"transfers": transfers, "buyers": BUYERS, "revisions": REVISIONS, "rights": RIGHTS}
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # rows stand alone: no keys, no triggers
        cursor.execute("SET maintenance_work_mem = '512MB'")
        kept = _drop_indexes(cursor)
        cursor.execute(script.format(**numbers))
        for made in kept:
            cursor.execute(made)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")  # what the filling left to be written is not the question's
        cursor.execute("SELECT count(*) FROM contracts_transfer")
        count = cursor.fetchone()[0]
    assert count == transfers, count
    print(f"{count:,} transfers made in {time.monotonic() - begun:.0f} s")


def _drop_indexes(cursor: object) -> list[str]:
    """Drop the indexes of the tables that are filled, but those of constraints; answers how to make them again."""
    execute, fetch = cursor.execute, cursor.fetchall  # type: ignore[attr-defined]
    execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint)",
        [list(FILLED)],
    )
    found: list[tuple[str, str]] = fetch()
    for name, _ in found:
        execute(f'DROP INDEX "{name}"')
    return [made for _, made in found]


def _ask(transfers: int) -> bool:
    from compliance.recipients import recipients
    from contracts.holdings import holdings
    from datasets.models import Revision
    from exchange.kernel.actors import Actor, Kind, Scope
    from exchange.participants.models import Participant

    at = datetime.fromisoformat("2026-11-22T09:00:00+00:00")
    officer = Actor(Kind.CLIENT, "officer", None, frozenset({Scope.READ, Scope.AUDIT}), at)
    wanted, typical = Revision.objects.order_by("number").values_list("pk", "dataset_id")[:2]
    buyer = Participant.objects.order_by("pk").values_list("pk", flat=True)[0]

    def by_the_log(revision_id: UUID, dataset_id: UUID) -> int:
        return len(recipients.of(dataset_id, revision_id, visible_to=officer))

    questions: dict[str, Callable[[], int]] = {
        "who holds the revision that all buy, a page of 100": lambda: _page(officer, wanted[0]),
        "who holds a revision with 20 buyers": lambda: _page(officer, typical[0]),
        "what one buyer holds, a page of 100": lambda: len(
            holdings.of_participant(officer, buyer, limit=100).items
        ),
        "by the log alone: all recipients of the revision that all buy": lambda: by_the_log(*wanted),
        "by the log alone: all recipients of a revision with 20 buyers": lambda: by_the_log(*typical),
    }
    gc.freeze()  # as a server does once it has started
    print(f"{'milliseconds, of ' + str(ASKED):62} {'rows':>6} {'p50':>8} {'p99':>8}")
    are_quick = [_timed(words, question) for words, question in questions.items()]
    return all(are_quick)


def _page(officer: "Actor", revision_id: UUID) -> int:
    from contracts.holdings import holdings

    return len(holdings.of_revision(officer, revision_id, limit=100).items)


def _timed(words: str, question: Callable[[], int]) -> bool:
    took: list[float] = []
    rows = question()
    for _ in range(ASKED):
        begun = time.perf_counter()
        rows = question()
        took.append((time.perf_counter() - begun) * 1000)
    p50, p99 = _quantile(took, 0.5), _quantile(took, 0.99)
    print(f"{words:62} {rows:6} {p50:8.1f} {p99:8.1f}{'' if p99 <= LIMIT_MS else '  TOO SLOW'}")
    return p99 <= LIMIT_MS


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


if __name__ == "__main__":
    sys.exit(main())
