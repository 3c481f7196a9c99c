"""Past one machine: two of each process, PostgreSQL, Redis and S3 beside them, and one of each kind killed at random
while buyers download. Nothing leaves without its Event, every Event is sealed once, and downloads go on."""

import shutil
from pathlib import Path

import pytest

from tests import trades
from tests.faults import fleet
from tests.faults.killing import expect_sound, kill_while_they_download

pytestmark = [
    pytest.mark.slow,
    pytest.mark.server,
    pytest.mark.xdist_group("faults"),
    pytest.mark.skipif(not shutil.which("redis-server"), reason="redis-server is not installed"),
]


def test_one_of_each_kind_is_killed_while_buyers_download(tmp_path: Path) -> None:
    with fleet.running(tmp_path) as running:
        buyers = kill_while_they_download(running, trades.table(150_000), rounds=1, seed=4)
        assert all(buyer.whole for buyer in buyers)
        assert sum(buyer.cuts for buyer in buyers), "nobody was in the middle of a download"
        expect_sound(running, buyers)
