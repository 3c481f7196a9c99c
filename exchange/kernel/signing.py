"""PyJWT's and Ed25519's only door. Every kind of token and document has its own key, `typ` and audience; keys
are files, made at the first start where the embedded defaults are in force."""

import base64
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from jwt.types import Options

from exchange.kernel.errors import Forbidden

LARGEST_TOKEN_CHARACTERS = 4_096


class Purpose(StrEnum):
    """What a key is for; the value names its file."""

    ACCESS = "access"  # OAuth2 access tokens
    UPLOAD = "upload"  # the right to fill one asset
    AGREEMENT = "agreement"  # the exchange's seal under a usage contract
    STATEMENT = "statement"  # and under a buyer's statement that data is deleted
    EARNINGS = "earnings"  # and under a statement of what a party earned


_KID = re.compile(r"[0-9a-f]{16}")
_TYPES = {Purpose.ACCESS: "at+jwt", Purpose.UPLOAD: "upload+jwt"}


# Of the key inside a proof: the members that its thumbprint is made of.
_PROOF_KEYS = {"ES256": ("crv", "kty", "x", "y"), "EdDSA": ("crv", "kty", "x")}
_PROOF_CURVES = {"ES256": {"kty": "EC", "crv": "P-256"}, "EdDSA": {"kty": "OKP", "crv": "Ed25519"}}
_NO_AUDIENCE: Options = {"verify_aud": False, "verify_nbf": False}


class BadToken(Forbidden):
    """A token that opens nothing; `code` says why. `claims` are there only if the signature is good."""

    default_code = "token_malformed"
    claims: dict[str, Any] | None = None


@dataclass(frozen=True)
class Key:
    private: Ed25519PrivateKey
    public: Ed25519PublicKey
    kid: str


def sign_token(purpose: Purpose, claims: Mapping[str, Any], *, audience: str, expires: datetime) -> str:
    """A JWT (EdDSA) that carries `claims` until `expires`."""
    key = _key(purpose)
    payload = {**claims, "iss": settings.EXCHANGE_URL, "aud": audience, "exp": int(expires.timestamp())}
    headers = {"kid": key.kid, "typ": _TYPES[purpose]}
    return jwt.encode(payload, key.private, algorithm="EdDSA", headers=headers)


def verify_token(purpose: Purpose, token: str, *, audience: str, now: datetime) -> dict[str, Any]:
    """The claims of a token that this exchange signed for `purpose` and `audience` and that has not expired.

    BadToken's code is token_malformed, token_wrong_kind, token_forged, token_wrong_audience or token_expired;
    only the last two come from tokens that carry a good signature.
    """
    try:
        if len(token) > LARGEST_TOKEN_CHARACTERS:
            raise BadToken("this token is too long to be one of ours")
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        raise BadToken("this is not a token") from None
    if header.get("typ") != _TYPES[purpose] or header.get("alg") != "EdDSA":
        raise BadToken("this token is of another kind", code="token_wrong_kind")
    # Times are checked here, against the time that was passed in.
    required: Options = {
        "require": ["exp", "aud", "iss"],
        "verify_exp": False,
        "verify_nbf": False,
        "verify_iat": False,
        "verify_aud": False,
    }
    try:
        claims: dict[str, Any] = jwt.decode(token, _key(purpose).public, algorithms=["EdDSA"], options=required)
    except jwt.InvalidSignatureError:
        raise BadToken("this token was not signed here", code="token_forged") from None
    except jwt.InvalidTokenError:
        raise BadToken("this is not a token") from None
    if claims["aud"] != audience or claims["iss"] != settings.EXCHANGE_URL:
        raise BadToken("this token is for another door", code="token_wrong_audience")
    if not isinstance(claims["exp"], int) or claims["exp"] <= now.timestamp():
        expired = BadToken("this token has expired; ask for a new one", code="token_expired")
        expired.claims = claims
        raise expired
    return claims


def open_proof(proof: str) -> tuple[dict[str, Any], str]:
    """The claims of a DPoP proof (RFC 9449) and the thumbprint (RFC 7638) of the key that it carries and is signed
    with; BadToken for anything else. Whether it is for this request and fresh is the caller's question."""
    try:
        if len(proof) > LARGEST_TOKEN_CHARACTERS:
            raise BadToken("this proof is too long")
        header = jwt.get_unverified_header(proof)
        algorithm, carried = header.get("alg"), header.get("jwk")
        if header.get("typ") != "dpop+jwt" or algorithm not in _PROOF_KEYS or not isinstance(carried, dict):
            raise BadToken("this is not a DPoP proof")
        key = {name: carried.get(name) for name in _PROOF_KEYS[algorithm]}
        if "d" in carried or key | _PROOF_CURVES[algorithm] != key:
            raise BadToken("the key in this proof is not a public key of its algorithm")
        options: Options = {"require": ["jti", "htm", "htu", "iat"], "verify_iat": False, "verify_exp": False}
        claims: dict[str, Any] = jwt.decode(
            proof, jwt.PyJWK.from_dict(key, algorithm), algorithms=[algorithm], options=options | _NO_AUDIENCE
        )
    except (jwt.PyJWTError, ValueError, TypeError):
        raise BadToken("this is not a DPoP proof") from None
    texts = [claims["jti"], claims["htm"], claims["htu"]]
    if not all(isinstance(text, str) for text in texts) or type(claims["iat"]) not in (int, float):
        raise BadToken("this proof lacks what it must say")
    digest = hashlib.sha256(json.dumps(key, sort_keys=True, separators=(",", ":")).encode()).digest()
    return claims, base64.urlsafe_b64encode(digest).decode().rstrip("=")


def seal(purpose: Purpose, document: bytes) -> str:
    """A detached Ed25519 signature over `document`: "<key id>:<base64>"."""
    key = _key(purpose)
    return f"{key.kid}:{base64.b64encode(key.private.sign(document)).decode()}"


def is_sealed(purpose: Purpose, document: bytes, signature: str) -> bool:
    """Whether `signature` is this exchange's seal over exactly these bytes."""
    kid, _, encoded = signature.partition(":")
    public = _public(purpose, kid)
    try:
        if public is None:
            return False
        public.verify(base64.b64decode(encoded, validate=True), document)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_keys() -> dict[str, list[dict[str, str]]]:
    """A JWK set of every public key, for those who check tokens and seals elsewhere; retired ones are in it, because
    what they sealed stays sealed."""
    folder = Path(settings.EXCHANGE_KEYS_DIR)
    keys = [_jwk(purpose, key.public, key.kid) for purpose in Purpose for key in (_key(purpose),)]
    for purpose in Purpose:
        for path in sorted(folder.glob(f"{purpose}-*.pub.pem")):
            public = _load_public_key(path)
            keys.append(_jwk(purpose, public, _kid(public)) | {"comptoir_retired": "yes"})
    return {"keys": keys}


def retire(folder: Path, purpose: Purpose) -> str:
    """Give `purpose` a fresh key and keep the public half of the old one beside it; answers the old key's id. Processes
    that run take the fresh key when they start anew."""
    path = folder / f"{purpose}.pem"
    public = load_private_key(path).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    write_secret(folder / f"{purpose}-{_kid(public)}.pub.pem", lambda: pem)
    draft = path.with_name(f".{path.name}.fresh")
    draft.unlink(missing_ok=True)
    write_secret(draft, new_private_key)
    draft.replace(path)
    return _kid(public)


def ensure_keys(folder: Path) -> list[Purpose]:
    """Make the key files that are missing; answers which."""
    made = []
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for purpose in Purpose:
        if write_secret(folder / f"{purpose}.pem", new_private_key):
            made.append(purpose)
    return made


def missing_keys(folder: Path) -> list[str]:
    """The names of key files that are not there."""
    return [f"{purpose}.pem" for purpose in Purpose if not (folder / f"{purpose}.pem").exists()]


def new_private_key() -> bytes:
    """A fresh Ed25519 private key as PKCS#8 PEM."""
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def write_secret(path: Path, make: Any) -> bool:
    """Create `path` readable by its owner alone, unless it is there; two starters cannot both win."""
    if path.exists():
        return False
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(make())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def load_private_key(path: Path) -> Ed25519PrivateKey:
    """The Ed25519 key in the PEM file `path`; RuntimeError names the file when it is not one."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise RuntimeError(f"{path.name} cannot be read as an Ed25519 key: {error}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise RuntimeError(f"{path.name} is not an Ed25519 key")
    return key


@lru_cache
def _key_in(folder: str, purpose: Purpose) -> Key:
    private = load_private_key(Path(folder) / f"{purpose}.pem")
    public = private.public_key()
    return Key(private, public, _kid(public))


def _key(purpose: Purpose) -> Key:
    return _key_in(str(settings.EXCHANGE_KEYS_DIR), purpose)


def _public(purpose: Purpose, kid: str) -> Ed25519PublicKey | None:
    """The key of this id: the one in force, one that is retired, or one that came into force since this process
    started."""
    if (key := _key(purpose)).kid == kid:
        return key.public
    folder = Path(settings.EXCHANGE_KEYS_DIR)
    retired = folder / f"{purpose}-{kid}.pub.pem"
    if _KID.fullmatch(kid) and retired.is_file():
        public = _load_public_key(retired)
    else:
        public = load_private_key(folder / f"{purpose}.pem").public_key()
    return public if _kid(public) == kid else None


def _kid(public: Ed25519PublicKey) -> str:
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


def _load_public_key(path: Path) -> Ed25519PublicKey:
    key = serialization.load_pem_public_key(path.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise RuntimeError(f"{path.name} is not an Ed25519 key")
    return key


def _jwk(purpose: Purpose, public: Ed25519PublicKey, kid: str) -> dict[str, str]:
    point = base64.urlsafe_b64encode(public.public_bytes_raw()).decode().rstrip("=")
    return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": point} | {
        "comptoir_purpose": str(purpose)
    }
