"""From a person's key to the digest that stands for it: HMAC-SHA256 under the seller's secret, cut to 16 bytes. Who
lacks the secret learns nothing from a digest, not even by trying every key."""

import hashlib
import hmac
import re
import unicodedata

SIZE = 16
SHORTEST_SECRET = 32
_PURPOSE = b"comptoir-persons/1\0"


class Unusable(Exception):
    """What was given cannot be used; the message says why."""


def normal(value: str, *, digits_only: bool = False) -> str:
    """One spelling of a key: NFKC, no case, single spaces; with `digits_only` nothing but its digits. Empty where
    nothing is left."""
    folded = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    return re.sub(r"\D", "", folded) if digits_only else folded


def digest(secret: bytes, value: str, *, digits_only: bool = False) -> bytes:
    """The digest of one key; Unusable where the secret is too short or the key is empty."""
    if len(secret) < SHORTEST_SECRET:
        raise Unusable(f"the secret must have at least {SHORTEST_SECRET} bytes; it has {len(secret)}")
    key = normal(value, digits_only=digits_only)
    if not key:
        raise Unusable("the key is empty")
    return hmac.new(secret, _PURPOSE + key.encode(), hashlib.sha256).digest()[:SIZE]
