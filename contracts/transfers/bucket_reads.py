"""What links to storage were used for, read from the bucket's access log (the format of Amazon S3's server access
logs). A line may come hours late, twice, or never; reading one again changes nothing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction

from compliance.health import completeness
from contracts.models import BucketRead, Transfer
from contracts.transfers import ranges
from contracts.transfers.ranges import Range
from contracts.transfers.transfers import transition_with_ranges
from datasets.storage import ABOUT
from exchange.kernel import events
from exchange.kernel.actors import Actor

SKEW = timedelta(minutes=5)
"""By how much the clocks of storage and gateways may differ."""

# Owner, bucket, time, address, requester, request id, operation, key, request, status, error, bytes sent. What follows,
# such as the program's name, is the client's to say, and nothing rests on it.
_LINE = re.compile(
    r'\S+ \S+ \[([^]]+)\] \S+ (\S+) (\S+) (\S+) (\S+) (?:"([^"]*)"|-) (\d{3}|-) \S+ (\d{1,18}|-) '
)
_TIME = "%d/%b/%Y:%H:%M:%S %z"
_SENT = {"200", "206"}
_SIGNATURE = "X-Amz-Signature"


@dataclass(frozen=True)
class Line:
    """One read of an object, as the access log tells it; who read it, and from where, is passed over. `about` is what
    a link says that it was given for, which the bucket checked with its signature; `is_own`: no link was used."""

    request_id: str
    at: datetime
    key: str
    about: str
    status: int
    sent_bytes: int
    is_own: bool


@dataclass
class Report:
    """What came of the lines: `own` are the exchange's own reads, `others` no reads of files at all, `unreadable` no
    lines of an access log."""

    matched: int = 0
    repeated: int = 0
    own: int = 0
    others: int = 0
    unreadable: int = 0
    unmatched: list[str] = field(default_factory=list)


def reconcile(lines: Iterable[str], *, now: datetime) -> Report:
    """Record what left by links that were given. A read that no link explains is kept, counted and shown."""
    report, by = Report(), Actor.system("reconcile_redirects", at=now)
    for text in filter(None, map(str.strip, lines)):
        try:
            line = parse(text)
        except ValueError:
            report.unreadable += 1
            continue
        if line is None:
            report.others += 1
        elif line.is_own:
            report.own += 1
        else:
            _take(line, report, by)
    return report


def parse(text: str) -> Line | None:
    """A line of an access log; None where it tells of no bytes of an object. ValueError where it is none."""
    if (found := _LINE.match(text)) is None:
        raise ValueError("this is no line of an access log")
    time, requester, request_id, operation, key, request, status, sent = found.groups()
    at = datetime.strptime(time, _TIME).astimezone(UTC)
    if operation != "REST.GET.OBJECT" or status not in _SENT or sent in ("-", "0"):
        return None
    _, _, address = (request or "").partition(" ")
    asked = parse_qs(urlsplit(address.partition(" ")[0]).query)
    return Line(
        request_id=request_id,
        at=at,
        key=unquote(unquote(key)),  # the log encodes keys twice
        about=asked.get(ABOUT, [""])[0],
        status=int(status),
        sent_bytes=int(sent),
        is_own=requester != "-" and _SIGNATURE not in asked,
    )


@transaction.atomic
def _take(line: Line, report: Report, by: Actor) -> None:
    if BucketRead.objects.filter(request_id=line.request_id).exists():
        report.repeated += 1
        return
    transfer = _transfer_of(line)
    read = BucketRead.objects.create(
        request_id=line.request_id,
        transfer=transfer,
        storage_key=line.key,
        status=line.status,
        sent_bytes=line.sent_bytes,
        read_at=line.at,
    )
    if transfer is None:
        report.unmatched.append(line.request_id)
        events.record("bucket.read_unmatched", read, by=by)
        completeness.keep_unexplained_read(read.pk, line.request_id, line.sent_bytes, by=by)
    else:
        report.matched += 1
        _note(transfer, read, by)


def _transfer_of(line: Line) -> Transfer | None:
    """The transfer that a link was given for, if the read is of its file, in its time, and of no more than it has."""
    try:
        transfer_id = UUID(line.about)
    except ValueError:
        return None
    issued = Transfer.objects.select_for_update(of=("self",)).filter(
        pk=transfer_id, evidence=Transfer.Evidence.ISSUED, asset__storage_key=line.key
    )
    transfer = issued.select_related("asset").first()
    if transfer is None or line.sent_bytes > transfer.size_bytes:
        return None
    last = transfer.active_at + timedelta(seconds=settings.EXCHANGE_REDIRECT_SECONDS)
    return transfer if transfer.started_at - SKEW <= line.at <= last + SKEW else None


def _note(transfer: Transfer, read: BucketRead, by: Actor) -> None:
    """A whole answer tells which bytes left: those from the first on. A part does not, and is told as it is."""
    left: list[Range] = [(0, read.sent_bytes)] if read.status == 200 else []
    merged = ranges.merged([*transfer.sent_ranges, *left])
    Transfer.objects.filter(pk=transfer.pk).update(sent_ranges=merged, sent_bytes=ranges.covered(merged))
    transfer.refresh_from_db()
    events.record("transfer.reconciled", transfer, by=by, facts=read.event_facts())
    is_open = transfer.state in (Transfer.State.STARTED, Transfer.State.INTERRUPTED)
    if is_open and transfer.sent_bytes == transfer.size_bytes:
        transition_with_ranges(transfer, "complete", by=by, ended_at=by.at)
