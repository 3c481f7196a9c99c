"""Where tests keep their files. Standard library alone: tests/postgres.py runs as a script."""

import os
import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 4 * 2**30


def quick_folder() -> Path | None:
    """A folder in memory, where the machine has one with room to spare: hundreds of databases are copied in a run."""
    is_there = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)
    return _MEMORY if is_there and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES else None
