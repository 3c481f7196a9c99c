"""Receipts: the Events of one transfer with proofs, made from the published tiles alone, that the log holds
them. No receipt is given that a stranger could not verify."""

import functools
import json
import logging
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from compliance.log import checkpoints, proofs
from compliance.log.published import Folder, Head, folder_of
from compliance.models import Log
from compliance.verifier.checkpoints import PROOF_HEADING, EntryProof, parse_entry_proof
from compliance.verifier.errors import VerificationError
from compliance.verifier.spelling import base64_text
from exchange.kernel.errors import Conflict, Unavailable

Entry = tuple[int, bytes]
"""The place of a leaf, counted over all years, and its bytes."""

log = logging.getLogger("exchange.receipts")


def make(transfer_id: UUID, entries: Iterable[Entry]) -> dict[str, Any]:
    """The receipt over those `entries` that a published checkpoint covers; Conflict when none is."""
    found: list[tuple[bytes, str]] = []
    newest: Head | None = None
    for _, leaf, proof, head in _prove(entries):
        found.append((leaf, proof))
        newest = head
    if newest is None:
        raise Conflict(
            "the log holds nothing of this transfer yet; the log is sealed every second; try again",
            code="not_sealed_yet",
        )
    document: dict[str, Any] = json.loads(checkpoints.receipt(transfer_id, found, newest.key))
    return document


def prove(index: int, leaf: bytes) -> tuple[EntryProof, Head] | None:
    """The proof of one leaf, checked as a stranger would, and the head it leads to; None before that is signed."""
    for *_, proof, head in _prove([(index, leaf)]):
        return parse_entry_proof(proof), head
    return None


def proven(entries: Iterable[Entry], *, at_most: int) -> Iterator[tuple[int, bytes, str]]:
    """Each of `entries` that a published checkpoint covers, with its tlog-proof, in the order of the log; Conflict
    where they are more than `at_most`."""
    wanted = sorted(islice(entries, at_most + 1))
    if len(wanted) > at_most:
        raise Conflict(f"these are more than {at_most} events; ask for fewer", code="too_many_events")
    yield from each_proven(wanted)


def each_proven(entries: Iterable[Entry]) -> Iterator[tuple[int, bytes, str]]:
    """`proven` of any number, given in the order of the log: one is in memory at a time."""
    for index, leaf, proof, _ in _prove(entries):
        yield index, leaf, proof


def self_contained(entries: Iterable[Entry]) -> dict[int, tuple[str, str]]:
    """The tlog-proofs of those leaves that a published checkpoint covers, each with its leaf inside and beside the
    key it can be checked by: what `comptoir-verify proof` reads."""
    return {
        index: (
            f"{PROOF_HEADING}\nextra {base64_text(leaf)}{proof.removeprefix(PROOF_HEADING)}",
            str(head.key),
        )
        for index, leaf, proof, head in _prove(entries)
    }


def _prove(entries: Iterable[Entry]) -> Iterator[tuple[int, bytes, str, Head]]:
    logs = list(Log.objects.order_by("-name"))
    opened: dict[str, tuple[Folder, Head | None]] = {}
    for index, leaf in entries:
        row = next((row for row in logs if row.first_index <= index), None)
        if row is None:
            continue
        if row.name not in opened:
            folder = folder_of(row.name)
            opened[row.name] = (folder, folder.head())
        folder, head = opened[row.name]
        place = index - row.first_index
        if head is not None and place < head.checkpoint.size:
            yield index, leaf, _proof(folder, head, place, leaf), head


def _proof(folder: Folder, head: Head, place: int, leaf: bytes) -> str:
    try:
        hashes = proofs.inclusion_proof(place, head.checkpoint.size, functools.cache(folder.read_tile))
        proof = checkpoints.entry_proof(place, hashes, head.note)
        parse_entry_proof(proof).verify(leaf, [head.key])
    except (VerificationError, OSError) as finding:
        log.critical("leaf %s of %s cannot be proven: %s", place, head.checkpoint.origin, finding)
        raise Unavailable("the log cannot prove this; the operator is told", code="log_alarm") from None
    return proof
