"""ASGI as the gateway speaks it: headers in, answers and problem documents out."""

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Protocol, TypeAlias

from exchange.kernel import problems
from exchange.kernel.errors import ExchangeError

Scope: TypeAlias = dict[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Lines: TypeAlias = list[tuple[bytes, bytes]]

ALWAYS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
}


class Connection(Protocol):
    """What a request came by, where the server shows it (infra.connections)."""

    @property
    def is_gone(self) -> bool:
        """Whether nobody can be reached by it any more."""
        ...

    @property
    def waiting_bytes(self) -> int:
        """How much of what was handed over is still in this process."""
        ...

    def cut(self) -> None:
        """End it now; what waits to be sent never leaves."""
        ...


class Disconnected(Exception):
    """The other side is gone."""


class Declined(ExchangeError):
    """A refusal that has a status and headers of its own."""

    status = 400

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail, code=code)
        self.status = status or self.status
        self.headers = headers or {}


def headers_of(scope: Scope) -> dict[str, str]:
    """The request's headers by lower-case name; of a repeated one, the values joined by commas."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def connection_of(scope: Scope) -> Connection | None:
    """The connection that a request came by; None where the server does not show it."""
    found: Connection | None = scope.get("state", {}).get("connection")
    return found


async def start(send: Send, status: int, headers: Mapping[str, str]) -> None:
    """Begin an answer; its body follows."""
    await send({"type": "http.response.start", "status": status, "headers": lines_of(headers)})


def lines_of(headers: Mapping[str, str]) -> Lines:
    """Headers as they are sent, with those of every answer."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in {**ALWAYS, **headers}.items()]


async def answer(send: Send, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
    """A whole answer at once."""
    await start(send, status, {"content-length": str(len(body)), **headers})
    await send({"type": "http.response.body", "body": body})


async def answer_json(send: Send, status: int, content: Mapping[str, object]) -> None:
    await answer(send, status, {"content-type": "application/json"}, json.dumps(content).encode())


async def answer_problem(
    send: Send,
    status: int,
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, str] | None = None,
) -> None:
    """An RFC 9457 problem document, as the API answers it, with the members of `more`."""
    body = json.dumps(problems.document(status, code, detail, **(more or {}))).encode()
    await answer(send, status, {"content-type": problems.MEDIA_TYPE, **(headers or {})}, body)
