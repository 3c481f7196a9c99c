"""Bytes that leave: checked before they are sent, handed over as their reader takes them, counted, and stopped when
their right ends."""

import asyncio
import base64
import logging
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from math import inf
from time import monotonic
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from contracts.gateway.blocks import PIECE_BYTES, Blocks, fresh
from contracts.gateway.sendings import Sending
from contracts.gateway.wire import Connection, Lines, Message, Receive, Send, answer_problem, lines_of, start
from contracts.transfers import notes, ranges, transfers
from contracts.transfers.completions import Completions
from contracts.transfers.group_commit import GroupCommit, in_thread
from contracts.transfers.notes import Note
from contracts.transfers.ranges import Plan
from contracts.transfers.stops import Stops
from contracts.transfers.transfers import Verdict
from datasets.models import Asset
from exchange.kernel.errors import Unavailable

HELD_AT_MOST = 32 * 1024 * 1024  # by all sendings of a process, before each is given one piece at a time
ALIVE_SECONDS = 5.0
NOTE_SECONDS = 1.0
NOTES_PER_SECOND = 100
SETTLE_SECONDS = 1.0

log = logging.getLogger("exchange.gateway")


class Outflow:
    """All that this process is sending: it watches for rights that end, and notes what has left."""

    def __init__(self, completions: Completions) -> None:
        self._completions = completions
        self._database = ThreadPoolExecutor(max_workers=2, thread_name_prefix="outflow-database")
        self._storage = ThreadPoolExecutor(max_workers=16, thread_name_prefix="outflow-storage")
        self._notes: GroupCommit[Note, None] = GroupCommit(notes.keep)
        self._blocks = Blocks()
        self._stops = Stops()
        self._running: set[Sending] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._watcher: asyncio.Task[None] | None = None
        self._held_bytes = 0
        self._answering = 0
        self._closing = asyncio.Event()

    async def answer(
        self, verdict: Verdict, receive: Receive, send: Send, connection: Connection | None = None
    ) -> None:
        """Answer an attempt that may go on: headers, then the bytes of its plan."""
        assert verdict.plan is not None and verdict.asset is not None
        plan, asset = verdict.plan, verdict.asset
        if plan.status == 412:
            await answer_problem(send, 412, "precondition_failed", "the file is another than If-Match names")
        elif plan.status == 416:
            detail = f"the file has {asset.size_bytes} bytes"
            await answer_problem(send, 416, "range_not_satisfiable", detail, _headers(asset, plan))
        elif not plan.sends_bytes:
            await start(send, plan.status, _headers(asset, plan))
            await send({"type": "http.response.body", "body": b""})
        elif verdict.transfer_id is not None:
            sending = Sending(verdict.transfer_id, connection)
            self._answering += 1
            try:
                await self._answer(sending, asset, plan, receive, send)
            finally:
                self._answering -= 1

    async def close(self) -> None:
        """Stop all that is being sent, and wait until what has left is noted: the server is about to end."""
        self._closing.set()
        while self._answering or self._ending:
            for sending in self._running:
                sending.finish()
            await asyncio.sleep(0.02)
        await self._stops.close()

    async def _answer(self, sending: Sending, asset: Asset, plan: Plan, receive: Receive, send: Send) -> None:
        """The first bytes are read before the headers leave, so that a failing storage is a plain answer."""
        try:
            chunk = self._blocks.kept(asset, plan.first, plan.after_last)
            if chunk is None:
                end = sending.pace.end_of(plan.first, plan.after_last)
                chunk = await self._read(asset, plan.first, end, fresh)
        except Unavailable as failure:
            await self._unsent(sending)
            await answer_problem(send, 503, failure.code, failure.detail, {"retry-after": "5"})
            return
        if sending.connection is not None and sending.connection.is_gone:
            await self._unsent(sending)
        elif len(chunk) == plan.length:
            await send(_beginning(asset, plan))
            sending.count(plan.first, plan.after_last)
            await send(_body(chunk, sending.connection, more=False))
            await self._note(sending)
        else:
            sending.chunk = chunk
            del chunk  # who waits here would hold it until the end
            await self._stream(sending, asset, plan, receive, send)

    async def _stream(self, sending: Sending, asset: Asset, plan: Plan, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        self._running.add(sending)
        if self._watcher is None or self._watcher.done():
            self._watcher = loop.create_task(self._watch())
        gone = loop.create_task(_disconnection(receive))
        flow = sending.flow = loop.create_task(self._flow(sending, asset, plan, send))
        gone.add_done_callback(lambda _: flow.cancel())
        try:
            await asyncio.wait({flow})
        finally:
            gone.cancel()
            flow.cancel()
            self._hold(sending, 0)
            ending = loop.create_task(self._end(sending))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)
            self._running.discard(sending)
            await asyncio.shield(ending)
        if not flow.cancelled() and (failure := flow.exception()) is not None:
            raise failure

    async def _flow(self, sending: Sending, asset: Asset, plan: Plan, send: Send) -> None:
        await asyncio.sleep(0)  # who has left meanwhile is heard first
        try:
            await send(_beginning(asset, plan))
            await self._send_chunks(sending, asset, plan, send)
        except Unavailable as failure:
            sending.code = failure.code
            log.error("transfer %s is cut: %s", sending.transfer_id, failure.code)

    async def _send_chunks(self, sending: Sending, asset: Asset, plan: Plan, send: Send) -> None:
        pace, chunk = sending.pace, sending.chunk
        sending.chunk = memoryview(b"")
        position, handed, handed_at, noted_at = plan.first, 0, monotonic(), monotonic()
        while True:
            after = position + len(chunk)
            sending.count(position, after)
            self._hold(sending, handed + len(chunk))
            sending.moved_at = began = monotonic()
            await send(_body(chunk, sending.connection, more=after < plan.after_last))
            if handed and pace.is_quick:  # it has waited until the chunk before was taken
                pace.learn(handed, monotonic() - handed_at, monotonic() - began)
            position, handed, handed_at = after, len(chunk), monotonic()
            del chunk
            if position == plan.after_last:
                return
            if not pace.is_quick or self._held_bytes > HELD_AT_MOST:
                sending.moved_at = monotonic()
                await send(_NOTHING)  # until all of it is taken: a slow reader holds one chunk, and no more
                pace.learn(handed, monotonic() - handed_at, monotonic() - sending.moved_at)
                handed = 0
            sending.moved_at = inf
            self._hold(sending, handed)
            if monotonic() - noted_at >= max(NOTE_SECONDS, len(self._running) / NOTES_PER_SECOND):
                noted_at = monotonic()
                await self._note(sending)
            if self._held_bytes > HELD_AT_MOST:
                pace.reach = PIECE_BYTES
            end, room = pace.end_of(position, plan.after_last), partial(sending.room, waiting=handed)
            chunk = await self._read(asset, position, end, room)

    async def _read(
        self, asset: Asset, first: int, after_last: int, room: Callable[[int], memoryview]
    ) -> memoryview:
        found = self._blocks.at_once(asset, first, after_last, room)
        if found is not None:  # a thread would cost more than it saves
            await asyncio.sleep(0)
            return found
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(settings.EXCHANGE_STORAGE_SECONDS):
                return await loop.run_in_executor(self._storage, self._blocks.read, asset, first, after_last)
        except TimeoutError:
            raise Unavailable("storage did not answer in time", code="storage_stalled") from None

    def _hold(self, sending: Sending, count: int) -> None:
        self._held_bytes += count - sending.held_bytes
        sending.held_bytes = count

    async def _end(self, sending: Sending) -> None:
        await self._note(sending)
        transfer_id, code = sending.transfer_id, sending.code
        if code is not None and sending.is_ordered:
            # Other gateways may send parts of it too: all have stopped and noted by then, so the Event says all.
            if not self._closing.is_set():
                await asyncio.wait({asyncio.ensure_future(self._closing.wait())}, timeout=SETTLE_SECONDS)
            await in_thread(self._database, transfers.stop, transfer_id, code, now=timezone.now())
        elif not sending.has_sent:
            await self._unsent(sending)
        elif code is not None and not self._is_sent_by_others(sending):
            await in_thread(self._database, transfers.stop, transfer_id, code, now=timezone.now())

    async def _unsent(self, sending: Sending) -> None:
        if not self._is_sent_by_others(sending):
            await in_thread(self._database, transfers.end_unsent, sending.transfer_id, now=timezone.now())

    def _is_sent_by_others(self, sending: Sending) -> bool:
        return any(o.transfer_id == sending.transfer_id for o in self._running if o is not sending)

    async def _note(self, sending: Sending) -> None:
        """Keep what was handed over, and when it was cut."""
        pieces, sending.pieces = sending.pieces, []
        if not pieces and sending.left_at is None:
            return
        try:
            if sending.left_at is None and await self._completions.complete(sending.transfer_id, pieces):
                return
            await self._notes.submit(Note(sending.transfer_id, pieces, sending.left_at or timezone.now()))
        except BaseException:
            sending.pieces = ranges.merged([*pieces, *sending.pieces])
            raise

    async def _watch(self) -> None:
        told_at = monotonic()
        while self._running:
            now = monotonic()
            for sending in self._running:
                if now - sending.moved_at > settings.EXCHANGE_DOWNLOAD_IDLE_SECONDS:
                    sending.cut()
            try:
                if now - told_at >= ALIVE_SECONDS:
                    told_at = now
                    await in_thread(self._database, transfers.keep_active, self._ids(), now=timezone.now())
                await self._stop_ended()
            except Exception:
                # A gateway that cannot see whether a right still holds must not go on as if it did.
                log.exception("rights could not be checked; every running transfer is cut")
                for sending in self._running:
                    sending.cut()
            await self._stops.pause()

    async def _stop_ended(self) -> None:
        codes = await in_thread(self._database, transfers.stopped_among, self._ids(), now=timezone.now())
        for sending in self._running if codes else ():
            if code := codes.get(sending.transfer_id):
                sending.order(code, timezone.now)

    def _ids(self) -> list[UUID]:
        return list({sending.transfer_id for sending in self._running})


_NOTHING: Message = {"type": "http.response.body", "body": b"", "more_body": True}


def _body(chunk: memoryview, connection: Connection | None, *, more: bool) -> Message:
    """Servers other than ours may want bytes, which is a copy."""
    body = chunk if connection is not None else bytes(chunk)
    return {"type": "http.response.body", "body": body, "more_body": more}


async def _disconnection(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _beginning(asset: Asset, plan: Plan) -> Message:
    return {"type": "http.response.start", "status": plan.status, "headers": _lines(*_named(asset), plan)}


def _headers(asset: Asset, plan: Plan) -> dict[str, str]:
    return _described(*_named(asset), plan)


def _named(asset: Asset) -> tuple[str, str, str, int]:
    return asset.name, asset.media_type, asset.sha256, asset.size_bytes or 0


@lru_cache(1_024)  # the same files are asked for again and again
def _lines(name: str, media_type: str, sha256: str, size: int, plan: Plan) -> Lines:
    return lines_of(_described(name, media_type, sha256, size, plan))


def _described(name: str, media_type: str, sha256: str, size: int, plan: Plan) -> dict[str, str]:
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    headers = {
        "etag": ranges.etag(sha256),
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
        "content-type": media_type,
        "content-length": str(plan.length),
        "content-disposition": disposition(name),
    }


def disposition(name: str) -> str:
    """Content-Disposition by RFC 6266: a safe ASCII name, and the real one for those who read UTF-8, without what
    cannot be seen or turns the direction of writing."""
    seen = "".join("_" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in name)
    plain = "".join(c if c.isascii() and c not in '"\\%' else "_" for c in seen)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(seen, safe='')}"
