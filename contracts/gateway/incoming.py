"""Bytes that enter: streamed to storage in constant memory and digested on the way; of a whole file, what is cut, too
large or other than announced leaves nothing behind."""

import asyncio
import base64
import binascii
import re
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import ParamSpec, TypeVar, TypeVarTuple
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from contracts.gateway.wire import Declined, Disconnected, Message, Receive, Send, answer_json
from contracts.transfers.group_commit import in_thread
from datasets.revisions import arrivals, assets
from datasets.revisions.assets import Received
from datasets.revisions.digests import Digester
from datasets.storage import Writer, new_key, storage
from exchange.kernel.actors import Actor, Kind, Scope
from exchange.kernel.errors import Invalid
from exchange.kernel.signing import Purpose, verify_token
from exchange.kernel.text import timestamp

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")
Given = ParamSpec("Given")

HEAD_BYTES = 64 * 1024
_SHA256 = re.compile(r"sha-256\s*=\s*:([A-Za-z0-9+/=]*):")


SILENT_SECONDS = 2.0
"""After so long without a byte, an upload gives way to another request that asks for it."""


class TooLarge(Declined):
    """More bytes than the exchange takes for one asset."""

    default_code = "too_large"
    status = 413


class Stalled(Declined):
    """Nothing came for longer than an upload may pause."""

    default_code = "stalled"
    status = 408


class Inflow:
    """All uploads of this process."""

    def __init__(self) -> None:
        self._database = ThreadPoolExecutor(max_workers=2, thread_name_prefix="inflow-database")
        self._disk = ThreadPoolExecutor(max_workers=4, thread_name_prefix="inflow-storage")

    async def take(self, token: str, headers: Mapping[str, str], receive: Receive, send: Send) -> None:
        """Receive one asset whole; refusals rise to the gateway, with nothing kept."""
        asset_id, by = bearer(token, timezone.now())
        promised = _promised_size(headers)
        wanted = promised_digest(headers)
        if headers.get("content-encoding", "identity") != "identity" or "content-range" in headers:
            raise Declined("send the file as it is, whole", code="encoding_not_taken", status=415)
        await self.in_database(assets.require_expected, asset_id, by=by)
        received = await self._store(receive, promised, wanted)
        received_by = by.moved_to(timezone.now())
        asset = await self.in_database(assets.receive, asset_id, received, received_by)
        await self.on_disk(arrivals.forget, asset_id)
        await answer_json(
            send,
            201,
            {
                "id": str(asset.pk),
                "name": asset.name,
                "size_bytes": asset.size_bytes,
                "sha256": asset.sha256,
                "received_at": timestamp(received_by.at),
            },
        )

    async def _store(self, receive: Receive, promised: int | None, wanted: bytes | None) -> Received:
        key = new_key()
        writer: Writer = await self.on_disk(storage().writer, key)
        digester = Digester()
        head = bytearray()
        try:
            async for chunk in body(receive):
                if digester.size_bytes + len(chunk) > settings.EXCHANGE_UPLOAD_LARGEST_BYTES:
                    raise TooLarge(too_large())
                head += chunk[: HEAD_BYTES - len(head)]
                await self.on_disk(_write, writer, digester, chunk)
            _require_size(digester, promised)
            require_digest(digester, wanted)
            await self.on_disk(writer.commit)
        except BaseException:
            await self.at_last_on_disk(writer.abort)
            raise
        return Received(
            size_bytes=digester.size_bytes,
            sha256=digester.sha256,
            block_digests=digester.block_digests,
            storage_key=key,
            head=bytes(head),
        )

    async def on_disk(self, function: Callable[[*Arguments], Result], *args: *Arguments) -> Result:
        """Run what reads or writes bytes."""
        return await asyncio.get_running_loop().run_in_executor(self._disk, function, *args)

    async def at_last_on_disk(self, function: Callable[[], None]) -> None:
        """Run what tidies up, though the request is cancelled, or its server ends and cancels all that it runs."""
        await asyncio.shield(asyncio.wrap_future(self._disk.submit(function)))

    async def in_database(
        self, function: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        """Run what asks or changes the database."""
        return await in_thread(self._database, function, *args, **kwargs)


def bearer(token: str, now: datetime) -> tuple[UUID, Actor]:
    """Which asset an upload link fills, and for whom."""
    claims = verify_token(Purpose.UPLOAD, token, audience=assets.UPLOAD_AUDIENCE, now=now)
    by = Actor(Kind(claims["kind"]), claims["actor"], UUID(claims["sub"]), frozenset({Scope.SELL}), now)
    return UUID(claims["asset"]), by


async def body(receive: Receive, is_asked_for: Callable[[], bool] | None = None) -> AsyncIterator[bytes]:
    """The bytes of a request as they come. One from which nothing comes is cut, and sooner where another asks."""
    is_last = False
    while not is_last:
        message = await _next(receive, is_asked_for)
        if message["type"] == "http.disconnect":
            raise Disconnected
        is_last = not message.get("more_body", False)
        if chunk := message.get("body", b""):
            yield chunk


async def _next(receive: Receive, is_asked_for: Callable[[], bool] | None) -> Message:
    limit, silent = settings.EXCHANGE_UPLOAD_IDLE_SECONDS, 0.0
    coming = asyncio.ensure_future(receive())
    try:
        while True:
            wait = min(SILENT_SECONDS, limit - silent)
            if (await asyncio.wait({coming}, timeout=wait))[0]:
                return coming.result()
            silent += wait
            if is_asked_for is not None and is_asked_for():
                raise Stalled("nothing came, and another request goes on with this upload", code="gave_way")
            if silent >= limit:
                kept = "send the file again" if is_asked_for is None else "ask where to go on"
                raise Stalled(f"nothing came for {limit} seconds; {kept}")
    finally:
        coming.cancel()


def _write(writer: Writer, digester: Digester, chunk: bytes) -> None:
    writer.write(chunk)
    digester.feed(chunk)


def _promised_size(headers: Mapping[str, str]) -> int | None:
    given = headers.get("content-length")
    if given is None or not given.isdigit():
        return None
    if int(given) > settings.EXCHANGE_UPLOAD_LARGEST_BYTES:
        raise TooLarge(too_large())
    return int(given)


def promised_digest(headers: Mapping[str, str]) -> bytes | None:
    """The SHA-256 that the sender expects (RFC 9530); digests by other algorithms are not checked."""
    for name in ("repr-digest", "content-digest"):
        if found := _SHA256.search(headers.get(name, "")):
            try:
                return base64.b64decode(found[1], validate=True)
            except binascii.Error:
                raise Invalid(f"{name} is not base64", code="bad_digest") from None
    return None


def require_digest(digester: Digester, wanted: bytes | None) -> None:
    """Refuse bytes of another digest than the sender expects."""
    if wanted is not None and bytes.fromhex(digester.sha256) != wanted:
        raise Invalid(
            "what came has another SHA-256 than the digest you sent; nothing was kept", code="digest_differs"
        )


def _require_size(digester: Digester, promised: int | None) -> None:
    if promised is not None and digester.size_bytes != promised:
        raise Invalid(
            f"{digester.size_bytes} bytes came, {promised} were announced; nothing was kept", code="cut_short"
        )


def too_large() -> str:
    """What is said of a file that is larger than the exchange takes."""
    return f"a file may have {settings.EXCHANGE_UPLOAD_LARGEST_BYTES} bytes at most; nothing was kept"
