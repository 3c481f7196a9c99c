"""The command `comptoir-verify`. It ends with 0 (proven), 1 (tampered), 2 (incomplete) or 3 (wrong usage), and
says what it did not check."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from compliance.verifier import checks
from compliance.verifier.errors import Misuse, VerificationError
from compliance.verifier.notes import VerifierKey, WitnessKey
from compliance.verifier.report import say

_KEY_HELP = "the log's verifier key, name+id+key, from a source you trust; again for a further log"


class _Parser(argparse.ArgumentParser):
    """argparse ends with 2 on wrong usage, which here means incomplete."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        say(f"{self.prog}: {Misuse.word}: {message}", to=sys.stderr)
        sys.exit(Misuse.exit_status)


def _read_by(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """As argparse takes the reader of a value, with the verifier's own sentences."""

    def read(text: str) -> Any:
        try:
            return parse(text)
        except VerificationError as refusal:
            raise argparse.ArgumentTypeError(str(refusal)) from None

    return read


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 4:
        raise argparse.ArgumentTypeError("a quorum is a number of witnesses")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="comptoir-verify",
        description="Checks receipts, proofs, evidence and whole logs of a Comptoir exchange, offline.",
        epilog="Ends with 0: proven, 1: tampered, 2: incomplete, 3: wrong usage.",
    )
    commands = parser.add_subparsers(
        required=True, metavar="receipt|proof|bundle|case|statement|checkpoint|log"
    )

    def command(name: str, check: Callable[..., None], needs_key: bool, about: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(name, help=about)
        key, witness = _read_by(VerifierKey.parse), _read_by(WitnessKey.parse)
        made.add_argument(
            "--vkey", type=key, action="append", required=needs_key, metavar="KEY", help=_KEY_HELP
        )
        made.add_argument(
            "--witness", type=witness, action="append", metavar="KEY", help="a witness's key; several times"
        )
        made.add_argument(
            "--quorum", type=_count, metavar="K", help="so many witnesses must have cosigned; else all given"
        )
        made.set_defaults(check=check)
        return made

    receipt = command("receipt", checks.check_receipt, False, "does the log hold every event of this receipt?")
    receipt.add_argument("file", type=Path, metavar="FILE")
    receipt.add_argument("--asset", type=Path, metavar="FILE", help="the delivered file, to compare its digest")

    proof = command("proof", checks.check_proof, True, "does the log hold the event of this tlog-proof?")
    proof.add_argument("file", type=Path, metavar="FILE")
    proof.add_argument("--entry", type=Path, metavar="FILE", help="the event's bytes, if the proof lacks them")

    bundle = command("bundle", checks.check_bundle, True, "does the log hold every event of this evidence?")
    bundle.add_argument("path", type=Path, metavar="ZIP|FOLDER")

    case = command(
        "case", checks.check_case, True, "is this the whole case of a contract, as the log holds it?"
    )
    case.add_argument("path", type=Path, metavar="ZIP|FOLDER")
    case.add_argument("--seal-key", metavar="KEY", help="the key of the exchange's seal: kid:x of its JWK")

    statement = commands.add_parser(
        "statement", help="does this statement, of earnings or of a notice, follow?"
    )
    statement.add_argument("file", type=Path, metavar="FILE")
    statement.add_argument("--seal-key", metavar="KEY", help="the key of the exchange's seal: kid:x of its JWK")
    statement.set_defaults(check=checks.check_statement)

    since = "an older checkpoint of the log"
    checkpoint = command("checkpoint", checks.check_checkpoint, True, "did the log sign this head, and grow?")
    checkpoint.add_argument("file", type=Path, metavar="FILE")
    checkpoint.add_argument("--since", type=Path, metavar="FILE", help=since)
    checkpoint.add_argument(
        "--proof", type=Path, metavar="FILE", help="consistency proof, a base64 hash per line"
    )

    log = command("log", checks.check_log, True, "is this folder of tiles the log under its checkpoint?")
    log.add_argument("folder", type=Path, metavar="FOLDER")
    log.add_argument("--since", type=Path, metavar="FILE", help=since)
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
