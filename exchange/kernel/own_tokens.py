"""Tokens that this exchange alone issues and reads: JWTs under HMAC-SHA256. A token chooses nothing: its header must
be, byte for byte, one that we write, and it names the key. Checking one costs a tenth of checking a signature."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from exchange.kernel.signing import LARGEST_TOKEN_CHARACTERS, BadToken, write_secret

_SECRET_BYTES = 32
_ALGORITHM = "HS256"


class OwnPurpose(StrEnum):
    """What a secret is for; the value names its file and the `typ` of its tokens."""

    DOWNLOAD = "download"  # the right to start one transfer

    @property
    def typ(self) -> str:
        return f"{self}+jwt"


@dataclass(frozen=True)
class _Ring:
    """The secrets of one purpose by the header that names them; the first signs, all are good for reading."""

    head: bytes
    secrets: Mapping[bytes, bytes]


def sign(purpose: OwnPurpose, claims: Mapping[str, Any], *, audience: str, expires: datetime) -> str:
    """A token that carries `claims` until `expires`."""
    ring = _ring(purpose)
    payload = {**claims, "iss": settings.EXCHANGE_URL, "aud": audience, "exp": int(expires.timestamp())}
    signed = ring.head + b"." + _encode(json.dumps(payload, separators=(",", ":")).encode())
    return (signed + b"." + _mac(ring.secrets[ring.head], signed)).decode()


def read(purpose: OwnPurpose, token: str, *, audience: str, now: datetime) -> dict[str, Any]:
    """The claims of a token that this exchange signed for `purpose` and `audience` and that has not expired;
    BadToken, with the codes of `signing.verify_token`, for any other."""
    raw = token.encode(errors="replace")
    if len(raw) > LARGEST_TOKEN_CHARACTERS:
        raise BadToken("this token is too long to be one of ours")
    signed, _, mac = raw.rpartition(b".")
    head, _, payload = signed.partition(b".")
    secret = _ring(purpose).secrets.get(head)
    if secret is None or not payload:
        raise _another(purpose, head)
    # The text is compared, not what it decodes to: a signature has one spelling.
    if not hmac.compare_digest(mac, _mac(secret, signed)):
        raise BadToken("this token was not signed here", code="token_forged")
    claims: dict[str, Any] = json.loads(_decode(payload))
    if claims["aud"] != audience or claims["iss"] != settings.EXCHANGE_URL:
        raise BadToken("this token is for another door", code="token_wrong_audience")
    if claims["exp"] <= now.timestamp():
        expired = BadToken("this token has expired; ask for a new one", code="token_expired")
        expired.claims = claims
        raise expired
    return claims


def ensure_secrets(folder: Path) -> list[OwnPurpose]:
    """Make the files that are missing; answers which. A file has one secret a line, in base64url: to change it, put
    a new line first, start every process anew, and take the old line out once its last token has expired."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [purpose for purpose in OwnPurpose if write_secret(_file(folder, purpose), _fresh_secret)]


def _fresh_secret() -> bytes:
    return _encode(secrets.token_bytes(_SECRET_BYTES)) + b"\n"


def _file(folder: Path, purpose: OwnPurpose) -> Path:
    return folder / f"{purpose}.key"


def _ring(purpose: OwnPurpose) -> _Ring:
    return _ring_in(str(settings.EXCHANGE_KEYS_DIR), purpose)


@lru_cache
def _ring_in(folder: str, purpose: OwnPurpose) -> _Ring:
    if settings.EXCHANGE_MAKE_KEYS:
        ensure_secrets(Path(folder))
    path = _file(Path(folder), purpose)
    try:
        found = [_decode(line) for line in path.read_bytes().split()]
    except (OSError, ValueError) as error:
        raise RuntimeError(f"{path.name} cannot be read as secrets: {error}") from None
    if not found or any(len(secret) != _SECRET_BYTES for secret in found):
        raise RuntimeError(f"{path.name} must have lines of {_SECRET_BYTES} bytes in base64url")
    heads = [_head(purpose, secret) for secret in found]
    return _Ring(heads[0], dict(zip(heads, found, strict=True)))


def _head(purpose: OwnPurpose, secret: bytes) -> bytes:
    header = {"alg": _ALGORITHM, "kid": hashlib.sha256(secret).hexdigest()[:16], "typ": purpose.typ}
    return _encode(json.dumps(header, separators=(",", ":")).encode())


def _another(purpose: OwnPurpose, head: bytes) -> BadToken:
    """Why a token whose header we do not write opens nothing."""
    try:
        header = json.loads(_decode(head))
        is_ours = (header["typ"], header["alg"]) == (purpose.typ, _ALGORITHM)
    except (ValueError, TypeError, KeyError, RecursionError):
        return BadToken("this is not a token")
    if is_ours:
        return BadToken("this token was not signed here", code="token_forged")
    return BadToken("this token is of another kind", code="token_wrong_kind")


def _mac(secret: bytes, signed: bytes) -> bytes:
    return _encode(hmac.digest(secret, signed, "sha256"))


def _encode(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _decode(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
