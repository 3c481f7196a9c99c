"""Appending one Event a transaction, eight writers at once, beside Django's plain insert and django-auditlog, and in a
log that is a hundred times as long."""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial

from infra.bench import databases, writers
from infra.bench.rounds import Case, Measure, Sample
from infra.bench.servers import ROOT

WRITERS = 8
FEW, MANY = 10_000, 1_000_000


def measures() -> list[Measure]:
    """Downloads by auditlog's entries; Events by plain rows; a long log by a short one."""
    return [
        Measure(
            "authorised, logged downloads/s ÷ django-auditlog appends/s (8 writers)",
            "download c=64",
            "auditlog",
            at_least=2,
            aim=5,
        ),
        Measure("event append/s ÷ plain ORM insert/s (8 writers)", "append at 10k", "plain insert", 0.9, 1.0),
        Measure("event append/s at 1 million rows ÷ at 10,000", "append at 1M", "append at 10k", 0.9, 1.0),
    ]


def cases(postgres: int, seconds: float) -> Iterator[Case]:
    """Each on a database of its own on the same server."""
    peers = databases.new("peers")
    subprocess.run([sys.executable, "-m", "infra.bench.peers", peers], cwd=ROOT, check=True)
    for name, kind, database in (
        ("auditlog", writers.AUDITED, peers),
        ("plain insert", writers.PLAIN, peers),
        ("append at 10k", writers.EVENT, databases.exchange_of("short", FEW)),
        ("append at 1M", writers.EVENT, databases.exchange_of("long", MANY)),
    ):
        yield Case(
            name,
            partial(write, kind, database, seconds),
            partial(databases.settle, database),
            named=lambda: {"database": postgres},
        )


def write(kind: str, url: str, seconds: float) -> Sample:
    """What eight writers of one kind did in so long."""
    arguments = [kind, url, str(WRITERS), str(seconds)]
    done = subprocess.run(
        [sys.executable, "-m", "infra.bench.writers", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    said = json.loads(done.stdout)
    if said["written"] != said["found"]:
        raise RuntimeError(f"{said['written']} rows were written, {said['found']} were found")
    return Sample({"rate": said["rate"]}, said["written"])
