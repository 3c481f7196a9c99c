"""The answer that is a link: a 307 to storage, for some seconds, to this file alone."""

import asyncio

from django.conf import settings

from contracts.gateway import wire
from contracts.gateway.outgoing import disposition
from contracts.gateway.wire import Send
from contracts.transfers.transfers import Verdict
from datasets.storage import storage


async def answer(verdict: Verdict, send: Send) -> None:
    """Lead the client to storage. The transfer is named in the link, signed, so storage's log tells what it took."""
    assert verdict.asset is not None and verdict.transfer_id is not None
    asset = verdict.asset
    link = await asyncio.to_thread(
        storage().link,
        asset.storage_key,
        headers={"content-type": asset.media_type, "content-disposition": disposition(asset.name)},
        about=str(verdict.transfer_id),
        seconds=settings.EXCHANGE_REDIRECT_SECONDS,
    )
    await wire.answer(send, 307, {"location": link, "content-length": "0"})
