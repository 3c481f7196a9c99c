"""The witness as a program of its own: it speaks HTTP as specified, and kill -9 loses nothing it has told."""

import http.client
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from compliance.verifier.notes import WitnessKey, cosignatures
from compliance.witness.__main__ import main
from tests.compliance.verifier.conftest import SampleLog
from tests.compliance.witness.conftest import body, entries

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def running(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """The witness with a free port, once it listens."""
    command = [sys.executable, "-m", "compliance.witness", str(folder), "serve", "--bind", "127.0.0.1:0"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        yield process, int(line.rpartition(":")[2].partition("/")[0])
    finally:
        process.kill()
        process.communicate()


def ask(
    port: int, request: bytes, path: str = "/add-checkpoint", method: str = "POST"
) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, request)
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"] or "", answer.read()
    finally:
        connection.close()


def test_it_answers_as_the_specification_says_and_stops_when_told(folder: Path, grown: SampleLog) -> None:
    with running(folder) as (process, port):
        status, _, line = ask(port, body(grown, 0, 5))
        assert status == 200
        key = WitnessKey.parse(process_key(folder))
        assert cosignatures(grown.checkpoint(5) + line, [key])
        assert ask(port, body(grown, 0, 10)) == (409, "text/x.tlog.size", b"5\n")
        assert ask(port, body(grown, 5, 10, []))[0] == 422
        assert ask(port, body(grown, 10, 5))[0] == 400
        assert ask(port, b"x" * 70_000)[0] == 400
        assert ask(port, body(SampleLog("who.example/2026").append(entries(2)), 0))[0] == 404
        assert ask(port, body(SampleLog(seed=9).append(entries(2)), 0))[0] == 403
        assert ask(port, body(grown, 5, 10), path="/elsewhere")[0] == 404
        assert ask(port, b"", method="GET")[0] == 501
        process.terminate()
        assert process.wait(timeout=60) == 0
        assert process.stderr is not None
        assert "ALARM: NOT GROWN: exchange.example/log/2026 from 5 to 10" in process.stderr.read()


def test_killed_again_and_again_it_never_goes_back(folder: Path) -> None:
    log, told = SampleLog(), 0
    for round_ in range(4):
        with running(folder) as (process, port):
            for _ in range(5):
                log.append(entries(3, f"round {round_}"))
                status, _, known = ask(port, body(log, told))
                if status == 409:  # it had it on disk when it was killed
                    told = int(known)
                    status = ask(port, body(log, told))[0]
                assert status == 200
                told = log.size
            log.append(entries(1))
            hurried = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            hurried.request("POST", "/add-checkpoint", body(log, told))
            process.kill()
            hurried.close()
    with running(folder) as (_, port):
        status, _, known = ask(port, body(log, 0))
        assert status == 409
        assert int(known) in (told, log.size)


def test_two_witnesses_do_not_share_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(folder):
        assert main([str(folder), "serve", "--bind", "127.0.0.1:0"]) == 3
        assert "another witness is running" in capsys.readouterr().err


def test_a_key_is_made_once_for_its_owner_alone_and_the_last_heads_are_shown(
    tmp_path: Path,
    folder: Path,
    grown: SampleLog,
    start: Callable[..., object],
    capsys: pytest.CaptureFixture[str],
) -> None:
    new = tmp_path / "new"
    assert main([str(new), "create", "witness.example/w2"]) == 0
    assert WitnessKey.parse(capsys.readouterr().out.strip()).name == "witness.example/w2"
    made = (new / "witness.pem").read_bytes()
    assert (new / "witness.pem").stat().st_mode & 0o777 == 0o600
    assert main([str(new), "create", "witness.example/w2"]) == 3
    assert (new / "witness.pem").read_bytes() == made
    assert main([str(new), "serve"]) == 3
    assert "names no log" in capsys.readouterr().err
    start().add_checkpoint(body(grown, 0, 5), 1)  # type: ignore[attr-defined]
    assert main([str(folder), "show"]) == 0
    assert capsys.readouterr().out.encode().startswith(grown.checkpoint(5))


def test_it_runs_where_nothing_else_of_the_exchange_is(tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    for part in ("verifier", "witness"):
        shutil.copytree(ROOT / "compliance" / part, copy / "compliance" / part)
    shutil.copy(ROOT / "compliance" / "__init__.py", copy / "compliance")
    script = "import sys, compliance.witness.__main__; print(*{name.partition('.')[0] for name in sys.modules})"
    found = subprocess.run([sys.executable, "-c", script], cwd=copy, capture_output=True, text=True, timeout=60)
    bare = subprocess.run(
        [sys.executable, "-c", script.replace(", compliance.witness.__main__", "")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    own = {"compliance", "cryptography", "_cffi_backend", "_openssl"}
    assert found.returncode == 0, found.stderr
    assert set(found.stdout.split()) - sys.stdlib_module_names - own - set(bare.stdout.split()) == set()


def process_key(folder: Path) -> str:
    from compliance.witness.rules import Witness
    from compliance.witness.state import State

    return str(Witness(State(folder), []).key)
