"""The doors where Stripe tells what moved. Nobody is signed in there: the signature over the raw body says who speaks,
and when. What is told is kept and nothing more; a reaction reads what is true."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from exchange.kernel.errors import Invalid, NotFound
from exchange.kernel.problems import problem
from payments.inbox import inbox

LARGEST_BYTES = 262_144
_SNAPSHOT, _THIN = "event", "v2.core.event"

log = logging.getLogger("exchange.webhooks")


def stripe_snapshot(request: HttpRequest) -> HttpResponse:
    """Events that carry their object."""
    return _receive(request, _SNAPSHOT)


def stripe_thin(request: HttpRequest) -> HttpResponse:
    """Events of Stripe's second version, which name their object alone."""
    return _receive(request, _THIN)


def _receive(request: HttpRequest, form: str) -> HttpResponse:
    if not settings.EXCHANGE_STRIPE_WEBHOOK_SECRET:
        raise NotFound("this exchange hears nothing from Stripe")
    # an exchange without Stripe never loads it
    from payments.providers.stripe import adapter, events, signatures

    now = timezone.now()
    try:
        body = request.read(LARGEST_BYTES + 1)
        if len(body) > LARGEST_BYTES:
            raise Invalid(f"an event has {LARGEST_BYTES} bytes at most", code="webhook_refused")
        written = signatures.verified(body, request.headers.get("Stripe-Signature", ""), now)
        heard = events.heard(_parsed(written, form))
        inbox.keep(adapter.NAME, heard.external_id, heard.kind, heard.payload, at=now)
    except Invalid as refusal:
        log.info("a webhook was refused: %s", refusal.detail)
        return problem(400, "webhook_refused", refusal.detail)
    return HttpResponse(status=204)


def _parsed(written: str, form: str) -> Mapping[str, Any]:
    try:
        event = json.loads(written)
    except (ValueError, RecursionError):
        raise _refused("the body is not JSON") from None
    if not isinstance(event, dict) or event.get("object") != form:
        raise _refused("this address takes another form of event")
    return event


def _refused(why: str) -> Invalid:
    return Invalid(why, code="webhook_refused")
