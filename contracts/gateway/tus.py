"""tus 1.0.0 at an upload link: a file comes in pieces, stops, and goes on where it stopped. The link is both the
place where an upload begins and the upload; the last piece receives the asset as one whole `PUT` does."""

import asyncio
import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from contracts.gateway.incoming import (
    HEAD_BYTES,
    SILENT_SECONDS,
    Inflow,
    TooLarge,
    bearer,
    body,
    promised_digest,
    require_digest,
    too_large,
)
from contracts.gateway.wire import Declined, Disconnected, Receive, Send, answer
from datasets import contents
from datasets.models import Asset
from datasets.revisions import arrivals, assets
from datasets.revisions.arrivals import Arrival, InUse
from datasets.revisions.assets import Received
from datasets.revisions.digests import Digester, Digesters
from datasets.storage import storage
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, ExchangeError, Invalid, NotFound

VERSION = "1.0.0"
METHODS = ("OPTIONS", "HEAD", "POST", "PATCH", "DELETE")
EXTENSIONS = "creation,checksum,expiration,termination"
CHECKSUMS = ("sha1", "sha256")
MEDIA_TYPE = "application/offset+octet-stream"
LONGEST_NOTE = 1_000
CATCH_UP_BYTES = 256 * 1024 * 1024
"""How much is digested after one piece at most, so that no piece is answered late; the last reads the rest."""

_WAITS_SECONDS = 2 * SILENT_SECONDS
_LINGERS_SECONDS = 2.0
_SENDER = re.compile(r"[\x21-\x7e]{1,64}")


@dataclass(frozen=True)
class Request:
    """One request at an upload link: which asset, for whom, and who sends."""

    token: str
    asset_id: UUID
    by: Actor
    sender: str
    headers: Mapping[str, str]


class Tus:
    """All uploads of this process that may stop and go on."""

    def __init__(self, inflow: Inflow) -> None:
        self._inflow = inflow
        self._digesters = Digesters()

    async def answer(
        self, method: str, token: str, headers: Mapping[str, str], receive: Receive, send: Send
    ) -> None:
        """Answer one of METHODS; refusals rise to the gateway."""
        if method == "OPTIONS":
            await answer(send, 204, _abilities())
            return
        try:
            request = _read(token, headers)
            if method == "HEAD":
                await self._tell(request, send)
            elif method == "POST":
                await self._begin(request, send)
            elif method == "PATCH":
                await self._go_on(request, receive, send)
            else:
                await self._forget(request, send)
        except ExchangeError:
            if method == "PATCH" and "expect" not in headers:
                await _linger(receive)
            raise

    async def _tell(self, request: Request, send: Send) -> None:
        asset = await self._inflow.in_database(assets.sold_by, request.asset_id, request.by)
        if asset.size_bytes is not None:
            size = str(asset.size_bytes)
            await answer(send, 200, {"upload-offset": size, "upload-length": size})
            return
        arrival = await self._held(request, arrivals.hold)
        try:
            await self._inflow.on_disk(arrival.sync)
            if arrival.is_whole:  # whoever sent the last piece was cut before it was put away
                await self._finish(request, arrival)
            note = {"upload-metadata": arrival.about.note} if arrival.about.note else {}
            await answer(
                send,
                200,
                {"upload-offset": str(arrival.offset), "upload-length": str(arrival.about.length)}
                | note
                | _expiry(timezone.now()),
            )
        finally:
            await self._inflow.at_last_on_disk(arrival.release)

    async def _begin(self, request: Request, send: Send) -> None:
        length = _number(request.headers, "upload-length")
        note = request.headers.get("upload-metadata", "")
        if length == 0:
            raise Invalid("this file is empty", code="empty_file")
        if length > settings.EXCHANGE_UPLOAD_LARGEST_BYTES:
            raise TooLarge(too_large())
        if len(note) > LONGEST_NOTE or not note.isascii():
            raise Invalid(f"Upload-Metadata is longer than {LONGEST_NOTE} characters", code="bad_upload_header")
        await self._inflow.in_database(assets.require_expected, request.asset_id, by=request.by)
        arrival = await self._held(request, partial(arrivals.begin, length=length, note=note))
        await self._inflow.on_disk(arrival.release)
        begun = {"location": f"/u/{request.token}", "upload-offset": "0"}
        await answer(send, 201, begun | _expiry(timezone.now()))

    async def _go_on(self, request: Request, receive: Receive, send: Send) -> None:
        if request.headers.get("content-type") != MEDIA_TYPE:
            raise Declined(f"a piece comes as {MEDIA_TYPE}", code="encoding_not_taken", status=415)
        offset = _number(request.headers, "upload-offset")
        wanted = promised_digest(request.headers)
        asset = await self._expected(request)
        arrival = await self._held(request, arrivals.hold)
        try:
            if offset != arrival.offset:
                raise Declined(
                    f"this upload goes on at byte {arrival.offset}, not at {offset}",
                    code="wrong_offset",
                    status=409,
                    headers={"upload-offset": str(arrival.offset)},
                )
            await self._take_piece(arrival, request.headers, receive)
            await self._look(arrival, asset, offset)
            if arrival.is_whole:
                await self._finish(request, arrival, wanted)
            await answer(send, 204, {"upload-offset": str(arrival.offset)} | _expiry(timezone.now()))
        finally:
            await self._inflow.at_last_on_disk(arrival.release)

    async def _forget(self, request: Request, send: Send) -> None:
        await self._inflow.in_database(assets.require_expected, request.asset_id, by=request.by)
        arrival = await self._held(request, arrivals.hold)
        self._digesters.drop(arrival.about.key)
        await self._inflow.on_disk(arrival.forget)
        await answer(send, 204, {})

    async def _expected(self, request: Request) -> Asset:
        """What has come of an asset that was removed goes too."""
        try:
            return await self._inflow.in_database(assets.require_expected, request.asset_id, by=request.by)
        except NotFound:
            await self._inflow.on_disk(arrivals.forget, request.asset_id)
            raise

    async def _held(self, request: Request, take: Callable[..., Arrival | None]) -> Arrival:
        """The upload, held; waits for a request that still holds it, which gives way if nothing comes to it."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _WAITS_SECONDS
        try:
            while True:
                asked = partial(take, request.asset_id, sender=request.sender, now=timezone.now())
                if (arrival := await self._inflow.on_disk(asked)) is not None:
                    return arrival
                if loop.time() > until:
                    raise InUse("another request sends this file or puts it away; ask again in a moment")
                await asyncio.sleep(0.1)
        except InUse as refusal:
            raise Declined(refusal.detail, code=refusal.code, status=423) from None

    async def _take_piece(self, arrival: Arrival, headers: Mapping[str, str], receive: Receive) -> None:
        """Append what comes. A piece that is cut counts as far as it came, unless its checksum was to be checked."""
        start, checksum = arrival.offset, _checksum(headers)
        length = headers.get("content-length", "")
        if length.isdigit() and start + int(length) > arrival.about.length:
            raise _beyond(arrival)
        is_sound = checksum is None
        try:
            async for chunk in body(receive, lambda: arrival.is_asked_for):
                if arrival.offset + len(chunk) > arrival.about.length:
                    raise _beyond(arrival)
                if checksum is not None:
                    checksum.feed(chunk)
                await self._inflow.on_disk(arrival.append, chunk)
            is_sound = is_sound or (checksum is not None and checksum.fits)
            if not is_sound:
                raise Declined(
                    "this piece does not fit its checksum; send it again", code="bad_checksum", status=460
                )
        finally:
            if not is_sound:
                arrival.cut(start)
            await self._inflow.at_last_on_disk(arrival.sync)

    async def _look(self, arrival: Arrival, asset: Asset, start: int) -> None:
        """Digest what came, and refuse a file early whose first bytes cannot be what it says."""
        key = arrival.about.key
        until = min(arrival.offset, self._digesters.fed(key) + CATCH_UP_BYTES)
        await self._inflow.on_disk(self._digesters.catch_up, key, arrival.read, until)
        if start < HEAD_BYTES <= arrival.offset:
            try:
                contents.require_plausible(asset.media_type, arrival.read(0, HEAD_BYTES))
            except Invalid:
                await self._inflow.on_disk(arrival.forget)
                raise

    async def _finish(self, request: Request, arrival: Arrival, wanted: bytes | None = None) -> None:
        """Put the whole away and receive it. What is refused for good is forgotten; what failed may be asked
        for again by HEAD."""
        try:
            received = await self._inflow.on_disk(self._put_away, arrival, wanted)
            by = request.by.moved_to(timezone.now())
            await self._inflow.in_database(assets.receive, request.asset_id, received, by)
        except (Invalid, Conflict, NotFound):
            await self._inflow.on_disk(arrival.forget)
            raise
        await self._inflow.on_disk(arrival.forget)

    def _put_away(self, arrival: Arrival, wanted: bytes | None) -> Received:
        key = arrival.about.key
        digester: Digester = self._digesters.catch_up(key, arrival.read, arrival.offset)
        self._digesters.drop(key)
        require_digest(digester, wanted)
        storage().put(key, arrival.path)
        return Received(
            size_bytes=digester.size_bytes,
            sha256=digester.sha256,
            block_digests=digester.block_digests,
            storage_key=key,
            head=arrival.read(0, HEAD_BYTES),
        )


class _Checksum:
    """What a piece must amount to (the tus extension `checksum`)."""

    def __init__(self, algorithm: str, wanted: bytes) -> None:
        self._digest, self._wanted = hashlib.new(algorithm, usedforsecurity=False), wanted

    def feed(self, chunk: bytes) -> None:
        self._digest.update(chunk)

    @property
    def fits(self) -> bool:
        return self._digest.digest() == self._wanted


def _read(token: str, headers: Mapping[str, str]) -> Request:
    asset_id, by = bearer(token, timezone.now())
    if headers.get("tus-resumable") != VERSION:
        raise Declined(
            f"say Tus-Resumable: {VERSION}, or send the whole file with PUT",
            code="tus_version",
            status=412,
            headers={"tus-version": VERSION},
        )
    sender = headers.get("upload-sender") or hashlib.sha256(token.encode()).hexdigest()[:32]
    if not _SENDER.fullmatch(sender):
        raise Invalid("Upload-Sender is 1 to 64 visible ASCII characters", code="bad_upload_header")
    return Request(token, asset_id, by, sender, headers)


def _abilities() -> dict[str, str]:
    return {
        "tus-version": VERSION,
        "tus-extension": EXTENSIONS,
        "tus-max-size": str(settings.EXCHANGE_UPLOAD_LARGEST_BYTES),
        "tus-checksum-algorithm": ",".join(CHECKSUMS),
    }


def _number(headers: Mapping[str, str], name: str) -> int:
    given = headers.get(name, "")
    if not re.fullmatch(r"[0-9]{1,18}", given):
        raise Invalid(
            f"{name.title()} must be a whole number of bytes, not {given!r}", code="bad_upload_header"
        )
    return int(given)


def _checksum(headers: Mapping[str, str]) -> _Checksum | None:
    given = headers.get("upload-checksum")
    if given is None:
        return None
    algorithm, _, value = given.partition(" ")
    try:
        if algorithm not in CHECKSUMS:
            raise ValueError(algorithm)
        return _Checksum(algorithm, base64.b64decode(value, validate=True))
    except (ValueError, binascii.Error):
        wanted = " or ".join(CHECKSUMS)
        raise Declined(f"Upload-Checksum is {wanted}, a space, base64", code="bad_upload_header") from None


def _beyond(arrival: Arrival) -> Invalid:
    length = arrival.about.length
    return Invalid(f"this upload has {length} bytes in all, and more came", code="beyond_length")


def _expiry(now: datetime) -> dict[str, str]:
    until = now + timedelta(days=settings.EXCHANGE_UPLOAD_DAYS)
    return {"upload-expires": format_datetime(until, usegmt=True)}


async def _linger(receive: Receive) -> None:
    """Read on for a moment: who is answered and cut while sending would lose the answer."""
    try:
        async with asyncio.timeout(_LINGERS_SECONDS):
            async for _ in body(receive):
                pass
    except (TimeoutError, Disconnected, ExchangeError):
        return
