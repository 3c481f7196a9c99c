"""Evidence bundles for an authority: the leaves of some Events, a proof of each, and the digest of every file, in a zip
that `comptoir-verify bundle` checks offline. The same leaves under the same head give the same bytes."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO, TypeAlias

from compliance import receipts
from compliance.receipts import Entry
from compliance.verifier.bundles import EVENTS, MANIFEST
from exchange.kernel.errors import Conflict

Proven: TypeAlias = tuple[int, bytes, str]
"""A leaf with its place in the log and its proof."""

MOST = 10_000
_DATE = (1980, 1, 1, 0, 0, 0)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
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


def pack(found: Sequence[Proven], to: BinaryIO, more: Mapping[str, bytes]) -> None:
    """Write a bundle of proven leaves with `more` files, all under one manifest."""
    files = {EVENTS: b"".join(leaf + b"\n" for _, leaf, _ in found), **more}
    files["index.csv"] = _index([(index, leaf) for index, leaf, _ in found])
    files |= {f"proofs/{line}.tlog-proof": proof.encode() for line, (_, _, proof) in enumerate(found, start=1)}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files[MANIFEST] = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode()
    with zipfile.ZipFile(to, "w") as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, _DATE)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(member, files[name])


def _index(entries: Iterable[Entry]) -> bytes:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["line", "leaf", "time", "event", "subject"])
    for line, (index, leaf) in enumerate(entries, start=1):
        body = json.loads(leaf)
        words = [str(body.get(name, "")) for name in ("ts", "type", "subject")]
        writer.writerow([line, index, *(f"'{w}" if w.startswith(_FORMULA_STARTS) else w for w in words)])
    return table.getvalue().encode()
