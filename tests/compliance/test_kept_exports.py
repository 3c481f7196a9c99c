"""Exports that are kept: one question in three forms gives the same rows, a cut download goes on and gives the same
bytes, and what is imported again is what was exported."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from compliance.exports import exports
from compliance.exports import kept as kept_exports
from compliance.models import Export, TransferRecord
from compliance.queries import Filters
from exchange.kernel.errors import Unavailable
from exchange.kernel.models import Event

EXPORTS = "/api/v1/desk/exports"
MANY = 2_500
ODD = ['=HYPERLINK("x")', "a,b", 'say "so"', "two\nlines", "", "é\u2028", "'quoted'"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.EXCHANGE_EXPORTS_DIR = tmp_path / "exports"
    return tmp_path / "exports"


@pytest.fixture
def many(own_database: None, story: Callable[..., Any], public_log: Any) -> None:
    """Rows under one checkpoint, with texts that break careless formats, and one that is not proven yet."""
    told = story().whole()
    public_log.publish()
    row = TransferRecord.objects.get(pk=told.row.pk)

    def copies() -> Any:
        for n in range(MANY - 1):
            row.pk, row.purpose, row.seller_id = uuid4(), ODD[n % len(ODD)], None if n % 3 else uuid4()
            row.sent_bytes = 2**53 + n
            yield TransferRecord(**{f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields})

    TransferRecord.objects.bulk_create(copies())
    story().whole()
    public_log.seal()


def asked_for(http: Any, now: Any, react: Any, **body: Any) -> dict[str, Any]:
    """An export that is ready."""
    answer = http.post(EXPORTS, body)
    assert answer.status_code == 201, answer.content
    assert (answer.json()["state"], answer.json()["rows"]) == ("requested", 0)
    assert react(now) >= 1
    found: dict[str, Any] = http.get(f"{EXPORTS}/{answer.json()['id']}").json()
    assert found["state"] == "ready"
    return found


def bytes_of(http: Any, export: dict[str, Any], **headers: str) -> bytes:
    answer = http.http.get(f"{EXPORTS}/{export['id']}/file", headers=headers)
    return b"".join(answer.streaming_content)


def test_all_three_forms_hold_the_same_rows_and_give_them_back(
    many: None, door: Any, officer: Any, now: Any, react: Any, tmp_path: Path
) -> None:
    http = door(officer)
    made = {form: asked_for(http, now, react, format=form) for form in ("csv", "jsonl", "parquet")}
    assert {one["rows"] for one in made.values()} == {MANY}
    assert len({one["checkpoint"] for one in made.values()}) == 1
    lines = bytes_of(http, made["jsonl"]).splitlines()
    rows = [json.loads(line) for line in lines[1:-1]]
    assert json.loads(lines[-1]) == {"end": {"rows": MANY}}
    header, *cells = csv.reader(io.StringIO(bytes_of(http, made["csv"]).decode(), newline=""))
    assert [dict(zip(header, row, strict=True)) for row in cells] == [
        {name: str(exports.harmless(value)) for name, value in row.items()} for row in rows
    ]
    file = tmp_path / "taken.parquet"
    file.write_bytes(bytes_of(http, made["parquet"]))
    table = duckdb.sql(f"SELECT * FROM read_parquet('{file}')")
    read = [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]
    plain = [{name: exports._plain(_zoned(value)) for name, value in row.items()} for row in read]
    assert plain == rows
    [(told,)] = duckdb.sql(f"SELECT decode(value) FROM parquet_kv_metadata('{file}')").fetchall()
    meta = json.loads(lines[0])["meta"]
    assert json.loads(told)["checkpoint"] == meta["checkpoint"]
    _import_again(rows)


def _zoned(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _import_again(rows: list[dict[str, Any]]) -> None:
    """What was exported, put into an empty table, is what stood there."""
    fields = TransferRecord._meta.concrete_fields

    def stored() -> list[Any]:
        return list(TransferRecord.objects.filter(pk__in=[row["id"] for row in rows]).order_by("pk").values())

    before = stored()
    TransferRecord.objects.all().delete()
    TransferRecord.objects.bulk_create(
        TransferRecord(**{f.attname: f.to_python(row[f.attname]) for f in fields}) for row in rows
    )
    assert stored() == before


def test_a_cut_download_goes_on_and_gives_the_same_bytes(
    many: None, door: Any, officer: Any, now: Any, react: Any
) -> None:
    http = door(officer)
    made = asked_for(http, now, react, format="parquet")
    whole, path = bytes_of(http, made), f"{EXPORTS}/{made['id']}/file"
    assert hashlib.sha256(whole).hexdigest() == made["sha256"]
    head = http.http.get(path)
    tag = head["ETag"]
    assert (head["Content-Length"], head["Accept-Ranges"]) == (str(len(whole)), "bytes")
    # What happened since changes nothing of the file.
    TransferRecord.objects.all().delete()
    taken = whole[:1000]
    while len(taken) < len(whole):
        wanted = f"bytes={len(taken)}-{len(taken) + 20_000}"
        answer = http.http.get(path, headers={"Range": wanted, "If-Range": tag})
        assert answer.status_code == 206
        piece = b"".join(answer.streaming_content)
        assert answer["Content-Range"] == f"bytes {len(taken)}-{len(taken) + len(piece) - 1}/{len(whole)}"
        taken += piece
    assert taken == whole
    for given, status, body in (
        ({"Range": "bytes=-10"}, 206, whole[-10:]),
        ({"Range": "bytes=5-"}, 206, whole[5:]),
        ({"Range": "bytes=0-0"}, 206, whole[:1]),
        ({"Range": "bytes=5-", "If-Range": '"other"'}, 200, whole),
        ({"Range": "lines=1-2"}, 200, whole),
        ({"Range": "bytes=-"}, 200, whole),
    ):
        answer = http.http.get(path, headers=given)
        assert (answer.status_code, b"".join(answer.streaming_content)) == (status, body), given
    for beyond in (f"bytes={len(whole)}-", "bytes=7-3", "bytes=-0"):
        answer = http.http.get(path, headers={"Range": beyond})
        assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(whole)}")


def test_an_asynchronous_server_sends_it_piece_by_piece(
    many: None, door: Any, officer: Any, now: Any, react: Any
) -> None:
    http = door(officer)
    made = asked_for(http, now, react, format="jsonl")
    token = http.http.defaults["HTTP_AUTHORIZATION"]

    async def taken() -> list[bytes]:
        answer = await AsyncClient().get(f"{EXPORTS}/{made['id']}/file", headers={"Authorization": token})
        return [piece async for piece in answer.streaming_content]

    pieces = async_to_sync(taken)()
    assert len(pieces) > 2
    assert hashlib.sha256(b"".join(pieces)).hexdigest() == made["sha256"]


@pytest.mark.django_db
def test_asking_making_and_taking_are_each_an_event(
    told: Any, door: Any, officer: Any, now: Any, react: Any, folder: Path
) -> None:
    http = door(officer)
    made = asked_for(http, now, react, format="csv", country="DE")
    assert made["filters"] == {"country": "DE"}
    bytes_of(http, made)
    names = ["export.requested", "export.finished", "officer.exported"]
    found = Event.objects.filter(name__in=names).order_by("id")
    assert [event.name for event in found] == names
    facts = [json.loads(bytes(event.leaf))["facts"] for event in found]
    assert facts[0]["filters"] == {"country": "DE"}
    assert facts[1]["sha256"] == facts[2]["sha256"] == made["sha256"]
    assert [file.name for file in folder.iterdir()] == [f"{made['id']}.csv"]


@pytest.mark.django_db
def test_before_the_first_head_nothing_can_be_asked_for(
    story: Callable[..., Any], public_log: Any, door: Any, officer: Any
) -> None:
    story().whole()
    answer = door(officer).post(EXPORTS, {"format": "csv"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:comptoir:problem:not_sealed_yet")
    assert not Export.objects.exists()


@pytest.mark.django_db
def test_what_is_not_ready_or_no_longer_kept_is_refused(
    told: Any, door: Any, officer: Any, now: Any, react: Any, folder: Path
) -> None:
    http = door(officer)
    answer = http.post(EXPORTS, {"format": "csv"}).json()
    early = http.get(f"{EXPORTS}/{answer['id']}/file")
    assert (early.status_code, early.json()["type"]) == (409, "urn:comptoir:problem:export_not_ready")
    react(now)
    made = Export.objects.get()
    assert kept_exports.expire(now=made.expires_at - timedelta(seconds=1)) == 0
    assert kept_exports.expire(now=made.expires_at) == 1
    assert kept_exports.expire(now=made.expires_at) == 0
    late = http.get(f"{EXPORTS}/{answer['id']}/file")
    assert (late.status_code, late.json()["type"]) == (409, "urn:comptoir:problem:export_expired")
    assert list(folder.iterdir()) == []


@pytest.mark.django_db
def test_two_workers_make_one_file_and_a_dead_ones_claim_runs_out(
    told: Any, officer: Any, now: Any, folder: Path
) -> None:
    asked = kept_exports.ask(Filters(), form="jsonl", by=officer)
    Export.objects.filter(pk=asked.pk).update(claimed_until=now + timedelta(hours=1))
    with pytest.raises(Unavailable):
        kept_exports.make(asked.pk, now=now)
    assert not folder.exists()
    kept_exports.make(asked.pk, now=now + timedelta(hours=2))
    kept_exports.make(asked.pk, now=now + timedelta(hours=2))
    assert Event.objects.filter(name="export.finished").count() == 1


@pytest.mark.django_db
def test_a_worker_that_fails_leaves_neither_file_nor_claim(
    told: Any, officer: Any, now: Any, folder: Path
) -> None:
    folder.write_text("a file stands where the folder should")
    asked = kept_exports.ask(Filters(), form="csv", by=officer)
    with pytest.raises(OSError, match="exports"):
        kept_exports.make(asked.pk, now=now)
    folder.unlink()
    kept_exports.make(asked.pk, now=now)
    asked.refresh_from_db()
    assert (asked.state, asked.rows) == ("ready", 1)


@pytest.fixture
def told(public_log: Any, story: Callable[..., Any]) -> Any:
    """A finished transfer, sealed and signed."""
    found = story().whole()
    public_log.publish()
    return found
