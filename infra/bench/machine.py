"""What the machine did while something was measured: the processor's time by whose it was, whether a core was to be
had, and how long the disk takes. Nobody may judge a figure from a machine that was busy with something else."""

import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

LEAST_SHARE = 0.9
LEAST_SPEED = 0.85
MOST_FOREIGN_CORES = 0.1
_TICKS = os.sysconf("SC_CLK_TCK")
_SPIN_SECONDS = 0.2
_KERNEL = 2
_LISTENING = "0A"


@dataclass(frozen=True)
class Spin:
    """How a loop of hashing fared: its share of a core, and how many hashes a second of the processor's time."""

    share: float
    speed: float


@dataclass
class Span:
    """A stretch of time: its length, and the processor's seconds of those named, of all of ours, and of others."""

    seconds: float = 0.0
    named_seconds: dict[str, float] = field(default_factory=dict)
    own_seconds: float = 0.0
    foreign_cores: float = 0.0
    spins: list[Spin] = field(default_factory=list)

    def why_noisy(self, usual_speed: float) -> str | None:
        """Why nothing may be judged by this stretch; None when the machine was quiet."""
        if self.foreign_cores > MOST_FOREIGN_CORES:
            return f"other work took {self.foreign_cores:.2f} of a core"
        for spin in self.spins:
            if spin.share < LEAST_SHARE:
                return f"a spinning loop got {spin.share:.2f} of a core"
            if spin.speed < LEAST_SPEED * usual_speed:
                return f"a core ran at {spin.speed / usual_speed:.2f} of its usual speed"
        return None


def spin() -> Spin:
    """Hash for a moment, and see what came of it."""
    began, spent, count = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - began < _SPIN_SECONDS:
        for _ in range(100):
            sha256(b"comptoir" * 128).digest()
        count += 100
    used = time.process_time() - spent
    return Spin(used / (time.perf_counter() - began), count / used)


@contextmanager
def watched(named: dict[str, int]) -> Iterator[Span]:
    """Watch the machine while the block runs. `named` are processes of ours, each counted with all its children."""
    span = Span(spins=[spin()])
    before, stolen, began = _by_owner(named), _stolen(), time.perf_counter()
    yield span
    span.seconds = time.perf_counter() - began
    after = _by_owner(named)
    span.foreign_cores = max(after[""] - before[""] + _stolen() - stolen, 0) / _TICKS / span.seconds
    span.named_seconds = {name: (after[name] - before[name]) / _TICKS for name in named}
    span.own_seconds = (after["all"] - before["all"]) / _TICKS
    span.spins.append(spin())


def sync_milliseconds(folder: Path, times: int = 200) -> float:
    """The median time to bring 8 kB to the disk under `folder`, which bounds every commit."""
    taken = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(times):
            file.seek(0)
            file.write(bytes(8192))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return sorted(taken)[times // 2] * 1_000


def parent_of(pid: int) -> int:
    """The process that started this one."""
    return next(parent for own, parent, _ in _processes() if own == pid)


def listening_on(port: int) -> int:
    """The first of the processes that listen on a port of this machine."""
    sockets = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == _LISTENING and int(words[1].rpartition(":")[2], 16) == port:
                sockets.add(f"socket:[{words[9]}]")
    holders = [pid for pid, _, _ in _processes() if sockets & set(_open_by(pid))]
    if not holders:
        raise RuntimeError(f"nothing that we may see listens on port {port}")
    return min(holders)


def named(name: str, *, but: int) -> dict[str, int]:
    """The first processes of all programs with this name, but one."""
    words = {pid: (Path(f"/proc/{pid}/comm"), parent) for pid, parent, _ in _processes()}
    found = {pid: parent for pid, (file, parent) in words.items() if _read(file) == name}
    return {f"{name} {pid}": pid for pid, parent in found.items() if parent not in found and pid != but}


def _open_by(pid: int) -> list[str]:
    try:
        return [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return []


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def _by_owner(named: dict[str, int]) -> dict[str, int]:
    """Ticks of the processor so far: of each that is named, of "all" of ours, and of strangers ("").

    A process that ended is counted with the one that waited for it, so sums lose nothing.
    """
    rows = _processes()
    parents = {pid: parent for pid, parent, _ in rows}
    ours = _family(os.getpid(), parents)
    families = {name: _family(pid, parents) for name, pid in named.items()}
    known = ours.union(*families.values())
    found = dict.fromkeys([*named, "all", ""], 0)
    for pid, parent, ticks in rows:
        if pid in ours:
            found["all"] += ticks
        elif pid not in known and _KERNEL not in (pid, parent):  # the kernel's threads work for whoever writes
            found[""] += ticks
        for name, members in families.items():
            if pid in members:
                found[name] += ticks
    return found


def _processes() -> list[tuple[int, int, int]]:
    """Each process: its id, its parent's, and its ticks of the processor with those of children it waited for."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            try:
                words = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            found.append((int(entry.name), int(words[1]), sum(map(int, words[11:15]))))
    return found


def _family(pid: int, parents: dict[int, int]) -> set[int]:
    children: dict[int, list[int]] = {}
    for child, parent in parents.items():
        children.setdefault(parent, []).append(child)
    found, waiting = set(), [pid]
    while waiting:
        one = waiting.pop()
        found.add(one)
        waiting += children.get(one, ())
    return found


def _stolen() -> int:
    """Ticks of the processor that the machine under this one gave to others."""
    words = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return int(words[8])


def usual_speed(spins: Iterable[Spin]) -> float:
    """The speed that most spins of a run had."""
    speeds = sorted(spin.speed for spin in spins)
    return speeds[len(speeds) // 2]
