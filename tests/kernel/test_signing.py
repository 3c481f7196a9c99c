"""Tokens and seals: only what this exchange signed, for this purpose, door and time, opens anything."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.conf import settings

from exchange.kernel import signing
from exchange.kernel.signing import BadToken, Purpose

pytestmark = pytest.mark.usefixtures("django_db_setup")  # which makes the run's keys
DOOR = "https://exchange.example/d"


@pytest.fixture
def expires(now: datetime) -> datetime:
    return now + timedelta(minutes=10)


@pytest.fixture
def token(expires: datetime) -> str:
    """A good upload token."""
    return signing.sign_token(Purpose.UPLOAD, {"jti": "1"}, audience=DOOR, expires=expires)


@pytest.fixture
def claims(expires: datetime) -> dict[str, Any]:
    """What a good upload token says."""
    return {"jti": "1", "iss": settings.EXCHANGE_URL, "aud": DOOR, "exp": int(expires.timestamp())}


def own_key(purpose: Purpose = Purpose.UPLOAD) -> Ed25519PrivateKey:
    return signing.load_private_key(Path(settings.EXCHANGE_KEYS_DIR) / f"{purpose}.pem")


def encode(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def signed(claims: dict[str, Any], key: Ed25519PrivateKey | None = None, typ: str | None = "upload+jwt") -> str:
    return jwt.encode(claims, key or own_key(), algorithm="EdDSA", headers={"typ": typ})


def code_of(token: str, now: datetime, *, purpose: Purpose = Purpose.UPLOAD, audience: str = DOOR) -> str:
    with pytest.raises(BadToken) as refusal:
        signing.verify_token(purpose, token, audience=audience, now=now)
    return refusal.value.code


def test_a_token_opens_its_door_until_it_expires(token: str, expires: datetime) -> None:
    claims = signing.verify_token(Purpose.UPLOAD, token, audience=DOOR, now=expires - timedelta(seconds=1))
    assert claims["jti"] == "1"
    assert code_of(token, expires) == "token_expired"


def test_a_token_opens_no_other_door(token: str, now: datetime) -> None:
    assert code_of(token, now, audience="https://exchange.example/u") == "token_wrong_audience"


def test_a_token_of_one_kind_is_none_of_another(token: str, now: datetime) -> None:
    assert code_of(token, now, purpose=Purpose.ACCESS) == "token_wrong_kind"


def test_a_kind_cannot_be_claimed_with_another_kinds_key(claims: dict[str, Any], now: datetime) -> None:
    assert code_of(signed(claims, own_key(Purpose.ACCESS)), now) == "token_forged"


@pytest.mark.parametrize("typ", [None, "JWT", "at+jwt", "UPLOAD+JWT", ""])
def test_a_wrong_typ_is_another_kind(claims: dict[str, Any], now: datetime, typ: str | None) -> None:
    assert code_of(signed(claims, typ=typ), now) == "token_wrong_kind"


def test_alg_none_opens_nothing(claims: dict[str, Any], now: datetime) -> None:
    for alg in ("none", "None", "NONE", ""):
        assert code_of(encode({"alg": alg, "typ": "upload+jwt"}, claims), now) == "token_wrong_kind"


def test_the_public_key_is_no_hmac_secret(claims: dict[str, Any], now: datetime) -> None:
    public = own_key().public_key()
    spellings = [
        public.public_bytes_raw(),
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
    ]
    for alg in ("HS256", "EdDSA"):
        for secret in spellings:
            unsigned = encode({"alg": alg, "typ": "upload+jwt"}, claims).rpartition(".")[0]
            mac = hmac.new(secret, unsigned.encode(), hashlib.sha256).digest()
            forged = f"{unsigned}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
            assert code_of(forged, now) == ("token_wrong_kind" if alg == "HS256" else "token_forged")


def test_another_key_or_algorithm_opens_nothing(claims: dict[str, Any], now: datetime) -> None:
    assert code_of(signed(claims, Ed25519PrivateKey.generate()), now) == "token_forged"
    rsa = jwt.encode(
        claims, generate_private_key(65537, 2048), algorithm="RS256", headers={"typ": "upload+jwt"}
    )
    assert code_of(rsa, now) == "token_wrong_kind"


def test_a_changed_claim_breaks_the_signature(token: str, claims: dict[str, Any], now: datetime) -> None:
    header, _, signature = token.split(".")
    changed = encode({}, {**claims, "jti": "2"}).split(".")[1]
    assert code_of(f"{header}.{changed}.{signature}", now) == "token_forged"


def test_another_exchanges_token_is_for_another_door(claims: dict[str, Any], now: datetime) -> None:
    assert code_of(signed({**claims, "iss": "https://other.example"}), now) == "token_wrong_audience"


@pytest.mark.parametrize("missing", ["exp", "aud", "iss"])
def test_a_token_says_until_when_for_whom_and_by_whom(
    claims: dict[str, Any], now: datetime, missing: str
) -> None:
    del claims[missing]
    assert code_of(signed(claims), now) == "token_malformed"


@pytest.mark.parametrize("aud", [[DOOR], {"a": DOOR}, 1])
def test_one_audience_as_text(claims: dict[str, Any], now: datetime, aud: Any) -> None:
    assert code_of(signed({**claims, "aud": aud}), now) in {"token_malformed", "token_wrong_audience"}


@pytest.mark.parametrize("garbage", ["", ".", "..", "a.b.c", "x" * 100, "é.é.é", "\x00", "e30.e30.e30"])
def test_garbage_is_no_token(now: datetime, garbage: str) -> None:
    assert code_of(garbage, now) in {"token_malformed", "token_wrong_kind"}


def test_a_token_too_long_is_not_looked_at(now: datetime, expires: datetime) -> None:
    long = signing.sign_token(Purpose.UPLOAD, {"x": "y" * 4_000}, audience=DOOR, expires=expires)
    assert code_of(long, now) == "token_malformed"


def test_a_seal_holds_for_exactly_these_bytes() -> None:
    seal = signing.seal(Purpose.AGREEMENT, b"the terms")
    assert signing.is_sealed(Purpose.AGREEMENT, b"the terms", seal)
    assert not signing.is_sealed(Purpose.AGREEMENT, b"the terms ", seal)
    assert not signing.is_sealed(Purpose.ACCESS, b"the terms", seal)


@pytest.mark.parametrize(
    "broken", ["", ":", "x", "{kid}:", "{kid}:%%%", "0000000000000000:{signature}", "{kid}:AAAA"]
)
def test_a_broken_seal_is_no_seal(broken: str) -> None:
    kid, _, signature = signing.seal(Purpose.AGREEMENT, b"the terms").partition(":")
    assert not signing.is_sealed(Purpose.AGREEMENT, b"the terms", broken.format(kid=kid, signature=signature))


def test_public_keys_check_a_token_elsewhere(token: str, now: datetime) -> None:
    published = {key["kid"]: key for key in signing.public_keys()["keys"]}
    assert len(published) == len(Purpose) and not any("d" in key for key in published.values())
    key = jwt.PyJWK(published[jwt.get_unverified_header(token)["kid"]]).key
    assert (
        jwt.decode(token, key, algorithms=["EdDSA"], audience=DOOR, options={"verify_exp": False})["jti"] == "1"
    )


def test_keys_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    assert set(signing.ensure_keys(folder)) == set(Purpose)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert signing.ensure_keys(folder) == []
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert all(path.stat().st_mode & 0o077 == 0 for path in (folder, *folder.iterdir()))


def test_a_file_that_is_no_key_is_named(tmp_path: Path) -> None:
    for content in (b"", b"not a key"):
        (tmp_path / "access.pem").write_bytes(content)
        with pytest.raises(RuntimeError, match=r"access\.pem cannot be read"):
            signing.load_private_key(tmp_path / "access.pem")
    with pytest.raises(RuntimeError, match=r"missing\.pem cannot be read"):
        signing.load_private_key(tmp_path / "missing.pem")


def test_what_a_retired_key_sealed_stays_sealed(tmp_path: Path, settings: Any) -> None:
    settings.EXCHANGE_KEYS_DIR = tmp_path / "keys"
    signing.ensure_keys(settings.EXCHANGE_KEYS_DIR)
    old = signing.seal(Purpose.AGREEMENT, b"the terms")
    kid = signing.retire(settings.EXCHANGE_KEYS_DIR, Purpose.AGREEMENT)
    assert old.startswith(kid) and signing.is_sealed(Purpose.AGREEMENT, b"the terms", old)
    fresh = own_key(Purpose.AGREEMENT)
    signing._key_in.cache_clear()  # as in a process that starts anew
    new = signing.seal(Purpose.AGREEMENT, b"the terms")
    fresh.public_key().verify(base64.b64decode(new.partition(":")[2]), b"the terms")
    assert signing.is_sealed(Purpose.AGREEMENT, b"the terms", old)
    assert not signing.is_sealed(Purpose.AGREEMENT, b"other terms", old)
    retired = [key for key in signing.public_keys()["keys"] if "comptoir_retired" in key]
    assert [key["kid"] for key in retired] == [kid]


def test_a_process_that_still_has_the_old_key_knows_the_fresh_one(tmp_path: Path, settings: Any) -> None:
    settings.EXCHANGE_KEYS_DIR = tmp_path / "keys"
    signing.ensure_keys(settings.EXCHANGE_KEYS_DIR)
    signing.seal(Purpose.AGREEMENT, b"the terms")
    signing.retire(settings.EXCHANGE_KEYS_DIR, Purpose.AGREEMENT)
    fresh = own_key(Purpose.AGREEMENT)
    kid = hashlib.sha256(fresh.public_key().public_bytes_raw()).hexdigest()[:16]
    sealed = f"{kid}:{base64.b64encode(fresh.sign(b'the terms')).decode()}"
    assert signing.is_sealed(Purpose.AGREEMENT, b"the terms", sealed)
    assert not signing.is_sealed(Purpose.AGREEMENT, b"the terms", sealed.replace(kid, "../../etc/passwd"))
