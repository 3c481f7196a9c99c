"""Past one machine, in the long form: each kind of process is killed again and again while buyers download."""

import os
import shutil
from pathlib import Path

import pytest

from tests import trades
from tests.faults import fleet
from tests.faults.killing import expect_sound, kill_while_they_download

pytestmark = [
    pytest.mark.slow,
    pytest.mark.server,
    pytest.mark.timeout(7_200),
    pytest.mark.skipif(not shutil.which("redis-server"), reason="redis-server is not installed"),
]

ROUNDS = int(os.environ.get("COMPTOIR_SOAK_ROUNDS", "20"))


def test_each_kind_is_killed_again_and_again(tmp_path: Path) -> None:
    with fleet.running(tmp_path) as running:
        buyers = kill_while_they_download(running, trades.table(150_000), rounds=ROUNDS, seed=44)
        expect_sound(running, buyers)
    whole, cuts = sum(buyer.whole for buyer in buyers), sum(buyer.cuts for buyer in buyers)
    print(f"\n{ROUNDS} of each kind killed: {whole} downloads whole, gone on {cuts} times")
