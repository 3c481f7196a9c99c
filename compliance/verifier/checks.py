"""The checks of `comptoir-verify`, one for each kind of evidence: each says what it found and what it did not check,
and raises what speaks against it."""

import argparse
from collections.abc import Iterable, Sequence

from compliance.verifier import bundles, cases, earnings, evidence, notice_statements
from compliance.verifier.checkpoints import (
    Checkpoint,
    open_checkpoint,
    parse_consistency_proof,
    parse_entry_proof,
)
from compliance.verifier.errors import Incomplete, Misuse
from compliance.verifier.files import read_file, sha256_of
from compliance.verifier.growth import root_at
from compliance.verifier.leaves import parse_leaf
from compliance.verifier.notes import MAX_NOTE_BYTES, VerifierKey
from compliance.verifier.notice_statements import NoticeFindings
from compliance.verifier.receipts import ProvenEvent, compare_asset, parse_receipt, prove
from compliance.verifier.report import Trust, check_witnesses, say, say_events, say_head, say_key_was_a_hint
from compliance.verifier.spelling import read_utf8, shown
from compliance.verifier.static_log import Findings, check_folder

MAX_RECEIPT_BYTES = 64 * 1_048_576
MAX_PROOF_BYTES = 2 * MAX_NOTE_BYTES
MAX_GROWTH_BYTES = 10_000
MAX_STATEMENT_BYTES = 64 * 1_048_576


def check_receipt(given: argparse.Namespace) -> None:
    """Show that the log holds every event of a receipt."""
    trust = Trust.of(given.vkey, given.witness, given.quorum)
    sha256 = None if given.asset is None else sha256_of(given.asset)
    receipt = parse_receipt(read_file(given.file, at_most=MAX_RECEIPT_BYTES))
    keys = trust.keys or [VerifierKey.parse(receipt.vkey)]
    events = prove(receipt, keys)
    say(f"receipt of the transfer {receipt.transfer}")
    say_events(events)
    heads = _say_heads((proof.checkpoint for _, proof in receipt.events), keys)
    say(f"checked: the log holds each of these {len(events)} events, byte for byte")
    if not trust.keys:
        say_key_was_a_hint()
    say("NOT CHECKED: omitted events. The log may hold further events of this transfer.")
    _say_growth_between(heads)
    check_witnesses(heads, trust)
    if sha256 is None:
        say("NOT CHECKED: the data itself. Give the file with --asset to compare its digest.")
    else:
        compare_asset(events, sha256)
        say("checked: the file given with --asset is the one that the events name")


def check_proof(given: argparse.Namespace) -> None:
    """Show that the log holds the entry of a tlog-proof, from the proof itself or from a file."""
    trust = Trust.of(given.vkey, given.witness, given.quorum)
    proof = parse_entry_proof(read_utf8(read_file(given.file, at_most=MAX_PROOF_BYTES), "the proof"))
    entry = proof.extra if given.entry is None else read_file(given.entry, at_most=MAX_NOTE_BYTES)
    if entry is None:
        raise Incomplete("the proof does not bring its entry: give its exact bytes with --entry")
    head = proof.verify(entry, trust.keys)
    leaf = parse_leaf(entry)
    say(f"proof of the event {shown(leaf.get('id', '-'))}, about {shown(leaf.get('subject', '-'))}")
    say_events([ProvenEvent(proof.index, leaf, head)])
    heads = _say_heads([proof.checkpoint], trust.keys)
    say("checked: the log holds this event, byte for byte")
    say("NOT CHECKED: omitted events. The log may hold further events of the same thing.")
    check_witnesses(heads, trust)


def check_bundle(given: argparse.Namespace) -> None:
    """Show that the log holds every event of an evidence bundle, and that its files are those of its manifest."""
    trust = Trust.of(given.vkey, given.witness, given.quorum)
    if not given.path.exists():
        raise Misuse(f"there is no {given.path}")
    with bundles.opened(given.path) as source:
        told = evidence.check_evidence(source, trust.keys) if evidence.MATTER in source.names() else None
        findings = bundles.check_bundle(source, trust.keys) if told is None else told.bundle
    if told is not None:
        asked = ", ".join(f"{shown(name)} {shown(value)}" for name, value in sorted(told.scope.items()))
        say(f"evidence about {asked}")
    heads = _say_heads(findings.notes, trust.keys)
    say(f"checked: the log holds each of the {findings.events} events, byte for byte")
    say(f"checked: {findings.files} files, which are those of the manifest and no others")
    if told is not None:
        _say_evidence(told)
    elif findings.unread:
        example = findings.unread[0]
        say(f"NOT CHECKED: what {len(findings.unread)} further files say, such as {example}")
    say("NOT CHECKED: omitted events. The log may hold further events.")
    _say_growth_between(heads)
    check_witnesses(heads, trust)


def _say_evidence(told: evidence.EvidenceFindings) -> None:
    for sentence in told.held:
        say(f"checked: {sentence}")
    for sentence in evidence.left_out(told):
        say(f"LEFT OUT, as the bundle itself says: {sentence}")
    for sentence in told.unheld:
        say(f"NOT CHECKED: {sentence}")
    say(
        "NOT CHECKED: what files for people say, such as README.en.txt, and whether decisions follow from the rules."
    )


def check_case(given: argparse.Namespace) -> None:
    """Show that the log holds every event of a case file, and that contract, parties, rounds, money, transfers, typed
    words and statements beside them are those that the events name."""
    trust = Trust.of(given.vkey, given.witness, given.quorum)
    if not given.path.exists():
        raise Misuse(f"there is no {given.path}")
    with bundles.opened(given.path) as source:
        findings = cases.check_case(source, trust.keys, given.seal_key)
    say(f"case file of the contract {shown(findings.agreement)}")
    heads = _say_heads(findings.bundle.notes, trust.keys)
    say(f"checked: the log holds each of the {findings.bundle.events} events, byte for byte")
    say(f"checked: {findings.bundle.files} files, which are those of the manifest and no others")
    for sentence in findings.held:
        say(f"checked: {sentence}")
    for sentence in findings.unheld:
        say(f"NOT CHECKED: {sentence}")
    say("NOT CHECKED: what files for people say, such as index.html; the contract is agreement.json.")
    say("NOT CHECKED: omitted events, and whether decisions follow from the rules.")
    _say_growth_between(heads)
    check_witnesses(heads, trust)


def check_statement(given: argparse.Namespace) -> None:
    """Show that a statement follows from what it tells, of earnings or of a notice, and that the exchange made it."""
    file = read_file(given.file, at_most=MAX_STATEMENT_BYTES)
    document, seal = earnings.read_statement(file)
    if document.get("v") == notice_statements.VERSION:
        _say_notice(notice_statements.check_statement(document, seal, given.seal_key))
        return
    found = earnings.check_statement(file, given.seal_key)
    say(f"statement of earnings of {shown(found.party)} for {shown(found.period)}")
    for kind, count in sorted(found.done_again.items()):
        say(f"checked: {count} lines of {shown(kind)} follow from their integers")
    say("checked: the lines lead from each opening to its closing balance")
    if found.is_sealed:
        say("checked: it bears the exchange's seal, so not one digit was changed")
    else:
        say("NOT CHECKED: the exchange's seal. Give its key with --seal-key, from a source you trust.")
    for kind, count in sorted(found.taken_as_told.items()):
        say(f"NOT CHECKED: {count} lines of {shown(kind)}, which tell only an amount")
    say("NOT CHECKED: whether these are all lines. Hold the closing balance against the next opening.")


def _say_notice(found: NoticeFindings) -> None:
    say(f"statement of notice {shown(found.notice)}, {shown(found.kind)}")
    for state, count in sorted(found.counts.items()):
        say(f"checked: {count} recipients are {shown(state)}, as they are listed")
    if found.is_sealed:
        say("checked: it bears the exchange's seal, so not one letter was changed")
    else:
        say("NOT CHECKED: the exchange's seal. Give its key with --seal-key, from a source you trust.")
    if not found.is_complete:
        say("NOT CHECKED: whether these are all recipients. The exchange had not read all of its log yet.")
    say(
        f"NOT CHECKED: the {found.events} events in the log. Hold their leaf hashes against a bundle of evidence."
    )
    say("NOT CHECKED: whether a recipient did what it says. That is its word.")


def check_checkpoint(given: argparse.Namespace) -> None:
    """Show that the log signed a head, and that it grew from an older one."""
    trust = Trust.of(given.vkey, given.witness, given.quorum)
    if given.proof is not None and given.since is None:
        raise Misuse("--proof needs --since, the older checkpoint that it starts from")
    note = read_file(given.file, at_most=MAX_NOTE_BYTES)
    (head,) = heads = _say_heads([note], trust.keys)
    if given.since is None:
        say("NOT CHECKED: growth. Give an older checkpoint with --since to see that nothing was rewritten.")
    else:
        older = open_checkpoint(read_file(given.since, at_most=MAX_NOTE_BYTES), trust.keys)
        hashes: tuple[bytes, ...] = ()
        if given.proof is not None:
            hashes = parse_consistency_proof(
                read_utf8(read_file(given.proof, at_most=MAX_GROWTH_BYTES), "the consistency proof")
            )
        elif 0 < older.size < head.size:
            raise Incomplete(f"the log grew from {older.size} to {head.size} leaves: give the --proof of it")
        head.verify_grown_from(older, hashes)
        _say_grown(older)
    check_witnesses(heads, trust)


def check_log(given: argparse.Namespace) -> None:
    """Show that a folder of tiles is the whole log under its checkpoint."""
    trust = Trust.of(given.vkey, given.witness, given.quorum)
    if not given.folder.is_dir():
        raise Misuse(f"{given.folder} is not a folder")
    older = None if given.since is None else read_file(given.since, at_most=MAX_NOTE_BYTES)
    findings = check_folder(given.folder, trust.keys)
    say_head(findings.checkpoint, trust.keys)
    if findings.is_root_proven:
        say(f"checked: {findings.files} files, which agree with each other and with the signed root")
    else:
        say(f"NOT CHECKED: the signed root. The {findings.files} files agree, but too many are missing.")
    if findings.pruned_entries:
        say(
            f"pruned: {findings.pruned_entries} entries are gone, as the log itself says. Their hashes were compared."
        )
    if findings.unchecked:
        example = min(findings.unchecked)
        say(f"NOT CHECKED: {len(findings.unchecked)} files that reach beyond the tree, such as {example}")
    say("NOT CHECKED: what the entries say. Only their bytes were compared.")
    _check_growth(given, findings, older, trust)
    note = read_file(given.folder / "checkpoint", at_most=MAX_NOTE_BYTES)
    check_witnesses({findings.checkpoint: note}, trust)
    if findings.missing_entries or findings.missing_hashes:
        raise Incomplete(
            f"{findings.missing_entries} entries and {findings.missing_hashes} hashes are in no file"
        )


def _check_growth(given: argparse.Namespace, findings: Findings, note: bytes | None, trust: Trust) -> None:
    """Compare what the folder says the log was with what an older checkpoint says."""
    if note is None:
        say("NOT CHECKED: growth. Give an older checkpoint with --since to see that nothing was rewritten.")
        return
    older = open_checkpoint(note, trust.keys)
    if older.origin == findings.checkpoint.origin and older.size <= findings.checkpoint.size:
        was = Checkpoint(older.origin, older.size, root_at(given.folder, older.size))
    else:
        was = findings.checkpoint
    was.verify_grown_from(older, ())
    _say_grown(older)


def _say_heads(notes: Iterable[bytes], keys: Sequence[VerifierKey]) -> dict[Checkpoint, bytes]:
    """The different checkpoints among `notes`, in the order of the log."""
    found = {open_checkpoint(note, keys): note for note in notes}
    heads = {head: found[head] for head in sorted(found, key=lambda head: (head.origin, head.size))}
    for head in heads:
        say_head(head, keys)
    return heads


def _say_growth_between(heads: dict[Checkpoint, bytes]) -> None:
    if len(heads) > 1:
        say("NOT CHECKED: growth. The checkpoints were not compared; the command checkpoint does that.")


def _say_grown(older: Checkpoint) -> None:
    say(f"checked: the log still begins with all {older.size} leaves of the older checkpoint")
