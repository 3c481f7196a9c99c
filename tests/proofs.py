"""Signs proofs of keys (DPoP) as a buyer's client does."""

import secrets
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from contracts.tokens.dpop import token_hash

Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def new_key(algorithm: str = "ES256") -> Key:
    """A fresh key of a client."""
    return (
        ec.generate_private_key(ec.SECP256R1())
        if algorithm == "ES256"
        else ed25519.Ed25519PrivateKey.generate()
    )


def public_jwk(key: Key) -> dict[str, Any]:
    """The public half, as a proof carries it."""
    algorithm = jwt.get_algorithm_by_name(algorithm_of(key))
    found: dict[str, Any] = algorithm.to_jwk(key.public_key(), as_dict=True)
    return {name: value for name, value in found.items() if name in ("kty", "crv", "x", "y")}


def algorithm_of(key: Key) -> str:
    return "ES256" if isinstance(key, ec.EllipticCurvePrivateKey) else "EdDSA"


def sign(
    key: Key,
    method: str,
    url: str,
    at: datetime,
    *,
    token: str | None = None,
    headers: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    """A proof for one request; a change of None leaves a claim out."""
    claims: dict[str, Any] = {
        "jti": secrets.token_hex(8),
        "htm": method,
        "htu": url,
        "iat": int(at.timestamp()),
    }
    if token is not None:
        claims["ath"] = token_hash(token)
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    head = {"typ": "dpop+jwt", "jwk": public_jwk(key), **(headers or {})}
    return jwt.encode(claims, key, algorithm=algorithm_of(key), headers=head)
