"""What an answer of the API must be when it refuses, and what no answer may show."""

import re
from typing import Any

from django.http import HttpResponse

INSIDES = re.compile(
    r"Traceback|line \d+, in |/[a-z-]+\.py\b|\.py\"|site-packages|/(tmp|home|usr|root|opt)/"
    r"|\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b .*\b(FROM|VALUES|SET|WHERE)\b"
    r"|psycopg|sqlite|IntegrityError|OperationalError|DataError|pydantic|client_secret=|eyJ[A-Za-z0-9_-]{20,}"
)
"""Traces of code, queries, files, secrets and tokens."""
LARGEST_PROBLEM = 16_000


def flaws(answer: HttpResponse) -> list[str]:
    """What is wrong with a refusal: not a problem document as RFC 9457 and this exchange want it, or one that
    shows what is inside."""
    if not 400 <= answer.status_code < 500:
        return [f"answered {answer.status_code}: {_start(answer)}"]
    if answer.headers.get("Content-Type") != "application/problem+json":
        return [f"{answer.status_code} as {answer.headers.get('Content-Type')}: {_start(answer)}"]
    found, document = [], answer.json()
    for name, kind in {"type": str, "title": str, "status": int, "detail": str}.items():
        if not isinstance(document.get(name), kind) or not document[name]:
            found.append(f"{name} is {document.get(name)!r}")
    if document.get("status") != answer.status_code:
        found.append(f"status {document.get('status')} in an answer with {answer.status_code}")
    if not str(document.get("type")).startswith("urn:comptoir:problem:"):
        found.append(f"type {document.get('type')}")
    if shown := INSIDES.search(answer.content.decode()):
        found.append(f"shows its insides: {shown.group()!r}")
    if len(answer.content) > LARGEST_PROBLEM:
        found.append(f"repeats {len(answer.content)} bytes")
    return found


def said(answer: HttpResponse) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert flaws(answer) == []
    return answer.status_code, code_of(answer)


def code_of(answer: HttpResponse) -> str:
    document: dict[str, Any] = answer.json()
    return str(document["type"]).removeprefix("urn:comptoir:problem:")


def _start(answer: HttpResponse) -> str:
    return "a stream" if answer.streaming else answer.content[:200].decode(errors="replace")
