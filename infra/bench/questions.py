"""“May I?” of a buyer with ten thousand agreements, beside one read by key through the ORM and beside itself at a
hundred. Where all ten thousand are about one dataset, it is shown without an aim."""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial

from infra.bench import asker, databases
from infra.bench.rounds import Case, Measure, Sample
from infra.bench.servers import ROOT

FEW, MANY = 100, 10_000
CALLS = 2_000
AT_FEW, AT_MANY, CROWDED, READ = "may i of 100", "may i of 10k", "may i, all of one dataset", "indexed read"


def measures() -> list[Measure]:
    """A question by a read; many agreements by few."""
    return [
        Measure(
            "“May I?” at 10,000 agreements ÷ one indexed read (ORM)",
            AT_MANY,
            READ,
            at_least=5,
            aim=3,
            figure="milliseconds",
            is_least=False,
        ),
        Measure(
            "“May I?” at 10,000 agreements ÷ at 100",
            AT_MANY,
            AT_FEW,
            at_least=1.5,
            aim=1.1,
            figure="milliseconds",
            is_least=False,
        ),
    ]


def cases(postgres: int) -> Iterator[Case]:
    """Each on a database of its own on the same server; the read is of the larger one."""
    few, many, crowded = (
        _filled(name, agreements, datasets)
        for name, agreements, datasets in (("few", FEW, FEW), ("many", MANY, MANY), ("crowded", MANY, 1))
    )
    for name, kind, database in (
        (READ, asker.READ, many),
        (AT_FEW, asker.ASK, few),
        (AT_MANY, asker.ASK, many),
        (CROWDED, asker.ASK, crowded),
    ):
        yield Case(
            name,
            partial(_measured, kind, database),
            partial(databases.settle, database),
            named=lambda: {"database": postgres},
        )


def _filled(name: str, agreements: int, datasets: int) -> str:
    made = databases.new(f"asked_{name}", template=databases.EMPTY)
    _process(asker.FILL, made, str(agreements), str(datasets))
    return made


def _measured(kind: str, url: str) -> Sample:
    said = json.loads(_process(kind, url, str(CALLS)))
    if kind == asker.ASK and said["kept"] != CALLS:
        raise RuntimeError(f"{CALLS} questions were answered, {said['kept']} answers were kept")
    return Sample({"milliseconds": said["milliseconds"]}, CALLS)


def _process(*arguments: str) -> str:
    command = [sys.executable, "-m", "infra.bench.asker", *arguments]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
