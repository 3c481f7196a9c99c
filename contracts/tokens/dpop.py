"""Proofs that whoever asks holds a key (DPoP, RFC 9449): each is signed for one request, and taken once. The
signature is checked by `exchange.kernel.signing`; here, whether the proof is for this request, now."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from exchange.kernel.signing import BadToken, open_proof

SKEW_SECONDS = 60  # either way, between the clock of the client and ours
FRESH_SECONDS = 60
KEPT_SECONDS = FRESH_SECONDS + 2 * SKEW_SECONDS
"""For how long a proof that was used must be remembered: until no clock takes it any more."""

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Proof:
    """What a request proved. `code` says why it proves nothing, or is None; `key` is the thumbprint (RFC 7638) of the
    key that signed; `id` names the proof itself, the same for every copy of it."""

    code: str | None
    key: str = ""
    id: str = ""


MISSING = Proof("dpop_missing")


def read(proof: str | None, *, method: str, url: str, now: datetime, token: str | None = None) -> Proof:
    """What the header `DPoP` of a request proves; with `token`, its `ath` must name that token."""
    if proof is None:
        return MISSING
    try:
        claims, key = open_proof(proof)
    except BadToken:
        return Proof("dpop_bad")
    if not _is_for(claims, method, url, token):
        return Proof("dpop_wrong_request", key)
    age = now.timestamp() - claims["iat"]
    if not -SKEW_SECONDS <= age <= FRESH_SECONDS + SKEW_SECONDS:
        return Proof("dpop_stale", key)
    return Proof(None, key, hashlib.sha256(f"{key} {claims['jti']}".encode()).hexdigest())


def token_hash(token: str) -> str:
    """The claim `ath` that names a token."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")


def _is_for(claims: Mapping[str, Any], method: str, url: str, token: str | None) -> bool:
    if token is not None and claims.get("ath") != token_hash(token):
        return False
    named = _plain(claims["htu"])
    return claims["htm"] == method and named is not None and named == _plain(url)


def _plain(url: str) -> tuple[str, str, int | None, str] | None:
    """An address without query and fragment, as two spellings of the same compare equal; None for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return parts.scheme, parts.hostname or "", port, unquote(parts.path) or "/"
