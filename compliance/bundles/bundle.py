"""Evidence bundles for an authority: the leaves of some Events, a proof of each, and the digest of every file, in a zip
that `comptoir-verify bundle` checks offline. The same leaves under the same head give the same bytes."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, TypeAlias

from compliance.exports.exports import harmless
from compliance.proofs import receipts
from compliance.proofs.receipts import Entry
from compliance.verifier.bundles import EVENTS, MANIFEST
from exchange.kernel import canonical
from exchange.kernel.errors import Conflict

Proven: TypeAlias = tuple[int, bytes, str]
"""A leaf with its place in the log and its proof."""

MOST = 10_000
_SPOOLED_BYTES = 4 * 1_048_576
_PIECE_BYTES = 1 << 18
_DATE = (1980, 1, 1, 0, 0, 0)
_README = """\
Evidence from the log of a Comptoir exchange.

events.jsonl        one event a line, the exact bytes that the log holds
proofs/             for each line, a proof that the log holds it (C2SP tlog-proof)
index.csv           the same events, to be read
MANIFEST.sha256     the digest of every file

Check it offline, with the log's key from a source you trust:

    comptoir-verify bundle THIS.zip --vkey KEY

It does not show that these are all events: ask the log's other readers, or check the whole log.
"""


def write(entries: Iterable[Entry], to: BinaryIO) -> int:
    """Write the bundle of those `entries` that a published checkpoint covers; answers how many. Conflict for none, or
    for more than fit."""
    found = proven(entries)
    pack(found, to, {"README.txt": _README.encode()})
    return len(found)


def proven(entries: Iterable[Entry]) -> list[Proven]:
    """Those `entries` that a published checkpoint covers, each with its proof; Conflict for none, or for more than
    fit into one bundle."""
    found = list(receipts.proven(entries, at_most=MOST))
    if not found:
        raise Conflict("the log holds nothing of this yet; it is sealed every second", code="not_sealed_yet")
    return found


def pack(found: Iterable[Proven], to: BinaryIO, more: Mapping[str, bytes]) -> None:
    """Write a bundle of proven leaves with `more` files, all under one manifest; of the leaves one is in memory at a
    time."""
    with packing(to) as archive:
        for entry in found:
            archive.add_event(*entry)
        for name in sorted(more):
            archive.add(name, more[name])


@contextmanager
def packing(to: BinaryIO) -> Iterator["Packing"]:
    """A bundle to fill, with events and other files as they come; leaving it without an error adds the events, their
    index and the manifest."""
    with (
        zipfile.ZipFile(to, "w") as archive,
        SpooledTemporaryFile(max_size=_SPOOLED_BYTES) as leaves,
        SpooledTemporaryFile(max_size=_SPOOLED_BYTES) as table,
    ):
        made = Packing(archive, leaves, table)
        yield made
        made.finish()


class Packing:
    """A bundle being written; what it holds in memory is the digest of each file."""

    def __init__(self, archive: zipfile.ZipFile, leaves: IO[bytes], table: IO[bytes]) -> None:
        self._archive, self._leaves, self._table = archive, leaves, table
        self._digests: dict[str, str] = {}
        self._table.write(_line(["line", "leaf", "time", "event", "subject"]))
        self.events = 0

    def add_event(self, index: int, leaf: bytes, proof: str) -> None:
        """Add the next leaf of the log with its place and its proof."""
        self.events += 1
        self._leaves.write(leaf + b"\n")
        body = json.loads(leaf)
        words = (harmless(str(body.get(name, ""))) for name in ("ts", "type", "subject"))
        self._table.write(_line([self.events, index, *words]))
        self.add(f"proofs/{self.events}.tlog-proof", proof.encode())

    def add(self, name: str, data: bytes) -> None:
        """Add a file beside the events."""
        self._digests[name] = hashlib.sha256(data).hexdigest()
        self._put(name, data)

    def finish(self) -> None:
        """Add the events, their index, and the manifest."""
        self._add_file(EVENTS, self._leaves)
        self._add_file("index.csv", self._table)
        lines = (f"{self._digests[name]}  {name}\n" for name in sorted(self._digests))
        self._put(MANIFEST, "".join(lines).encode())

    def _put(self, name: str, data: bytes) -> None:
        self._archive.writestr(_member(name), data)

    def _add_file(self, name: str, file: IO[bytes]) -> None:
        digest = hashlib.sha256()
        file.seek(0)
        with self._archive.open(_member(name), "w", force_zip64=True) as target:
            while piece := file.read(_PIECE_BYTES):
                digest.update(piece)
                target.write(piece)
        self._digests[name] = digest.hexdigest()


def readable(value: object) -> bytes:
    """A JSON file of a bundle, for people and programs; of values alone that have one spelling."""
    canonical.encode(value)  # type: ignore[arg-type]
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _DATE)
    member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    return member


def _line(cells: Iterable[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()
