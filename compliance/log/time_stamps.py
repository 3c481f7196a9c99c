"""Time stamps (RFC 3161) that an authority outside puts on the log's newest signed head, once a day: so that not only
the log says when. The only door to rfc3161-client."""

import logging
from datetime import datetime
from pathlib import Path

import rfc3161_client
from cryptography import x509
from django.conf import settings
from django.db import IntegrityError, transaction
from rfc3161_client.errors import VerificationError

from compliance.models import Checkpoint, TimeStamp
from exchange.kernel import events, fetch
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Unavailable

_WITHIN_SECONDS = 20
_HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}

log = logging.getLogger("exchange.log")


def stamp_newest(*, now: datetime) -> TimeStamp | None:
    """Have the newest checkpoint stamped, where an authority is configured and this head has no stamp; Unavailable when
    the authority does not answer, or answers something that it did not sign for this head."""
    newest = Checkpoint.objects.select_related("log").order_by("-log_id", "-size").first()
    if not settings.EXCHANGE_TIMESTAMP_URL or newest is None:
        return None
    if TimeStamp.objects.filter(log=newest.log, size=newest.size).exists():
        return None
    note = newest.note.encode()
    # The authority need not see what it stamps; it sees its digest.
    builder = rfc3161_client.TimestampRequestBuilder().data(note)
    request = builder.hash_algorithm(rfc3161_client.HashAlgorithm.SHA256).build()
    reply = _ask(request)
    said_at = _verified(reply, note, request.nonce)
    try:
        with transaction.atomic():
            row = TimeStamp.objects.create(
                log=newest.log, size=newest.size, note=note, reply=reply, said_at=said_at, received_at=now
            )
            events.record("timestamp.received", row, by=Actor.system("stamp_log", at=now))
    except IntegrityError:  # a rival was quicker
        return None
    return row


def _ask(request: rfc3161_client.TimeStampRequest) -> bytes:
    answer = fetch.fetch(
        settings.EXCHANGE_TIMESTAMP_URL,
        method="POST",
        body=request.as_bytes(),
        headers=_HEADERS,
        within_seconds=_WITHIN_SECONDS,
    )
    if not answer.is_success:
        raise Unavailable(f"the time-stamping authority answered {answer.status}", code="time_stamp_refused")
    return answer.body


def _verified(reply: bytes, note: bytes, nonce: int | None) -> datetime:
    """When the authority says that it saw this note, once it is shown that it says so."""
    assert nonce is not None, "the request has one"
    builder = rfc3161_client.VerifierBuilder().nonce(nonce)
    for certificate in x509.load_pem_x509_certificates(
        Path(settings.EXCHANGE_TIMESTAMP_AUTHORITY).read_bytes()
    ):
        builder = builder.add_root_certificate(certificate)
    try:
        response = rfc3161_client.decode_timestamp_response(reply)
        builder.build().verify_message(response, note)
    except (VerificationError, ValueError) as finding:
        log.error("a time stamp was not taken: %s", finding)
        raise Unavailable(
            "the time-stamping authority answered something else than a stamp on this head",
            code="time_stamp_refused",
        ) from None
    said_at: datetime = response.tst_info.gen_time
    return said_at
