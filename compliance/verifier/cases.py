"""Case files: a bundle of one sale's events with the contract, who the parties were, the rounds before it, money,
transfers, typed words and statements beside them. Each of these is held against the events, which the log proves."""

import base64
import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from compliance.verifier.bundles import EVENTS, BundleFindings, Source, check_bundle
from compliance.verifier.errors import Incomplete, Misuse, Tampered
from compliance.verifier.leaves import parse_leaf
from compliance.verifier.merkle import leaf_hash
from compliance.verifier.notes import VerifierKey
from compliance.verifier.spelling import read_base64, shown

VERSION = "comptoir.case/1"
CASE, AGREEMENT, SEAL, DETAILS = "case.json", "agreement.json", "agreement.seal", "details.json"
PAYMENTS, TRANSFERS, PROFILE = "payments.json", "transfers.csv", "profile.json"
COLUMNS = (
    "transfer",
    "asset",
    "sha256",
    "country_to",
    "begun",
    "last",
    "last_event",
    "size_bytes",
    "sent_bytes",
)
_LARGEST_FILE = 64 * 1_048_576
_KEY = re.compile(r"([0-9a-f]{16}):([A-Za-z0-9_-]{43})")

Leaf = Mapping[str, Any]


@dataclass
class CaseFindings:
    """What the check of a case file came to: `held` and `unheld` are sentences of what was and was not compared."""

    bundle: BundleFindings
    agreement: str
    held: list[str] = field(default_factory=list)
    unheld: list[str] = field(default_factory=list)


def check_case(source: Source, keys: Sequence[VerifierKey], seal_key: str | None) -> CaseFindings:
    """Prove the events, then hold everything beside them against them; Tampered at the first contradiction."""
    bundle = check_bundle(source, keys)
    names, leaves = source.names(), _leaves(source)
    case = _object(source, CASE)
    if case.get("v") != VERSION:
        raise Incomplete(f"{CASE} is not of the form {VERSION}")
    agreement = str(case.get("agreement"))
    found = CaseFindings(bundle, agreement)
    if AGREEMENT not in names:
        raise Incomplete(f"the case file has no {AGREEMENT}")
    text = _bytes(source, AGREEMENT)
    document = _contract(text, agreement, leaves)
    if case.get("digest") != hashlib.sha256(text).hexdigest():
        raise Tampered(f"{CASE} names another contract than {AGREEMENT}")
    _belonging(leaves, agreement, document)
    found.held.append("the contract is the one whose signing the log holds, and every event belongs to it")
    try:
        _compare(source, leaves, text, document, seal_key, found)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Tampered("a file of the case is not of its form") from None
    return found


def _compare(
    source: Source,
    leaves: Sequence[Leaf],
    text: bytes,
    document: Mapping[str, Any],
    seal_key: str | None,
    found: CaseFindings,
) -> None:
    """Hold each file that stands beside the events against them."""
    names = source.names()
    _signatures(document, leaves, found)
    _seal(source, names, text, seal_key, found)
    _identities(source, names, document, found)
    _rounds(source, names, document, found)
    _statements(source, names, leaves, found)
    _details(source, names, leaves, found)
    _money(source, names, leaves, found)
    if TRANSFERS in names:
        if _bytes(source, TRANSFERS) != transfers_table(leaves):
            raise Tampered(f"{TRANSFERS} is not the table that the events make")
        found.held.append(f"{TRANSFERS} says what the events say")


def transfers_table(leaves: Iterable[Leaf]) -> bytes:
    """The transfers that these events tell of, as CSV: each with how it began and the last that is told."""
    rows: dict[str, dict[str, str]] = {}
    for leaf in leaves:
        noun, _, transfer = str(leaf.get("subject")).partition(":")
        if noun != "transfer":
            continue
        facts = leaf.get("facts", {})
        row = rows.setdefault(transfer, {"transfer": transfer, "begun": str(leaf.get("ts"))})
        row |= {"last": str(leaf.get("ts")), "last_event": str(leaf.get("type"))}
        row |= {name: str(facts[name]) for name in COLUMNS if name in facts}
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    # Ids, enumerations and numbers alone; the mark keeps a spreadsheet from running what is none of these.
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows.values())
    return table.getvalue().encode()


def _contract(text: bytes, agreement: str, leaves: Sequence[Leaf]) -> Mapping[str, Any]:
    signed = [leaf for leaf in leaves if leaf.get("type") == "agreement.signed"]
    digests = [leaf["facts"].get("digest") for leaf in signed if leaf["facts"].get("agreement") == agreement]
    if not digests:
        raise Incomplete("no event says that this contract was signed")
    if hashlib.sha256(text).hexdigest() not in digests:
        raise Tampered(f"{AGREEMENT} is not the contract whose signing the log holds")
    document = _read_object(text, AGREEMENT)
    if document.get("id") != agreement:
        raise Tampered(f"{AGREEMENT} is the contract {shown(document.get('id'))}, not {shown(agreement)}")
    return document


def _belonging(leaves: Sequence[Leaf], agreement: str, document: Mapping[str, Any]) -> None:
    rights = {
        leaf["facts"].get("entitlement") for leaf in leaves if leaf["facts"].get("agreement") == agreement
    } - {None}
    for number, leaf in enumerate(leaves, start=1):
        facts = leaf["facts"]
        answer = facts.get("answer")
        if not (
            facts.get("agreement") == agreement
            or facts.get("reference") == f"agreement:{agreement}"
            or facts.get("entitlement") in rights
            or facts.get("negotiation") == document.get("negotiation")
            or (isinstance(answer, dict) and answer.get("agreement") == agreement)
        ):
            raise Tampered(f"line {number} of {EVENTS} is about something else than this contract")


def _signatures(document: Mapping[str, Any], leaves: Sequence[Leaf], found: CaseFindings) -> None:
    """Each member's act, which the contract names by its event and the hash of its leaf."""
    hashes = {leaf["id"]: leaf["_hash"] for leaf in leaves}
    named = [one for one in document.get("signatures", ()) if "event" in one]
    for one in named:
        if one["event"] not in hashes:
            found.unheld.append(f"the signature of the {one['side']}: its event is in another part")
        elif hashes[one["event"]] != one["leaf_sha256"]:
            raise Tampered(f"the signature of the {one['side']} is not the event that the contract names")
    if named:
        found.held.append("the signatures in the contract are acts that the log holds")


def _seal(source: Source, names: set[str], text: bytes, key: str | None, found: CaseFindings) -> None:
    if key is None or SEAL not in names:
        found.unheld.append("the exchange's seal. Give its key with --seal-key, from a source you trust.")
        return
    kid, _, encoded = _bytes(source, SEAL).decode("ascii", "replace").removesuffix("\n").partition(":")
    public = public_key(key)
    try:
        if not key.startswith(f"{kid}:"):
            raise ValueError
        public.verify(read_base64(encoded), text)
    except (InvalidSignature, Tampered, ValueError):
        raise Tampered("the seal under the contract is not one of the key given with --seal-key") from None
    found.held.append("the contract bears the exchange's seal")


def public_key(key: str) -> Ed25519PublicKey:
    """The key that is written as its id and its point, `kid:x` of its JWK: so it never looks like an option."""
    match = _KEY.fullmatch(key)
    raw = base64.urlsafe_b64decode(f"{match[2]}=") if match else b""
    if match is None or hashlib.sha256(raw).hexdigest()[:16] != match[1]:
        raise Misuse("--seal-key takes kid:x of the key in keys.json or /.well-known/jwks.json")
    return Ed25519PublicKey.from_public_bytes(raw)


def _identities(source: Source, names: set[str], document: Mapping[str, Any], found: CaseFindings) -> None:
    """Who the parties were, and what was measured, where they are kept beside the contract."""
    beside = {
        f"identity-{side}.json": document[side].get("identity_sha256") for side in ("seller", "buyer")
    } | {PROFILE: document["revision"].get("profile_sha256")}
    for name, digest in beside.items():
        if digest is None or name not in names:
            found.unheld.append(f"{name}, which is not in this file")
        elif hashlib.sha256(_bytes(source, name)).hexdigest() != digest:
            raise Tampered(f"{name} is not the one that the contract names")
        else:
            found.held.append(f"{name} is the one that the contract names")


def _rounds(source: Source, names: set[str], document: Mapping[str, Any], found: CaseFindings) -> None:
    """The rounds of the negotiation, each hashed together with the one before it, to the one that was signed."""
    history = document.get("history")
    if history is None:
        return
    previous = ""
    for number in range(1, history["rounds"] + 1):
        name = f"rounds/{number}.json"
        if name not in names:
            raise Incomplete(f"the case file has no {name}, and the contract names {history['rounds']} rounds")
        data = _bytes(source, name)
        if json.loads(data).get("previous") != previous:
            raise Tampered(f"{name} does not follow the round before it")
        previous = hashlib.sha256(data).hexdigest()
    if previous != history["head"]:
        raise Tampered("the last round is not the one that was signed")
    found.held.append(f"the {history['rounds']} rounds of the negotiation lead to what was signed")


def _statements(source: Source, names: set[str], leaves: Sequence[Leaf], found: CaseFindings) -> None:
    digests = {leaf["facts"].get("statement"): leaf["facts"].get("digest") for leaf in leaves}
    given = sorted(name for name in names if re.fullmatch(r"statements/[0-9a-f-]{36}\.json", name))
    for name in given:
        statement = name.removeprefix("statements/").removesuffix(".json")
        if hashlib.sha256(_bytes(source, name)).hexdigest() != digests.get(statement):
            raise Tampered(f"{name} is not a statement that the log holds")
    if given:
        found.held.append(f"{len(given)} deletion statements are those that the log holds")


def _details(source: Source, names: set[str], leaves: Sequence[Leaf], found: CaseFindings) -> None:
    """What people typed: the log holds a salted hash of each."""
    if DETAILS not in names:
        return
    by_id = {leaf["id"]: leaf for leaf in leaves}
    details = _object(source, DETAILS)
    for event, typed in details.items():
        leaf = by_id.get(event, {})
        for name, text in typed.items():
            digest = hashlib.sha256(f"{leaf.get('salt')}\n{text}".encode()).hexdigest()
            if leaf.get("typed", {}).get(name) != digest:
                raise Tampered(f"{DETAILS}: “{shown(name)}” of the event {shown(event)} was not typed so")
    found.held.append(f"what {DETAILS} says was typed so, by its hash in the log")
    if without := sum("typed" in leaf and leaf["id"] not in details for leaf in leaves):
        found.unheld.append(f"what was typed with {without} events, which is not in this file")


def _money(source: Source, names: set[str], leaves: Sequence[Leaf], found: CaseFindings) -> None:
    if PAYMENTS not in names:
        return
    charges = {leaf["facts"]["charge"]: leaf["facts"] for leaf in leaves if "net_minor" in leaf["facts"]}
    given = _object(source, PAYMENTS)["charges"]
    if {charge["charge"] for charge in given} != charges.keys():
        raise Tampered(f"{PAYMENTS} names other charges than the log")
    for charge in given:
        facts = charges[charge["charge"]]
        for name in ("currency", "net_minor", "tax_minor", "gross_minor"):
            if charge.get(name) != facts.get(name):
                raise Tampered(f"{PAYMENTS} names another {name} than the log")
    found.held.append(f"{PAYMENTS} names the amounts that the log holds")


def _leaves(source: Source) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for line in _bytes(source, EVENTS).splitlines():
        leaf: dict[str, Any] = parse_leaf(line)
        if not isinstance(leaf.get("facts"), dict) or not isinstance(leaf.get("id"), str):
            raise Tampered(f"line {len(found) + 1} of {EVENTS} is no event")
        found.append(leaf | {"_hash": leaf_hash(line).hex()})
    return found


def _object(source: Source, name: str) -> dict[str, Any]:
    if name not in source.names():
        raise Incomplete(f"the case file has no {name}")
    return _read_object(_bytes(source, name), name)


def _read_object(text: bytes, name: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Tampered(f"{name} is not a JSON object")
    return data


def _bytes(source: Source, name: str) -> bytes:
    with source.open(name) as file:
        data = file.read(_LARGEST_FILE + 1)
    if len(data) > _LARGEST_FILE:
        raise Incomplete(f"{shown(name)} is larger than {_LARGEST_FILE} bytes and was not read")
    return data


def _harmless(value: str) -> str:
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
