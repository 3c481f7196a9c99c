"""The buyer's page of orders: every charge, its invoices, and what went back."""

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from contracts.money import order_rows
from exchange.kernel.actors import Scope
from exchange.kernel.pagination import page
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments import queries as payments


@require_safe
@never_cache
@member_page(Scope.READ)
def orders(request: PageRequest) -> HttpResponse:
    """What the buyer was asked to pay, newest first."""
    mine = payments.charges_visible_to(request.actor).filter(payer_id=request.actor.participant_id)
    found = page(mine.select_related("payee", "hold"), cursor=request.GET.get("cursor") or None)
    context = {"rows": order_rows.rows(found.items, by=request.actor), "page": found}
    return show(request, "contracts/orders.html", context)
