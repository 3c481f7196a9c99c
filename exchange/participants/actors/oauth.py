"""OAuth2 for API clients: client credentials (RFC 6749), introspection (RFC 7662), revocation (RFC 7009) and
the metadata that says so (RFC 8414). Refusals here have OAuth2's own form, not a problem document's."""

import base64
import binascii
import logging
from datetime import datetime
from urllib.parse import unquote_plus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from exchange.kernel import signing
from exchange.kernel.actors import Scope, scopes_of
from exchange.kernel.signing import BadToken
from exchange.participants.actors import access_tokens, credentials
from exchange.participants.actors.actors import sanctioned_scopes
from exchange.participants.models import ApiClient

log = logging.getLogger("exchange.oauth")

FORM = "application/x-www-form-urlencoded"
KEYS_PATH = ".well-known/jwks.json"
_LARGEST_CREDENTIAL = 400


class OAuthRefusal(Exception):
    """`error` is a word of RFC 6749, section 5.2."""

    def __init__(self, error: str, description: str, *, status: int = 400, challenge: bool = False) -> None:
        super().__init__(error)
        self.error, self.description = error, description
        self.status, self.challenge = status, challenge


def token(request: HttpRequest) -> HttpResponse:
    """Give an authenticated client an access token with the scopes it asks for, or with all it has."""
    try:
        form = _form(request)
        client = _authenticated(request, form)
        grant = form.get("grant_type")
        if grant is None:
            raise OAuthRefusal("invalid_request", "send grant_type=client_credentials")
        if grant != "client_credentials":
            raise OAuthRefusal("unsupported_grant_type", "the only grant_type here is client_credentials")
        scopes = _granted(client, form.get("scope", ""))
    except OAuthRefusal as refusal:
        return _refused(refusal)
    now = timezone.now()
    credentials.tell_use(client, now)
    return _answer(
        {
            "access_token": access_tokens.issue(client, scopes=scopes, now=now),
            "token_type": "Bearer",
            "expires_in": int(access_tokens.LASTS.total_seconds()),
            "scope": " ".join(sorted(scopes)),
        }
    )


def introspect(request: HttpRequest) -> HttpResponse:
    """Say what a token of the caller's own organisation is worth now; any other is not active."""
    now = timezone.now()
    try:
        form = _form(request)
        client = _authenticated(request, form)
        shown = _shown(form, now)
    except OAuthRefusal as refusal:
        return _refused(refusal)
    if shown is None or shown.client.participant_id != client.participant_id:
        return _answer({"active": False})
    described = {key: shown.claims[key] for key in ("client_id", "sub", "aud", "iss", "iat", "exp", "jti")}
    return _answer({"active": True, "token_type": "Bearer", "scope": shown.claims["scope"], **described})


def revoke(request: HttpRequest) -> HttpResponse:
    """Take back a token of the caller's own organisation; one that is worth nothing is no error."""
    now = timezone.now()
    try:
        form = _form(request)
        client = _authenticated(request, form)
        shown = _shown(form, now)
        if shown is not None and shown.client.participant_id != client.participant_id:
            raise OAuthRefusal("unauthorized_client", "this token was issued to somebody else")
    except OAuthRefusal as refusal:
        return _refused(refusal)
    if shown is not None:
        access_tokens.revoke(shown, now=now)
    return _answer({})


@require_safe
def metadata(request: HttpRequest) -> HttpResponse:
    """Where the doors of OAuth2 are and what they take."""
    api = access_tokens.audience()
    methods = ["client_secret_basic", "client_secret_post"]
    return JsonResponse(
        {
            "issuer": settings.EXCHANGE_URL,
            "token_endpoint": f"{api}/oauth/token",
            "introspection_endpoint": f"{api}/oauth/introspect",
            "revocation_endpoint": f"{api}/oauth/revoke",
            "jwks_uri": f"{settings.EXCHANGE_URL}/{KEYS_PATH}",
            "scopes_supported": list(Scope),
            "response_types_supported": [],
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": methods,
            "introspection_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
        }
    )


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """The public keys that check our tokens and seals."""
    response = JsonResponse(signing.public_keys())
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _form(request: HttpRequest) -> dict[str, str]:
    if request.content_type != FORM:
        raise OAuthRefusal(
            "invalid_request", f"send the parameters as {FORM}, not {request.content_type or 'none'}"
        )
    form = {}
    for name, values in request.POST.lists():
        if len(values) > 1:
            raise OAuthRefusal("invalid_request", "a parameter was sent twice")
        form[name] = str(values[0])
    return form


def _authenticated(request: HttpRequest, form: dict[str, str]) -> ApiClient:
    header = request.headers.get("Authorization")
    by_header = header is not None
    if by_header and "client_secret" in form:
        raise OAuthRefusal("invalid_request", "authenticate by the header or by the body, not by both")
    client_id, secret = (
        _basic(header) if header is not None else (form.get("client_id"), form.get("client_secret"))
    )
    if (
        not client_id
        or not secret
        or not client_id.isprintable()  # PostgreSQL cannot be asked for a NUL
        or len(client_id) + len(secret) > _LARGEST_CREDENTIAL
    ):
        log.warning("client authentication failed: nothing usable was sent")
        raise OAuthRefusal(
            "invalid_client", "authenticate with the client id and secret", status=401, challenge=by_header
        )
    if by_header and form.get("client_id", client_id) != client_id:
        raise OAuthRefusal("invalid_request", "the body names another client than the header")
    client = credentials.client_with(client_id, secret)
    if client is None:
        known = client_id if credentials.live_client(client_id) else "a client that does not exist (any more)"
        log.warning("client authentication failed for %s", known)
        raise OAuthRefusal(
            "invalid_client", "the client id or secret is not valid", status=401, challenge=by_header
        )
    return client


def _basic(header: str) -> tuple[str | None, str | None]:
    """User and password of HTTP Basic, each form-encoded as RFC 6749 (2.3.1) wants."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None, None
    return (unquote_plus(user), unquote_plus(password)) if colon else (None, None)


def _granted(client: ApiClient, asked: str) -> frozenset[Scope]:
    held = sanctioned_scopes(client.participant, scopes_of(client.scopes))
    try:
        scopes = scopes_of(asked.split()) or held
    except ValueError:
        scopes = None
    if scopes is None or not scopes <= held:
        raise OAuthRefusal("invalid_scope", f"this client has the scopes {' '.join(sorted(held))}")
    return scopes


def _shown(form: dict[str, str], now: datetime) -> access_tokens.AccessToken | None:
    given = form.get("token")
    if not given:
        raise OAuthRefusal("invalid_request", "send the parameter token")
    try:
        return access_tokens.read(given, now=now)
    except BadToken:
        return None


def _answer(body: dict[str, object], status: int = 200) -> JsonResponse:
    response = JsonResponse(body, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _refused(refusal: OAuthRefusal) -> JsonResponse:
    response = _answer({"error": refusal.error, "error_description": refusal.description}, refusal.status)
    if refusal.challenge:
        response.headers["WWW-Authenticate"] = 'Basic realm="comptoir", charset="UTF-8"'
    return response
