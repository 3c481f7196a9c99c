"""The command `comptoir-witness`: make a key, serve, and show what was cosigned. It ends with 0, or with 3 when it
cannot be run as it was given."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from compliance.verifier.errors import Misuse, VerificationError
from compliance.witness import known_logs
from compliance.witness.rules import Witness
from compliance.witness.server import Server, say
from compliance.witness.state import State


def create(given: argparse.Namespace) -> None:
    """Make the witness's key and print its public half, for the logs that will ask it and for who verifies."""
    print(State(given.folder).create(given.name))


def serve(given: argparse.Namespace) -> None:
    """Answer until SIGTERM or SIGINT."""
    state = State(given.folder)
    state.hold()
    logs = known_logs.parse(state.logs())
    if not logs:
        raise Misuse(f"the file {given.folder / 'logs'} names no log")
    host, _, port = given.bind.rpartition(":")
    if not host or not port.isdecimal():
        raise Misuse(f"{given.bind} is not an address and a port, as in 127.0.0.1:7380")
    witness = Witness(state, logs)
    with Server((host, int(port)), witness) as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stop)
        say(
            f"{witness.key} cosigns {len(logs)} logs at http://{host}:{server.server_address[1]}/add-checkpoint"
        )
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("stopped")


def show(given: argparse.Namespace) -> None:
    """Print the last cosigned head of each log, as a note that `comptoir-verify checkpoint` reads."""
    print("\n".join(note.decode() for note in State(given.folder).notes()), end="")


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="comptoir-witness", description="Cosigns the heads of logs that only grow (C2SP tlog-witness)."
    )
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="where key, list of logs and memory are kept"
    )
    commands = parser.add_subparsers(required=True, metavar="create|serve|show")
    creating = commands.add_parser("create", help="make the key of a new witness")
    creating.add_argument("name", metavar="NAME", help="its name, such as witness.example.org")
    creating.set_defaults(run=create)
    serving = commands.add_parser("serve", help="answer POST /add-checkpoint")
    serving.add_argument("--bind", default="127.0.0.1:7380", metavar="ADDRESS:PORT")
    serving.set_defaults(run=serve)
    showing = commands.add_parser("show", help="print the last cosigned heads")
    showing.set_defaults(run=show)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    given = _parser().parse_args(arguments)
    try:
        given.run(given)
    except VerificationError as refusal:
        print(f"comptoir-witness: {refusal}", file=sys.stderr)
        return Misuse.exit_status
    except OSError as failure:
        print(f"comptoir-witness: {failure}", file=sys.stderr)
        return Misuse.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
