"""What the log gives away is read back by the verifier as it was meant."""

from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compliance.log import checkpoints, notes, proofs, tiles
from compliance.verifier.checkpoints import (
    Checkpoint,
    open_checkpoint,
    parse_consistency_proof,
    parse_entry_proof,
)
from compliance.verifier.merkle import EMPTY_ROOT
from compliance.verifier.receipts import parse_receipt

ORIGIN = "exchange.example/log/2026"
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
ENTRIES = [f"entry {number}".encode() for number in range(5)]
FILES = tiles.grow(0, ENTRIES, {}.__getitem__)
HEAD = Checkpoint(ORIGIN, 5, tiles.tree_root(5, FILES.__getitem__))


def test_a_checkpoint_has_its_three_lines_and_one_signature() -> None:
    lines = checkpoints.sign(HEAD, KEY).decode().split("\n")
    assert lines[:2] == [ORIGIN, "5"]
    assert lines[3] == ""
    assert lines[4].startswith(f"— {ORIGIN} ")
    assert lines[5:] == [""]


@pytest.mark.parametrize("head", [HEAD, Checkpoint(ORIGIN, 0, EMPTY_ROOT)])
def test_a_signed_checkpoint_opens_to_the_same_head(head: Checkpoint) -> None:
    assert open_checkpoint(checkpoints.sign(head, KEY), [notes.verifier_key(ORIGIN, KEY)]) == head


@pytest.mark.parametrize("origin", ["", "two\nlines"])
def test_an_origin_that_is_not_one_line_is_not_signed(origin: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        checkpoints.sign(Checkpoint(origin, 5, HEAD.root), KEY)


@pytest.mark.parametrize("index", range(5))
def test_an_entry_proof_reads_back_and_proves_its_entry(index: int) -> None:
    hashes = proofs.inclusion_proof(index, 5, FILES.__getitem__)
    note = checkpoints.sign(HEAD, KEY)
    proof = parse_entry_proof(checkpoints.entry_proof(index, hashes, note))
    assert (proof.index, list(proof.hashes), proof.checkpoint) == (index, hashes, note)
    assert proof.verify(ENTRIES[index], [notes.verifier_key(ORIGIN, KEY)]) == HEAD


@pytest.mark.parametrize("old_size", [1, 2, 3, 5])
def test_a_consistency_proof_reads_back_and_proves_the_growth(old_size: int) -> None:
    hashes = proofs.consistency_proof(old_size, 5, FILES.__getitem__)
    read = parse_consistency_proof(checkpoints.consistency_text(hashes))
    assert list(read) == hashes
    older = tiles.grow(0, ENTRIES[:old_size], {}.__getitem__)
    HEAD.verify_grown_from(Checkpoint(ORIGIN, old_size, tiles.tree_root(old_size, older.__getitem__)), read)


def test_a_receipt_reads_back_with_its_leaves_as_they_were() -> None:
    transfer = UUID("0192f0c1-7a3b-7c4d-8e5f-0123456789ab")
    hashes = proofs.inclusion_proof(2, 5, FILES.__getitem__)
    proof = checkpoints.entry_proof(2, hashes, checkpoints.sign(HEAD, KEY))
    key = notes.verifier_key(ORIGIN, KEY)
    receipt = parse_receipt(checkpoints.receipt(transfer, [(ENTRIES[2], proof)], key))
    assert (receipt.transfer, receipt.vkey) == (str(transfer), str(key))
    assert receipt.events == ((ENTRIES[2], parse_entry_proof(proof)),)
