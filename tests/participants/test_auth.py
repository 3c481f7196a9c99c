"""Who acts: access tokens good and bad, and from which address."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client, RequestFactory
from django.utils import timezone

from exchange.kernel import own_tokens, signing
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.own_tokens import OwnPurpose
from exchange.kernel.signing import Purpose
from exchange.participants.actors import access_tokens, auth
from exchange.participants.models import ApiClient
from tests import makers

AUDIENCE = "http://testserver/api/v1"


def _try(token: str, unchanged: Any) -> tuple[int, str]:
    """GET and POST with a token; what both answer."""
    headers = {"Authorization": f"Bearer {token}"}
    with unchanged():
        read = Client().get("/api/v1/me", headers=headers)
        wrote = Client().post(
            f"/api/v1/participants/{uuid4()}/close",
            {"reason": "r" * 20},
            content_type="application/json",
            headers=headers,
        )
    assert read.status_code == wrote.status_code and read.json() == wrote.json()
    return read.status_code, read.json()["type"].removeprefix("urn:comptoir:problem:")


def _claims(seller: Actor) -> dict[str, Any]:
    client = ApiClient.objects.get(pk=seller.name)
    token = access_tokens.issue(client, scopes=seller.scopes, now=timezone.now())
    return dict(access_tokens.read(token, now=timezone.now()).claims)


def test_nothing_at_all_is_not_authenticated(db: None, unchanged: Any) -> None:
    with unchanged():
        answer = Client().post("/api/v1/participants", {}, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"] == 'Bearer realm="comptoir"'
    basic = Client().get("/api/v1/me", headers={"Authorization": "Basic YTpi"})
    assert basic.status_code == 401


def test_a_good_token_opens_the_api_and_a_changed_one_does_not(seller: Actor, unchanged: Any) -> None:
    client = ApiClient.objects.get(pk=seller.name)
    token = access_tokens.issue(client, scopes=[Scope.READ], now=timezone.now())
    assert Client().get("/api/v1/me", headers={"Authorization": f"bearer {token}"}).status_code == 200
    head, body, signature = token.split(".")
    wider = json.loads(base64.urlsafe_b64decode(body + "==")) | {"scope": "read operate"}
    forged = base64.urlsafe_b64encode(json.dumps(wider).encode()).decode().rstrip("=")
    assert _try(f"{head}.{forged}.{signature}", unchanged) == (401, "token_forged")
    for nonsense in ("", "x", "a.b.c", "é", f"{head}.{body}", f"{token} ", "x" * 5_000):
        assert _try(nonsense, unchanged)[0] == 401


def test_a_token_that_is_unsigned_or_signed_elsewhere_is_refused(seller: Actor, unchanged: Any) -> None:
    claims = _claims(seller)
    unsigned = jwt.encode(claims, None, algorithm="none", headers={"typ": "at+jwt"})
    assert _try(unsigned, unchanged) == (401, "token_wrong_kind")
    elsewhere = jwt.encode(claims, Ed25519PrivateKey.generate(), algorithm="EdDSA", headers={"typ": "at+jwt"})
    assert _try(elsewhere, unchanged) == (401, "token_forged")
    public = signing.public_keys()["keys"][0]["x"]
    confused = jwt.encode(claims, public + "=" * 8, algorithm="HS256", headers={"typ": "at+jwt"})
    assert _try(confused, unchanged) == (401, "token_wrong_kind")


def test_a_token_of_another_kind_or_audience_is_refused(seller: Actor, unchanged: Any) -> None:
    claims, soon = _claims(seller), timezone.now() + timedelta(minutes=5)
    download = own_tokens.sign(OwnPurpose.DOWNLOAD, claims, audience=AUDIENCE, expires=soon)
    assert _try(download, unchanged) == (401, "token_wrong_kind")
    other = signing.sign_token(Purpose.ACCESS, claims, audience="http://testserver/d", expires=soon)
    assert _try(other, unchanged) == (401, "token_wrong_audience")


def test_a_token_ends_with_its_hour(seller: Actor, unchanged: Any) -> None:
    client = ApiClient.objects.get(pk=seller.name)
    over = access_tokens.issue(client, scopes=[Scope.READ], now=timezone.now() - access_tokens.LASTS)
    assert _try(over, unchanged) == (401, "token_expired")


def test_a_bad_token_is_refused_even_beside_a_good_session(seller: Actor) -> None:
    member = makers.member(makers.participant_of(seller), "viewer", seller.at)
    browser = Client()
    browser.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.get("/api/v1/me").status_code == 200
    assert browser.get("/api/v1/me", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_a_client_of_nobody_important_has_no_desk_scopes(seller: Actor) -> None:
    client = ApiClient.objects.select_related("participant").get(pk=seller.name)
    client.scopes = ["read", "audit", "operate"]
    assert auth.actor_of_client(client, seller.at).scopes == {Scope.READ}


def test_purging_forgets_revocations_of_expired_tokens_alone(seller: Actor) -> None:
    client = ApiClient.objects.select_related("participant").get(pk=seller.name)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for minutes in (0, 30):
        now = start + timedelta(minutes=minutes)
        token = access_tokens.issue(client, scopes=[Scope.READ], now=now)
        access_tokens.revoke(access_tokens.read(token, now=now), now=now)
    assert access_tokens.purge(start + access_tokens.LASTS) == 1
    assert access_tokens.purge(start + 2 * access_tokens.LASTS) == 1


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "address"),
    [
        ([], "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        (["10.0.0.0/8"], "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        (["10.0.0.0/8"], "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        (["10.0.0.0/8"], "10.0.0.1", "192.0.2.66, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (["10.0.0.0/8"], "10.0.0.1", "", "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "unknown", "10.0.0.1"),
        (["10.0.0.0/8"], "::ffff:10.0.0.1", "2001:DB8::1", "2001:db8::1"),
        (["2001:db8::/32"], "2001:db8::9", "::ffff:198.51.100.1", "198.51.100.1"),
        ([], "", "198.51.100.1", ""),
    ],
)
def test_only_trusted_proxies_say_where_a_caller_is(
    settings: Any, proxies: list[str], peer: str, forwarded: str, address: str
) -> None:
    settings.EXCHANGE_TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"X-Forwarded-For": forwarded})
    assert auth.address_of(request) == address
    headers = [(b"host", b"x"), *((b"x-forwarded-for", hop.encode()) for hop in forwarded.split(", "))]
    assert auth.address_of({"client": (peer, 1) if peer else None, "headers": headers}) == address
