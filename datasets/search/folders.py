"""The folder of an index that is built aside and swapped in whole: a pointer names the generation in use, and a lock
lets one process at a time write. What a killed process leaves is swept by the next swap."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FORMAT = "2"
"""Part of every generation's name: raise it when fields, analysis or documents change, and indexes of before are
built anew."""

_POINTER = "current"


def generation_in_use(folder: Path) -> Path | None:
    """The generation that the pointer names, if it is of today's format and there."""
    try:
        name = (folder / _POINTER).read_text()
    except OSError:
        return None
    found = folder / name
    return found if name.startswith(f"{FORMAT}-") and "/" not in name and found.is_dir() else None


def fresh_generation(folder: Path) -> Path:
    """An empty folder to build in; nobody reads it before the swap."""
    made = folder / f"{FORMAT}-{secrets.token_hex(8)}"
    made.mkdir(parents=True)
    return made


def swap_in(generation: Path) -> None:
    """Make it the one in use, in one step that lasts, and remove all others."""
    folder = generation.parent
    draft = folder / f"{_POINTER}.new"
    with draft.open("w") as file:
        file.write(generation.name)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / _POINTER)
    _make_last(folder)
    for other in folder.iterdir():
        if other.is_dir() and other != generation:
            shutil.rmtree(other, ignore_errors=True)


@contextmanager
def turn_to_write(folder: Path, *, wait: bool) -> Iterator[bool]:
    """Whether the caller may write now; nobody else may until the block ends. The turn ends with its process, too."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def _make_last(folder: Path) -> None:
    entries = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(entries)
    finally:
        os.close(entries)
