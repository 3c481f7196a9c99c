"""`make bench`: measures the exchange beside others on this machine, in rounds that take turns, and says what was
reached. Ends with 0: all of it, 1: an 'at least' was missed, 4: no verdict, because the machine was busy, a program
is missing, or there were too few rounds."""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

from infra.bench import machine, rounds, servers, tables
from infra.bench.rounds import FEWEST_ROUNDS, Case, Measure, Outcome, Record

REACHED, MISSED, NO_VERDICT = 0, 1, 4
PEERS = ("pretix", "oscar")
NEEDS = {  # group: the programs and packages beside which it is measured
    "downloads": ("wrk",),
    "authorising": ("wrk",),
    "appends": ("auditlog",),
    "streams": ("nginx",),
    "seals": ("wrk", "auditlog"),
    "verification": ("pymerkle",),
    "questions": (),
    "postings": ("pgbench",),
    "orders": ("redis-server",),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the groups that are named, or all."""
    given = _parser().parse_args(arguments)
    if not Path("/proc/stat").exists():
        raise SystemExit("the benchmark asks /proc what the processor did, which this machine has not")
    lacking = {name: missing(name) for name in given.names or NEEDS}
    wanted = [name for name, things in lacking.items() if not things]
    for name, things in lacking.items():
        if things:
            say(f"{name} cannot be measured: {' and '.join(things)} not found")
    peers = {name: getattr(given, name) for name in PEERS if getattr(given, name)}
    absent = [name for name in PEERS if name not in peers] if "orders" in wanted else []
    for name in absent:
        say(f"orders are not measured beside {name}: its address was not given (--{name})")
    with ExitStack() as until, tempfile.TemporaryDirectory(prefix="comptoir-bench-") as scratch:
        folder = Path(scratch)
        database = become_exchange(folder, until)
        cases, measures = _gather(wanted, folder, given.seconds, database, until, peers)
        say(f"{len(cases)} cases, {given.rounds} rounds, {given.seconds:g} s each where a load is timed")
        record = rounds.run(cases, given.rounds, say=say)
        outcomes = [record.outcome(measure) for measure in measures if _is_taken(measure, record)]
        _show(record, outcomes, given.rounds, folder)
    return exit_code(outcomes, is_whole=not any(lacking.values()) and not absent)


def missing(group: str) -> list[str]:
    """What a group needs and this machine has not."""
    return [name for name in NEEDS[group] if not (shutil.which(name) or find_spec(name))]


def exit_code(outcomes: Sequence[Outcome], *, is_whole: bool = True) -> int:
    """What a run ends with; one that could not measure all that was wanted has no good end."""
    words = [outcome.word for outcome in outcomes]
    if "missed" in words:
        return MISSED
    return REACHED if words and is_whole and "no verdict" not in words else NO_VERDICT


def say(line: str = "") -> None:
    """One line for the person at the terminal."""
    print(line, flush=True)


def become_exchange(folder: Path, until: ExitStack) -> int:
    """Start PostgreSQL and be an empty exchange on it; answers the server's process."""
    for name in [name for name in os.environ if name.startswith("EXCHANGE_")]:
        os.environ.pop(name)
    os.environ.update(
        EXCHANGE_DATABASE_URL=until.enter_context(servers.postgres()),
        EXCHANGE_VAR_DIR=str(folder / "var"),
        EXCHANGE_DOWNLOAD_TOKEN_SECONDS=str(24 * 3600),
        DJANGO_SETTINGS_MODULE="infra.settings",
    )
    import django

    django.setup()
    from django.db import connection

    from infra.bench import databases
    from infra.prepare import prepare

    prepare()
    databases.keep_empty()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return machine.parent_of(cursor.fetchone()[0])


def _gather(
    wanted: Sequence[str],
    folder: Path,
    seconds: float,
    database: int,
    until: ExitStack,
    peers: Mapping[str, str],
) -> tuple[list[Case], list[Measure]]:
    """The cases of these groups, in the order in which a round takes them, and what they are measured by."""
    from infra.bench import (
        appends,
        authorising,
        downloads,
        market,
        orders,
        postings,
        questions,
        seals,
        streams,
        verification,
    )

    found: list[Case] = []
    if "appends" in wanted or "seals" in wanted:
        found += appends.cases(database, seconds)
    if {"downloads", "authorising", "streams", "seals"} & set(wanted):
        sold = market.make()
        gateway = until.enter_context(servers.gateway(folder))
        load = downloads.Downloads(sold, gateway, folder, seconds)
        if "downloads" in wanted:
            found += downloads.cases(load, until.enter_context(servers.hello(folder)), database)
        if "authorising" in wanted:
            found += authorising.cases(load, database)
        if "streams" in wanted:
            found += streams.cases(sold, gateway, database, folder, until)
        if "seals" in wanted:
            found += seals.cases(load, database)
    if "verification" in wanted:
        found += verification.cases(folder / "logs")
    if "questions" in wanted:
        found += questions.cases(database)
    if "postings" in wanted:
        found += postings.cases(database, folder, seconds)
    if "orders" in wanted:
        found += orders.cases(peers, database, folder, seconds, until)
    groups = (downloads, authorising, appends, streams, seals, verification, questions, postings, orders)
    return found, [measure for group in groups for measure in group.measures()]


def _is_taken(measure: Measure, record: Record) -> bool:
    return {measure.over, measure.under} - {None} <= record.samples.keys()


def _show(record: Record, outcomes: Sequence[Outcome], count: int, folder: Path) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        server_version = cursor.fetchone()[0].split()[0]
    connection.close()
    say()
    say(tables.machine_line(machine.sync_milliseconds(folder), server_version))
    for lines in (tables.verdicts(outcomes), tables.figures(record), tables.noise(outcomes, count)):
        say()
        for line in lines:
            say(line)
    unjudged = [record.outcome(found.measure, with_noisy=True) for found in outcomes if found.noisy]
    if unjudged:
        say("\nWith the busy rounds, which prove nothing:\n")
        for line in tables.verdicts(unjudged, is_judged=False):
            say(line)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NEEDS, []], help="what to measure; all of it if not said")
    for name in PEERS:
        parser.add_argument(f"--{name}", metavar="ADDRESS", help=f"where {name} listens, to order there too")
    parser.add_argument("--rounds", type=int, default=FEWEST_ROUNDS + 2)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each load that is timed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
