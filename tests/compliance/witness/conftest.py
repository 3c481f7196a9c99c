"""A witness that knows one log, and the requests that the log sends it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from compliance.log import proofs
from compliance.log.checkpoints import consistency_text
from compliance.witness import known_logs
from compliance.witness.rules import Witness
from compliance.witness.state import State
from tests.compliance.verifier.conftest import SampleLog

Body = Callable[..., bytes]


def entries(count: int, word: str = "entry") -> list[bytes]:
    return [f"{word} {number}".encode() for number in range(count)]


def body(log: SampleLog, old: int, size: int | None = None, proof: Sequence[bytes] | None = None) -> bytes:
    """What the log sends, to ask for a cosignature of its head of `size` leaves."""
    size = log.size if size is None else size
    if proof is None:
        proof = proofs.consistency_proof(old, size, log.files.__getitem__) if 0 < old < size else []
    return f"old {old}\n{consistency_text(proof)}\n".encode() + log.checkpoint(size)


@pytest.fixture
def grown() -> SampleLog:
    """A log of ten leaves whose files of five are kept."""
    return SampleLog().append(entries(5)).append([b"six", b"seven", b"eight", b"nine", b"ten"])


@pytest.fixture
def folder(tmp_path: Path, grown: SampleLog) -> Path:
    folder = tmp_path / "witness"
    State(folder).create("witness.example/w1")
    (folder / "logs").write_text(f"{grown.vkey} exchange.example/log  # the exchange\n")
    return folder


@pytest.fixture
def start(folder: Path) -> Callable[[], Witness]:
    """The witness as after a fresh start of its process."""
    return lambda: Witness(State(folder), known_logs.parse((folder / "logs").read_text()))
