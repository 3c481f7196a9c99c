"""The pages of private links: the seller takes one, and who was given it opens it. Looking at a link changes nothing,
because mail scanners follow links; a POST opens it."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from contracts import queries
from contracts.offers import audiences
from exchange.kernel.actors import Scope
from exchange.kernel.errors import NotFound
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.READ)
def offer_link(request: PageRequest, token: str) -> HttpResponse:
    """Open a private link; what it is for is shown only after that."""
    if request.method != "POST":
        return show(request, "contracts/offer_link.html", {}, section="catalogue")
    offer = audiences.open_link(token, by=request.actor)
    return redirect(reverse("dataset", args=[offer.dataset_id]) + f"?offer={offer.pk}")


@require_POST
@never_cache
@member_page(Scope.SELL)
def take_link(request: PageRequest, offer_id: UUID) -> HttpResponse:
    """A fresh link, shown this once; the one before opens nothing any more."""
    offer = queries.offer_visible_to(request.actor, offer_id)
    if not request.actor.acts_for(offer.seller_id):
        raise NotFound("there is no such offer of yours")
    url = f"{settings.EXCHANGE_URL}/links/{audiences.link(offer, by=request.actor)}"
    return show(request, "contracts/offer_link_taken.html", {"offer": offer, "url": url}, section="sell_offers")
