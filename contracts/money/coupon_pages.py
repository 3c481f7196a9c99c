"""The seller's pages of coupons: all of them with how often each was used, a form for another, and the end of one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from contracts import queries
from contracts.badges import Badge
from contracts.models import Offer
from contracts.money.coupon_forms import CouponForm, offer_of
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.kernel.pagination import page
from exchange.look import formats
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page
from payments.charges import coupons
from payments.models import Coupon

_MOST_OFFERS = 200
_A_MOMENT = timedelta(microseconds=1)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.SELL)
def listed(request: PageRequest) -> HttpResponse:
    """The coupons, newest first, and a form for another, whose code is told once."""
    form = CouponForm(request.POST or None, offers=_offers(request), today=request.actor.at.date())
    if request.method == "POST" and form.is_valid():
        given = form.coupon()
        try:
            coupons.create(**given, by=request.actor)
        except (Conflict, Invalid) as refusal:
            form.refuse(refusal)
        else:
            words = _("The coupon is given out. Note its code, it is not shown again: %(code)s")
            messages.success(request, words % {"code": given["code"].upper()})
            return redirect("sell_offers_coupons")
    mine = coupons.coupons_visible_to(request.actor).filter(owner_id=request.actor.participant_id)
    found = page(mine, cursor=request.GET.get("cursor") or None)
    context = {"page": found, "rows": _rows(request, found.items), "form": form}
    return show(request, "contracts/coupons.html", context, status=422 if form.errors else 200)


@require_POST
@never_cache
@member_page(Scope.SELL)
def end(request: PageRequest, coupon_id: UUID) -> HttpResponse:
    """Let nobody use it any more."""
    coupons.withdraw(coupons.coupon_visible_to(request.actor, coupon_id), by=request.actor)
    messages.success(request, _("Nobody can use this coupon any more. What it took off stays."))
    return redirect("sell_offers_coupons")


def _offers(request: PageRequest) -> list[tuple[UUID, str]]:
    """The offers on which a buyer may enter a code, newest first."""
    rows = queries.offers_visible_to(request.actor).filter(seller_id=request.actor.participant_id)
    rows = rows.filter(state__in=[Offer.State.SCHEDULED, Offer.State.PUBLISHED])
    return [(row.pk, row.title) for row in rows.order_by("-pk")[:_MOST_OFFERS]]


def _rows(
    request: PageRequest, items: Sequence[Coupon]
) -> list[tuple[Coupon, Badge, str, str, datetime | None]]:
    """Each with its state, what it takes off, the title of its offer, and the last day on which it holds."""
    wanted = [offer_id for row in items if (offer_id := offer_of(row)) is not None]
    offers = queries.offers_visible_to(request.actor).filter(pk__in=wanted)
    titles = {str(offer_id): title for offer_id, title in offers.values_list("pk", "title")}
    return [
        (
            row,
            _state(row, request.actor.at),
            _takes(row),
            titles.get(str(offer_of(row)), ""),
            row.ends_at - _A_MOMENT if row.ends_at else None,
        )
        for row in items
    ]


def _takes(row: Coupon) -> str:
    if row.amount_minor is not None:
        return formats.money(row.amount_minor, row.currency)
    points = row.basis_points or 0
    return formats.percent(points / 10_000, 2 if points % 100 else 0)


def _state(row: Coupon, now: datetime) -> Badge:
    if row.withdrawn_at is not None or (row.ends_at is not None and row.ends_at <= now):
        return Badge(_("Ended"), "", "cross")
    if row.most_uses is not None and row.used >= row.most_uses:
        return Badge(_("Used up"), "", "check")
    if row.starts_at is not None and now < row.starts_at:
        return Badge(_("Begins later"), "info", "clock")
    return Badge(_("Holds now"), "ok", "check")
