"""Where data went, counted by month, dataset, country and mechanism: brought up to date with the records that a row
sums up, so that the map is a look-up however many transfers there were."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from compliance.models import Flow, TransferRecord
from compliance.recipients import recipients
from exchange.look.formats import zone

_ABOUT = (
    *("month", "dataset_id", "seller_id", "country_from", "country_to"),
    *("mechanism", "personal_data", "purpose"),
)
_COLUMNS = [f.attname for f in Flow._meta.concrete_fields if not f.primary_key]


@dataclass(frozen=True)
class Counted:
    """Where a record counts, and with how many bytes; `about` is empty where nothing left."""

    about: tuple[object, ...] = ()
    sent_bytes: int = 0


NOWHERE = Counted()


def counted(record: TransferRecord) -> Counted:
    """Where this record counts, as it is now: as a recipient's does."""
    if recipients.counted(record) == recipients.NOWHERE:
        return NOWHERE
    values = [_month(record) if name == "month" else getattr(record, name) for name in _ABOUT]
    return Counted(tuple(values), record.sent_bytes)


def note(before: Mapping[UUID, Counted], records: Iterable[TransferRecord]) -> None:
    """Count `records` as they are now, where `before` says that they counted otherwise. Callers are one at a time."""
    changes: dict[tuple[object, ...], tuple[int, int]] = {}
    for record in records:
        for one, sign in ((before.get(record.pk, NOWHERE), -1), (counted(record), 1)):
            if one.about:
                transfers, sent = changes.get(one.about, (0, 0))
                changes[one.about] = (transfers + sign, sent + sign * one.sent_bytes)
    changed = {about: change for about, change in changes.items() if change != (0, 0)}
    rows = Flow.objects.in_bulk([_id(about) for about in changed])
    for about, (transfers, sent) in changed.items():
        row = rows.setdefault(_id(about), _new(about))
        row.transfers += transfers
        row.sent_bytes += sent
    Flow.objects.bulk_create(rows.values(), update_conflicts=True, unique_fields=["id"], update_fields=_COLUMNS)


def _new(about: tuple[object, ...]) -> Flow:
    return Flow(id=_id(about), transfers=0, sent_bytes=0, **dict(zip(_ABOUT, about, strict=True)))


def _id(about: tuple[object, ...]) -> UUID:
    return UUID(bytes=sha256(":".join(map(str, about)).encode()).digest()[:16])


def _month(record: TransferRecord) -> date:
    return record.started_at.astimezone(zone()).date().replace(day=1)
