"""`python -m infra run` as the person at the terminal meets it: start, refusals in plain words, and the end."""

import contextlib
import os
import pty
import signal
import sys
from pathlib import Path

import httpx
import pytest

from tests.infra.conftest import ROOT, Running, Start, environment_in, gone_within

pytestmark = pytest.mark.server
PROCESSES = 6


@pytest.mark.usefixtures("migrated")
def test_it_says_where_it_is_and_a_stop_signal_ends_all_of_it(start: Start) -> None:
    """On a database that is there; tests/journeys/test_demo.py starts from nothing."""
    running = start()
    running.wait_until_said("Ctrl-C stops everything.")
    assert f"Comptoir is at {running.url}" in running.output.read_text()
    children = running.children()
    assert len(children) == PROCESSES
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(timeout=120) == 0
    assert gone_within(0.5, children)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{running.url}/health")


@pytest.mark.usefixtures("migrated")
def test_ctrl_c_in_a_terminal_ends_all_of_it(tmp_path: Path) -> None:
    environment = environment_in(tmp_path)
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(ROOT)
        os.execve(sys.executable, [sys.executable, "-m", "infra", "run"], environment)
    shown = ""
    while "Ctrl-C stops everything." not in shown:
        shown += os.read(terminal, 4096).decode()
    children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    os.write(terminal, b"\x03")
    with contextlib.suppress(OSError):  # the terminal is gone with the process
        while part := os.read(terminal, 4096).decode():
            shown += part
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert len(children) == PROCESSES
    assert gone_within(0.5, children)
    assert "Stopping." in shown and "Traceback" not in shown and "killed" not in shown


@pytest.mark.usefixtures("migrated")
def test_killing_the_supervisor_leaves_nothing_running(start: Start) -> None:
    running = start()
    running.wait_until_said("Ctrl-C stops everything.")
    children = running.children()
    running.process.kill()
    running.process.wait()
    assert gone_within(10, children)


def test_what_dies_is_started_again(house: Running) -> None:
    running = house
    web, worker, *others = running.children()
    os.kill(web, signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)
    running.wait_until_said("web ended (SIGKILL); it starts again")
    running.wait_until_said("worker ended (SIGKILL); it starts again")
    running.wait_until_healthy()
    assert set(others) < set(running.children())


def test_a_second_start_on_the_same_folder_is_refused_plainly(house: Running, start: Start) -> None:
    second = start(EXCHANGE_VAR_DIR=house.environment["EXCHANGE_VAR_DIR"])
    assert second.process.wait(timeout=120) == 1
    assert "An exchange is already running on" in second.output.read_text()
    house.wait_until_healthy()


def test_a_taken_port_is_refused_plainly(house: Running, start: Start, tmp_path: Path) -> None:
    taken = house.environment["EXCHANGE_BIND"]
    second = start(EXCHANGE_BIND=taken)
    assert second.process.wait(timeout=120) == 1
    assert second.output.read_text().startswith(f"Cannot listen on {taken}: Address already in use.")
    assert not (tmp_path / "var" / "exchange.sqlite3").exists()


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"EXCHANGE_DEMO": "yes"}, "EXCHANGE_DEMO is 'yes'; it must be True or False"),
        ({"EXCHANGE_BIND": "nowhere"}, "EXCHANGE_BIND is 'nowhere'; it must be an address and a port"),
        ({"EXCHANGE_DMEO": "True"}, "EXCHANGE_DMEO is not a setting of this exchange."),
        ({"EXCHANGE_PAYMENT_PROVIDER": "demo"}, "the demo payment provider moves no money"),
        ({"EXCHANGE_DATABASE_URL": "postgres://nobody@127.0.0.1:9/none"}, "The database cannot be reached:"),
    ],
)
def test_a_bad_setting_is_refused_by_name(start: Start, variables: dict[str, str], said: str) -> None:
    running: Running = start(**variables)
    assert running.process.wait(timeout=120) == 1
    assert said in running.output.read_text()
    assert "Traceback" not in running.output.read_text()


def test_a_body_over_the_limit_is_refused_so_that_its_sender_reads_why(house: Running) -> None:
    answer = httpx.post(f"{house.url}/api/v1/oauth/token", content=b"x" * 6_000_000, timeout=60)
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:comptoir:problem:too_large"
    chunked = httpx.post(f"{house.url}/api/v1/oauth/token", content=iter([b"x" * 600_000] * 5), timeout=60)
    assert chunked.status_code == 413
    house.wait_until_healthy()
