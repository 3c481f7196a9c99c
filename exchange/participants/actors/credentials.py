"""API clients: machines that act for a participant by OAuth2 client credentials. Only the hash of a secret is
kept, and nobody gives a client more than they hold themselves."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from celery import current_app
from django.db import transaction
from django.db.models import Q, QuerySet

from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope, scopes_of
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.participants.actors.actors import PRIVILEGED, sanctioned_scopes
from exchange.participants.models import ApiClient, Participant

NOTE_USE_TASK = "participants.note_client_use"
_NOTED_EVERY = timedelta(hours=1)
_NO_SECRET = "0" * 64


@transaction.atomic
def issue_client(
    participant: Participant, *, name: str, scopes: Iterable[str], by: Actor
) -> tuple[ApiClient, str]:
    """Make an API client with some of the actor's own scopes; its secret is answered this once."""
    asked = _known(scopes)
    _require_to_give(participant, asked, by)
    if participant.state == Participant.State.CLOSED:
        raise Conflict("a closed organisation takes no API clients", code="wrong_state")
    secret = _new_secret()
    client = ApiClient.objects.create(
        id=f"cl_{secrets.token_hex(12)}",
        participant=participant,
        name=text.line(name, name="name", at_most=100),
        secret_hash=_hash(secret),
        scopes=sorted(asked),
        created_at=by.at,
    )
    events.record("client.issued", client, by=by, typed={"name": client.name})
    return client, secret


@transaction.atomic
def rotate(client: ApiClient, by: Actor) -> str:
    """Give a client another secret; the old one and every access token from it stop working at once."""
    _require_to_give(client.participant, scopes_of(client.scopes), by)
    secret = _new_secret()
    _change(client, secret_hash=_hash(secret))
    events.record("client.rotated", client, by=by)
    return secret


@transaction.atomic
def revoke(client: ApiClient, by: Actor) -> ApiClient:
    """End a client, and every access token it holds, for good."""
    if not by.acts_for(client.participant_id):
        raise Forbidden("only its own managers may do this", code="other_organisation")
    if not by.can(Scope.MANAGE):
        _require_to_give(client.participant, scopes_of(client.scopes), by)
    _change(client, revoked_at=by.at)
    events.record("client.revoked", client, by=by)
    return client


def tell_use(client: ApiClient, now: datetime) -> None:
    """Have it noted, once an hour, that a client asked for an access token. By a message: a reader never waits for
    those who write, and gets its token whether or not it can be noted."""
    if client.last_used_at is None or now - client.last_used_at > _NOTED_EVERY:
        transaction.on_commit(lambda: _send_use(client.pk, now), robust=True)


def note_use(client_id: str, at: datetime) -> None:
    """Remember when a client last asked for an access token; a revoked one stays as it is."""
    earlier = Q(last_used_at=None) | Q(last_used_at__lt=at)
    ApiClient.objects.filter(earlier, pk=client_id, revoked_at=None).update(last_used_at=at)


def client_with(client_id: str, secret: str) -> ApiClient | None:
    """The client that proves itself by this secret, unless it is revoked or its organisation closed."""
    client = live_client(client_id)
    expected = client.secret_hash if client else _NO_SECRET
    return client if hmac.compare_digest(_hash(secret), expected) else None


def live_client(client_id: str) -> ApiClient | None:
    """The client of this id, unless it is revoked or its organisation closed."""
    return live_clients().filter(pk=client_id).first()


def live_clients() -> QuerySet[ApiClient]:
    """All clients that are not revoked and whose organisation is not closed."""
    rows = ApiClient.objects.select_related("participant").filter(revoked_at=None)
    return rows.exclude(participant__state=Participant.State.CLOSED)


def _require_to_give(participant: Participant, scopes: frozenset[Scope], by: Actor) -> None:
    """Who manages gives what they hold; who audits or operates gives that much, to a machine of their desk."""
    if not by.acts_for(participant.pk):
        raise Forbidden("only its own managers may do this", code="other_organisation")
    if not scopes <= sanctioned_scopes(participant, scopes):
        raise Forbidden("only the operator's organisation audits or operates", code="operator_only")
    if not (scopes & PRIVILEGED and scopes <= PRIVILEGED | {Scope.READ}):
        by.require(Scope.MANAGE)
    by.require(*sorted(scopes))


def _change(client: ApiClient, **changes: object) -> None:
    if not ApiClient.objects.filter(pk=client.pk, revoked_at=None).update(**changes):
        raise Conflict("this API client has been revoked", code="wrong_state")
    client.refresh_from_db()


def _known(words: Iterable[str]) -> frozenset[Scope]:
    try:
        scopes = scopes_of(words)
    except ValueError as error:
        raise Invalid(f"{error}; the scopes are {', '.join(Scope)}", code="unknown_scope") from None
    if not scopes:
        raise Invalid(f"give one scope or more of {', '.join(Scope)}", code="unknown_scope")
    return scopes


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _send_use(client_id: str, at: datetime) -> None:
    arguments = [client_id, at.isoformat()]
    current_app.send_task(NOTE_USE_TASK, args=arguments, ignore_result=True, retry=False)
