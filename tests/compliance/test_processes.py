"""The sequencer and the signer as processes: they stop when told, and no way to die harms the log."""

import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from compliance.log.rounds import Rounds
from compliance.models import Checkpoint, LogHead, TransferRecord
from compliance.verifier.checkpoints import open_checkpoint
from compliance.verifier.merkle import leaf_hash, root_of
from compliance.verifier.notes import VerifierKey, cosignatures
from compliance.witness.state import State
from exchange.kernel.models import Event
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120


@contextmanager
def running(command: str, environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "infra", command], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(is_true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.02)


def sealed_count() -> int:
    return Event.objects.exclude(leaf_index=None).count()


@pytest.mark.one_database
def test_events_reach_a_verified_checkpoint_and_both_processes_stop_when_told(
    process_environment: dict[str, str], story: Callable[..., Any], public_log: Any, verify: Callable[..., Any]
) -> None:
    with (
        running("sequencer", process_environment) as sequencer,
        running("signer", process_environment) as signer,
    ):
        for _ in range(3):
            story().whole()
            wait_until(lambda: not Event.objects.filter(leaf_index=None).exists())
        wait_until(lambda: Checkpoint.objects.filter(size=7).exists())
        wait_until(lambda: TransferRecord.objects.filter(result="completed").count() == 3)
        sequencer.send_signal(signal.SIGTERM)
        signer.send_signal(signal.SIGINT)
        assert sequencer.wait(timeout=PATIENCE_SECONDS) == 0
        assert signer.wait(timeout=PATIENCE_SECONDS) == 0
    year = timezone.now().year
    done = verify("log", public_log.folder(year), "--vkey", public_log.vkey(year))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_sequencer_killed_again_and_again_loses_and_doubles_nothing(
    process_environment: dict[str, str], story: Callable[..., Any], public_log: Any
) -> None:
    is_over = threading.Event()
    count = 0

    def write() -> None:
        nonlocal count
        while not is_over.is_set():
            with transaction.atomic():
                story().tell("started")
            count += 1
            time.sleep(0.01)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            before = sealed_count()
            with running("sequencer", process_environment) as sequencer:
                wait_until(lambda: sealed_count() > before + 5)  # noqa: B023
                sequencer.kill()
    finally:
        is_over.set()
        writer.join()
    public_log.seal()
    leaves = Event.objects.order_by("leaf_index").values_list("leaf_index", "leaf")
    assert [index for index, _ in leaves] == list(range(count + 1))
    hashes = [leaf_hash(bytes(leaf)) for _, leaf in leaves]
    for head in LogHead.objects.all():
        assert bytes(head.root) == root_of(hashes[: head.size])


@pytest.fixture
def signals() -> Iterator[None]:
    """Put the handlers back that rounds replace."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_rounds_survive_a_failing_database_and_go_on(
    own_database: None, signals: None, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[int] = []

    def one_round() -> bool:
        seen.append(len(seen))
        if len(seen) < 3:
            with connection.cursor() as cursor:
                cursor.execute("SELECT * FROM no_such_table")
        if len(seen) == 5:
            signal.raise_signal(signal.SIGTERM)
        return False

    with caplog.at_level(logging.INFO, "exchange.rounds"):
        Rounds("clockwork", one_round, pause_seconds=0.01).run()
    assert seen == [0, 1, 2, 3, 4]
    assert caplog.text.count("a round of clockwork failed") == 2
    assert "clockwork stopped" in caplog.text
    assert Event.objects.count() == 0  # the connection works again


def test_a_full_batch_is_followed_at_once_and_a_stop_ends_a_long_pause(
    own_database: None, signals: None
) -> None:
    answers = [True] * 20 + [False]

    def one_round() -> bool:
        if len(answers) == 1:
            threading.Timer(0.2, lambda: signal.raise_signal(signal.SIGINT)).start()
        return answers.pop(0)

    Rounds("clockwork", one_round, pause_seconds=600).run()  # longer than a test may take
    assert answers == []


@pytest.mark.one_database
def test_a_signer_asks_a_witness_of_its_settings_and_goes_on_without_it(
    process_environment: dict[str, str], story: Callable[..., Any], public_log: Any, tmp_path: Path
) -> None:
    witness_dir = tmp_path / "witness"
    key = State(witness_dir).create("witness.example")
    year = timezone.now().year
    vkey = str(public_log.signer().known(str(year)).vkey)
    (witness_dir / "logs").write_text(f"{vkey} {vkey.partition(f'/{year}+')[0]}\n")
    bind = f"127.0.0.1:{free_port()}"
    serve = [sys.executable, "-m", "compliance.witness", str(witness_dir), "serve", "--bind", bind]
    environment = {
        **process_environment,
        "EXCHANGE_WITNESSES": f"{key} http://{bind}",
        "EXCHANGE_WITNESS_QUORUM": "1",
        "EXCHANGE_OUTBOUND_NETWORKS": "127.0.0.0/8",
    }

    def cosigned() -> int:
        """How many leaves the published head has, if the witness cosigned it."""
        note = (public_log.folder(year) / "checkpoint").read_bytes()
        return open_checkpoint(note, [VerifierKey.parse(vkey)]).size if cosignatures(note, [key]) else 0

    witness = subprocess.Popen(serve, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        with running("sequencer", environment), running("signer", environment):
            story().whole()
            wait_until(lambda: Checkpoint.objects.exists() and cosigned() == 3)
            witness.kill()
            witness.wait()
            story().whole()
            wait_until(lambda: Checkpoint.objects.filter(size=5).exists())
            assert cosigned() == 0
            witness = subprocess.Popen(serve, cwd=ROOT, stderr=subprocess.DEVNULL)
            wait_until(lambda: cosigned() == 5)
    finally:
        witness.kill()
        witness.wait()
