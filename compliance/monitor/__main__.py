"""`python -m compliance.monitor URL --vkey KEY`: follows a log until it is stopped, and says on stderr what is wrong.
It ends with 0 (all is well), 1 (an alarm stands), 2 (nothing could be learnt) or 3 (wrong usage)."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from compliance.monitor import following, staleness
from compliance.monitor.following import OF_THE_MOMENT, Alarm
from compliance.monitor.memory import Memory
from compliance.monitor.places import Account, Files, Place, Unreachable, Web, call_out
from compliance.verifier.errors import VerificationError
from compliance.verifier.notes import VerifierKey
from compliance.verifier.report import say

WELL, ALARMED, UNKNOWN, USAGE = range(4)


class Monitor:
    """Looks at logs, the oldest first, and tells alarms once each."""

    def __init__(self, given: argparse.Namespace, account: Account | None) -> None:
        self._given, self._account = given, account
        self._memory = Memory(given.state)

    def look(self) -> int:
        """One look at each log; answers the exit status that it comes to."""
        alarms: list[Alarm] = []
        for url in self._given.log:
            found = following.look(
                _place(url, self._account), self._given.vkey, self._memory, reads_entries=self._given.entries
            )
            alarms += found.alarms
            if found.head is not None:
                self._say(f"{found.head.origin}: {found.head.size} leaves, and all of them hold")
        if self._account is not None:
            try:
                alarms += staleness.look(self._account, self._given.vkey, datetime.now(UTC))
            except Unreachable as error:
                alarms.append(Alarm("unreachable", f"the exchange cannot be asked: {error}"))
        if not any(alarm.kind in OF_THE_MOMENT for alarm in alarms):
            self._memory.clear_alarms(OF_THE_MOMENT)
        for alarm in alarms:
            self._tell(alarm)
        kinds = {alarm.kind for alarm in alarms}
        if kinds - {"unreachable"} or (self._memory.alarms() and kinds != {"unreachable"}):
            return ALARMED
        return UNKNOWN if kinds else WELL

    def _tell(self, alarm: Alarm) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        if not self._memory.raise_alarm(alarm.kind, alarm.sentence, at):
            return
        say(f"ALARM {at} {alarm.kind}: {alarm.sentence}", to=sys.stderr)
        if self._given.alarm_url:
            try:
                call_out(
                    self._given.alarm_url, {"kind": alarm.kind, "sentence": alarm.sentence, "raised_at": at}
                )
            except Unreachable as error:
                say(f"the alarm could not be told: {error}", to=sys.stderr)

    def _say(self, line: str) -> None:
        if self._given.verbose:
            say(line)


def _place(url: str, account: Account | None) -> Place:
    return Web(url, account) if url.startswith(("https://", "http://")) else Files(Path(url))


def _account(given: argparse.Namespace) -> Account | None:
    """The account whose secret the environment holds: an argument would show it to everybody on the machine."""
    name, secret = os.environ.get("COMPTOIR_CLIENT_ID"), os.environ.get("COMPTOIR_CLIENT_SECRET")
    if not name or not secret:
        return None
    address = urlsplit(given.log[-1])
    return Account(f"{address.scheme}://{address.netloc}", name, secret)


def _vkey(text: str) -> VerifierKey:
    try:
        return VerifierKey.parse(text)
    except VerificationError as refusal:
        raise argparse.ArgumentTypeError(str(refusal)) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="comptoir-monitor",
        description="Follows the log of a Comptoir exchange from outside, and raises an alarm.",
        epilog="Ends with 0: well, 1: an alarm stands, 2: nothing could be learnt, 3: wrong usage. An API client in "
        "COMPTOIR_CLIENT_ID and COMPTOIR_CLIENT_SECRET also shows whether its events are sealed in time.",
    )
    parser.add_argument("log", nargs="+", metavar="URL|FOLDER", help="the log's address, such as …/log/2026")
    parser.add_argument("--vkey", type=_vkey, action="append", required=True, metavar="KEY")
    parser.add_argument("--state", type=Path, default=Path("comptoir-monitor.sqlite3"), metavar="FILE")
    parser.add_argument(
        "--entries", action="store_true", help="read the entries too; needs an officer's client"
    )
    parser.add_argument("--every", type=float, default=10.0, metavar="SECONDS")
    parser.add_argument("--once", action="store_true", help="look once, and end")
    parser.add_argument("--alarm-url", metavar="URL", help="where to POST each alarm")
    parser.add_argument("--verbose", action="store_true", help="say what was found well, too")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Look once, or until told to stop; returns the exit status of the last look."""
    try:
        given = _parser().parse_args(arguments)
    except SystemExit as end:
        return USAGE if end.code else WELL
    try:
        monitor = Monitor(given, _account(given))
    except OSError as failure:
        say(f"comptoir-monitor: cannot use {given.state}: {failure.strerror}", to=sys.stderr)
        return USAGE
    status = monitor.look()
    if given.once:
        return status
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    while not stopped.wait(max(given.every, 1.0)):
        status = monitor.look()
    return status


if __name__ == "__main__":
    sys.exit(main())
