"""Keeps the processes of an exchange running on one machine: forks them, starts again what dies, stops all of them
in order, and leaves none behind, however it ends itself."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from pathlib import Path

QUICK_DEATH_SECONDS = 10
QUICK_DEATHS_AT_MOST = 3
SAID_WHY = 2  # the exit code of work that told the person at the terminal itself why it ended
_TICK_SECONDS = 0.2
_ORPHAN_GRACE_SECONDS = 8
_LAST_LINES = 15

_fork = multiprocessing.get_context("fork")


@dataclass
class Log:
    """What one process writes, and how much of it has been looked at."""

    path: Path
    _seen_bytes: int = 0

    def begin(self) -> None:
        """Keep the file of the run before as `.1`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists():
            self.path.replace(self.path.with_suffix(".log.1"))
        self.path.touch(mode=0o600)

    def new_errors(self) -> Iterator[str]:
        """Lines of level ERROR or worse that were written since the last call."""
        with self.path.open("rb") as file:
            file.seek(self._seen_bytes)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._seen_bytes += len(whole)
        for line in whole.decode(errors="replace").splitlines():
            if " ERROR " in line or " CRITICAL " in line:
                yield line

    def last_lines(self) -> list[str]:
        return self.path.read_text(errors="replace").splitlines()[-_LAST_LINES:]


@dataclass
class Child:
    """One process: what it does, when and how quickly it has to stop, and how it has fared."""

    name: str
    work: Callable[[], None]
    log: Log
    stops_in_round: int
    grace_seconds: float
    process: ForkProcess | None = None
    started_at: float = 0.0
    quick_deaths: int = 0
    start_again_at: float | None = None


class Supervisor:
    """Children are stopped in rounds; those of one round at once."""

    def __init__(self, logs: Path) -> None:
        self.children: list[Child] = []
        self.stop_signals = 0
        self._logs = logs
        self._alive = os.pipe()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note_stop_signal)

    def add(self, name: str, work: Callable[[], None], *, stops_in_round: int, grace_seconds: float) -> None:
        """Start `work` as a process of its own and look after it."""
        child = Child(name, work, Log(self._logs / f"{name}.log"), stops_in_round, grace_seconds)
        child.log.begin()
        self.children.append(child)
        self._start(child)

    def run_once(self, name: str, work: Callable[[], None]) -> bool:
        """Run `work` in a process that ends; answers whether it went well. What it prints is shown, what it logs
        goes to its file."""
        child = Child(name, work, Log(self._logs / f"{name}.log"), 0, 2.0)
        child.log.begin()
        process = self._start(child, keep_stdout=True)
        while process.is_alive() and not self.stop_signals:
            process.join(_TICK_SECONDS)
        if self.stop_signals:
            self._stop_round([child])
            return False
        if process.exitcode not in (0, SAID_WHY):
            self._show_end(child)
        return process.exitcode == 0

    def watch(self, ready: Callable[[], bool]) -> bool:
        """Keep every child running until a stop signal; False when one could not be kept running. `ready` is
        called until it answers True."""
        is_ready = False
        while not self.stop_signals:
            is_ready = is_ready or ready()
            running = [child.process.sentinel for child in self.children if child.process]
            wait(running, timeout=_TICK_SECONDS)
            for child in self.children:
                self._show_errors(child)
                if not self._look_after(child):
                    return False
        return True

    def stop(self) -> None:
        """Stop every child; a second stop signal ends the patience with them."""
        for number in sorted({child.stops_in_round for child in self.children}):
            self._stop_round([child for child in self.children if child.stops_in_round == number])

    def _look_after(self, child: Child) -> bool:
        process, now = child.process, time.monotonic()
        if process is None:
            if child.start_again_at is not None and now >= child.start_again_at:
                self._start(child)
            return True
        if process.exitcode is None:
            return True
        child.process = None
        is_quick = now - child.started_at < QUICK_DEATH_SECONDS
        child.quick_deaths = child.quick_deaths + 1 if is_quick else 0
        if child.quick_deaths >= QUICK_DEATHS_AT_MOST:
            say(f"{child.name} ended {QUICK_DEATHS_AT_MOST} times within {QUICK_DEATH_SECONDS} s of its start.")
            self._show_end(child)
            return False
        pause = child.quick_deaths
        say(
            f"{child.name} ended ({_cause(process.exitcode)}); it starts again{f' in {pause} s' if pause else ''}."
        )
        child.start_again_at = now + pause
        return True

    def _start(self, child: Child, *, keep_stdout: bool = False) -> ForkProcess:
        process = _fork.Process(target=self._become, args=(child, keep_stdout), name=child.name)
        process.start()
        child.process, child.started_at, child.start_again_at = process, time.monotonic(), None
        return process

    def _become(self, child: Child, keep_stdout: bool) -> None:
        """In the new process: leave the terminal's group, follow the supervisor's end, write to the log."""
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.close(self._alive[1])
        threading.Thread(target=_end_with_supervisor, args=(self._alive[0],), daemon=True).start()
        file = os.open(child.log.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        for descriptor in (2,) if keep_stdout else (1, 2):
            os.dup2(file, descriptor)
        child.work()

    def _stop_round(self, children: Sequence[Child]) -> None:
        asked_at = time.monotonic()
        running = [(child, child.process) for child in children if child.process and child.process.is_alive()]
        for _, process in running:
            process.terminate()
        for child, process in running:
            while time.monotonic() < asked_at + child.grace_seconds and self.stop_signals < 2:
                if not process.is_alive():
                    break
                process.join(_TICK_SECONDS)
            if process.is_alive():
                say(f"{child.name} did not stop within {child.grace_seconds:g} s and was killed.")
                process.kill()
                process.join()
            self._show_errors(child)

    def _show_errors(self, child: Child) -> None:
        for line in child.log.new_errors():
            say(f"{child.name}: {line}")

    def _show_end(self, child: Child) -> None:
        for line in child.log.last_lines():
            say(f"    {line}")
        say(f"The rest is in {child.log.path}.")

    def _note_stop_signal(self, *_: object) -> None:
        self.stop_signals += 1


def say(line: str) -> None:
    """One line for the person at the terminal."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _cause(exit_code: int | None) -> str:
    return signal.Signals(-exit_code).name if exit_code and exit_code < 0 else f"exit code {exit_code}"


def _end_with_supervisor(alive: int) -> None:
    """Nobody writes to this pipe: reading it returns when the supervisor, the one holder of its other end, is gone."""
    os.read(alive, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_ORPHAN_GRACE_SECONDS)
    os._exit(1)
