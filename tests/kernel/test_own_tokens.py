"""Tokens that the exchange alone reads: nothing opens its door but what it wrote itself, byte for byte."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given
from hypothesis import settings as told
from hypothesis import strategies as st

from exchange.kernel import own_tokens, signing
from exchange.kernel.own_tokens import OwnPurpose
from exchange.kernel.signing import BadToken, Purpose

pytestmark = pytest.mark.usefixtures("django_db_setup")
DOOR = "download"
WHEN = datetime.fromisoformat("2026-11-22T09:00:00+00:00")
HEAD = {"alg": "HS256", "typ": "download+jwt"}


def good(until: datetime = WHEN + timedelta(minutes=10), audience: str = DOOR) -> str:
    return own_tokens.sign(OwnPurpose.DOWNLOAD, {"jti": "1"}, audience=audience, expires=until)


def code_of(token: str, now: datetime = WHEN) -> str:
    with pytest.raises(BadToken) as refusal:
        own_tokens.read(OwnPurpose.DOWNLOAD, token, audience=DOOR, now=now)
    return refusal.value.code


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_token_opens_its_door_until_it_expires() -> None:
    token = good()
    read = own_tokens.read(OwnPurpose.DOWNLOAD, token, audience=DOOR, now=WHEN)
    assert read["jti"] == "1"
    with pytest.raises(BadToken) as refusal:
        own_tokens.read(OwnPurpose.DOWNLOAD, token, audience=DOOR, now=WHEN + timedelta(minutes=10))
    assert refusal.value.code == "token_expired"
    assert refusal.value.claims is not None and refusal.value.claims["jti"] == "1"


def test_it_opens_no_other_door_and_no_other_exchange(settings: Any) -> None:
    assert code_of(good(audience="upload")) == "token_wrong_audience"
    token = good()
    settings.EXCHANGE_URL = "https://other.example"
    assert code_of(token) == "token_wrong_audience"


def test_it_is_an_ordinary_jwt_to_whoever_has_the_secret(settings: Any) -> None:
    secret = base64.urlsafe_b64decode(
        (Path(settings.EXCHANGE_KEYS_DIR) / "download.key").read_bytes().split()[0] + b"="
    )
    claims = jwt.decode(good(), secret, algorithms=["HS256"], audience=DOOR, options={"verify_exp": False})
    assert claims["jti"] == "1"


def test_tokens_of_other_kinds_open_nothing() -> None:
    until = WHEN + timedelta(minutes=10)
    for purpose in (Purpose.ACCESS, Purpose.UPLOAD):
        assert (
            code_of(signing.sign_token(purpose, {"jti": "1"}, audience=DOOR, expires=until))
            == "token_wrong_kind"
        )
    pair = Ed25519PrivateKey.generate()
    of_old = jwt.encode({"jti": "1"}, pair, algorithm="EdDSA", headers={"typ": "download+jwt"})
    assert code_of(of_old) == "token_wrong_kind"


@pytest.mark.parametrize("alg", ["none", "None", "HS512", "EdDSA", "", None])
def test_a_token_chooses_no_algorithm(alg: str | None) -> None:
    _, claims, mac = good().split(".")
    assert code_of(f"{part({**HEAD, 'alg': alg})}.{claims}.{mac}") == "token_wrong_kind"
    assert code_of(f"{part({**HEAD, 'alg': alg})}.{claims}.") == "token_wrong_kind"


def test_another_key_opens_nothing_whatever_it_calls_itself() -> None:
    head, claims, _ = good().split(".")
    for secret in (b"", b"\0" * 32, b"x" * 32):
        mac = hmac.new(secret, f"{head}.{claims}".encode(), hashlib.sha256).digest()
        assert code_of(f"{head}.{claims}.{part(mac)}") == "token_forged"
        own = part({**HEAD, "kid": hashlib.sha256(secret).hexdigest()[:16]})
        mac = hmac.new(secret, f"{own}.{claims}".encode(), hashlib.sha256).digest()
        assert code_of(f"{own}.{claims}.{part(mac)}") == "token_forged"


def test_no_byte_of_a_token_may_change() -> None:
    token = good()
    for place, letter in enumerate(token):
        changed = token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
        assert code_of(changed) in {"token_forged", "token_malformed", "token_wrong_kind"}
    for spelling in (token + "=", token + "A", token + ".", " " + token, token[:-1]):
        assert code_of(spelling) in {"token_forged", "token_malformed"}


@pytest.mark.parametrize(
    "garbage", ["", ".", "..", "a.b.c", "x" * 5_000, "é.é.é", "\x00", "e30.e30.e30", "\ud800.a.b"]
)
def test_garbage_is_no_token(garbage: str) -> None:
    assert code_of(garbage) == "token_malformed"


@told(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=4).map(".".join))
def test_nothing_invented_opens_it(invented: str) -> None:
    assert code_of(invented) in {"token_malformed", "token_wrong_kind", "token_forged"}


def test_a_secret_is_changed_without_refusing_what_the_old_one_signed(settings: Any, tmp_path: Path) -> None:
    settings.EXCHANGE_KEYS_DIR = tmp_path / "first"
    old = good()
    before = (tmp_path / "first" / "download.key").read_bytes()
    settings.EXCHANGE_KEYS_DIR = tmp_path / "both"
    own_tokens.ensure_secrets(tmp_path / "both")
    assert code_of(old) == "token_forged"
    settings.EXCHANGE_KEYS_DIR = tmp_path / "after"
    (tmp_path / "after").mkdir()
    fresh = (tmp_path / "both" / "download.key").read_bytes()
    (tmp_path / "after" / "download.key").write_bytes(fresh + before)
    for token in (old, good()):
        assert own_tokens.read(OwnPurpose.DOWNLOAD, token, audience=DOOR, now=WHEN)["jti"] == "1"
    assert good().split(".")[0] != old.split(".")[0]


def test_a_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    assert own_tokens.ensure_secrets(tmp_path) == [OwnPurpose.DOWNLOAD]
    file = tmp_path / "download.key"
    content = file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert own_tokens.ensure_secrets(tmp_path) == []
    assert file.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"AAAA\n", b"!!!", b"\xff" * 43])
def test_a_file_that_holds_no_secret_stops_by_name(settings: Any, tmp_path: Path, content: bytes) -> None:
    settings.EXCHANGE_KEYS_DIR = tmp_path
    (tmp_path / "download.key").write_bytes(content)
    with pytest.raises(RuntimeError, match=r"download\.key"):
        good()
