"""The guard of everything that leaves the machine: no call to the outside while a transaction is open."""

from django.db import connection


def require_no_transaction() -> None:
    """Refuse to go outside from within a transaction: a slow answer would hold its locks, and a rollback
    could not take the call back. The blocks that a test case wraps around a test do not count."""
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("a call to the outside was about to be made inside a transaction")
