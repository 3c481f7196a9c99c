"""The pages of API clients: making one, its secret shown once, how to use it, another secret, and its end."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from exchange.kernel.actors import Scope, scopes_of
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid
from exchange.look import submissions
from exchange.look.answers import show
from exchange.look.refusals import refusal_of
from exchange.participants import queries, vault
from exchange.participants.actors import credentials
from exchange.participants.actors.client_forms import SCOPES, ClientForm, scopes_to_give
from exchange.participants.actors.page_auth import PageRequest, member_page
from exchange.participants.models import ApiClient

_IN_SESSION = "fresh_secret"
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class ClientRow:
    """A client as the pages show it, and what the reader may do to it."""

    client: ApiClient
    scopes: list[tuple[Any, Any]]
    may_rotate: bool
    may_revoke: bool


@require_safe
@never_cache
@member_page(Scope.READ)
def listed(request: PageRequest) -> HttpResponse:
    """The organisation's API clients, those that are revoked last."""
    rows = sorted(_own(request), key=lambda client: client.revoked_at is not None)
    context = {
        "rows": [_row(request, client) for client in rows],
        "may_make": bool(scopes_to_give(request.actor)),
    }
    return show(request, "participants/clients.html", context)


@get_or_post
@never_cache
@member_page(Scope.READ)
def new(request: PageRequest) -> HttpResponse:
    """Make an API client; its secret is on the next page, once."""
    if not scopes_to_give(request.actor):
        request.actor.require(Scope.MANAGE)
    if request.method == "POST" and _is_live(request, submissions.made(request)):
        return redirect("buy_clients_secret", submissions.made(request))
    form = ClientForm(request.POST or None, by=request.actor)
    if request.method == "POST" and form.is_valid():
        assert request.actor.participant_id is not None
        own = queries.own_participant(request.actor, request.actor.participant_id)
        try:
            client, fresh = credentials.issue_client(own, **form.cleaned_data, by=request.actor)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
        else:
            submissions.keep(request, client.pk)
            return _to_secret(request, client, fresh)
    status = 422 if form.is_bound and form.errors else 200
    return show(request, "participants/client_new.html", {"form": form}, status=status)


@require_http_methods(["GET"])
@never_cache
@member_page(Scope.READ)
def secret(request: PageRequest, client_id: str) -> HttpResponse:
    """A fresh secret, this once; afterwards the page says that it was shown."""
    found = _one(request, client_id)
    kept = request.session.pop(_IN_SESSION, None)
    shown = vault.unwrap(kept["sealed"]) if kept and kept["client"] == found.pk else ""
    context = {"row": _row(request, found), "secret": shown, **_usage(found)}
    return show(request, "participants/client_secret.html", context)


@require_safe
@never_cache
@member_page(Scope.READ)
def client(request: PageRequest, client_id: str) -> HttpResponse:
    """One client: what it may do, when it was used, and how."""
    return _show(request, _one(request, client_id), None)


@get_or_post
@never_cache
@member_page(Scope.READ)
def rotate(request: PageRequest, client_id: str) -> HttpResponse:
    """Give a client another secret, on a page of its own."""
    found = _one(request, client_id)
    if request.method == "POST":
        try:
            fresh = credentials.rotate(found, by=request.actor)
        except (Conflict, Forbidden) as refusal:
            return _show(request, _one(request, client_id), refusal)
        return _to_secret(request, found, fresh)
    if not _row(request, found).may_rotate:
        return redirect("buy_clients_one", found.pk)
    return show(request, "participants/client_rotate.html", {"client": found})


@get_or_post
@never_cache
@member_page(Scope.READ)
def revoke(request: PageRequest, client_id: str) -> HttpResponse:
    """End a client for good, on a page of its own."""
    found = _one(request, client_id)
    if request.method == "POST":
        try:
            credentials.revoke(found, by=request.actor)
        except (Conflict, Forbidden) as refusal:
            return _show(request, _one(request, client_id), refusal)
        messages.success(request, _("The API client %(name)s is revoked.") % {"name": found.name})
        return redirect("buy_clients")
    if not _row(request, found).may_revoke:
        return redirect("buy_clients_one", found.pk)
    return show(request, "participants/client_revoke.html", {"client": found})


def _to_secret(request: PageRequest, client: ApiClient, fresh: str) -> HttpResponse:
    request.session[_IN_SESSION] = {"client": client.pk, "sealed": vault.wrap(fresh)}
    return redirect("buy_clients_secret", client.pk)


def _show(request: PageRequest, found: ApiClient, refusal: ExchangeError | None) -> HttpResponse:
    context = {
        "row": _row(request, found),
        "refusal": refusal_of(refusal) if refusal else None,
        **_usage(found),
    }
    status = 409 if isinstance(refusal, Conflict) else 403 if refusal else 200
    return show(request, "participants/client.html", context, section="buy_clients", status=status)


def _usage(client: ApiClient) -> dict[str, Any]:
    """What the commands of a client's page are made of."""
    return {
        "url": settings.EXCHANGE_URL,
        "may_read": Scope.READ in client.scopes,
        "may_buy": Scope.BUY in client.scopes and Scope.READ in client.scopes,
    }


def _row(request: PageRequest, client: ApiClient) -> ClientRow:
    scopes, is_live = scopes_of(client.scopes), client.revoked_at is None
    may_give = is_live and scopes <= set(scopes_to_give(request.actor))
    may_revoke = is_live and (may_give or request.actor.can(Scope.MANAGE))
    return ClientRow(client, [SCOPES[scope] for scope in SCOPES if scope in scopes], may_give, may_revoke)


def _own(request: PageRequest) -> list[ApiClient]:
    """The clients of the reader's own organisation, whatever else an officer may see."""
    return list(queries.clients_visible_to(request.actor, request.actor.participant_id))


def _one(request: PageRequest, client_id: str) -> ApiClient:
    return queries.own_client(request.actor, client_id)


def _is_live(request: PageRequest, client_id: str) -> bool:
    return any(client.pk == client_id and client.revoked_at is None for client in _own(request))
