"""Files that a worker makes once and that are taken as often as needed: whole on disk before they are seen under their
name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.db import models
from django.db.models import Q, QuerySet

from exchange.kernel.errors import Unavailable

KEPT = timedelta(days=7)
_CLAIM = timedelta(hours=1)


@contextmanager
def placed(target: Path) -> Iterator[Path]:
    """A draft to write; leaving it without an error puts it in its place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".part")
    try:
        yield draft
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def claimed(waiting: QuerySet[models.Model], what: str, *, now: datetime) -> Iterator[None]:
    """Work on the one row of `waiting` alone; Unavailable while another worker does. One that ends on the way leaves a
    claim that runs out."""
    free = waiting.filter(Q(claimed_until=None) | Q(claimed_until__lte=now))
    if not free.update(claimed_until=now + _CLAIM):
        raise Unavailable(f"another worker makes this {what}")
    try:
        yield
    except BaseException:
        waiting.update(claimed_until=None)
        raise
