"""OAuth2 access tokens: JWTs of type at+jwt (RFC 9068) that a client shows at the API. Each is asked of the
database again at every use, so a revocation holds at once."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists

from exchange.kernel import events, signing
from exchange.kernel.actors import Scope, scopes_of
from exchange.kernel.signing import BadToken, Purpose
from exchange.participants.actors.actors import actor_of_client
from exchange.participants.actors.credentials import live_clients
from exchange.participants.models import ApiClient, RevokedToken

LASTS = timedelta(hours=1)


@dataclass(frozen=True)
class AccessToken:
    """A token that opens the API now: the client it was issued to, what it may do, and its claims."""

    client: ApiClient
    scopes: frozenset[Scope]
    claims: dict[str, Any]


def issue(client: ApiClient, *, scopes: Iterable[Scope], now: datetime) -> str:
    """An access token for `client` that lives for an hour at most."""
    claims = {
        "sub": client.pk,
        "client_id": client.pk,
        "iat": int(now.timestamp()),
        "jti": secrets.token_urlsafe(16),
        "scope": " ".join(sorted(scopes)),
        "credential": _credential_mark(client),
    }
    return signing.sign_token(Purpose.ACCESS, claims, audience=audience(), expires=now + LASTS)


def read(token: str, *, now: datetime) -> AccessToken:
    """The token, if it opens the API now; BadToken says why it does not."""
    claims = signing.verify_token(Purpose.ACCESS, token, audience=audience(), now=now)
    taken_back = Exists(RevokedToken.objects.filter(pk=claims["jti"]))
    client = live_clients().filter(pk=claims["client_id"]).annotate(is_taken_back=taken_back).first()
    if client is None or claims["credential"] != _credential_mark(client):
        raise BadToken("this token's client is gone or has another secret now", code="token_revoked")
    if client.is_taken_back:
        raise BadToken("this token was revoked", code="token_revoked")
    return AccessToken(client, scopes_of(claims["scope"].split()), claims)


@transaction.atomic
def revoke(token: AccessToken, *, now: datetime) -> None:
    """Take a token back before its end; a second time changes nothing."""
    expires_at = datetime.fromtimestamp(token.claims["exp"], tz=now.tzinfo)
    _, is_new = RevokedToken.objects.get_or_create(id=token.claims["jti"], defaults={"expires_at": expires_at})
    if is_new:
        by = actor_of_client(token.client, now, token.scopes)
        events.record("client.token_revoked", token.client, by=by, facts={"token": token.claims["jti"]})


def purge(now: datetime) -> int:
    """Forget revocations of tokens that have expired; answers how many."""
    return RevokedToken.objects.filter(expires_at__lte=now).delete()[0]


def audience() -> str:
    """Whom access tokens are for: this exchange's API."""
    return f"{settings.EXCHANGE_URL}/api/v1"


def _credential_mark(client: ApiClient) -> str:
    """Ties a token to the secret it was asked with, so that rotation ends it."""
    return client.secret_hash[:16]
