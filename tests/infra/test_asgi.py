"""The one port: which side takes a request, and which bodies are refused before either reads them."""

import asyncio
import json
from typing import Any

import pytest

from infra import asgi


def ask(method: str, path: str, body: list[bytes] | None = None, **headers: str) -> tuple[int, Any]:
    """Status and JSON, or page, of the answer to a request whose body arrives in parts; `never` does not come."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"testserver"), *((k.encode(), v.encode()) for k, v in headers.items())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "scheme": "http",
    }

    waiting = list(body or [b""])

    async def receive() -> dict[str, Any]:
        if not waiting or waiting[0] == b"never":
            await asyncio.Event().wait()
        part = waiting.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(asgi.application(scope, receive, send))
    content = b"".join(message.get("body", b"") for message in sent[1:])
    is_page = (b"content-type", b"text/html; charset=utf-8") in sent[0]["headers"]
    return sent[0]["status"], content.decode() if is_page else json.loads(content)


def test_django_takes_what_is_not_the_gateways() -> None:
    status, description = ask("GET", "/api/v1/openapi.json")
    assert (status, description["info"]["title"]) == (200, "Comptoir")
    assert ask("GET", "/dataset")[0] == 404


@pytest.mark.parametrize("path", ["/u/token", "/d/token/name"])
def test_the_gateway_takes_its_two_doors(path: str) -> None:
    status, problem = ask("TRACE", path)
    assert status == 405
    assert problem["detail"].startswith("this door takes")


@pytest.mark.parametrize(("language", "words"), [("en", "This is too large"), ("fr", "C’est trop volumineux")])
def test_a_page_says_so_to_who_reads_pages(language: str, words: str) -> None:
    headers = {"content-length": str(1024 * 1024 + 1), "accept": "text/html", "accept-language": language}
    status, page = ask("POST", "/accounts/login/", [b"x"], **headers)
    assert status == 413 and f"<h1>{words}</h1>" in page and f'<html lang="{language}"' in page


def test_a_body_that_says_it_is_too_large_is_refused_unread() -> None:
    status, problem = ask("POST", "/health", [b"x"], **{"content-length": str(1024 * 1024 + 1)})
    assert (status, problem["type"]) == (413, "urn:comptoir:problem:too_large")


def test_a_body_that_turns_out_too_large_is_refused() -> None:
    status, problem = ask("POST", "/health", [b"x" * 400_000] * 4)
    assert (status, problem["status"]) == (413, 413)


def test_a_body_of_the_largest_size_is_taken() -> None:
    status, problem = ask("POST", "/nothing", [b"x" * 1024 * 512] * 2)
    assert (status, problem["type"]) == (404, "urn:comptoir:problem:not_found")


def test_a_body_that_stalls_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "BODY_WITHIN_SECONDS", 0.05)
    monkeypatch.setattr(asgi, "_LINGER_SECONDS", 0.05)
    status, problem = ask("POST", "/health", [b"x", b"never"])
    assert (status, problem["type"]) == (408, "urn:comptoir:problem:too_slow")


def test_start_and_stop_of_the_server_are_answered() -> None:
    asked = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    answered: list[Any] = []

    async def receive() -> Any:
        return asked.pop(0)

    async def send(message: Any) -> None:
        answered.append(message["type"])

    asyncio.run(asgi.application({"type": "lifespan"}, receive, send))
    assert answered == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
