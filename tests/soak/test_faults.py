"""The faults of every day, again and again: what a short run shows once must hold each time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = int(os.environ.get("COMPTOIR_SOAK_ROUNDS", "5"))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7_200)]


@pytest.mark.parametrize("folder", ["faults", "races"])
def test_every_fault_and_race_holds_every_time(folder: str) -> None:
    for number in range(1, ROUNDS + 1):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-o", "addopts=", "-m", "not slow"]
        done = subprocess.run(
            [*command, "--import-mode=importlib", "--strict-markers", f"tests/{folder}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"round {number} of {ROUNDS}:\n{done.stdout[-4_000:]}"
