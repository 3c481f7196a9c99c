"""RFC 6962 against published vectors: 98 inclusion and 98 consistency proofs, good and bad."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from compliance.verifier.errors import Tampered
from compliance.verifier.merkle import (
    EMPTY_ROOT,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# RFC 6962's well-known tree of eight entries, from the reference implementation's own tests.
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def _load(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    return [
        (str(file.relative_to(folder)), json.loads(file.read_bytes()))
        for file in sorted(folder.rglob("*.json"))
    ]


def _hash(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def _hashes(proof: list[str] | None) -> list[bytes]:
    return [_hash(value) for value in proof or []]


def test_every_published_inclusion_proof_gets_the_published_verdict(vectors: Path) -> None:
    cases = _load(vectors / "rfc6962" / "inclusion")
    assert len(cases) == 98
    wrong = []
    for name, case in cases:
        try:
            verify_inclusion(
                _hash(case["leafHash"]),
                case["leafIdx"],
                case["treeSize"],
                _hashes(case["proof"]),
                _hash(case["root"]),
            )
            is_refused = False
        except Tampered:
            is_refused = True
        if is_refused != case["wantErr"]:
            wrong.append(name)
    assert wrong == []


def test_every_published_consistency_proof_gets_the_published_verdict(vectors: Path) -> None:
    cases = _load(vectors / "rfc6962" / "consistency")
    assert len(cases) == 98
    wrong = []
    for name, case in cases:
        try:
            verify_consistency(
                case["size1"], case["size2"], _hashes(case["proof"]), _hash(case["root1"]), _hash(case["root2"])
            )
            is_refused = False
        except Tampered:
            is_refused = True
        if is_refused != case["wantErr"]:
            wrong.append(name)
    assert wrong == []


@pytest.mark.parametrize("size", ROOTS)
def test_the_roots_of_the_reference_tree_are_the_published_ones(size: int) -> None:
    assert root_of(leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES[:size]).hex() == ROOTS[size]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root_of([]) == EMPTY_ROOT
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_node_can_never_pass_for_a_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) != leaf_hash(left + right)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_hash_of_another_length_is_refused(length: int) -> None:
    short, good = b"x" * length, leaf_hash(b"a")
    with pytest.raises(Tampered, match="32 bytes"):
        verify_inclusion(short, 0, 1, [], short)
    with pytest.raises(Tampered, match="32 bytes"):
        verify_consistency(1, 2, [short], good, good)
    with pytest.raises(Tampered, match="32 bytes"):
        verify_consistency(1, 2, [good], short, good)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1), (5, 3)])
def test_an_index_outside_the_tree_is_refused(index: int, size: int) -> None:
    with pytest.raises(Tampered, match="no leaf"):
        verify_inclusion(leaf_hash(b"a"), index, size, [], leaf_hash(b"a"))


@pytest.mark.parametrize(("old_size", "size"), [(0, 0), (0, 5), (5, 4), (-1, 4)])
def test_growth_from_nothing_or_backwards_is_refused(old_size: int, size: int) -> None:
    with pytest.raises(Tampered, match="cannot be shown to grow"):
        verify_consistency(old_size, size, [], EMPTY_ROOT, EMPTY_ROOT)
