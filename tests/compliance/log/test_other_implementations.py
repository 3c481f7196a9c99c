"""Code that others wrote agrees with our roots, proofs and notes. It is used by tests alone, and left out by name where
it is not installed; the logs are small, and made by the tiles that the signer writes."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from compliance.log.proofs import consistency_proof, inclusion_proof
from compliance.log.tiles import grow, tree_root
from compliance.verifier.merkle import root_of, verify_consistency
from compliance.verifier.notes import VerifierKey
from tests.compliance.verifier.conftest import SampleLog

ENTRIES = [f"entry {number}".encode() for number in range(1_000)]
FILES = {size: grow(0, ENTRIES[:size], {}.__getitem__) for size in (1, 2, 3, 255, 256, 257, 300, 1_000)}
PAIRS = [(1, 2), (2, 3), (3, 255), (255, 256), (256, 257), (257, 300), (300, 1_000), (256, 1_000)]


def places(size: int) -> list[int]:
    return sorted({0, size // 3, size // 2, size - 2, size - 1} & set(range(size)))


def root(size: int) -> bytes:
    return tree_root(size, FILES[size].__getitem__)


def inclusion(index: int, size: int) -> list[bytes]:
    return inclusion_proof(index, size, FILES[size].__getitem__)


@pytest.fixture(scope="module")
def tree() -> Any:
    """The same thousand entries in a tree of pymerkle's."""
    pymerkle = pytest.importorskip("pymerkle", reason="pymerkle is not installed")
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in ENTRIES:
        tree.append_entry(entry)
    return tree


class TestPymerkle:
    """Under the GPL: nothing of it may be imported outside of tests."""

    def test_every_root_up_to_a_thousand_leaves_is_the_same(self, tree: Any) -> None:
        hashes = [tree.get_leaf(number) for number in range(1, 1_001)]  # it counts from one
        for size in range(1, 1_001):
            assert tree.get_root(size) == root_of(hashes[:size])
        for size in FILES:
            assert root(size) == tree.get_root(size)

    def test_inclusion_proofs_are_the_same(self, tree: Any) -> None:
        for size in FILES:
            for index in places(size):
                leaf, *path = tree.prove_inclusion(index + 1, size).path
                assert leaf == tree.get_leaf(index + 1)
                assert path == inclusion(index, size)

    def test_what_it_proves_to_be_consistent_we_do_too(self, tree: Any) -> None:
        import pymerkle

        for old, size in PAIRS:
            pymerkle.verify_consistency(root(old), root(size), tree.prove_consistency(old, size))
            proof = consistency_proof(old, size, FILES[size].__getitem__)
            verify_consistency(old, size, proof, tree.get_root(old), tree.get_root(size))


class TestSigstore:
    """The modules are its own business, so its version is pinned."""

    def accepts(self, entry: bytes, index: int, size: int, hashes: Sequence[bytes], root_hash: bytes) -> bool:
        merkle = pytest.importorskip("sigstore._internal.merkle", reason="sigstore is not installed")
        proof = SimpleNamespace(log_index=index, tree_size=size, hashes=list(hashes), root_hash=root_hash)
        inner = SimpleNamespace(inclusion_proof=proof, canonicalized_body=entry)
        try:
            merkle.verify_merkle_inclusion(SimpleNamespace(_inner=inner))
        except merkle.VerificationError:
            return False
        return True

    def test_it_accepts_our_inclusion_proofs_and_no_other(self) -> None:
        for size in FILES:
            for index in places(size):
                hashes = inclusion(index, size)
                assert self.accepts(ENTRIES[index], index, size, hashes, root(size))
                assert not self.accepts(b"another", index, size, hashes, root(size))
                assert not self.accepts(ENTRIES[index], index, size, [*hashes, bytes(32)], root(size))
                assert not self.accepts(ENTRIES[index], index, size, hashes, bytes(32))

    def test_it_opens_our_checkpoints_and_refuses_them_changed(self) -> None:
        checkpoint = pytest.importorskip(
            "sigstore._internal.rekor.checkpoint", reason="sigstore is not installed"
        )
        log = SampleLog().append(ENTRIES[:300])
        key = VerifierKey.parse(log.vkey)
        opened = checkpoint.SignedCheckpoint.from_text(log.checkpoint().decode())
        opened.signed_note.verify(_Keyring(key), key.id)
        found = opened.checkpoint
        assert (found.origin, found.log_size, found.log_hash) == (log.origin, 300, log.head().root.hex())
        changed = checkpoint.SignedNote.from_text(log.checkpoint().decode().replace("\n300\n", "\n301\n"))
        with pytest.raises(checkpoint.VerificationError):
            changed.verify(_Keyring(key), key.id)


class _Keyring:
    """The one key that sigstore's code is to check a note by."""

    def __init__(self, key: VerifierKey) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(key.public)

    def verify(self, *, key_id: bytes, signature: bytes, data: bytes) -> None:
        from cryptography.exceptions import InvalidSignature
        from sigstore.errors import VerificationError

        try:
            self._key.verify(signature, data)
        except InvalidSignature as error:
            raise VerificationError("invalid signature") from error
