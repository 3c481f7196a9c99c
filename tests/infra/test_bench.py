"""The benchmark judges only what was taken in quiet, in rounds that take turns, and counts the processor's time where
it was spent."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.bench import machine, tables, verification
from infra.bench.__main__ import MISSED, NO_VERDICT, REACHED, exit_code
from infra.bench.leaves import leaves
from infra.bench.machine import Span, Spin
from infra.bench.rounds import Case, Measure, Outcome, Record, Sample, run

QUIET = (Spin(1.0, 100.0), Spin(1.0, 100.0))
MORE = Measure("ours ÷ theirs", "ours", "theirs", at_least=0.9, aim=1.4)
LESS = Measure("time", "ours", None, at_least=3, aim=1.5, is_least=False)


def sample(rate: float, *, foreign: float = 0.0, spins: tuple[Spin, ...] = QUIET) -> Sample:
    span = Span(1.0, {"server": 0.5}, 0.5, foreign, list(spins))
    return Sample({"rate": rate}, operations=100, span=span)


def record(ours: list[Sample], theirs: list[Sample]) -> Record:
    return Record({"ours": ours, "theirs": theirs})


def outcome(measure: Measure, *values: float) -> Outcome:
    return Outcome(measure, values, ())


def test_cases_take_turns_and_what_was_done_is_checked_each_time() -> None:
    told: list[str] = []

    def case(name: str) -> Case:
        def once() -> Sample:
            told.append(f"run {name}")
            return sample(1.0)

        return Case(name, once, lambda: told.append(f"make {name}"), lambda found: told.append(f"check {name}"))

    found = run([case("a"), case("b")], 2, say=lambda line: None)
    one_round = ["make a", "run a", "check a", "make b", "run b", "check b"]
    assert told == one_round * 2
    assert [len(rows) for rows in found.samples.values()] == [2, 2]


def test_a_case_whose_rows_are_not_there_ends_the_run() -> None:
    def check(found: Sample) -> None:
        raise RuntimeError("99 rows of 100")

    with pytest.raises(RuntimeError, match="99 rows"):
        run([Case("a", lambda: sample(1.0), check=check)], 5, say=lambda line: None)


def test_a_value_is_by_the_same_round_and_the_median_is_judged() -> None:
    found = record([sample(n) for n in (10, 20, 30, 40, 50)], [sample(n) for n in (10, 10, 10, 10, 10)])
    assert found.outcome(MORE).values == (1, 2, 3, 4, 5)
    assert found.outcome(MORE).median == 3


@pytest.mark.parametrize(
    "noisy",
    [
        sample(1.0, foreign=0.11),
        sample(1.0, spins=(Spin(0.8, 100.0), Spin(1.0, 100.0))),
        sample(1.0, spins=(Spin(1.0, 100.0), Spin(1.0, 80.0))),
    ],
    ids=["other work", "no core to be had", "a slow core"],
)
def test_nothing_is_judged_by_a_noisy_round(noisy: Sample) -> None:
    quiet = [sample(2.0) for _ in range(4)]
    found = record([*quiet, noisy], [sample(1.0) for _ in range(5)]).outcome(MORE)
    assert found.values == (2.0,) * 4 and len(found.noisy) == 1
    assert (found.word, exit_code([found])) == ("no verdict", NO_VERDICT)


@pytest.mark.parametrize(
    ("found", "word", "code"),
    [
        (outcome(MORE, *[0.89] * 5), "missed", MISSED),
        (outcome(MORE, *[0.9] * 5), "reached", REACHED),
        (outcome(MORE, *[1.4] * 5), "aim reached", REACHED),
        (outcome(LESS, *[3.1] * 5), "missed", MISSED),
        (outcome(LESS, *[3.0] * 5), "reached", REACHED),
        (outcome(LESS, *[1.5] * 5), "aim reached", REACHED),
        (outcome(MORE, *[2.0] * 4), "no verdict", NO_VERDICT),
    ],
)
def test_what_is_found_decides_the_exit_code(found: Outcome, word: str, code: int) -> None:
    assert (found.word, exit_code([found])) == (word, code)


def test_one_miss_is_enough_and_nothing_measured_is_no_verdict() -> None:
    good, bad, unknown = (outcome(MORE, *[value] * 5) for value in (2.0, 0.1, float("inf")))
    assert exit_code([good, bad, unknown]) == MISSED
    assert exit_code([]) == NO_VERDICT
    assert exit_code([good], is_whole=False) == NO_VERDICT
    assert exit_code([bad], is_whole=False) == MISSED


def test_the_tables_say_what_was_asked_and_what_each_operation_took() -> None:
    found = record([sample(2.0)] * 5, [sample(1.0)] * 5)
    assert "| ours ÷ theirs | 0.9 | 1.4 | 2 | 2–2 | 5 | aim reached |" in tables.verdicts([found.outcome(MORE)])
    assert any("server 5 " in line for line in tables.figures(found))


@pytest.fixture
def stranger() -> Iterator[None]:
    """A process that works, and that is no child of ours."""
    spin = "import time\nuntil = time.monotonic() + 20\nwhile time.monotonic() < until: pass"
    told = subprocess.run(
        [sys.executable, "-c", _ORPHAN, spin], capture_output=True, text=True, check=True, timeout=20
    )
    yield
    os.kill(int(told.stdout), 9)


_ORPHAN = (
    "import subprocess, sys; "
    "print(subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdout=subprocess.DEVNULL, "
    "stderr=subprocess.DEVNULL, start_new_session=True).pid)"
)


@pytest.mark.usefixtures("stranger")
def test_the_work_of_others_is_told_from_ours() -> None:
    with machine.watched({}) as span:
        time.sleep(0.5)
    assert span.foreign_cores > machine.MOST_FOREIGN_CORES
    assert span.why_noisy(span.spins[0].speed) is not None


def test_the_work_of_a_child_is_ours_and_counted_by_its_name() -> None:
    child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        with machine.watched({"child": child.pid}) as span:
            time.sleep(0.5)
    finally:
        child.kill()
        child.wait()
    assert 0 < span.named_seconds["child"] <= span.own_seconds


def test_invented_leaves_are_like_real_ones_and_in_the_order_of_their_ids() -> None:
    made = list(leaves(3))
    assert {len(leaf) for _, _, leaf in made} == {1_429}
    assert [event_id for event_id, _, _ in made] == sorted(event_id for event_id, _, _ in made)


def test_the_log_that_is_measured_is_one_that_the_verifier_proves(tmp_path: Path) -> None:
    log = verification.publish(tmp_path / "logs" / "300", 300)
    seconds, processor, memory = verification.checked(log)
    assert seconds > 0 and processor > 0 and memory > 0
    (tmp_path / "logs" / "300" / "tile" / "0" / "000").write_bytes(bytes(256 * 32))
    with pytest.raises(RuntimeError, match="ended with 1"):
        verification.checked(log)
