"""The gateway, called in this process as a server would call it: the demo's bytes enter and leave by the same door
as everybody's."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlparse

from contracts.gateway.gateway import Gateway

_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


def put(token: str, content: bytes) -> Answer:
    """Upload `content` with an upload token."""
    return asyncio.run(_exchange("PUT", f"/u/{token}", content))


def get(url: str) -> Answer:
    """Download what a link from `transfers.issue_token` gives."""
    return asyncio.run(_exchange("GET", unquote(urlparse(url).path), b""))


async def _exchange(method: str, path: str, content: bytes) -> Answer:
    parts = [content[i : i + _CHUNK] for i in range(0, len(content), _CHUNK)] or [b""]
    hangs_up = asyncio.Event()
    status, body = 0, bytearray()

    async def receive() -> dict[str, Any]:
        if parts:
            part = parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(parts)}
        await hangs_up.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            body.extend(message.get("body", b""))

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(b"user-agent", b"comptoir-demo")],
        "client": ("127.0.0.1", 0),
    }
    await Gateway()(scope, receive, send)
    return Answer(status, bytes(body))
