"""Keeping processes alive, and giving up in time."""

import subprocess
import sys
from pathlib import Path

from tests.infra.conftest import ROOT

SCRIPT = """
import signal, sys, time
from pathlib import Path
from infra.supervisor import Supervisor

def fails():
    print("what it was doing", flush=True)
    raise SystemExit(7)

def sleeps():
    time.sleep(60)

def refuses_to_stop():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("2026-11-22 ERROR something went wrong", flush=True)
    time.sleep(60)

supervisor = Supervisor(Path(sys.argv[1]))
"""


def supervised(folder: Path, script: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", SCRIPT + script, str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_what_cannot_live_stops_everything_and_shows_its_last_words(tmp_path: Path) -> None:
    done = supervised(
        tmp_path,
        """
supervisor.add("steady", sleeps, stops_in_round=2, grace_seconds=2)
supervisor.add("failing", fails, stops_in_round=1, grace_seconds=2)
went_well = supervisor.watch(ready=lambda: True)
supervisor.stop()
print(went_well, [child.process and child.process.exitcode for child in supervisor.children])
""",
    )
    lines = done.stdout.splitlines()
    assert lines[:2] == [
        "failing ended (exit code 7); it starts again in 1 s.",
        "failing ended (exit code 7); it starts again in 2 s.",
    ]
    assert lines[2] == "failing ended 3 times within 10 s of its start."
    assert "    what it was doing" in lines
    assert lines[-1] == "False [-15, None]"


def test_what_does_not_stop_is_killed_and_its_errors_were_shown(tmp_path: Path) -> None:
    done = supervised(
        tmp_path,
        """
supervisor.add("deaf", refuses_to_stop, stops_in_round=1, grace_seconds=0.5)
until = time.monotonic() + 1
supervisor.watch(ready=lambda: time.monotonic() > until and signal.raise_signal(signal.SIGINT) is None)
supervisor.stop()
print(supervisor.children[0].process.exitcode)
""",
    )
    assert done.stdout.splitlines() == [
        "deaf: 2026-11-22 ERROR something went wrong",
        "deaf did not stop within 0.5 s and was killed.",
        "-9",
    ]


def test_work_that_runs_once_is_shown_with_its_end_when_it_fails(tmp_path: Path) -> None:
    done = supervised(
        tmp_path,
        """
print(supervisor.run_once("good", lambda: print("shown")))
print(supervisor.run_once("bad", lambda: 1 / 0))
""",
    )
    lines = done.stdout.splitlines()
    assert lines[:2] == ["shown", "True"]
    assert "    ZeroDivisionError: division by zero" in lines
    assert lines[-2:] == [f"The rest is in {tmp_path}/bad.log.", "False"]


def test_the_log_of_the_run_before_is_kept(tmp_path: Path) -> None:
    for words in ("first", "second"):
        supervised(tmp_path, f'supervisor.run_once("once", lambda: sys.stderr.write("{words}"))')
    assert (tmp_path / "once.log.1").read_text() == "first"
    assert (tmp_path / "once.log").read_text() == "second"
