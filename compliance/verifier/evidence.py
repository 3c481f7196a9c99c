"""Evidence for an authority: a bundle that says which matter it is about (`matter.json`) and what was left out, with
contracts, typed words, signed heads and time stamps beside its events. Each of these is held against the events."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from compliance.verifier.bundles import EVENTS, BundleFindings, Source, check_bundle
from compliance.verifier.checkpoints import open_checkpoint
from compliance.verifier.errors import Incomplete, Tampered
from compliance.verifier.leaves import parse_leaf
from compliance.verifier.notes import VerifierKey
from compliance.verifier.spelling import shown

VERSION = "comptoir.evidence/1"
MATTER, DETAILS = "matter.json", "details.json"
_LARGEST_FILE = 256 * 1_048_576
_AGREEMENT = re.compile(r"agreements/([0-9a-f-]{36})/agreement\.json")
_STAMP = re.compile(r"checkpoints/([0-9.]{4,8}-[0-9]{1,19})\.tsr")
_THINGS = ("dataset", "participant", "agreement", "request", "breach", "person")


@dataclass
class EvidenceFindings:
    """What the check came to: `held` and `unheld` are sentences of what was and was not compared, `left_out` what the
    bundle itself says that it lacks."""

    bundle: BundleFindings
    scope: Mapping[str, str]
    held: list[str] = field(default_factory=list)
    unheld: list[str] = field(default_factory=list)
    left_out: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class _Told:
    """What the events say that other files are held against."""

    typed: dict[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    contracts: dict[str, set[str]] = field(default_factory=dict)


def check_evidence(source: Source, keys: Sequence[VerifierKey]) -> EvidenceFindings:
    """Prove the events, then hold everything beside them against them; Tampered at the first contradiction."""
    bundle = check_bundle(source, keys)
    matter = _object(source, MATTER)
    scope = matter.get("scope")
    if matter.get("v") != VERSION or not isinstance(scope, dict):
        raise Incomplete(f"{MATTER} is not of the form {VERSION}")
    found = EvidenceFindings(bundle, scope)
    told = _events(source, scope)
    if matter.get("events") != bundle.events:
        raise Tampered(f"{MATTER} counts other events than {EVENTS} holds")
    found.held.append("every event is of the matter that was asked for")
    try:
        found.left_out = [(str(one["what"]), int(one["count"])) for one in matter["left_out"]]
        _contracts(source, told, found)
        _words(source, told, found)
        _law(source, found)
        _heads(source, keys, found)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Tampered("a file of the bundle is not of its form") from None
    return found


def _events(source: Source, scope: Mapping[str, Any]) -> _Told:
    """Read the events, one at a time, each of which must belong to the matter."""
    told = _Told()
    things = [str(scope[name]).encode() for name in _THINGS if name in scope]
    with source.open(EVENTS) as lines:
        for number, line in enumerate(lines, start=1):
            leaf: Any = parse_leaf(line.removesuffix(b"\n"))
            at, facts = str(leaf.get("ts")), leaf.get("facts")
            is_of_time = str(scope.get("since", "")) <= at and (
                "until" not in scope or at < str(scope["until"])
            )
            if not is_of_time or any(thing not in line for thing in things):
                raise Tampered(f"line {number} of {EVENTS} is about something else than this matter")
            if isinstance(leaf.get("typed"), dict):
                told.typed[str(leaf.get("id"))] = (str(leaf.get("salt")), leaf["typed"])
            if leaf.get("type") == "agreement.signed" and isinstance(facts, dict):
                told.contracts.setdefault(str(facts.get("agreement")), set()).add(str(facts.get("digest")))
    return told


def _contracts(source: Source, told: _Told, found: EvidenceFindings) -> None:
    given = {match[1]: name for name in sorted(source.names()) if (match := _AGREEMENT.fullmatch(name))}
    unsigned = 0
    for agreement, name in given.items():
        digests = told.contracts.get(agreement)
        if digests is None:
            unsigned += 1  # its signing lies outside the period
        elif hashlib.sha256(_bytes(source, name)).hexdigest() not in digests:
            raise Tampered(f"{name} is not the contract whose signing the log holds")
    if len(given) > unsigned:
        found.held.append(f"{len(given) - unsigned} contracts are those whose signing the log holds")
    if unsigned:
        found.unheld.append(f"{unsigned} contracts, whose signing is not among these events")


def _words(source: Source, told: _Told, found: EvidenceFindings) -> None:
    """What people typed: the log holds a salted hash of each."""
    if DETAILS not in source.names():
        return
    count = 0
    for event, words in _object(source, DETAILS).items():
        salt, hashes = told.typed.get(event, ("", {}))
        for name, text in words.items():
            if hashes.get(name) != hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest():
                raise Tampered(f"{DETAILS}: “{shown(name)}” of the event {shown(event)} was not typed so")
            count += 1
    if count:
        found.held.append(f"{count} texts in {DETAILS} were typed so, by their hashes in the log")


def _law(source: Source, found: EvidenceFindings) -> None:
    names = sorted(name for name in source.names() if name.startswith("law/"))
    for name in names:
        if hashlib.sha256(_bytes(source, name)).hexdigest() != name.removeprefix("law/").removesuffix(".json"):
            raise Tampered(f"{name} is not the legal profile of that digest")
    if names:
        found.held.append(f"{len(names)} legal profiles are those that the events name")


def _heads(source: Source, keys: Sequence[VerifierKey], found: EvidenceFindings) -> None:
    """Signed heads beside the proofs, and what a time-stamping authority put its name to."""
    known = {(head.origin, head.size): head.root for head in found.bundle.notes.values()}
    names = sorted(name for name in source.names() if name.endswith(".checkpoint"))
    for name in names:
        head = open_checkpoint(_bytes(source, name), keys)
        if known.setdefault((head.origin, head.size), head.root) != head.root:
            raise Tampered(f"{name} shows another tree of {head.size} leaves than a proof")
    if names:
        found.held.append(f"{len(names)} signed heads beside the proofs contradict none of them")
    stamps = [match[1] for name in sorted(source.names()) if (match := _STAMP.fullmatch(name))]
    for stamp in stamps:
        imprint = hashlib.sha256(_bytes(source, f"checkpoints/{stamp}.checkpoint")).digest()
        if imprint not in _bytes(source, f"checkpoints/{stamp}.tsr"):
            raise Tampered(f"the time stamp {stamp}.tsr is of something else than its checkpoint")
    if stamps:
        found.held.append(f"{len(stamps)} time stamps name the digest of the checkpoint beside them")
        found.unheld.append(
            "who made the time stamps. Check with openssl ts -verify -data X.checkpoint -in X.tsr -CAfile "
            "AUTHORITY.pem"
        )
    else:
        found.unheld.append("when the log was signed, by anybody but itself: no time stamp is here")


def left_out(found: EvidenceFindings) -> Iterator[str]:
    """What the bundle says that it lacks, as sentences."""
    words = {
        "unproven": "{} further events, which no signed head covered when it was made",
        "sealed": "who acted in {} events, which is kept sealed apart from the log",
        "erased": "what was written with {} events, which was erased since",
        "details": "what was written with {} events",
        "papers": "{} papers that could not be made",
    }
    for what, count in found.left_out:
        yield words.get(what, f"{{}} of {shown(what)}").format(count)


def _object(source: Source, name: str) -> dict[str, Any]:
    if name not in source.names():
        raise Incomplete(f"the bundle has no {name}")
    try:
        data = json.loads(_bytes(source, name))
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Tampered(f"{name} is not a JSON object")
    return data


def _bytes(source: Source, name: str) -> bytes:
    if name not in source.names():
        raise Incomplete(f"the bundle has no {shown(name)}")
    with source.open(name) as file:
        data = file.read(_LARGEST_FILE + 1)
    if len(data) > _LARGEST_FILE:
        raise Incomplete(f"{shown(name)} is larger than {_LARGEST_FILE} bytes and was not read")
    return data
