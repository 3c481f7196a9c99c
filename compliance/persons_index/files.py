"""The file of an index: a first line that names its form, then the digests of 16 bytes each, ascending, none twice. A
digest is found by halving, so nothing is ever read whole."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from compliance.persons_index.digests import SIZE, Unusable

FIRST_LINE = b"comptoir-persons/1\n"


def write(digests: Iterable[bytes], to: BinaryIO) -> int:
    """Write the file; answers how many digests it holds."""
    sorted_once = sorted(set(digests))
    to.write(FIRST_LINE)
    to.writelines(sorted_once)
    return len(sorted_once)


def checked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, each passed on once it is found to be as it must; Unusable names what is wrong."""
    head, last, rest = b"", b"", b""
    for piece in pieces:
        data = piece
        if len(head) < len(FIRST_LINE):
            head += data
            if len(head) < len(FIRST_LINE):
                continue
            if not head.startswith(FIRST_LINE):
                raise Unusable("this is no index of persons: its first line is another")
            yield FIRST_LINE
            data = head[len(FIRST_LINE) :]
            head = FIRST_LINE
        data = rest + data
        whole = len(data) - len(data) % SIZE
        for start in range(0, whole, SIZE):
            one = data[start : start + SIZE]
            if one <= last:
                raise Unusable("the digests are not in ascending order, or one stands twice")
            last = one
        rest = data[whole:]
        yield data[:whole]
    if head != FIRST_LINE:
        raise Unusable("this is no index of persons: it ends in its first line")
    if rest:
        raise Unusable(f"the last digest has {len(rest)} bytes instead of {SIZE}")


def holds(file: BinaryIO, digest: bytes) -> bool:
    """Whether a digest stands in the file."""
    start = len(FIRST_LINE)
    low, high = 0, (file.seek(0, 2) - start) // SIZE
    while low < high:
        middle = (low + high) // 2
        file.seek(start + middle * SIZE)
        found = file.read(SIZE)
        if found == digest:
            return True
        if found < digest:
            low = middle + 1
        else:
            high = middle
    return False
