"""OAuth2's doors, as standard clients use them and as they must not be used."""

import base64
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import httpx
import jwt
import pytest
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.test import Client

from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from exchange.participants.actors import credentials
from exchange.participants.members import members
from exchange.participants.models import ApiClient
from tests import makers

TOKEN, INTROSPECT, REVOKE = ("/api/v1/oauth/token", "/api/v1/oauth/introspect", "/api/v1/oauth/revoke")
FORM = "application/x-www-form-urlencoded"
Credentials = tuple[str, str]


@pytest.fixture
def machine(seller: Actor) -> Credentials:
    client, secret = credentials.issue_client(
        makers.participant_of(seller), name="machine", scopes=["read", "sell", "manage"], by=seller
    )
    return client.pk, secret


def _post(path: str, form: dict[str, str], basic: Credentials | None = None) -> HttpResponse:
    headers = {}
    if basic:
        encoded = base64.b64encode(":".join(quote_plus(part) for part in basic).encode()).decode()
        headers["Authorization"] = f"Basic {encoded}"
    body = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in form.items())
    return Client().post(path, body, content_type=FORM, headers=headers)


def _token(machine: Credentials, **form: str) -> HttpResponse:
    return _post(TOKEN, {"grant_type": "client_credentials", **form}, machine)


def _me(token: str) -> HttpResponse:
    return Client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})


def test_a_token_has_the_form_of_rfc_9068_and_checks_against_the_published_keys(
    machine: Credentials, seller: Actor
) -> None:
    answer = _token(machine)
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, "manage read sell")
    header = jwt.get_unverified_header(body["access_token"])
    assert (header["typ"], header["alg"]) == ("at+jwt", "EdDSA")
    metadata = Client().get("/.well-known/oauth-authorization-server").json()
    keys = jwt.PyJWKSet.from_dict(Client().get(metadata["jwks_uri"].removeprefix("http://testserver")).json())
    claims = jwt.decode(
        body["access_token"],
        keys[header["kid"]].key,
        algorithms=["EdDSA"],
        audience="http://testserver/api/v1",
        issuer=metadata["issuer"],
    )
    assert (claims["sub"], claims["client_id"], claims["scope"]) == (machine[0], machine[0], body["scope"])
    assert claims["exp"] - claims["iat"] == 3600 and claims["jti"]
    assert _me(body["access_token"]).json()["participant"]["id"] == str(seller.participant_id)


def test_the_secret_may_come_by_basic_or_in_the_body(machine: Credentials) -> None:
    form = {"grant_type": "client_credentials", "client_id": machine[0], "client_secret": machine[1]}
    assert _post(TOKEN, form).status_code == 200
    assert (
        _post(TOKEN, {"grant_type": "client_credentials", "client_id": machine[0]}, machine).status_code == 200
    )


def test_an_ordinary_http_library_gets_a_token_and_uses_it(own_database: None, machine: Credentials) -> None:
    transport = httpx.WSGITransport(app=get_wsgi_application())
    with httpx.Client(transport=transport, base_url="http://testserver") as http:
        answer = http.post(TOKEN, auth=machine, data={"grant_type": "client_credentials", "scope": "read"})
        assert answer.status_code == 200 and answer.json()["scope"] == "read"
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert http.get("/api/v1/me", headers=bearer).json()["scopes"] == ["read"]


def test_a_form_encoded_id_or_secret_is_decoded(machine: Credentials) -> None:
    spelt = "".join(f"%{ord(character):02X}" for character in machine[1])
    encoded = base64.b64encode(f"{machine[0]}:{spelt}".encode()).decode()
    answer = Client().post(
        TOKEN, "grant_type=client_credentials", content_type=FORM, headers={"Authorization": f"Basic {encoded}"}
    )
    assert answer.status_code == 200


def test_fewer_scopes_may_be_asked_for_and_no_others(machine: Credentials, unchanged: Any) -> None:
    assert _token(machine, scope="read").json()["scope"] == "read"
    for scope in ("buy", "audit", "fly", "read buy"):
        with unchanged():
            answer = _token(machine, scope=scope)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_requests_that_oauth2_does_not_know_are_refused_in_its_form(machine: Credentials) -> None:
    def error(answer: HttpResponse) -> tuple[int, str]:
        assert answer["Cache-Control"] == "no-store"
        return answer.status_code, answer.json()["error"]

    assert error(_post(TOKEN, {}, machine)) == (400, "invalid_request")
    assert error(_post(TOKEN, {"grant_type": "password"}, machine)) == (400, "unsupported_grant_type")
    assert error(_token(machine, client_secret=machine[1])) == (400, "invalid_request")
    assert error(_token(machine, client_id="cl_another")) == (400, "invalid_request")
    twice = Client().post(TOKEN, "grant_type=a&grant_type=b", content_type=FORM)
    assert error(twice) == (400, "invalid_request")
    as_json = Client().post(TOKEN, {"grant_type": "client_credentials"}, content_type="application/json")
    assert error(as_json) == (400, "invalid_request")
    assert FORM in as_json.json()["error_description"]


def test_a_wrong_secret_is_refused_and_challenged_where_basic_was_used(
    machine: Credentials, unchanged: Any
) -> None:
    body = {"grant_type": "client_credentials", "client_id": machine[0], "client_secret": "wrong"}
    with unchanged():
        by_basic, by_body = _token((machine[0], "wrong")), _post(TOKEN, body)
        nobody, empty = _token(("cl_nobody", machine[1])), _post(TOKEN, {"grant_type": "client_credentials"})
    for answer in (by_basic, by_body, nobody, empty):
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert by_basic["WWW-Authenticate"].startswith("Basic ") and nobody["WWW-Authenticate"].startswith("Basic ")
    assert "WWW-Authenticate" not in by_body and "WWW-Authenticate" not in empty


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Bearer abc", "Basic /w==", "x" * 5000]
)
def test_an_authorization_header_that_is_no_basic_is_refused(db: None, header: str) -> None:
    answer = Client().post(
        TOKEN, "grant_type=client_credentials", content_type=FORM, headers={"Authorization": header}
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_introspection_describes_tokens_of_ones_own_organisation_alone(
    machine: Credentials, buyer: Actor
) -> None:
    token = _token(machine, scope="read").json()["access_token"]
    described = _post(INTROSPECT, {"token": token}, machine).json()
    assert described["active"] is True
    assert (described["client_id"], described["scope"], described["token_type"]) == (
        machine[0],
        "read",
        "Bearer",
    )
    assert "credential" not in described
    other, secret = credentials.issue_client(
        makers.participant_of(buyer), name="other", scopes=["read"], by=buyer
    )
    assert _post(INTROSPECT, {"token": token}, (other.pk, secret)).json() == {"active": False}
    assert _post(INTROSPECT, {"token": "nonsense"}, machine).json() == {"active": False}
    assert _post(INTROSPECT, {"token": token}).status_code == 401
    assert _post(INTROSPECT, {}, machine).json()["error"] == "invalid_request"


def test_a_revoked_token_opens_nothing(machine: Credentials) -> None:
    token = _token(machine).json()["access_token"]
    assert _me(token).status_code == 200
    assert _post(REVOKE, {"token": token}, machine).status_code == 200
    refusal = _me(token)
    assert (refusal.status_code, refusal.json()["type"]) == (401, "urn:comptoir:problem:token_revoked")
    assert 'error="invalid_token"' in refusal["WWW-Authenticate"]
    assert _post(INTROSPECT, {"token": token}, machine).json() == {"active": False}
    assert _post(REVOKE, {"token": token}, machine).status_code == 200
    assert Event.objects.filter(name="client.token_revoked").count() == 1


def test_revoking_what_is_no_token_is_no_error_and_another_ones_is(
    machine: Credentials, buyer: Actor, unchanged: Any
) -> None:
    token = _token(machine).json()["access_token"]
    other, secret = credentials.issue_client(
        makers.participant_of(buyer), name="other", scopes=["read"], by=buyer
    )
    with unchanged():
        assert _post(REVOKE, {"token": "nonsense"}, machine).status_code == 200
        answer = _post(REVOKE, {"token": token}, (other.pk, secret))
        assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
        assert _post(REVOKE, {"token": token}).status_code == 401
    assert _me(token).status_code == 200


def test_a_revoked_client_and_a_closed_organisation_are_refused_at_once(
    machine: Credentials, seller: Actor
) -> None:
    second, secret = credentials.issue_client(
        makers.participant_of(seller), name="second", scopes=["read"], by=seller
    )
    tokens = [_token(each).json()["access_token"] for each in (machine, (second.pk, secret))]
    credentials.revoke(ApiClient.objects.get(pk=machine[0]), by=seller)
    assert [_me(token).status_code for token in tokens] == [401, 200]
    assert _token(machine).json()["error"] == "invalid_client"
    members.close(makers.participant_of(seller), reason="we stop trading here", by=seller)
    assert [_me(token).status_code for token in tokens] == [401, 401]


def test_a_suspended_organisation_still_reads(machine: Credentials, seller: Actor, operator: Actor) -> None:
    token = _token(machine).json()["access_token"]
    members.suspend(makers.participant_of(seller), reason="under inquiry, by rule", by=operator)
    assert _me(token).json()["participant"]["state"] == "suspended"
    assert _token(machine).status_code == 200


def test_the_metadata_names_every_door(db: None) -> None:
    body = Client().get("/.well-known/oauth-authorization-server").json()
    assert body["issuer"] == "http://testserver"
    assert body["grant_types_supported"] == ["client_credentials"]
    for name, path in (("token", TOKEN), ("introspection", INTROSPECT), ("revocation", REVOKE)):
        assert body[f"{name}_endpoint"] == f"http://testserver{path}"
    assert Client().post("/.well-known/oauth-authorization-server").status_code == 405
    assert "d" not in Client().get("/.well-known/jwks.json").json()["keys"][0]


def test_failed_authentications_are_logged_without_secrets(
    machine: Credentials, seller: Actor, caplog: pytest.LogCaptureFixture, door: Callable[[Actor], makers.Door]
) -> None:
    caplog.set_level(logging.DEBUG)
    pasted = "a-secret-pasted-as-an-id"
    token = _token(machine).json()["access_token"]
    _token((machine[0], "a-wrong-secret"))
    _token((pasted, "another-wrong-secret"))
    _post(REVOKE, {"token": token}, machine)
    _me(token)
    _me(token + "x")
    answer = door(seller).post(f"/api/v1/clients/{machine[0]}/rotate").json()
    failed = [record for record in caplog.records if record.name == "exchange.oauth"]
    assert [machine[0] in record.getMessage() for record in failed] == [True, False]
    for secret in (
        machine[1],
        "a-wrong-secret",
        "another-wrong-secret",
        pasted,
        token,
        answer["client_secret"],
    ):
        assert secret not in caplog.text
