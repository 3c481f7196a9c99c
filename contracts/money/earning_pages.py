"""The seller's pages about money: what its sales have brought, where that is now, and the path of each sale's money."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from contracts.money import dispute_rows, earning_rows, order_rows
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound
from exchange.kernel.pagination import page
from exchange.look.answers import show
from exchange.participants import queries as participants
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments import queries as payments
from payments.earnings import earnings as money
from payments.earnings import month_chart
from payments.invoices import waiting
from payments.invoices.waiting import HeldUp
from payments.models import Charge


@require_safe
@never_cache
@member_page(Scope.READ)
def earnings(request: PageRequest) -> HttpResponse:
    """What was earned, in each currency, month by month, and the sales that it came from, newest first."""
    actor = request.actor
    sold = payments.charges_visible_to(actor).filter(payee_id=actor.participant_id)
    found = page(sold.select_related("payer", "hold"), cursor=request.GET.get("cursor") or None)
    standings = money.standings(actor)
    context = {
        "standings": standings,
        "charts": [
            (one, month_chart.draw(money.months(actor, one.currency), one.currency)) for one in standings
        ],
        "rows": earning_rows.rows(found.items, by=actor),
        "page": found,
        "held_up": _held_up(actor),
        "manages": actor.can(Scope.MANAGE),
        "width": month_chart.WIDTH,
        "height": month_chart.HEIGHT,
    }
    return show(request, "contracts/earnings.html", context)


@require_safe
@never_cache
@member_page(Scope.READ)
def path(request: PageRequest, charge_id: UUID) -> HttpResponse:
    """Where the money of one sale went, from the buyer to those who earn of it."""
    charge = payments.charge_visible_to(request.actor, charge_id)
    if not payments.knows_fee(request.actor, charge.payee_id):
        raise NotFound("there is no such charge for you")
    agreement = earning_rows.agreements_of([charge], by=request.actor).get(charge.reference)
    is_disputed = bool(dispute_rows.disputed([charge], by=request.actor))
    context = {
        "charge": charge,
        "agreement": agreement,
        "path": earning_rows.path_of(charge, is_disputed=is_disputed),
        "is_disputed": is_disputed,
        "disputes": dispute_rows.rows(charge, by=request.actor),
        "is_paid": charge.state == Charge.State.PAID,
        "refunds": order_rows.refunds_of([charge], by=request.actor)[charge.pk],
        "papers": order_rows.papers_of([charge], by=request.actor)[charge.pk],
        "waiting": order_rows.waiting_of([charge], by=request.actor)[charge.pk],
        "may_give": request.actor.can(Scope.SELL) and charge.payee_id == request.actor.participant_id,
    }
    return show(request, "contracts/money_path.html", context, section="sell_earnings")


def _held_up(actor: Actor) -> HeldUp | None:
    """What of the organisation's own invoices waits for it."""
    if actor.participant_id is None:
        return None
    return waiting.held_up_by(participants.own_participant(actor, actor.participant_id), by=actor)
