"""Calls of tus at an upload link, each to a gateway of its own in this process, as after a restart."""

from collections.abc import Mapping
from typing import Any

from tests import sales

TUS = {"tus-resumable": "1.0.0"}
PIECE = {**TUS, "content-type": "application/offset+octet-stream"}


def begin(path: str, length: int, **headers: str) -> sales.Answer:
    return sales.call("POST", path, headers={**TUS, "upload-length": str(length), **headers})


def piece(
    path: str, offset: int, data: bytes, headers: Mapping[str, str] | None = None, **options: Any
) -> sales.Answer:
    given = {**PIECE, "upload-offset": str(offset), **(headers or {})}
    parts = [data[at : at + 60_000] for at in range(0, len(data), 60_000)] or [b""]
    return sales.call("PATCH", path, headers=given, body=parts, **options)


def offset_of(path: str) -> int:
    return int(sales.call("HEAD", path, headers=TUS).headers["upload-offset"])


def code_of(answer: sales.Answer) -> str:
    return bytes(answer.body).decode().partition("problem:")[2].partition('"')[0]
