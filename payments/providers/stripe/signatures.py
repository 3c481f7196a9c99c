"""Who speaks at the doors of webhooks: one of the signing secrets has signed the raw body, not long ago and not in the
future."""

import re
from datetime import datetime

import stripe
from django.conf import settings

from exchange.kernel.errors import Invalid

TOLERANCE_SECONDS = 300
"""How old, or how early, a signature may be. Zero would switch the SDK's check off, so this is no setting."""
_TIMESTAMP = re.compile(r"(?:^|,)t=([0-9]{1,12})(?:,|$)")


def verified(body: bytes, header: str, now: datetime) -> str:
    """The body as text, once one of the secrets has signed it, not long ago and not in the future."""
    try:
        written = body.decode()
    except UnicodeDecodeError:
        raise Invalid("the body is not UTF-8", code="webhook_refused") from None
    found = _TIMESTAMP.search(header)
    if not header.isascii() or found is None:
        raise Invalid("the request has no signature", code="webhook_refused")
    if int(found[1]) > now.timestamp() + TOLERANCE_SECONDS:
        raise Invalid("the signature is of the future", code="webhook_refused")
    if not any(_has_signed(secret, written, header) for secret in _secrets()):
        raise Invalid("the signature is not that of this body, or too old", code="webhook_refused")
    return written


def _has_signed(secret: str, written: str, header: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(written, header, secret, TOLERANCE_SECONDS))
    except stripe.SignatureVerificationError:
        return False


def _secrets() -> list[str]:
    """Those of both doors, and during a change of one its successor: what arrives says itself of which kind it is."""
    return [one.strip() for one in settings.EXCHANGE_STRIPE_WEBHOOK_SECRET.split(",") if one.strip()]
