"""The Merkle tree of RFC 6962, section 2.1: hashes, roots, and the verification of inclusion and consistency
proofs as RFC 9162, sections 2.1.3.2 and 2.1.4.2, spells it out."""

import hashlib
from collections.abc import Iterable, Sequence

from compliance.verifier.errors import Tampered

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry as a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root over `hashes`: leaf hashes, or the roots of equal full subtrees and at most one smaller last."""
    row = list(hashes)
    if not row:
        return EMPTY_ROOT
    while len(row) > 1:
        pairs = iter(row)  # taken two by two, and hashed in place: this line runs once for each leaf of a log
        above = [
            hashlib.sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)
        ]
        if len(row) % 2:
            above.append(row[-1])
        row = above
    return row[0]


def append_to(frontier: list[bytes], size: int, hashes: Iterable[bytes]) -> None:
    """Add leaf hashes to the roots of the full subtrees, the largest first, that a tree of `size` leaves falls into."""
    for found in hashes:
        rising = size
        while rising & 1:
            found = node_hash(frontier.pop(), found)
            rising >>= 1
        frontier.append(found)
        size += 1


def join(subtrees: Iterable[bytes]) -> bytes:
    """The root over the roots of full subtrees, the largest first."""
    hashes = reversed(tuple(subtrees))
    found = next(hashes, EMPTY_ROOT)
    for left in hashes:
        found = node_hash(left, found)
    return found


def verify_inclusion(entry: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Refuse unless `entry`, a leaf's hash, stands at `index` in the tree of `size` leaves with that root."""
    _require_hashes(entry, root, *proof)
    if not 0 <= index < size:
        raise Tampered(f"there is no leaf {index} in a tree of {size}")
    node, last = index, size - 1
    found = entry
    for sibling in proof:
        if last == 0:
            raise Tampered("the inclusion proof has more hashes than its tree has levels")
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            node, last = _climb_to_right_child(node, last)
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise Tampered("the inclusion proof has fewer hashes than its tree has levels")
    if found != root:
        raise Tampered(f"leaf {index} and its inclusion proof do not give the root of the tree")


def verify_consistency(old_size: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes) -> None:
    """Refuse unless the tree of `size` leaves begins with every leaf of the tree of `old_size`."""
    if not 0 < old_size <= size:
        raise Tampered(f"a tree of {size} leaves cannot be shown to grow from one of {old_size}")
    if old_size == size:
        # One tree: there is nothing to prove, and a proof that proves nothing is refused.
        if proof or old_root != root:
            raise Tampered(f"two trees of {size} leaves have different roots or a proof too many")
        return
    _require_hashes(old_root, root, *proof)
    if not proof:
        raise Tampered("the consistency proof is empty")
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        # A full tree is itself the first node of the path, and the proof leaves it out.
        path.insert(0, old_root)
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_found = found = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Tampered("the consistency proof has more hashes than its tree has levels")
        if node & 1 or node == last:
            old_found, found = node_hash(sibling, old_found), node_hash(sibling, found)
            node, last = _climb_to_right_child(node, last)
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise Tampered("the consistency proof has fewer hashes than its tree has levels")
    if old_found != old_root or found != root:
        raise Tampered(f"the tree of {size} leaves does not begin with the tree of {old_size}")


def _climb_to_right_child(node: int, last: int) -> tuple[int, int]:
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _require_hashes(*hashes: bytes) -> None:
    for value in hashes:
        if len(value) != HASH_BYTES:
            raise Tampered(f"a hash has {HASH_BYTES} bytes; one was given with {len(value)}")
