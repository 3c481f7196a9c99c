"""Evidence bundles: a folder or a zip with the leaves of some events (`events.jsonl`), a tlog-proof for each
(`proofs/<line>.tlog-proof`), and the digest of every file (`MANIFEST.sha256`). Read file by file, so that a bundle may
be larger than memory."""

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from compliance.verifier.checkpoints import Checkpoint, parse_entry_proof
from compliance.verifier.errors import Incomplete, Tampered, VerificationError
from compliance.verifier.leaves import parse_leaf
from compliance.verifier.notes import MAX_NOTE_BYTES, VerifierKey
from compliance.verifier.spelling import read_utf8, shown
from compliance.verifier.tiles import MAX_ENTRY_BYTES

EVENTS = "events.jsonl"
MANIFEST = "MANIFEST.sha256"
_MAX_MANIFEST_LINE = 1_000
_MAX_PROOF_BYTES = MAX_NOTE_BYTES + 2 * MAX_ENTRY_BYTES
_MANIFEST_LINE = re.compile(rb"([0-9a-f]{64})  ([\x21-\x7e]{1,200})\n")
_CHUNK_BYTES = 1_048_576
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    RuntimeError,
)


class Source(Protocol):
    """The files of a bundle, by their paths."""

    def names(self) -> set[str]: ...
    def open(self, name: str) -> BinaryIO: ...


@dataclass
class BundleFindings:
    """What the check of a bundle came to. `notes` are its different checkpoints, as they were signed."""

    events: int = 0
    files: int = 0
    unread: list[str] = field(default_factory=list)
    notes: dict[bytes, Checkpoint] = field(default_factory=dict)


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """The files of a bundle that is a folder or a zip."""
    if path.is_dir():
        yield _Folder(path)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            yield _Zip(archive)
    except _BROKEN_ZIP as finding:
        raise Tampered(f"{path.name} is neither a folder nor a whole zip: {type(finding).__name__}") from None


def check_bundle(source: Source, keys: Sequence[VerifierKey]) -> BundleFindings:
    """Compare every file with the manifest and prove every event; Tampered at the first contradiction."""
    names = source.names()
    missing = {EVENTS, MANIFEST} - names
    if missing:
        raise Incomplete(f"the bundle has no file {' and none '.join(sorted(missing))}")
    findings = BundleFindings()
    listed = _compare_with_manifest(source, names)
    findings.files = len(names)
    proofs = set()
    with source.open(EVENTS) as lines:
        for number, entry in enumerate(_entries(lines), start=1):
            proof = f"proofs/{number}.tlog-proof"
            if proof not in names:
                raise Incomplete(f"line {number} of {EVENTS} has no proof: {proof} is not there")
            _prove(source, number, entry, proof, keys, findings)
            proofs.add(proof)
            findings.events = number
    if not findings.events:
        raise Incomplete(f"{EVENTS} holds no event, so it proves nothing")
    if spare := [name for name in listed - proofs if name.startswith("proofs/")]:
        raise Tampered(f"{shown(min(spare))} is the proof of no event in {EVENTS}")
    findings.unread = sorted(listed - proofs - {EVENTS})
    return findings


def _prove(
    source: Source,
    number: int,
    entry: bytes,
    name: str,
    keys: Sequence[VerifierKey],
    findings: BundleFindings,
) -> None:
    try:
        with source.open(name) as file:
            proof = parse_entry_proof(read_utf8(_read(file, _MAX_PROOF_BYTES), name))
        head = proof.verify(entry, keys)
        parse_leaf(entry)
    except VerificationError as refusal:
        raise Tampered(f"line {number} of {EVENTS}: {refusal}") from None
    for other in findings.notes.values():
        if (other.origin, other.size) == (head.origin, head.size) and other.root != head.root:
            raise Tampered(f"the log “{shown(head.origin)}” signed two different trees of {head.size} leaves")
    findings.notes[proof.checkpoint] = head


def _compare_with_manifest(source: Source, names: set[str]) -> set[str]:
    """The files that the manifest lists, once all of them are there, as it says, and no others."""
    listed: set[str] = set()
    with source.open(MANIFEST) as lines:
        while line := lines.readline(_MAX_MANIFEST_LINE):
            match = _MANIFEST_LINE.fullmatch(line)
            name = match[2].decode() if match else ""
            if match is None or name in listed or name == MANIFEST:
                raise Tampered(f"{MANIFEST} is not a list of different files, each with its SHA-256")
            if name not in names:
                raise Incomplete(f"{shown(name)} is in {MANIFEST}, but not in the bundle")
            with source.open(name) as file:
                if _sha256(file) != match[1].decode():
                    raise Tampered(f"{shown(name)} is not the file that {MANIFEST} lists")
            listed.add(name)
    if others := names - listed - {MANIFEST}:
        raise Tampered(f"{shown(min(others))} is in the bundle, but not in {MANIFEST}")
    return listed


def _entries(lines: BinaryIO) -> Iterator[bytes]:
    while line := lines.readline(MAX_ENTRY_BYTES + 2):
        if not line.endswith(b"\n") or len(line) == 1:
            raise Tampered(f"a line of {EVENTS} is empty, too long, or not whole")
        yield line[:-1]


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _read(file: BinaryIO, at_most: int) -> bytes:
    data = file.read(at_most + 1)
    if len(data) > at_most:
        raise Tampered(f"a proof has more than {at_most} bytes")
    return data


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> set[str]:
        return {file.relative_to(self._path).as_posix() for file in self._path.rglob("*") if not file.is_dir()}

    def open(self, name: str) -> BinaryIO:
        return (self._path / name).open("rb")


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def names(self) -> set[str]:
        found = [entry.filename for entry in self._archive.infolist() if not entry.is_dir()]
        if len(set(found)) < len(found):
            raise Tampered("the zip holds two files of one name")
        return set(found)

    def open(self, name: str) -> BinaryIO:
        return self._archive.open(name)  # type: ignore[return-value]
