"""Bytes that enter: streamed to storage in constant memory and digested on the way; what is cut, too large or
other than announced leaves nothing behind."""

import asyncio
import base64
import binascii
import re
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from contracts.group_commit import in_thread
from contracts.wire import Disconnected, Receive, Send, answer_json, answer_problem
from datasets import assets
from datasets.assets import Received
from datasets.digests import Digester
from datasets.storage import Writer, new_key, storage
from exchange.kernel.actors import Actor, Kind, Scope
from exchange.kernel.errors import ExchangeError, Invalid
from exchange.kernel.signing import Purpose, verify_token
from exchange.kernel.text import timestamp

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

HEAD_BYTES = 64 * 1024
_SHA256 = re.compile(r"sha-256\s*=\s*:([A-Za-z0-9+/=]*):")


class TooLarge(Invalid):
    """More bytes than the exchange takes for one asset."""

    default_code = "too_large"


class Stalled(ExchangeError):
    """Nothing came for longer than an upload may pause."""

    default_code = "stalled"


class Inflow:
    """All uploads of this process."""

    def __init__(self) -> None:
        self._database = ThreadPoolExecutor(max_workers=2, thread_name_prefix="inflow-database")
        self._disk = ThreadPoolExecutor(max_workers=4, thread_name_prefix="inflow-storage")

    async def take(self, token: str, headers: Mapping[str, str], receive: Receive, send: Send) -> None:
        """Receive one asset; refusals rise to the gateway, with nothing kept."""
        now = timezone.now()
        claims = verify_token(Purpose.UPLOAD, token, audience=assets.UPLOAD_AUDIENCE, now=now)
        by = Actor(Kind(claims["kind"]), claims["actor"], UUID(claims["sub"]), frozenset({Scope.SELL}), now)
        asset_id = UUID(claims["asset"])
        promised = _promised_size(headers)
        wanted = _promised_digest(headers)
        if headers.get("content-encoding", "identity") != "identity" or "content-range" in headers:
            await answer_problem(send, 415, "encoding_not_taken", "send the file as it is, whole")
            return
        await in_thread(self._database, assets.require_expected, asset_id, by=by)
        received = await self._store(receive, promised, wanted)
        received_by = by.moved_to(timezone.now())
        asset = await in_thread(self._database, assets.receive, asset_id, received, received_by)
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
        writer: Writer = await self._on_disk(storage().writer, key)
        digester = Digester()
        head = bytearray()
        try:
            async for chunk in _body(receive):
                if digester.size_bytes + len(chunk) > settings.EXCHANGE_UPLOAD_LARGEST_BYTES:
                    raise TooLarge(_too_large())
                head += chunk[: HEAD_BYTES - len(head)]
                await self._on_disk(_write, writer, digester, chunk)
            _require_promise(digester, promised, wanted)
            await self._on_disk(writer.commit)
        except BaseException:
            await asyncio.shield(self._on_disk(writer.abort))
            raise
        return Received(
            size_bytes=digester.size_bytes,
            sha256=digester.sha256,
            block_digests=digester.block_digests,
            storage_key=key,
            head=bytes(head),
        )

    async def _on_disk(self, function: Callable[[*Arguments], Result], *args: *Arguments) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._disk, function, *args)


def _write(writer: Writer, digester: Digester, chunk: bytes) -> None:
    writer.write(chunk)
    digester.feed(chunk)


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        try:
            message = await asyncio.wait_for(receive(), settings.EXCHANGE_UPLOAD_IDLE_SECONDS)
        except TimeoutError:
            limit = settings.EXCHANGE_UPLOAD_IDLE_SECONDS
            raise Stalled(f"nothing came for {limit} seconds; nothing was kept, send the file again") from None
        if message["type"] == "http.disconnect":
            raise Disconnected
        if body := message.get("body", b""):
            yield body
        if not message.get("more_body", False):
            return


def _promised_size(headers: Mapping[str, str]) -> int | None:
    given = headers.get("content-length")
    if given is None or not given.isdigit():
        return None
    if int(given) > settings.EXCHANGE_UPLOAD_LARGEST_BYTES:
        raise TooLarge(_too_large())
    return int(given)


def _promised_digest(headers: Mapping[str, str]) -> bytes | None:
    """The SHA-256 that the sender expects (RFC 9530); digests by other algorithms are not checked."""
    for name in ("repr-digest", "content-digest"):
        if found := _SHA256.search(headers.get(name, "")):
            try:
                return base64.b64decode(found[1], validate=True)
            except binascii.Error:
                raise Invalid(f"{name} is not base64", code="bad_digest") from None
    return None


def _require_promise(digester: Digester, promised: int | None, wanted: bytes | None) -> None:
    if promised is not None and digester.size_bytes != promised:
        raise Invalid(
            f"{digester.size_bytes} bytes came, {promised} were announced; nothing was kept", code="cut_short"
        )
    if wanted is not None and bytes.fromhex(digester.sha256) != wanted:
        raise Invalid(
            "what came has another SHA-256 than the digest you sent; nothing was kept", code="digest_differs"
        )


def _too_large() -> str:
    return f"a file may have {settings.EXCHANGE_UPLOAD_LARGEST_BYTES} bytes at most; nothing was kept"
