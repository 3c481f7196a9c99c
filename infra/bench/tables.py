"""What a run found, as tables that go into docs/operate/bench.md as they are."""

import platform
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median

from infra.bench.rounds import FEWEST_ROUNDS, Outcome, Record, Sample

_PACKAGES = ("django", "granian", "uvicorn", "asyncpg", "psycopg", "django-auditlog", "pymerkle")


def machine_line(sync_milliseconds: float, server_version: str) -> str:
    """What the figures were taken on."""
    cores = _cpu_models()
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{len(cores)} cores ({cores[0]}), Linux {platform.release()}, Python {platform.python_version()}, "
        f"PostgreSQL {server_version}, {packages}; 8 kB reach the disk in {sync_milliseconds:.2f} ms."
    )


def verdicts(outcomes: Iterable[Outcome], *, is_judged: bool = True) -> Iterator[str]:
    """A row for each measure: what is asked, what was found."""
    yield "| measure | at least | aim | median | least–most | rounds | verdict |"
    yield "|---|---|---|---|---|---|---|"
    for found in outcomes:
        measure = found.measure
        sign, unit = ("" if measure.is_least else "≤ "), f" {measure.unit}" if measure.unit else ""
        values = found.values
        spread = f"{_number(min(values))}–{_number(max(values))}" if values else "–"
        yield (
            f"| {measure.name} | {sign}{measure.at_least:g}{unit} | {sign}{measure.aim:g}{unit} "
            f"| {_number(found.median)} | {spread} | {len(values)} | {found.word if is_judged else 'none'} |"
        )


def figures(record: Record) -> Iterator[str]:
    """A row for each case and figure, with the processor's milliseconds for each operation."""
    yield "| case | figure | median (least–most) | processor, ms each: by whom | other work, cores |"
    yield "|---|---|---|---|---|"
    for name, samples in record.samples.items():
        for figure in samples[0].figures if samples else ():
            values = [sample.figures[figure] for sample in samples]
            shown = f"{_number(median(values))} ({_number(min(values))}–{_number(max(values))})"
            foreign = max(sample.span.foreign_cores for sample in samples)
            yield f"| {name} | {figure} | {shown} | {_processor(samples)} | {foreign:.2f} |"


def noise(outcomes: Sequence[Outcome], rounds: int) -> Iterator[str]:
    """Why some rounds were not judged."""
    reasons = sorted({why for found in outcomes for why in found.noisy})
    if reasons:
        yield f"Not judged, of {rounds} rounds, where the machine was busy with something else, such as:"
        yield from (f"- {why}" for why in reasons[:5])
    if any(found.word == "no verdict" for found in outcomes):
        yield f"A verdict needs {FEWEST_ROUNDS} quiet rounds."


def _processor(samples: Sequence[Sample]) -> str:
    """The median over rounds of what each named process spent on one operation, or on what is counted instead."""
    found = []
    for name in samples[0].span.named_seconds:
        spent = [
            1_000 * sample.span.named_seconds[name] / (sample.per[1] if sample.per else sample.operations)
            for sample in samples
            if sample.operations
        ]
        unit = f"/{samples[0].per[0]}" if samples[0].per else ""
        found.append(f"{name} {_number(median(spent))}{unit}" if spent else name)
    return ", ".join(found)


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _cpu_models() -> list[str]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return [line.partition(":")[2].strip() for line in lines if line.startswith("model name")] or ["unknown"]
