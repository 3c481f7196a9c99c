"""The life of a process that does the same round again and again: pauses between rounds, backs off while they
fail, and ends between two of them when it is told to."""

import logging
import signal
import time
from collections.abc import Callable
from types import FrameType

from django.db import connection
from django.utils import timezone

from exchange.kernel import pulses
from exchange.kernel.errors import ExchangeError

LONGEST_PAUSE_SECONDS = 30.0
_SLICE_SECONDS = 0.05

log = logging.getLogger("exchange.rounds")


class Rounds:
    """Runs `one_round` until SIGTERM or SIGINT; a round answers whether the next should follow at once."""

    def __init__(self, name: str, one_round: Callable[[], bool], *, pause_seconds: float) -> None:
        self._name, self._one_round, self._pause_seconds = name, one_round, pause_seconds
        self._is_stopped = False
        self._next_pulse = 0.0

    def run(self) -> None:
        """Returns only when the process was told to stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        failures = 0
        log.info("%s started", self._name)
        while not self._is_stopped:
            try:
                at_once = self._one_round()
                self._show_life()
            except Exception as error:
                failures += 1
                self._report(error)
                connection.close()  # it may be broken, or still within the failed transaction
                self._rest(min(self._pause_seconds * 2**failures, LONGEST_PAUSE_SECONDS))
            else:
                failures = 0
                if not at_once:
                    self._rest(self._pause_seconds)
        connection.close()
        log.info("%s stopped", self._name)

    def _show_life(self) -> None:
        """After a round that went well, and not after each: it is a write."""
        if time.monotonic() >= self._next_pulse:
            pulses.beat(self._name, timezone.now())
            self._next_pulse = time.monotonic() + pulses.EVERY_SECONDS

    def _report(self, error: Exception) -> None:
        if isinstance(error, ExchangeError):
            log.error("%s: %s", self._name, error.detail)
        else:
            log.exception("a round of %s failed; it is tried again", self._name)

    def _rest(self, seconds: float) -> None:
        """Sleep in slices: a signal does not end time.sleep()."""
        until = time.monotonic() + seconds
        while not self._is_stopped and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE_SECONDS))

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._is_stopped = True
