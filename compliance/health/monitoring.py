"""The monitor inside the exchange: it reads its own published files as a stranger would, and puts what is wrong on the
officers' desk. A monitor outside, run by somebody else, is worth more."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from compliance import queries
from compliance.log.published import VKEY, folder_of
from compliance.models import Alarm, Log
from compliance.monitor import following
from compliance.monitor.following import OF_THE_MOMENT
from compliance.monitor.memory import Memory
from compliance.monitor.places import Files
from compliance.verifier.errors import VerificationError
from compliance.verifier.notes import VerifierKey
from exchange.kernel import events
from exchange.kernel.actors import Actor

MEMORY_FILE = Path("monitor", "memory.sqlite3")
_LONGEST_SENTENCE = 500


def look(*, now: datetime) -> int:
    """Follow every log to its newest head, entries too; answers how many alarms this look came to."""
    found: set[tuple[str, str]] = set()
    file = settings.EXCHANGE_VAR_DIR / MEMORY_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(Memory(file)) as memory:
            for log in Log.objects.order_by("name"):
                found |= _of_log(log, memory)
    except sqlite3.OperationalError:  # another look is not over yet
        return 0
    found |= _late(now)
    _keep(found, now)
    return len(found)


def _of_log(log: Log, memory: Memory) -> set[tuple[str, str]]:
    folder = folder_of(log.name)
    written = folder.read(VKEY)
    if written is None:
        return set()  # nothing is published yet
    try:
        key = VerifierKey.parse(written.decode().strip())
    except (VerificationError, UnicodeDecodeError):
        return {("signature", f"the published key of {log.origin} cannot be read")}
    looked = following.look(Files(folder.path), [key], memory, reads_entries=True)
    return {(alarm.kind, alarm.sentence[:_LONGEST_SENTENCE]) for alarm in looked.alarms}


def _late(now: datetime) -> set[tuple[str, str]]:
    health = queries.log_health(now=now, visible_to=Actor.system("monitor", at=now))
    waits = {
        "Events have waited for their place in the log": health.oldest_unsealed_seconds,
        "leaves have waited for a signed head": health.oldest_unsigned_seconds,
    }
    return {
        ("stale", f"{what} for over {queries.LATE_SECONDS} s")
        for what, seconds in waits.items()
        if seconds is not None and seconds > queries.LATE_SECONDS
    }


@transaction.atomic
def _keep(found: set[tuple[str, str]], now: datetime) -> None:
    """Raise what is new, and clear what is over. What an entry says is said for ever."""
    standing = Alarm.objects.filter(cleared_at=None)
    known = set(standing.values_list("kind", "sentence"))
    for alarm in standing.filter(kind__in=OF_THE_MOMENT):
        if (alarm.kind, alarm.sentence) not in found:
            Alarm.objects.filter(pk=alarm.pk).update(cleared_at=now)
    by = Actor.system("monitor", at=now)
    for kind, sentence in sorted(found - known):
        alarm = Alarm.objects.create(kind=kind, sentence=sentence, raised_at=now)
        events.record("alarm.raised", alarm, by=by)
