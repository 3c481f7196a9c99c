"""A whole log checked offline by `comptoir-verify`, beside a bare loop that only hashes the same leaves; and proofs
that a leaf is in a log, beside pymerkle's."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compliance.log import checkpoints, notes, proofs, tiles
from compliance.log.published import Folder
from compliance.verifier.checkpoints import Checkpoint
from compliance.verifier.merkle import leaf_hash, verify_inclusion
from compliance.verifier.tiles import WIDTH
from infra.bench.leaves import leaves
from infra.bench.rounds import Case, Measure, Sample
from infra.bench.servers import ROOT

FEW, MANY = 10_000, 1_000_000
ORIGIN = "bench.example/log/2026"
_MIB = 1024 * 1024
_AT_ONCE = 64 * WIDTH
_PROOFS = 2_000


def measures() -> list[Measure]:
    """Time and memory of checking, and the time to make a proof, beside others and as the log grows."""
    return [
        Measure(
            "full verification of 1 million leaves ÷ a bare hashlib loop (processor time)",
            "verify 1M",
            "bare loop 1M",
            at_least=3,
            aim=1.5,
            figure="processor s",
            is_least=False,
        ),
        Measure(
            "memory growth of it, over verifying 256 leaves",
            "verify 1M",
            None,
            at_least=100,
            aim=50,
            figure="growth MB",
            is_least=False,
            unit="MB",
        ),
        Measure(
            "inclusion proof at 1 million leaves: make ÷ pymerkle's",
            "proof 1M",
            "pymerkle 1M",
            at_least=2,
            aim=1,
            figure="us",
            is_least=False,
        ),
        Measure(
            "inclusion proof at 1 million ÷ at 10,000 leaves",
            "proof 1M",
            "proof 10k",
            at_least=2,
            aim=1.3,
            figure="us",
            is_least=False,
        ),
    ]


@dataclass(frozen=True)
class Published:
    """A log as static files, with what checks it."""

    folder: Folder
    size: int
    root: bytes
    vkey: str


def publish(path: Path, size: int) -> Published:
    """Write a signed log of so many invented leaves."""
    folder, key = Folder(path), Ed25519PrivateKey.generate()
    path.mkdir(parents=True)
    for first in range(0, size, _AT_ONCE):
        entries = [leaf for _, _, leaf in leaves(min(_AT_ONCE, size - first), first)]
        for name, data in tiles.grow(first, entries, folder.read_tile).items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
        folder.prune(first, first + len(entries))
    root = tiles.tree_root(size, folder.read_tile)
    (path / "checkpoint").write_bytes(checkpoints.sign(Checkpoint(ORIGIN, size, root), key))
    return Published(folder, size, root, str(notes.verifier_key(ORIGIN, key)))


def cases(folder: Path) -> Iterator[Case]:
    """The verifier and the loop over one log; proofs from two logs, and pymerkle's from the greater."""
    least, few, many = (publish(folder / str(size), size) for size in (WIDTH, FEW, MANY))
    yield Case("verify 1M", lambda: _verify(many, least))
    yield Case("bare loop 1M", lambda: _loop(many))
    yield Case("proof 10k", lambda: _prove(few))
    yield Case("proof 1M", lambda: _prove(many))
    peer = Pymerkle(many)
    yield Case("pymerkle 1M", peer.run)


def _verify(log: Published, least: Published) -> Sample:
    seconds, processor, memory = checked(log)
    _, _, memory_of_least = checked(least)
    growth = (memory - memory_of_least) / _MIB
    return Sample({"processor s": processor, "elapsed s": seconds, "growth MB": growth}, log.size)


def checked(log: Published) -> tuple[float, float, int]:
    """The elapsed and the processor's seconds of one check, and the most memory that it held."""
    arguments = [sys.executable, "-m", "compliance.verifier", "log", str(log.folder.path), "--vkey", log.vkey]
    return _measured(arguments, log.folder.path.parent / "verified.txt")


def _loop(log: Published) -> Sample:
    arguments = [sys.executable, "-m", "infra.bench.bare_loop", str(log.folder.path)]
    output = log.folder.path.parent / "hashed.txt"
    seconds, processor, _ = _measured(arguments, output)
    if int(output.read_text()) != log.size:
        raise RuntimeError(f"the loop hashed {output.read_text()} leaves of {log.size}")
    return Sample({"processor s": processor, "elapsed s": seconds}, log.size)


def _measured(arguments: list[str], output: Path) -> tuple[float, float, int]:
    command = [sys.executable, "-m", "infra.bench.costs", str(output), *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{arguments[2]} ended with {done.returncode}: {output.read_text()}")
    said = json.loads(done.stdout)
    return said["seconds"], said["processor"], said["memory"]


def _prove(log: Published) -> Sample:
    chosen = _chosen(log.size)
    spent = time.process_time()
    made = [proofs.inclusion_proof(index, log.size, log.folder.read_tile) for index in chosen]
    spent = time.process_time() - spent
    for index, proof in zip(chosen[:20], made, strict=False):
        entry = tiles.entry_at(index, log.size, log.folder.read_tile)
        verify_inclusion(leaf_hash(entry), index, log.size, proof, log.root)
    return Sample({"us": spent / len(chosen) * 1e6}, len(chosen))


class Pymerkle:
    """pymerkle's tree of the same leaves, in memory, as it is quickest."""

    def __init__(self, log: Published) -> None:
        from pymerkle import InmemoryTree

        self._size = log.size
        self._tree = InmemoryTree(algorithm="sha256")
        for first in range(0, log.size, WIDTH):
            for index in range(first, min(first + WIDTH, log.size)):
                self._tree.append_entry(index.to_bytes(8, "big"))

    def run(self) -> Sample:
        """Make proofs of the same leaves' places."""
        chosen = _chosen(self._size)
        spent = time.process_time()
        for index in chosen:
            self._tree.prove_inclusion(index + 1, self._size)
        return Sample({"us": (time.process_time() - spent) / len(chosen) * 1e6}, len(chosen))


def _chosen(size: int) -> list[int]:
    return random.Random(20261122).choices(range(size), k=_PROOFS)  # noqa: S311  (the same each round)
