"""Proofs about the log (RFC 6962, section 2.1), made from the few tiles they touch, and the frontier: all of a
tree that appending to it needs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from compliance.log.tiles import Read, Subtrees
from compliance.verifier.merkle import HASH_BYTES, append_to, join

_SIZE_BYTES = 8


def inclusion_proof(index: int, size: int, read: Read) -> list[bytes]:
    """The hashes that show, from a leaf's hash, that it is the `index`-th of the tree of `size` leaves."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    tree = Subtrees(size, read)
    path: list[bytes] = []
    height = 0
    while (size - 1) >> height:
        sibling = (index >> height) ^ 1
        if (sibling + 1) << height <= size:
            path.append(tree.root(height, sibling))
        elif sibling << height < size:  # the log's right edge runs through it
            path.append(_root(tree, sibling << height, size))
        height += 1
    return path


def consistency_proof(old_size: int, size: int, read: Read) -> list[bytes]:
    """The hashes that show that the tree of `size` leaves begins with the tree of `old_size`."""
    if not 0 < old_size <= size:
        raise ValueError(f"a tree of {size} leaves does not grow from one of {old_size}")
    tree = Subtrees(size, read)
    start, end = 0, size
    path: list[bytes] = []
    while old_size != end:
        middle = start + _left_part(end - start)
        if old_size <= middle:
            path.append(_root(tree, middle, end))
            end = middle
        else:
            path.append(_root(tree, start, middle))
            start = middle
    if start:  # else the old tree is a full subtree, whose root the verifier has
        path.append(_root(tree, start, end))
    return path[::-1]


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the full subtrees that a tree of `size` leaves falls into, the largest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if len(self.hashes) != self.size.bit_count() or any(len(value) != HASH_BYTES for value in self.hashes):
            raise ValueError(f"{len(self.hashes)} hashes are not the frontier of a tree of {self.size} leaves")

    @classmethod
    def read_from(cls, size: int, read: Read) -> "Frontier":
        """The frontier of the log of `size` leaves, from its tiles."""
        tree = Subtrees(size, read)
        return cls(size, tuple(tree.root(height, index) for height, index in _subtrees(0, size)))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Frontier":
        """Read what `to_bytes` wrote; ValueError for anything else."""
        if len(data) < _SIZE_BYTES:
            raise ValueError(f"{len(data)} bytes are not a frontier")
        size, rest = int.from_bytes(data[:_SIZE_BYTES], "big"), data[_SIZE_BYTES:]
        return cls(size, tuple(rest[start : start + HASH_BYTES] for start in range(0, len(rest), HASH_BYTES)))

    def to_bytes(self) -> bytes:
        """The size in 8 bytes, then the hashes."""
        return self.size.to_bytes(_SIZE_BYTES, "big") + b"".join(self.hashes)

    def append(self, leaf_hashes: Iterable[bytes]) -> "Frontier":
        """The frontier of the tree with further leaves; this one stays as it is."""
        added, hashes = tuple(leaf_hashes), list(self.hashes)
        append_to(hashes, self.size, added)
        return Frontier(self.size + len(added), tuple(hashes))

    def root(self) -> bytes:
        """The root of the whole tree."""
        return join(self.hashes)


def _root(tree: Subtrees, start: int, end: int) -> bytes:
    """The root over the leaves from `start` to `end`, which is a node's range."""
    count = end - start
    if count & (count - 1) == 0:  # a full subtree: all but those at the log's right edge
        height = count.bit_length() - 1
        return tree.root(height, start >> height)
    return join(tree.root(height, index) for height, index in _subtrees(start, end))


def _subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The full subtrees, as height and index, that the range of a node falls into, the largest first."""
    while start < end:
        height = (end - start).bit_length() - 1
        yield height, start >> height
        start += 1 << height


def _left_part(count: int) -> int:
    """The largest power of two below `count`: where RFC 6962 splits a range of leaves."""
    return 1 << ((count - 1).bit_length() - 1)
