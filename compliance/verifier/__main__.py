"""The command `comptoir-verify`. It ends with 0 (proven), 1 (tampered), 2 (incomplete) or 3 (wrong usage), and
says what it did not check."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, TextIO

from compliance.verifier.checkpoints import Checkpoint, open_checkpoint, parse_consistency_proof
from compliance.verifier.errors import Incomplete, Misuse, VerificationError
from compliance.verifier.files import read_file, sha256_of
from compliance.verifier.notes import MAX_NOTE_BYTES, VerifierKey
from compliance.verifier.receipts import ProvenEvent, compare_asset, parse_receipt, prove
from compliance.verifier.spelling import base64_text, read_utf8, shown
from compliance.verifier.static_log import check_folder

MAX_RECEIPT_BYTES = 64 * 1_048_576
MAX_PROOF_BYTES = 10_000


def check_receipt(given: argparse.Namespace) -> None:
    """Show that the log holds every event of a receipt."""
    sha256 = None if given.asset is None else sha256_of(given.asset)
    receipt = parse_receipt(read_file(given.file, at_most=MAX_RECEIPT_BYTES))
    keys = given.vkey or [VerifierKey.parse(receipt.vkey)]
    events = prove(receipt, keys)
    say(f"receipt of the transfer {receipt.transfer}")
    _say_events(events)
    heads = {event.checkpoint for event in events}
    for head in sorted(heads, key=lambda head: (head.origin, head.size)):
        _say_head(head, keys)
    say(f"checked: the log holds each of these {len(events)} events, byte for byte")
    if not given.vkey:
        say(
            "NOT CHECKED: the log's key. It was taken from the receipt itself, so anyone could have made this "
            "receipt. Get the log's key from a source you trust and give it with --vkey."
        )
    say("NOT CHECKED: omitted events. The log may hold further events of this transfer.")
    if len(heads) > 1:
        say("NOT CHECKED: growth. The checkpoints were not compared; the command checkpoint does that.")
    _say_no_witness()
    if sha256 is None:
        say("NOT CHECKED: the data itself. Give the file with --asset to compare its digest.")
    else:
        compare_asset(events, sha256)
        say("checked: the file given with --asset is the one that the events name")


def check_checkpoint(given: argparse.Namespace) -> None:
    """Show that the log signed a head, and that it grew from an older one."""
    if given.proof is not None and given.since is None:
        raise Misuse("--proof needs --since, the older checkpoint that it starts from")
    head = open_checkpoint(read_file(given.file, at_most=MAX_NOTE_BYTES), given.vkey)
    _say_head(head, given.vkey)
    if given.since is None:
        say("NOT CHECKED: growth. Give an older checkpoint with --since to see that nothing was rewritten.")
    else:
        older = open_checkpoint(read_file(given.since, at_most=MAX_NOTE_BYTES), given.vkey)
        hashes: tuple[bytes, ...] = ()
        if given.proof is not None:
            hashes = parse_consistency_proof(
                read_utf8(read_file(given.proof, at_most=MAX_PROOF_BYTES), "the consistency proof")
            )
        elif 0 < older.size < head.size:
            raise Incomplete(f"the log grew from {older.size} to {head.size} leaves: give the --proof of it")
        head.verify_grown_from(older, hashes)
        say(f"checked: the log still begins with all {older.size} leaves of the older checkpoint")
    _say_no_witness()


def check_log(given: argparse.Namespace) -> None:
    """Show that a folder of tiles is the whole log under its checkpoint."""
    if not given.folder.is_dir():
        raise Misuse(f"{given.folder} is not a folder")
    findings = check_folder(given.folder, given.vkey)
    _say_head(findings.checkpoint, given.vkey)
    if findings.is_root_proven:
        say(f"checked: {findings.files} files, which agree with each other and with the signed root")
    else:
        say(f"NOT CHECKED: the signed root. The {findings.files} files agree, but too many are missing.")
    if findings.unchecked:
        example = min(findings.unchecked)
        say(f"NOT CHECKED: {len(findings.unchecked)} files that reach beyond the tree, such as {example}")
    say("NOT CHECKED: what the entries say. Only their bytes were compared.")
    _say_no_witness()
    if findings.missing_entries or findings.missing_hashes:
        raise Incomplete(
            f"{findings.missing_entries} entries and {findings.missing_hashes} hashes are in no file"
        )


def say(line: str, to: TextIO | None = None) -> None:
    """Print one line that no terminal can be tricked by."""
    print(shown(line, at_most=1_000), file=to or sys.stdout)


def _say_head(head: Checkpoint, keys: Sequence[VerifierKey]) -> None:
    own = " or ".join(str(key) for key in keys if key.name == head.origin)
    say(f"log {head.origin}, {head.size} leaves, root {base64_text(head.root)}, signed by {own}")


def _say_events(events: Sequence[ProvenEvent]) -> None:
    say(f"{'leaf':>10}  {'time':<24}  {'event':<24}  {'bytes sent':>16}")
    for event in events:
        sent = event.fact("sent_bytes")
        time, name = shown(event.leaf.get("ts", "-")), shown(event.leaf.get("type", "-"))
        say(f"{event.index:>10}  {time:<24}  {name:<24}  {'-' if sent is None else shown(sent):>16}")


def _say_no_witness() -> None:
    say("NOT CHECKED: witnesses. Nobody but the log vouches that it shows everyone the same tree.")


class _Parser(argparse.ArgumentParser):
    """argparse ends with 2 on wrong usage, which here means incomplete."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        say(f"{self.prog}: {Misuse.word}: {message}", to=sys.stderr)
        sys.exit(Misuse.exit_status)


def _vkey(text: str) -> VerifierKey:
    try:
        return VerifierKey.parse(text)
    except VerificationError as refusal:
        raise argparse.ArgumentTypeError(str(refusal)) from None


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="comptoir-verify",
        description="Checks receipts, checkpoints and whole logs of a Comptoir exchange, offline.",
        epilog="Ends with 0: proven, 1: tampered, 2: incomplete, 3: wrong usage.",
    )
    commands = parser.add_subparsers(required=True, metavar="receipt|checkpoint|log")
    key_help = "the log's verifier key, name+id+key, from a source you trust; again for a further log"

    receipt = commands.add_parser("receipt", help="does the log hold every event of this receipt?")
    receipt.add_argument("file", type=Path, metavar="FILE")
    receipt.add_argument("--vkey", type=_vkey, action="append", metavar="KEY", help=key_help)
    receipt.add_argument("--asset", type=Path, metavar="FILE", help="the delivered file, to compare its digest")
    receipt.set_defaults(check=check_receipt)

    checkpoint = commands.add_parser("checkpoint", help="did the log sign this head, and only grow since?")
    checkpoint.add_argument("file", type=Path, metavar="FILE")
    checkpoint.add_argument("--vkey", type=_vkey, action="append", required=True, metavar="KEY", help=key_help)
    checkpoint.add_argument("--since", type=Path, metavar="FILE", help="an older checkpoint of the log")
    checkpoint.add_argument(
        "--proof", type=Path, metavar="FILE", help="consistency proof, a base64 hash per line"
    )
    checkpoint.set_defaults(check=check_checkpoint)

    log = commands.add_parser("log", help="is this folder of tiles the log under its checkpoint?")
    log.add_argument("folder", type=Path, metavar="FOLDER")
    log.add_argument("--vkey", type=_vkey, action="append", required=True, metavar="KEY", help=key_help)
    log.set_defaults(check=check_log)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one check; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        given = _parser().parse_args(arguments)
        given.check(given)
    except VerificationError as refusal:
        say(f"comptoir-verify: {refusal.word}: {refusal}", to=sys.stderr)
        return refusal.exit_status
    except OSError as failure:
        say(
            f"comptoir-verify: {Misuse.word}: cannot read {failure.filename}: {failure.strerror}", to=sys.stderr
        )
        return Misuse.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
