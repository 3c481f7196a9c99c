"""What the buyer holds: until when, what is owed for it, and its files, each with the way to take it. A download is a
POST that leads to a link of minutes; what has arrived is counted by the gateway, so it survives a reload."""

import json
import shlex
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from contracts import badges, queries
from contracts.entitlements import deliveries, informing, reasons, volumes, windows
from contracts.entitlements.entitlements import deletion_due
from contracts.holdings import buyer_rows, rows
from contracts.holdings.holdings import of as holdings_of
from contracts.models import Entitlement, Transfer
from contracts.terms import rights
from contracts.terms import terms as usage_terms
from contracts.transfers import transfers
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden, Invalid, NotFound
from exchange.kernel.pagination import page
from exchange.look.answers import show
from exchange.look.refusals import refusal_of
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments import queries as payments
from payments.subscriptions import further_terms
from payments.subscriptions.queries import subscription_about

_STATE = Transfer.State
_FIELD = """python3 -c 'import json, sys; print(json.load(sys.stdin)["{}"])'"""


@require_safe
@never_cache
@member_page(Scope.READ)
def holdings(request: PageRequest) -> HttpResponse:
    """What the buyer holds, newest first, and what is due."""
    found = page(_mine(request), cursor=request.GET.get("cursor") or None)
    context = {
        "rows": buyer_rows.holdings(found.items, by=request.actor),
        "due": buyer_rows.due(request.actor),
        "page": found,
        "now": request.actor.at,
        "may_buy": request.actor.can(Scope.BUY),
    }
    return show(request, "contracts/holdings.html", context)


@require_safe
@never_cache
@member_page(Scope.READ)
def holding(request: PageRequest, entitlement_id: UUID) -> HttpResponse:
    """One right: its files, its downloads, its duties, and how a program takes it."""
    return _page(request, _one(request, entitlement_id))


@require_POST
@never_cache
@member_page(Scope.READ)
def download(request: PageRequest, entitlement_id: UUID) -> HttpResponse:
    """Take a link for a file, or to go on with a download, and lead the browser to it."""
    found = _one(request, entitlement_id)
    asset = transfer = None
    try:
        if given := request.POST.get("transfer", ""):
            transfer = queries.transfer_visible_to(request.actor, _id(given))
        else:
            asset = windows.asset_of(found, _id(request.POST.get("asset", "")))
        url, _until = transfers.issue_token(found, asset=asset, transfer=transfer, by=request.actor)
    except (Conflict, Forbidden) as refusal:
        return _page(request, found, refusal=refusal)
    # Under the name that the reader came by: the CSP lets a form lead to no other origin.
    return HttpResponseRedirect(urlsplit(url).path)


def _page(request: PageRequest, found: Entitlement, *, refusal: ExchangeError | None = None) -> HttpResponse:
    now = request.actor.at
    terms = usage_terms.thaw(found.terms)
    mine = queries.transfers_visible_to(request.actor, queries.TransferFilter(entitlement=found.pk))
    shown = page(mine, cursor=request.GET.get("cursor") or None)
    held = holdings_of([found], now=now)
    holding = next(iter(held), None)
    shelves = rows.shelves(found, held, before=_number(request.GET.get("before", "")), now=now)
    names = [file.asset.name for shelf in shelves.items if shelf.is_agreed for file in shelf.files]
    is_open = found.state == Entitlement.State.ACTIVE and (found.ends_at is None or found.ends_at > now)
    informs_first = is_open and informing.lacks(found)
    told = refusal_of(refusal) if refusal else None
    paid_over_time = subscription_about(request.actor, f"agreement:{found.agreement_id}")
    context = {
        "entitlement": found,
        "reason": reasons.shown(found.reason),
        "badge": badges.of_entitlement(found, now),
        "refusal": told,
        "informs_first": informs_first,
        "is_open": is_open,
        "may_take": is_open and not informs_first and request.actor.can(Scope.BUY),
        "shelves": shelves,
        "schedule": deliveries.announced(found, now=now),
        "taken": volumes.taken(found, terms),
        "downloads": [(row, badges.of_transfer(row.state), _may_go_on(row, request)) for row in shown.items],
        "is_running": any(row.state == _STATE.STARTED for row in shown.items),
        "page": shown,
        "commands": _commands(found, next(iter(names), "data.csv")),
        "purpose": rights.purpose_words(found.purpose),
        "duties": rights.duties_of(terms),
        "deletion_due": deletion_due(found),
        "holding": holding,
        "may_state": holding is not None
        and holding.keeping in ("to_delete", "overdue", "ended")
        and request.actor.can(Scope.BUY),
        "charge": payments.charge_about(f"agreement:{found.agreement_id}"),
        "subscription": paid_over_time,
        "following": further_terms.coming(paid_over_time) if paid_over_time else None,
        "may_buy": request.actor.can(Scope.BUY),
        "now": now,
    }
    return show(
        request, "contracts/holding.html", context, section="buy_holdings", status=told.status if told else 200
    )


def _commands(found: Entitlement, name: str) -> list[str]:
    """The same by a program: a token, a link, the file."""
    api = f"{settings.EXCHANGE_URL}/api/v1"
    asked = shlex.quote(json.dumps({"asset": name}))
    return [
        'TOKEN=$(curl -fsS -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=client_credentials '
        f"{api}/oauth/token | {_FIELD.format('access_token')})",
        'URL=$(curl -fsS -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" '
        f"-d {asked} {api}/entitlements/{found.pk}/tokens | {_FIELD.format('url')})",
        'curl -fLO -C - "$URL"',
    ]


def _mine(request: PageRequest) -> QuerySet[Entitlement]:
    return queries.entitlements_visible_to(request.actor).filter(buyer_id=request.actor.participant_id)


def _one(request: PageRequest, entitlement_id: UUID) -> Entitlement:
    found = _mine(request).filter(pk=entitlement_id).first()
    if found is None:
        raise NotFound("there is no such licence of yours")
    return found


def _id(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise Invalid("name a file of this licence, or a download to go on with") from None


def _number(given: str) -> int | None:
    """The number of a revision; what is none is passed over."""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _may_go_on(row: Transfer, request: PageRequest) -> bool:
    return row.state == _STATE.INTERRUPTED and row.resumable_until > request.actor.at
