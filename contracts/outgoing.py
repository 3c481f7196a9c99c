"""Bytes that leave: read block by block, each checked against its digest before it is sent, counted as they go,
and stopped when their right ends."""

import asyncio
import base64
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from contracts import ranges, transfers
from contracts.group_commit import in_thread
from contracts.ranges import Plan, Range
from contracts.transfers import Verdict
from contracts.wire import Disconnected, Receive, Send, answer_problem, start
from datasets import digests
from datasets.models import Asset
from datasets.storage import storage

CHUNK_BYTES = 256 * 1024
WATCH_SECONDS = 0.2
ALIVE_SECONDS = 5.0
NOTE_SECONDS = 1.0

log = logging.getLogger("exchange.gateway")


@dataclass(eq=False)
class Sending:
    """One answer that is being sent for a transfer; `sent` is what left since the last note."""

    transfer_id: UUID
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    code: str | None = None
    has_sent: bool = False
    sent: list[Range] = field(default_factory=list)


class Outflow:
    """All that this process is sending: it watches for rights that end, and notes what has left."""

    def __init__(self) -> None:
        self._database = ThreadPoolExecutor(max_workers=2, thread_name_prefix="outflow-database")
        self._disk = ThreadPoolExecutor(max_workers=4, thread_name_prefix="outflow-storage")
        self._running: set[Sending] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._watcher: asyncio.Task[None] | None = None

    async def answer(self, verdict: Verdict, receive: Receive, send: Send) -> None:
        """Answer an attempt that may go on: headers, then the bytes of its plan."""
        assert verdict.plan is not None and verdict.asset is not None
        plan, asset = verdict.plan, verdict.asset
        headers = _headers(asset, plan)
        if plan.status == 412:
            await answer_problem(send, 412, "precondition_failed", "the file is another than If-Match names")
        elif plan.status == 416:
            detail = f"the file has {asset.size_bytes} bytes"
            await answer_problem(send, 416, "range_not_satisfiable", detail, headers)
        elif not plan.sends_bytes:
            await start(send, plan.status, headers)
            await send({"type": "http.response.body", "body": b""})
        elif verdict.transfer_id is not None:
            await self._stream(verdict.transfer_id, asset, plan, headers, receive, send)

    async def _stream(
        self, transfer_id: UUID, asset: Asset, plan: Plan, headers: dict[str, str], receive: Receive, send: Send
    ) -> None:
        sending = Sending(transfer_id)
        self._running.add(sending)
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.get_running_loop().create_task(self._watch())
        gone = asyncio.get_running_loop().create_task(_disconnection(receive))
        try:
            await start(send, plan.status, headers)
            await self._send_blocks(sending, asset, plan, gone, send)
        except Disconnected:
            pass  # the record says how far it came
        finally:
            gone.cancel()
            ending = asyncio.get_running_loop().create_task(self._end(sending))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)
            self._running.discard(sending)
            await asyncio.shield(ending)

    async def close(self) -> None:
        """Stop all that is being sent, and wait until what has left is noted: the server is about to end."""
        while self._running or self._ending:
            for sending in self._running:
                sending.stopped.set()
            await asyncio.sleep(0.02)

    async def _end(self, sending: Sending) -> None:
        await self._note(sending)
        transfer_id = sending.transfer_id
        if sending.code is not None:
            await in_thread(self._database, transfers.stop, transfer_id, sending.code, now=timezone.now())
        elif not sending.has_sent and all(other.transfer_id != transfer_id for other in self._running):
            await in_thread(self._database, transfers.end_unsent, transfer_id, now=timezone.now())

    async def _send_blocks(
        self, sending: Sending, asset: Asset, plan: Plan, gone: asyncio.Task[None], send: Send
    ) -> None:
        loop = asyncio.get_running_loop()
        noted_at = loop.time()
        position = plan.first
        while position < plan.after_last:
            index = position // Asset.BLOCK_BYTES
            block = await loop.run_in_executor(self._disk, _checked_block, asset, index)
            begin = index * Asset.BLOCK_BYTES
            end = min(plan.after_last, begin + len(block))
            while position < end:
                after = min(position + CHUNK_BYTES, end)
                chunk = block[position - begin : after - begin]
                _require_wanted(sending, gone)
                # Counted when handed over: a chunk that waits in a socket may arrive whatever happens next.
                sending.has_sent = True
                sending.sent.append((position, after))
                await _send_unless_stopped(sending, gone, send, chunk, more=after < plan.after_last)
                position = after
            if loop.time() - noted_at >= NOTE_SECONDS:
                noted_at = loop.time()
                await self._note(sending)

    async def _note(self, sending: Sending) -> None:
        pieces, sending.sent = ranges.merged(sending.sent), []
        if not pieces:
            return
        try:
            await in_thread(self._database, transfers.progress, sending.transfer_id, pieces, now=timezone.now())
        except BaseException:
            sending.sent = [*pieces, *sending.sent]
            raise

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        told_at = loop.time()
        while self._running:
            try:
                ids = list({sending.transfer_id for sending in self._running})
                if loop.time() - told_at >= ALIVE_SECONDS:
                    told_at = loop.time()
                    await in_thread(self._database, transfers.keep_active, ids, now=timezone.now())
                codes = await in_thread(self._database, transfers.stopped_among, ids, now=timezone.now())
                for sending in list(self._running):
                    if code := codes.get(sending.transfer_id):
                        sending.code = code
                        sending.stopped.set()
            except Exception:
                # A gateway that cannot see whether a right still holds must not go on as if it did.
                log.exception("rights could not be checked; every running transfer is cut")
                for sending in list(self._running):
                    sending.stopped.set()
            await asyncio.sleep(WATCH_SECONDS)


def _require_wanted(sending: Sending, gone: asyncio.Task[None]) -> None:
    if sending.stopped.is_set() or gone.done():
        raise Disconnected


async def _send_unless_stopped(
    sending: Sending, gone: asyncio.Task[None], send: Send, chunk: bytes, *, more: bool
) -> None:
    """Hand one chunk over and wait until it is taken; Disconnected when the right ends, the reader goes, or takes
    nothing for too long."""
    loop = asyncio.get_running_loop()
    sent = loop.create_task(_pass_on(send, chunk, more))
    stopped = loop.create_task(sending.stopped.wait())
    try:
        await asyncio.wait(
            {sent, stopped, gone},
            timeout=settings.EXCHANGE_DOWNLOAD_IDLE_SECONDS,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not sent.done():
            raise Disconnected
        await sent
    finally:
        stopped.cancel()
        sent.cancel()


async def _pass_on(send: Send, chunk: bytes, more: bool) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": more})


async def _disconnection(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _checked_block(asset: Asset, index: int) -> bytes:
    block = storage().read(asset.storage_key, index * Asset.BLOCK_BYTES, Asset.BLOCK_BYTES)
    if not digests.verify_block(asset, index, block):
        log.critical("block %s of asset %s is not what was sealed; its transfer is cut", index, asset.pk)
        raise Disconnected
    return block


def _headers(asset: Asset, plan: Plan) -> dict[str, str]:
    size = asset.size_bytes or 0
    digest = base64.b64encode(bytes.fromhex(asset.sha256)).decode()
    headers = {
        "etag": ranges.etag(asset.sha256),
        "accept-ranges": "bytes",
        "repr-digest": f"sha-256=:{digest}:",
    }
    if plan.status == 416:
        return headers | {"content-range": f"bytes */{size}"}
    if plan.status == 304:
        return headers
    if plan.status == 206:
        headers["content-range"] = f"bytes {plan.first}-{plan.after_last - 1}/{size}"
    return headers | {
        "content-type": asset.media_type,
        "content-length": str(plan.length),
        "content-disposition": disposition(asset.name),
    }


def disposition(name: str) -> str:
    """Content-Disposition by RFC 6266: a safe ASCII name, and the real one for those who read UTF-8."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
