"""Bearer tokens that open nothing, each for a reason of its own."""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exchange.kernel import own_tokens, signing
from exchange.kernel.actors import Actor
from exchange.kernel.own_tokens import OwnPurpose
from exchange.kernel.signing import Purpose
from exchange.participants.actors import access_tokens, credentials
from exchange.participants.models import ApiClient
from tests import makers

MOST_LIKELY = ("expired", "download", "other audience", "alg none", "signed by another", "revoked client")


def tokens(actor: Actor, now: datetime) -> dict[str, str]:
    """Why it opens nothing -> the token, all of them made after one that opens the API for `actor`."""
    client = ApiClient.objects.get(pk=actor.name)
    good = access_tokens.issue(client, scopes=actor.scopes, now=now)
    header, payload, signature = good.split(".")
    head, claims = _read(header), _read(payload)
    later = now + timedelta(hours=1)
    signed = {name: claims[name] for name in claims.keys() - {"exp", "iss", "aud"}}
    return {
        "expired": access_tokens.issue(client, scopes=actor.scopes, now=now - timedelta(hours=2)),
        "download": own_tokens.sign(OwnPurpose.DOWNLOAD, signed, audience=claims["aud"], expires=later),
        "upload": signing.sign_token(Purpose.UPLOAD, signed, audience=claims["aud"], expires=later),
        "other audience": signing.sign_token(Purpose.ACCESS, signed, audience="download", expires=later),
        "alg none": f"{_part({**head, 'alg': 'none'})}.{payload}.",
        "alg none with a signature": f"{_part({**head, 'alg': 'None'})}.{payload}.{signature}",
        "unsigned": f"{header}.{payload}.",
        "signed by another": _signed(Ed25519PrivateKey.generate(), head, claims),
        "signed with the public key": _hmac(head, payload),
        "more scopes": f"{header}.{_part({**claims, 'scope': 'audit operate read'})}.{signature}",
        "another client": f"{header}.{_part({**claims, 'client_id': 'cl_other'})}.{signature}",
        "nested": f"{_raw(b'[' * 2_900)}.{payload}.{signature}",
        "critical header": f"{_part({**head, 'crit': ['exp']})}.{payload}.{signature}",
        "too long": f"{header}.{_raw(b'x' * 5_000)}.{signature}",
        "two parts": f"{header}.{payload}",
        "no token": "nonsense",
        "not ASCII": "é.é.é",
        "revoked client": _of_revoked_client(actor, now),
    }


def _of_revoked_client(actor: Actor, now: datetime) -> str:
    short_lived = makers.client(makers.participant_of(actor), now)
    client = ApiClient.objects.get(pk=short_lived.name)
    token = access_tokens.issue(client, scopes=short_lived.scopes, now=now)
    credentials.revoke(client, by=makers.system(now))
    return token


def _signed(key: Ed25519PrivateKey, head: dict[str, Any], claims: dict[str, Any]) -> str:
    signing_input = f"{_part(head)}.{_part({**claims, 'jti': secrets.token_hex(8)})}"
    return f"{signing_input}.{_raw(key.sign(signing_input.encode()))}"


def _hmac(head: dict[str, Any], payload: str) -> str:
    """The classic confusion of algorithms: a MAC made with what everybody knows."""
    public = next(key["x"] for key in signing.public_keys()["keys"] if key["kid"] == head["kid"])
    signing_input = f"{_part({**head, 'alg': 'HS256'})}.{payload}"
    return f"{signing_input}.{_raw(hmac.digest(public.encode(), signing_input.encode(), hashlib.sha256))}"


def _part(value: dict[str, Any]) -> str:
    return _raw(json.dumps(value).encode())


def _raw(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _read(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return found
