"""Exports of the desk: whole, streamed, proven, and harmless to open."""

import csv
import io
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from asgiref.sync import async_to_sync
from django.db.models import CharField, TextField
from django.test import AsyncClient

from compliance.exports import exports
from compliance.models import TransferRecord
from exchange.kernel.models import Event
from tests.records import multiply

EXPORT = "/api/v1/desk/transfers/export"
MANY = 8_000
A_FEW_MEGABYTES = 6_000_000


@pytest.fixture
def many(own_database: None, story: Callable[..., Any], public_log: Any) -> None:
    """As many rows as would fill 6 MB as text and far more as objects, under one checkpoint; committed, so that cursors
    work as they will."""
    told = story().whole()
    public_log.publish()
    multiply(told.row.pk, MANY)


def peak_of(consume: Callable[[], int]) -> tuple[int, int]:
    """What `consume` answers, and the most memory that it held."""
    tracemalloc.start()
    try:
        return consume(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_thousands_of_rows_stream_in_constant_memory(many: None, door: Any, officer: Any) -> None:
    answer = door(officer).get(EXPORT, format="csv")
    assert answer.streaming

    def consume() -> int:
        return sum(piece.count(b"\r\n") for piece in answer.streaming_content)

    lines, peak = peak_of(consume)
    assert lines == MANY + 1
    assert peak < A_FEW_MEGABYTES


def test_an_asynchronous_server_streams_in_constant_memory_too(many: None, door: Any, officer: Any) -> None:
    token = door(officer).http.defaults["HTTP_AUTHORIZATION"]

    async def consume() -> int:
        headers = {"Authorization": token}
        answer = await AsyncClient().get(EXPORT, {"format": "jsonl"}, headers=headers)
        count = 0
        async for piece in answer.streaming_content:
            count += piece.count(b"\n")
        return count

    lines, peak = peak_of(async_to_sync(consume))
    assert lines == MANY + 2
    assert peak < A_FEW_MEGABYTES


def test_json_lines_say_what_proves_them_and_that_they_are_whole(
    story: Callable[..., Any], public_log: Any, door: Any, officer: Any
) -> None:
    told = story().whole()
    story(changed={"country_to": "BR"}).whole()
    public_log.publish()
    answer = door(officer).get(EXPORT, format="jsonl", country="DE")
    lines = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    note = (public_log.folder() / "checkpoint").read_text().split("\n")
    checkpoint = lines[0]["meta"]["checkpoint"]
    assert [checkpoint["origin"], str(checkpoint["size"]), checkpoint["root"]] == note[:3]
    assert lines[0]["meta"]["filters"] == {"country": "DE"}
    assert [row["id"] for row in lines[1:-1]] == [str(told.row.pk)]
    assert lines[1]["last_leaf"] == Event.objects.filter(subject=told.subject).latest("id").leaf_index
    assert lines[-1] == {"end": {"rows": 1}}
    assert answer.headers["Comptoir-Checkpoint"] == " ".join(note[:3])
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="transfers-20')


def test_csv_has_a_header_and_the_line_ends_of_rfc_4180(
    story: Callable[..., Any], public_log: Any, door: Any, officer: Any
) -> None:
    told = story().whole()
    public_log.publish()
    answer = door(officer).get(EXPORT, format="csv")
    data = b"".join(answer.streaming_content).decode()
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert data.count("\r\n") == data.count("\n") == 2
    header, row = csv.reader(io.StringIO(data, newline=""))
    assert tuple(header) == exports.COLUMNS
    assert row[0] == str(told.row.pk)
    assert row[header.index("started_at")] == "2026-11-22T09:00:00.000Z"
    assert row[header.index("sent_bytes")] == "1000"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_value_is_a_formula(
    start: str, story: Callable[..., Any], public_log: Any, door: Any, officer: Any
) -> None:
    purpose = f'{start}HYPERLINK("x","a,b")'
    story(changed={"purpose": purpose}).whole()
    public_log.publish()
    data = b"".join(door(officer).get(EXPORT, format="csv").streaming_content).decode()
    header, row = csv.reader(io.StringIO(data, newline=""))
    assert row[header.index("purpose")] == f"'{purpose}"
    data = b"".join(door(officer).get(EXPORT, format="jsonl").streaming_content).decode()
    assert json.loads(data.splitlines()[1])["purpose"] == purpose


def test_what_no_checkpoint_proves_is_not_exported(
    story: Callable[..., Any], public_log: Any, door: Any, officer: Any
) -> None:
    http = door(officer)
    told, running = story(), story()
    told.whole()
    running.tell("started")
    public_log.seal()
    answer = http.get(EXPORT, format="csv")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:comptoir:problem:not_sealed_yet")
    assert not Event.objects.filter(name="officer.exported").exists()
    public_log.publish()
    running.tell("completed", 1_000, minutes=1)
    public_log.seal()
    data = b"".join(http.get(EXPORT, format="csv").streaming_content).decode()
    assert str(told.row.pk) in data and str(running.row.pk) not in data
    public_log.publish()
    data = b"".join(http.get(EXPORT, format="csv").streaming_content).decode()
    assert str(running.row.pk) in data


@pytest.mark.parametrize("query", [{}, {"format": "xlsx"}, {"format": "csv", "limit": 3}])
def test_another_form_is_refused(query: Any, door: Any, officer: Any) -> None:
    assert door(officer).get(EXPORT, **query).status_code == 422


def test_parquet_gives_back_every_text_as_it_was(tmp_path: Path) -> None:
    texts = ["", '"', 'a "b" c', "a, b", "line\nline", "end\r\n", "\r", "'", "é\t", "=1+1"]
    fields = TransferRecord._meta.concrete_fields
    rows = [
        tuple(given if isinstance(field, CharField | TextField) else None for field in fields)
        for given in texts
    ]
    for times in (1, 117, 168):
        exports.write_parquet(tmp_path / "a.parquet", {}, rows * times)
        assert duckdb.sql(f"SELECT * FROM read_parquet('{tmp_path}/a.parquet')").fetchall() == rows * times
