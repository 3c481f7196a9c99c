"""What the monitor remembers between its rounds, in a file of its own: the last head of each log that it found good,
enough of its tree to go on, what agreements and transfers it has seen, and the alarms that stand."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from compliance.verifier.checkpoints import Checkpoint
from compliance.verifier.merkle import HASH_BYTES

_TABLES = """
CREATE TABLE IF NOT EXISTS head (origin TEXT PRIMARY KEY, size INTEGER, root BLOB, frontier BLOB, entries INTEGER);
CREATE TABLE IF NOT EXISTS seen (what TEXT PRIMARY KEY, at TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alarm (sentence TEXT PRIMARY KEY, kind TEXT, raised_at TEXT) WITHOUT ROWID;
"""


class Memory:
    """An SQLite file; a round is written whole or not at all."""

    def __init__(self, file: Path | str) -> None:
        self._database = sqlite3.connect(file, isolation_level=None)
        self._database.executescript(_TABLES)

    @contextmanager
    def round(self) -> Iterator[None]:
        """What is remembered inside is kept when the block ends well."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def head(self, origin: str) -> tuple[Checkpoint, list[bytes], int] | None:
        """The last good head of a log, the frontier of its tree, and how many entries were read."""
        row = self._database.execute(
            "SELECT size, root, frontier, entries FROM head WHERE origin = ?", (origin,)
        ).fetchone()
        if row is None:
            return None
        size, root, frontier, entries = row
        hashes = [frontier[place : place + HASH_BYTES] for place in range(0, len(frontier), HASH_BYTES)]
        return Checkpoint(origin, size, root), hashes, entries

    def keep_head(self, head: Checkpoint, frontier: list[bytes], entries: int) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO head VALUES (?, ?, ?, ?, ?)",
            (head.origin, head.size, head.root, b"".join(frontier), entries),
        )

    def note(self, what: str, at: str) -> None:
        """Remember that something was seen, when it was seen first."""
        self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (what, at))

    def forget(self, what: str) -> None:
        self._database.execute("DELETE FROM seen WHERE what = ?", (what,))

    def seen_at(self, what: str) -> str | None:
        row = self._database.execute("SELECT at FROM seen WHERE what = ?", (what,)).fetchone()
        return None if row is None else str(row[0])

    def raise_alarm(self, kind: str, sentence: str, at: str) -> bool:
        """Keep an alarm; False for one that stands already."""
        found = self._database.execute(
            "INSERT OR IGNORE INTO alarm VALUES (?, ?, ?)", (sentence, kind, at)
        ).rowcount
        return bool(found)

    def clear_alarms(self, kinds: set[str]) -> None:
        """Let go of alarms about what a log shows now; what its entries said stays said."""
        marks = sorted(kinds)
        for kind in marks:
            self._database.execute("DELETE FROM alarm WHERE kind = ?", (kind,))

    def alarms(self) -> list[str]:
        """The sentences of all alarms that stand, the oldest first."""
        rows = self._database.execute("SELECT sentence FROM alarm ORDER BY raised_at, sentence")
        return [str(sentence) for (sentence,) in rows]

    def close(self) -> None:
        self._database.close()
