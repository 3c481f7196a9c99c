"""One port for everything: the gateway takes /u/ and /d/, Django every other path. Django reads a body to its end
before a view may look at it, so a body that is too large or too slow is refused here."""

import asyncio
import gc
import io
import json
import os
from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infra.settings")
_django = get_asgi_application()

from contracts.gateway import gateway  # noqa: E402  (needs the apps that the line above sets up)
from contracts.gateway.wire import Message, Receive, Scope, Send, start  # noqa: E402
from exchange.kernel import problems  # noqa: E402
from infra.headers import CONTENT_SECURITY_POLICY  # noqa: E402
from infra.problems import early_page  # noqa: E402

BODY_WITHIN_SECONDS = 30
_LINGER_SECONDS = 2


class _Refused(Exception):
    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Send each request to its side; both live and stop with the server."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http" and str(scope["path"]).startswith(("/u/", "/d/")):
        await gateway.application(scope, receive, send)
    elif scope["type"] == "http":
        await _to_django(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            gc.freeze()  # what is there now stays: to look through it again and again would cost a tenth of all
        is_over = message["type"] == "lifespan.shutdown"
        if is_over:
            await gateway.application.close()
        await send({"type": f"{message['type']}.complete"})
        if is_over:
            return


async def _to_django(scope: Scope, receive: Receive, send: Send) -> None:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    until = asyncio.get_running_loop().time() + BODY_WITHIN_SECONDS
    taken, is_whole = 0, False

    async def receive_limited() -> Message:
        nonlocal taken, is_whole
        if is_whole:
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise _Refused(408, "too_slow", f"the body did not arrive within {BODY_WITHIN_SECONDS} s") from None
        taken += len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        if taken > limit:
            raise _too_large(limit)
        return message

    as_django_types_it: Any = send  # its stubs want what it sends to be a Mapping, ours a MutableMapping
    try:
        if _declared_bytes(scope) > limit:
            raise _too_large(limit)
        await _django(scope, receive_limited, as_django_types_it)
    except _Refused as refusal:
        await _refuse(refusal, scope, receive, send)


def _too_large(limit: int) -> _Refused:
    return _Refused(
        413, "too_large", f"a request's body may have {limit} bytes; files go through an upload link"
    )


def _declared_bytes(scope: Scope) -> int:
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    return int(declared) if declared.isdigit() else 0


def _page_of(refusal: _Refused, scope: Scope) -> str | None:
    return early_page(ASGIRequest(scope, io.BytesIO()), refusal.status, refusal.code)


async def _refuse(refusal: _Refused, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer and close. What is still arriving is read for a moment, because a connection that is closed on
    unread bytes is reset, and the sender would lose the answer."""
    headers, text = {"content-type": problems.MEDIA_TYPE}, _page_of(refusal, scope)
    if text is not None:
        headers = {
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": CONTENT_SECURITY_POLICY,
        }
    body = (text or json.dumps(problems.document(refusal.status, refusal.code, refusal.detail))).encode()
    headers |= {"content-length": str(len(body)), "connection": "close"}
    await start(send, refusal.status, headers)
    await send({"type": "http.response.body", "body": body, "more_body": True})
    if b"expect" not in dict(scope["headers"]):
        try:
            async with asyncio.timeout(_LINGER_SECONDS):
                while (await receive()).get("more_body", False):
                    pass
        except TimeoutError:
            pass
    await send({"type": "http.response.body", "body": b""})
