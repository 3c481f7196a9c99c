"""Sixteen writers who roll back and sleep, two sequencers of which one is killed twenty times, and a signer: every
committed Event gets one place, no other gets any."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from compliance.models import LogHead
from compliance.verifier.merkle import leaf_hash, root_of
from exchange.kernel.models import Event
from tests.compliance.conftest import process_environment, public_log, story, verify  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
WRITERS, EVENTS, KILLS = 16, int(os.environ.get("COMPTOIR_SOAK_EVENTS", "1000")), 20

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7_200)]


class Writer:
    """Records Events, some of which are rolled back."""

    def __init__(self, seed: int, tell: Callable[[], Event]) -> None:
        self.committed: set[UUID] = set()
        self.rolled_back: set[UUID] = set()
        self.failure: BaseException | None = None
        self._chance, self._tell = random.Random(seed), tell
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            for _ in range(EVENTS):
                self._write(keeps=self._chance.random() > 0.2)
                time.sleep(self._chance.random() * 0.02)
        except BaseException as failure:
            self.failure = failure
        finally:
            connection.close()

    def _write(self, *, keeps: bool) -> None:
        with transaction.atomic():
            event = self._tell()
            time.sleep(self._chance.random() * 0.002)
            if not keeps:
                transaction.set_rollback(True)
        (self.committed if keeps else self.rolled_back).add(event.pk)


def start(command: str, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "infra", command], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=120) == 0


def kill_again_and_again(environment: dict[str, str], writers: list[Writer]) -> None:
    """A sequencer that never lives long, and dies only once it has begun to seal."""
    chance = random.Random(7)
    for _ in range(KILLS):
        sealed = Event.objects.exclude(leaf_index=None).count()
        process = start("sequencer", environment)
        until = time.monotonic() + 60
        while (
            any(writer.thread.is_alive() for writer in writers)
            and Event.objects.exclude(leaf_index=None).count() == sealed
            and time.monotonic() < until
        ):
            time.sleep(0.05)
        time.sleep(chance.random() * 0.3)
        process.kill()
        process.wait()


def test_no_kill_and_no_rollback_loses_doubles_or_invents_an_event(
    process_environment: dict[str, str],  # noqa: F811
    story: Callable[..., Any],  # noqa: F811
    public_log: Any,  # noqa: F811
    verify: Callable[..., Any],  # noqa: F811
) -> None:
    steady, signer = start("sequencer", process_environment), start("signer", process_environment)
    try:
        writers = [Writer(seed, lambda: story().tell("started")) for seed in range(WRITERS)]
        kill_again_and_again(process_environment, writers)
        for writer in writers:
            writer.thread.join()
        until = time.monotonic() + 120
        while Event.objects.filter(leaf_index=None).exists() and time.monotonic() < until:
            time.sleep(0.2)
        stop(steady)
        time.sleep(2)  # the signer's last round
        stop(signer)
    finally:
        for process in (steady, signer):
            process.kill()

    assert [writer.failure for writer in writers] == [None] * WRITERS
    told = Event.objects.filter(name="transfer.started")
    assert set(told.values_list("pk", flat=True)) == set().union(*(writer.committed for writer in writers))
    assert sum(len(writer.rolled_back) for writer in writers) > EVENTS
    leaves = list(Event.objects.order_by("leaf_index").values_list("leaf_index", "leaf"))
    assert [index for index, _ in leaves] == list(range(len(leaves)))
    hashes = [leaf_hash(bytes(leaf)) for _, leaf in leaves]
    last = LogHead.objects.order_by("-size")[0]
    assert (last.size, bytes(last.root)) == (len(leaves), root_of(hashes))
    done = verify("log", public_log.folder(), "--vkey", public_log.vkey())
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(leaves)} leaves" in done.stdout
