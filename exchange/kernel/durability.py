"""When a commit may return before its disk has it: only for what gives no right, moves no money and lets no byte
leave (decision 0027)."""

from django.db import connection


def lazily() -> None:
    """Let the open transaction commit without waiting for the disk, where it is the outermost one: what another
    verb has written before must last. SQLite waits, as ever."""
    ours = [block for block in connection.atomic_blocks if not getattr(block, "_from_testcase", False)]
    if connection.vendor == "postgresql" and len(ours) == 1:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
