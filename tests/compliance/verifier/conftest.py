"""A small log with the events of one transfer among others, and the folder and receipt made from it."""

import json
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compliance.log import checkpoints, notes, proofs, tiles
from compliance.verifier.checkpoints import Checkpoint
from exchange.kernel import canonical

TRANSFER = UUID("0192f0c1-7a3b-7c4d-8e5f-0123456789ab")
ASSET = b"carrier,flight,tailnum\nUA,1545,N14228\n"
ASSET_SHA256 = "5be85d631f17692e89de5e0ab46a543b8e67beb744795e28986a778035d886b2"


class SampleLog:
    """A log in memory that grows and gives what a log gives."""

    def __init__(self, origin: str = "exchange.example/log/2026", seed: int = 7) -> None:
        self.origin = origin
        self.key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.files: dict[str, bytes] = {}
        self.size = 0

    @property
    def vkey(self) -> str:
        return str(notes.verifier_key(self.origin, self.key))

    def append(self, entries: Sequence[bytes]) -> "SampleLog":
        self.files |= tiles.grow(self.size, entries, self.files.__getitem__)
        self.size += len(entries)
        return self

    def regrown(self, *sizes: int) -> "SampleLog":
        """The same log, but published at each of `sizes` on its way."""
        again = SampleLog(self.origin)
        for size in (*sizes, self.size):
            again.append([self.entry(index) for index in range(again.size, size)])
        return again

    def head(self, size: int | None = None) -> Checkpoint:
        size = self.size if size is None else size
        return Checkpoint(self.origin, size, tiles.tree_root(size, self.files.__getitem__))

    def checkpoint(self, size: int | None = None) -> bytes:
        return checkpoints.sign(self.head(size), self.key)

    def proof(self, index: int, size: int | None = None) -> str:
        size = self.size if size is None else size
        hashes = proofs.inclusion_proof(index, size, self.files.__getitem__)
        return checkpoints.entry_proof(index, hashes, self.checkpoint(size))

    def receipt(self, indexes: Sequence[int], transfer: UUID = TRANSFER) -> bytes:
        events = [(self.entry(index), self.proof(index)) for index in indexes]
        return checkpoints.receipt(transfer, events, notes.verifier_key(self.origin, self.key))

    def entry(self, index: int) -> bytes:
        return tiles.entry_at(index, self.size, self.files.__getitem__)

    def write_to(self, folder: Path) -> Path:
        for path, data in {**self.files, "checkpoint": self.checkpoint()}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        return folder


def leaf(name: str, **facts: canonical.Fact) -> bytes:
    """An event's leaf, as the exchange writes it."""
    return canonical.encode(
        {
            "v": "comptoir.event/1",
            "salt": "AAAAAAAAAAAAAAAAAAAAAA",
            "type": name,
            "ts": "2026-11-22T09:00:00.000Z",
            "subject": f"transfer:{TRANSFER}",
            "facts": facts,
        }
    )


@pytest.fixture
def log() -> SampleLog:
    """300 leaves; 17 and 280 are the start and the end of the transfer."""
    digest = ASSET_SHA256
    entries = [canonical.encode({"subject": f"offer:{number}"}) for number in range(300)]
    entries[17] = leaf("transfer.started", sha256=digest, sent_bytes=0)
    entries[280] = leaf("transfer.completed", sha256=digest, sent_bytes=len(ASSET))
    return SampleLog().append(entries)


@pytest.fixture
def receipt_bytes(log: SampleLog) -> bytes:
    return log.receipt([17, 280])


@pytest.fixture
def receipt_file(receipt_bytes: bytes, tmp_path: Path) -> Path:
    file = tmp_path / "transfer.receipt.json"
    file.write_bytes(receipt_bytes)
    return file


@pytest.fixture
def asset_file(tmp_path: Path) -> Path:
    file = tmp_path / "flights.csv"
    file.write_bytes(ASSET)
    return file


@pytest.fixture
def receipt_document(receipt_bytes: bytes) -> dict[str, object]:
    document: dict[str, object] = json.loads(receipt_bytes)
    return document
